import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import { openStore } from "../../../src/store/store.ts";
import { errorOf, temporaryFolder } from "./helpers.ts";
import {
  attemptOptions,
  begin,
  documents,
  publishRun,
  runEvents,
  sampleKey,
} from "./sample-run.ts";

const fixedClock = (): Date => new Date("2026-01-02T03:04:05.678Z");

test("opening a store makes nothing", () => {
  const directory = join(temporaryFolder(), "runs");
  const store = openStore(directory);
  expect(store.findPublished(sha256("none"))).toBeUndefined();
  expect(store.listAttempts(sha256("none"))).toEqual([]);
  expect(store.listPublished()).toEqual({ runs: [], damaged: [] });
  expect(existsSync(directory)).toBe(false);
});

test("a published run has all files of the design and nothing else", () => {
  const store = openStore(temporaryFolder());
  const directory = publishRun(store);
  expect(readdirSync(directory, { recursive: true, encoding: "utf8" }).sort()).toEqual([
    "MODEL_CARD.md",
    "REPRODUCE.md",
    "attempt.json",
    "checkpoints",
    "checkpoints/best.safetensors",
    "checkpoints/last.safetensors",
    "checkpoints/step-000002.safetensors",
    "checkpoints/step-000003.safetensors",
    "config.json",
    "environment.json",
    "identity.json",
    "logs",
    "logs/events.jsonl",
    "logs/metrics.jsonl",
    "logs/trace.jsonl",
    "logs/train.log",
    "manifest.json",
    "provenance.json",
    "results",
    "results/metrics.json",
    "results/predictions.jsonl",
    "uncommitted.diff",
  ]);
  expect(readdirSync(store.directory).sort()).toEqual([".attempts", sampleKey(1).slice(0, 16)]);
  expect(readdirSync(join(store.directory, ".attempts"))).toEqual([]);
});

test("sha256sum of identity.json is the config hash", () => {
  const directory = publishRun(openStore(temporaryFolder()));
  const output = execFileSync("sha256sum", ["identity.json"], { cwd: directory, encoding: "utf8" });
  expect(output.slice(0, 64)).toBe(attemptOptions(1).identities.configHash);
});

test("the manifest lists the deterministic files and is equal for attempts that differ in the rest", () => {
  const [first, second] = [temporaryFolder(), temporaryFolder()].map((folder) => openStore(folder));
  if (first === undefined || second === undefined) throw new Error("two stores");
  const directory = publishRun(first);
  const attempt = begin(
    second,
    attemptOptions(1, {
      argv: ["elsewhere"],
      logInterval: 1,
      config: { seed: 1, name: "another label" },
      environment: { facts: { platform: "darwin" }, uncommittedDiff: new Uint8Array([65]) },
    }),
  );
  for (const event of runEvents()) {
    if (event.kind !== "checkpoint") attempt.record(event);
    else attempt.record({ ...event, names: ["last", "best"] });
  }
  const { manifest } = attempt.finish();
  const { run } = attempt.publish({ modelCard: "other", reproduce: "other" });
  const text = readFileSync(join(run.directory, "manifest.json"), "utf8");
  expect(text).toBe(readFileSync(join(directory, "manifest.json"), "utf8"));
  expect(manifest.files.map((file) => file.path)).toEqual([
    "checkpoints/best.safetensors",
    "checkpoints/last.safetensors",
    "identity.json",
    "logs/metrics.jsonl",
    "logs/trace.jsonl",
    "results/metrics.json",
    "results/predictions.jsonl",
  ]);
  const trace = readFileSync(join(directory, "logs/trace.jsonl"));
  expect(manifest.identities.traceDigest).toBe(sha256(trace));
  expect(manifest.identities.weightsDigest).toBe(sha256("weights 3 1"));
});

test("a published run is found by its key, by a prefix, and in the list", () => {
  const store = openStore(temporaryFolder());
  const directory = publishRun(store);
  publishRun(store, 2);
  const runKey = sampleKey(1);
  for (const prefix of [
    runKey.slice(0, 8),
    runKey.slice(0, 16).toUpperCase(),
    runKey.slice(0, 40),
    runKey,
  ]) {
    expect(store.findByPrefix(prefix).directory).toBe(directory);
  }
  expect(store.findPublished(runKey)?.directory).toBe(directory);
  expect(
    store
      .listPublished()
      .runs.map((run) => run.runKey)
      .sort(),
  ).toEqual([runKey, sampleKey(2)].sort());
});

