/** Going on where an earlier attempt stopped: what is taken over, from whom, and what damage does. */
import {
  appendFileSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import type { RunEvent } from "../../../src/core/run-events.ts";
import type { Attempt } from "../../../src/store/attempt.ts";
import { createFileSystem } from "../../../src/store/file-system.ts";
import { nodeFileOperations } from "../../../src/store/file-operations.ts";
import { openStore, type Store } from "../../../src/store/store.ts";
import { errorOf, temporaryFolder } from "./helpers.ts";
import { attemptOptions, begin, documents, runEvents } from "./sample-run.ts";

const files = createFileSystem({ ...nodeFileOperations, sync: (): void => undefined });

/** It stands still, so that no checkpoint waits for the one before. */
const clock = (): Date => new Date("2026-01-02T03:04:05.678Z");

function store(folder = temporaryFolder()): Store {
  return openStore(folder, { files, clock });
}

/** An attempt that recorded some events and then failed. */
function stopped(runs: Store, events: readonly RunEvent[]): Attempt {
  const attempt = begin(runs, attemptOptions());
  for (const event of events) attempt.record(event);
  attempt.fail(new Error("stopped"));
  return attempt;
}

const checkpoint = (step: number, ...names: string[]): RunEvent => ({
  kind: "checkpoint",
  names,
  step,
  tensors: new Map([["w", { dtype: "F32", shape: [1], values: Float32Array.of(step) }]]),
  state: { step, text: "ü" },
});
const metrics = (step: number): RunEvent => ({
  kind: "metrics",
  step,
  epoch: 0,
  values: { "train.loss": 1 / step },
});
const names = (attempt: Attempt): readonly string[] =>
  readdirSync(join(attempt.directory, "checkpoints")).toSorted();
const log = (attempt: Attempt, file: string): string =>
  readFileSync(join(attempt.directory, file), "utf8");

test("a resumed run publishes the manifest of an uninterrupted one, wherever it was stopped", () => {
  const events = runEvents(3).filter(({ kind }) => kind !== "ready");
  const whole = store();
  const only = begin(whole, attemptOptions());
  for (const event of events) only.record(event);
  const expected = only.finish().manifest;
  for (let length = 1; length < events.length; length++) {
    const runs = store();
    stopped(runs, events.slice(0, length));
    const attempt = begin(runs, attemptOptions());
    const { point } = attempt.resume();
    const start = events.findIndex(
      (event) => event.kind === "checkpoint" && event.step === point?.step,
    );
    for (const event of events.slice(start + 1)) attempt.record(event);
    expect(attempt.finish().manifest).toEqual(expected);
    expect(attempt.publish(documents).kind).toBe("published");
  }
});

test("rows after the checkpoint are left behind, rows before it and older checkpoints come along", () => {
  const runs = store();
  stopped(runs, [
    metrics(1),
    checkpoint(1, "last", "best"),
    { kind: "predictions", rows: [{ index: 0 }] },
    metrics(2),
    checkpoint(2, "last", "step-000002"),
    metrics(3),
    { kind: "predictions", rows: [{ index: 1 }] },
  ]);
  const attempt = begin(runs, attemptOptions());
  const { point, leftOut } = attempt.resume();
  expect(point).toMatchObject({ step: 2, state: { step: 2, text: "ü" }, attempt: 1 });
  expect(point?.tensors.get("w")?.values).toEqual(Float32Array.of(2));
  expect(leftOut).toEqual([]);
  expect(log(attempt, "logs/metrics.jsonl").split("\n")).toHaveLength(3);
  expect(log(attempt, "results/predictions.jsonl")).toBe('{"index":0}\n');
  expect(names(attempt)).toEqual([
    "best.safetensors",
    "last.safetensors",
    "step-000002.safetensors",
  ]);
  expect(log(attempt, "logs/events.jsonl")).toMatch(/"kind":"resumed".*"step":2/);
});

test("a kill between the names of one save leaves none of them old", () => {
  const runs = store();
  const first = stopped(runs, [checkpoint(1, "last", "best"), checkpoint(2, "last", "best")]);
  const older = stopped(store(), [checkpoint(1, "last", "best")]);
  writeFileSync(
    join(first.directory, "checkpoints/last.safetensors"),
    readFileSync(join(older.directory, "checkpoints/last.safetensors")),
  );
  const attempt = begin(runs, attemptOptions());
  expect(attempt.resume().point?.step).toBe(2);
  const [best, last] = ["best", "last"].map((name) =>
    readFileSync(join(attempt.directory, `checkpoints/${name}.safetensors`)),
  );
  expect(last?.equals(best ?? Buffer.alloc(0))).toBe(true);
});

test("the newest of several attempts counts, also where a later one had none or older ones", () => {
  const runs = store();
  stopped(runs, [metrics(1), checkpoint(1, "last")]);
  const second = begin(runs, attemptOptions());
  second.resume();
  for (const event of [metrics(2), checkpoint(2, "last"), metrics(3)]) second.record(event);
  second.fail(new Error("stopped"));
  stopped(runs, [metrics(9)]);
  const fourth = begin(runs, attemptOptions());
  expect(fourth.resume().point).toMatchObject({ step: 2, attempt: 2 });
  rmSync(join(fourth.directory, "checkpoints/last.safetensors"));
  fourth.fail(new Error("killed while it took over"));
  expect(begin(runs, attemptOptions()).resume().point).toMatchObject({ step: 2, attempt: 2 });
});

test.each([
  ["a flipped bit", (bytes: Buffer) => void (bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 4)],
  ["another state", (bytes: Buffer) => void bytes.write("3", bytes.indexOf('step\\":2') + 7)],
  ["a cut", (_: Buffer, path: string) => truncateSync(path, 300)],
  ["nothing in it", (_: Buffer, path: string) => writeFileSync(path, "")],
])("a checkpoint with %s is left out, and the one before it is taken", (_, damage) => {
  const runs = store();
  const first = stopped(runs, [metrics(1), checkpoint(1, "best"), checkpoint(2, "last")]);
  const path = join(first.directory, "checkpoints/last.safetensors");
  const bytes = readFileSync(path);
  const before = Buffer.from(bytes);
  damage(bytes, path);
  if (!bytes.equals(before)) writeFileSync(path, bytes);
  expect(readFileSync(path).equals(before)).toBe(false);
  const { point, leftOut } = begin(runs, attemptOptions()).resume();
  expect(point).toMatchObject({ step: 1 });
  expect(leftOut).toEqual([expect.stringContaining("checkpoints/last.safetensors: ")]);
});

test("where the best checkpoint is damaged, none is taken that would leave the run without it", () => {
  const runs = store();
  stopped(runs, [metrics(1), checkpoint(1, "last", "best")]);
  const second = begin(runs, attemptOptions());
  second.resume();
  for (const event of [checkpoint(2, "best"), checkpoint(3, "last")]) second.record(event);
  second.fail(new Error("stopped"));
  truncateSync(join(second.directory, "checkpoints/best.safetensors"), 300);
  const third = begin(runs, attemptOptions());
  const { point, leftOut } = third.resume();
  expect(point).toMatchObject({ step: 1, attempt: 1 });
  expect(names(third)).toEqual(["best.safetensors", "last.safetensors"]);
  expect(leftOut).toEqual([
    expect.stringMatching(/^left out a damaged checkpoint: .*2\/checkpoints\/best\.safetensors: /u),
    expect.stringMatching(
      /^left out a checkpoint whose best one is damaged: .*2\/checkpoints\/last\.safetensors\.$/u,
    ),
  ]);
  third.record(checkpoint(2, "step-000002", "best"));
  third.fail(new Error("stopped"));
  truncateSync(join(third.directory, "checkpoints/best.safetensors"), 300);
  const fourth = begin(runs, attemptOptions());
  // Saved as the best under another name too: both names have it now.
  expect(fourth.resume().point).toMatchObject({ step: 2, attempt: 3, name: "step-000002" });
  expect(names(fourth)).toContain("best.safetensors");
});

test("a disk that fails while checkpoints are looked through costs no work: it is said, and tried again", () => {
  const folder = temporaryFolder();
  const runs = openStore(join(folder, "runs"));
  stopped(runs, [metrics(1), checkpoint(1, "best"), checkpoint(2, "last")]);
  let isFailing = true;
  const files = createFileSystem({
    ...nodeFileOperations,
    read: (path): Uint8Array => {
      if (isFailing && path.endsWith("best.safetensors"))
        throw Object.assign(new Error("EIO: read"), { code: "EIO", syscall: "read", path });
      return nodeFileOperations.read(path);
    },
  });
  const again = openStore(join(folder, "runs"), { files });
  const attempt = begin(again, attemptOptions());
  const error = errorOf(() => attempt.resume());
  expect(error).toMatchObject({ code: "environment" });
  expect(error.message).toMatch(/^The storage device reported an error: could not read .*best/u);
  expect(error.hint).toMatch(/Run the same command again.*without .*best\.safetensors, the run/u);
  attempt.fail(error);
  isFailing = false;
  expect(begin(again, attemptOptions()).resume().point).toMatchObject({ step: 2 });
});

test("a checkpoint whose rows are gone is left out", () => {
  const runs = store();
  const first = stopped(runs, [metrics(1), checkpoint(1, "last")]);
  writeFileSync(join(first.directory, "logs/metrics.jsonl"), '{"train.loss":2}\n');
  const { point, leftOut } = begin(runs, attemptOptions()).resume();
  expect(point).toBeUndefined();
  expect(leftOut[0]).toContain("the rows of logs/metrics.jsonl that belong to it are damaged");
});

test("no attempt, no checkpoint: a fresh start; a repetition starts afresh as well", () => {
  const runs = store();
  expect(begin(runs, attemptOptions()).resume()).toEqual({ point: undefined, leftOut: [] });
  const others = store();
  stopped(others, [checkpoint(1, "last")]);
  const repeat = begin(others, attemptOptions(1, { isRepeat: true }));
  expect(repeat.resume().point).toBeUndefined();
});

test("rows that were logged before cannot be followed by those of an earlier attempt", () => {
  const runs = store();
  stopped(runs, [metrics(1), checkpoint(1, "last")]);
  const attempt = begin(runs, attemptOptions());
  attempt.record(metrics(1));
  expect(errorOf(() => attempt.resume()).message).toBe(
    "The task asked for its checkpoint after it had logged rows.",
  );
});

test("a checkpoint of another run is refused with what differs, and the one before it is taken", () => {
  const runs = store();
  const first = stopped(runs, [metrics(1), checkpoint(1, "best"), checkpoint(2, "last")]);
  const other = store();
  const { identities } = attemptOptions();
  const elsewhere = begin(
    other,
    attemptOptions(1, { identities: { ...identities, codeHash: "c".repeat(64) } }),
  );
  for (const event of [metrics(1), checkpoint(9, "last")]) elsewhere.record(event);
  elsewhere.fail(new Error("stopped"));
  writeFileSync(
    join(first.directory, "checkpoints/last.safetensors"),
    readFileSync(join(elsewhere.directory, "checkpoints/last.safetensors")),
  );
  const { point, leftOut } = begin(runs, attemptOptions()).resume();
  expect(point).toMatchObject({ step: 1, name: "best" });
  expect(leftOut).toEqual([
    expect.stringMatching(
      /^refused a checkpoint of another run: .*last\.safetensors: its codeHash is c{64}, and this run's is [0-9a-f]{64}\.$/,
    ),
  ]);
});

test("what the task cannot go on from is left out with its reason, and the one before it is taken", () => {
  const runs = store();
  stopped(runs, [checkpoint(1, "best"), checkpoint(2, "last")]);
  const { point, leftOut } = begin(runs, attemptOptions()).resume(({ step, state, tensors }) => {
    expect([state["step"], tensors.get("w")?.values[0]]).toEqual([step, step]);
    return step === 2 ? "it lacks the tensor v" : undefined;
  });
  expect(point).toMatchObject({ step: 1, name: "best" });
  expect(leftOut).toEqual([
    expect.stringMatching(
      /^left out a checkpoint that this run cannot go on from: .*last\.safetensors: it lacks the tensor v\.$/,
    ),
  ]);
});

test("the record says where the run was cut, that this was checked, and how many rows came out again", () => {
  const runs = store();
  const first = stopped(runs, [metrics(1), checkpoint(1, "last"), metrics(2), metrics(3)]);
  const attempt = begin(runs, attemptOptions());
  attempt.resume();
  const record = () => JSON.parse(log(attempt, "attempt.json")).resumed;
  const resumed = {
    attempt: 1,
    step: 1,
    checkpoint: "checkpoints/last.safetensors",
    sha256: sha256(readFileSync(join(first.directory, "checkpoints/last.safetensors"))),
    isIntact: true,
    firstDifference: null,
  };
  expect(record()).toEqual({ ...resumed, numRepeatedRows: 0 });
  for (const step of [2, 3, 4]) attempt.record(metrics(step));
  expect(attempt.firstDifference()).toBeUndefined();
  attempt.fail(new Error("stopped again"));
  expect(record()).toEqual({ ...resumed, numRepeatedRows: 2 });
});

test("a row that does not come out again is told with its log, its step and its fields", () => {
  const runs = store();
  stopped(runs, [checkpoint(1, "last"), metrics(2), metrics(3), metrics(4)]);
  const attempt = begin(runs, attemptOptions());
  attempt.resume();
  attempt.record(metrics(2));
  expect(attempt.firstDifference()).toBeUndefined();
  attempt.record({ kind: "metrics", step: 3, epoch: 0, values: { "train.loss": 7 } });
  expect(attempt.firstDifference()).toBe("logs/metrics.jsonl, step 3: train.loss");
  attempt.record({ kind: "metrics", step: 4, epoch: 0, values: { "train.loss": 8 } });
  expect(attempt.firstDifference()).toBe("logs/metrics.jsonl, step 3: train.loss");
});

test("half a row that a kill left behind is compared with nothing", () => {
  const runs = store();
  const first = stopped(runs, [checkpoint(1, "last"), metrics(2)]);
  appendFileSync(join(first.directory, "logs/metrics.jsonl"), '{"epoch":0,"st');
  const attempt = begin(runs, attemptOptions());
  attempt.resume();
  for (const step of [2, 3]) attempt.record(metrics(step));
  expect(attempt.firstDifference()).toBeUndefined();
});

test("where the disk is full while a checkpoint is written, the one before it is whole, and is gone on from", () => {
  const folder = temporaryFolder();
  let isFull = false;
  const full = createFileSystem({
    ...nodeFileOperations,
    sync: (): void => undefined,
    write: (...given) => {
      if (isFull)
        throw Object.assign(new Error("no space left on device"), {
          code: "ENOSPC",
          errno: -28,
          syscall: "write",
        });
      return nodeFileOperations.write(...given);
    },
  });
  const attempt = begin(openStore(folder, { files: full, clock }), attemptOptions());
  for (const event of [metrics(1), checkpoint(1, "last"), metrics(2)]) attempt.record(event);
  isFull = true;
  const error = errorOf(() => attempt.record(checkpoint(2, "last")));
  expect(error).toMatchObject({ code: "environment", message: expect.stringContaining("full") });
  isFull = false;
  attempt.fail(error);
  const { point, leftOut } = begin(store(folder), attemptOptions()).resume();
  expect([point?.step, leftOut]).toEqual([1, []]);
});

test("the checkpoints of the newest step are copied when the older ones are on the disk", () => {
  const folder = temporaryFolder();
  const runs = store(folder);
  stopped(runs, [checkpoint(1, "best", "step-1"), checkpoint(2, "last", "step-2")]);
  const calls: string[] = [];
  const paths = new Map<number, string>();
  const recorded = createFileSystem({
    ...nodeFileOperations,
    open: (path, mode) => {
      const descriptor = nodeFileOperations.open(path, mode);
      paths.set(descriptor, path);
      return descriptor;
    },
    sync: (descriptor) => {
      if (paths.get(descriptor)?.endsWith("/checkpoints") === true) calls.push("sync");
    },
    rename: (from, to) => {
      nodeFileOperations.rename(from, to);
      if (to.endsWith(".safetensors")) calls.push(basename(to, ".safetensors"));
    },
  });
  const attempt = begin(openStore(folder, { files: recorded, clock }), attemptOptions());
  calls.length = 0;
  expect(attempt.resume().point?.step).toBe(2);
  const synced = calls.indexOf("sync");
  expect(calls.slice(0, synced).toSorted()).toEqual(["best", "step-1"]);
  expect([...new Set(calls.slice(synced + 1))].toSorted()).toEqual(["last", "step-2"]);
  expect(calls.at(-1)).toBe("last");
});