test("a prefix that is too short, unknown, ambiguous or no hex is refused", () => {
  const store = openStore(temporaryFolder());
  const runKey = sampleKey(1);
  const directory = publishRun(store);
  execFileSync("cp", [
    "-R",
    directory,
    join(store.directory, `${runKey.slice(0, 15)}${runKey[15] === "0" ? "1" : "0"}`),
  ]);
  const messages = [runKey.slice(0, 7), "0".repeat(8), runKey.slice(0, 8), "../../etc"].map(
    (prefix) => errorOf(() => store.findByPrefix(prefix)),
  );
  expect(messages.map((error) => error.code)).toEqual(["usage", "usage", "usage", "usage"]);
  expect(messages[0]?.message).toContain("expected 8 to 64 hex digits");
  expect(messages[1]?.message).toContain("No run in");
  expect(messages[2]?.message).toBe(`${runKey.slice(0, 8)} begins the keys of 2 runs.`);
  const other = `${runKey.slice(0, 20)}${runKey[20] === "0" ? "1" : "0"}`;
  expect(errorOf(() => store.findByPrefix(other)).message).toContain("No run in");
});

test("results come back with every bit", () => {
  const store = openStore(temporaryFolder());
  const metrics = { "validation.loss": 0.1 + 0.2, "test.f1": NaN, "test.loss": Infinity };
  const events = runEvents().map((event) =>
    event.kind === "result" ? { ...event, metrics } : event,
  );
  publishRun(store, 1, events);
  const run = store.findByPrefix(sampleKey(1));
  expect(store.readResults(run)).toEqual({
    step: 3,
    metrics,
    details: { bestStep: 3 },
    weightsDigest: sha256("weights 3 1"),
  });
});

test("a run key that is not 64 hex digits never becomes a path", () => {
  const store = openStore(temporaryFolder());
  for (const key of [
    "../../../etc/passwd",
    "",
    "A".repeat(64),
    `${"0".repeat(63)}/`,
    "0".repeat(65),
  ]) {
    expect(errorOf(() => store.findPublished(key)).code).toBe("usage");
  }
});

test("a link planted as a published run is reported, not followed, and left as it is", () => {
  const store = openStore(temporaryFolder());
  const elsewhere = publishRun(openStore(temporaryFolder()));
  const planted = join(store.directory, sampleKey(1).slice(0, 16));
  mkdirSync(store.directory, { recursive: true });
  symlinkSync(elsewhere, planted);
  const error = errorOf(() => store.findPublished(sampleKey(1)));
  expect(error.code).toBe("store");
  expect(error.message).toBe(
    `${planted} is not a published run of this key: it is a link or a file. Move it away and run again.`,
  );
  expect(errorOf(() => store.beginAttempt(attemptOptions(1))).code).toBe("store");
  expect(store.listAttempts(sampleKey(1))).toEqual([]);
  expect(existsSync(join(elsewhere, "manifest.json"))).toBe(true);
  expect(store.listPublished().damaged).toEqual([
    { directory: planted, reason: "it is a link or a file" },
  ]);
});

test("publishing does not follow a link either", () => {
  const store = openStore(temporaryFolder());
  const elsewhere = temporaryFolder();
  const attempt = begin(store, attemptOptions(1));
  for (const event of runEvents()) attempt.record(event);
  attempt.finish();
  symlinkSync(elsewhere, join(store.directory, sampleKey(1).slice(0, 16)));
  expect(errorOf(() => attempt.publish(documents)).code).toBe("store");
  expect(readdirSync(elsewhere)).toEqual([]);
  expect(existsSync(attempt.directory)).toBe(true);
});

test("a link planted as the folder of attempts is refused", () => {
  const folder = temporaryFolder();
  const elsewhere = temporaryFolder();
  symlinkSync(elsewhere, join(folder, ".attempts"));
  const error = errorOf(() => openStore(folder).beginAttempt(attemptOptions(1)));
  expect(error.code).toBe("store");
  expect(error.message).toBe(
    `${join(folder, ".attempts")} is a link or a file; expected a directory.`,
  );
  expect(readdirSync(elsewhere)).toEqual([]);
});

test("damage to a published run is reported with the file, and the run is kept", () => {
  const damages: [string, (directory: string) => void][] = [
    ["it has no manifest.json", (run) => execFileSync("rm", [join(run, "manifest.json")])],
    [
      "manifest.json cannot be used: it is not a JSON object",
      (run) => truncateSync(join(run, "manifest.json"), 100),
    ],
    [
      "logs/trace.jsonl has 5 bytes, expected 117",
      (run) => truncateSync(join(run, "logs/trace.jsonl"), 5),
    ],
    [
      "results/metrics.json is missing",
      (run) => execFileSync("rm", [join(run, "results/metrics.json")]),
    ],
  ];
  for (const [reason, damage] of damages) {
    const store = openStore(temporaryFolder());
    const directory = publishRun(store);
    damage(directory);
    const error = errorOf(() => store.findPublished(sampleKey(1)));
    expect(error.message).toBe(
      `${directory} is not a published run of this key: ${reason}. Move it away and run again.`,
    );
    expect(error.hint).toContain(`mv '${directory}' '${directory}.damaged'`);
    expect(existsSync(directory)).toBe(true);
  }
});

test("damaged results are reported with the directory of their run and the metric", () => {
  const store = openStore(temporaryFolder());
  const directory = publishRun(store);
  const run = store.findByPrefix(sampleKey(1).slice(0, 8));
  const path = join(directory, "results/metrics.json");
  for (const [text, reason] of [
    ["{", "results/metrics.json is broken"],
    [
      '{"details":{},"metrics":{"a.b":{}},"step":1}',
      'results/metrics.json holds no number for the metric "a.b"',
    ],
  ] as const) {
    writeFileSync(path, text);
    expect(errorOf(() => store.readResults(run)).message).toBe(
      `${directory} is not a published run of this key: ${reason}. Move it away and run again.`,
    );
  }
});

test("a damaged run that is moved away as the hint says no longer stands in the way", () => {
  const store = openStore(temporaryFolder());
  const directory = publishRun(store);
  truncateSync(join(directory, "manifest.json"), 100);
  const { hint = "" } = errorOf(() => store.findPublished(sampleKey(1)));
  execFileSync("sh", ["-ec", hint.slice(hint.indexOf("mv "))]);
  expect(store.findPublished(sampleKey(1))).toBeUndefined();
  expect(store.listPublished()).toEqual({ runs: [], damaged: [] });
  expect(publishRun(store)).toBe(directory);
});

test("a directory with another key's run is reported as foreign", () => {
  const store = openStore(temporaryFolder());
  const directory = publishRun(store, 2);
  const wrong = join(store.directory, sampleKey(1).slice(0, 16));
  execFileSync("mv", [directory, wrong]);
  expect(errorOf(() => store.findPublished(sampleKey(1))).message).toContain(
    `it belongs to run key ${sampleKey(2)}`,
  );
});

test("names in the store that are no run keys are left alone", () => {
  const store = openStore(temporaryFolder());
  publishRun(store);
  writeFileSync(join(store.directory, "README.md"), "mine");
  mkdirSync(join(store.directory, "0123456789abcdeg"));
  expect(store.listPublished().runs).toHaveLength(1);
  expect(store.listPublished().damaged).toEqual([]);
});

test("a second start of a live run is refused and names process, time and directory", () => {
  const store = openStore(temporaryFolder(), { clock: fixedClock });
  const attempt = begin(store, attemptOptions(1));
  const error = errorOf(() => store.beginAttempt(attemptOptions(1)));
  expect(error.code).toBe("run-active");
  expect(error.message).toContain(`process ${process.pid} on `);
  expect(error.message).toContain("since 2026-01-02T03:04:05.678Z");
  expect(error.message).toContain(attempt.directory);
  expect(readdirSync(join(store.directory, ".attempts"))).toEqual([sampleKey(1).slice(0, 16)]);
  expect(store.listAttempts(sampleKey(1)).map((info) => info.number)).toEqual([1]);
  expect(store.liveAttempt(sampleKey(1))?.directory).toBe(attempt.directory);
  begin(store, attemptOptions(2)).fail(new Error("another run is not in the way"));
});

test("a run that was published while we waited is given back instead of begun", () => {
  const store = openStore(temporaryFolder());
  const directory = publishRun(store);
  expect(store.beginAttempt(attemptOptions(1))).toMatchObject({
    kind: "published",
    run: { directory },
  });
  expect(store.listAttempts(sampleKey(1))).toEqual([]);
});

test("an identity whose hash is not the config hash is our bug", () => {
  const store = openStore(temporaryFolder());
  const error = errorOf(() => store.beginAttempt(attemptOptions(1, { identityText: "{}" })));
  expect(error.message).toBe("internal: the config hash is not the SHA-256 of the identity");
});
