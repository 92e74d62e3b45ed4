/** A task that treats the run's folder as its own: what is ours is found changed, and what cannot be kept is named. */
import { execFileSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Attempt } from "../../../src/store/attempt.ts";
import { createFileSystem } from "../../../src/store/file-system.ts";
import { openStore } from "../../../src/store/store.ts";
import { rememberWrites } from "../../../src/store/written-files.ts";
import { errorOf, temporaryFolder } from "./helpers.ts";
import { attemptOptions, begin, documents, runEvents } from "./sample-run.ts";

/** An attempt with all its events, and its own folder `files`. */
function recorded(): Attempt {
  const environment = { facts: {}, uncommittedDiff: Buffer.from("--- a\n") };
  const attempt = begin(openStore(temporaryFolder()), attemptOptions(1, { environment }));
  for (const event of runEvents()) attempt.record(event);
  mkdirSync(join(attempt.directory, "files"));
  return attempt;
}

test.each([
  "identity.json",
  "config.json",
  "provenance.json",
  "environment.json",
  "uncommitted.diff",
  "logs/train.log",
  "logs/metrics.jsonl",
  "logs/trace.jsonl",
  "logs/events.jsonl",
  "results/metrics.json",
  "results/predictions.jsonl",
  "checkpoints/best.safetensors",
  "checkpoints/last.safetensors",
])("%s that is longer, other or gone fails the run and is named", (name) => {
  const longer = recorded();
  appendFileSync(join(longer.directory, name), "more ".repeat(100));
  const error = errorOf(() => longer.finish());
  expect(error.code).toBe("training");
  expect(error.message).toContain(`changed files that Lockstep had written: ${name} has`);
  const other = recorded();
  const bytes = readFileSync(join(other.directory, name));
  expect(bytes.length).toBeGreaterThan(0);
  bytes[0] = (bytes[0] ?? 0) ^ 1;
  writeFileSync(join(other.directory, name), bytes);
  expect(errorOf(() => other.finish()).message).toContain(`${name} has other bytes`);
  const gone = recorded();
  rmSync(join(gone.directory, name));
  expect(errorOf(() => gone.finish()).message).toContain(`${name} is gone`);
});

test("all changed files are named at once, and a file that became a link is one of them", () => {
  const attempt = recorded();
  rmSync(join(attempt.directory, "config.json"));
  symlinkSync("identity.json", join(attempt.directory, "config.json"));
  rmSync(join(attempt.directory, "logs"), { recursive: true });
  expect(errorOf(() => attempt.finish()).message).toMatch(
    /config\.json is no file any more; .*logs\/train\.log is gone; .*logs\/events\.jsonl is gone/u,
  );
});

test("links inside of the run are kept, absolute ones as relative ones", () => {
  const attempt = recorded();
  const at = (name: string): string => join(attempt.directory, name);
  mkdirSync(at("files/deep"));
  writeFileSync(at("files/state"), "kept");
  symlinkSync("../state", at("files/deep/relative"));
  symlinkSync(at("files/state"), at("files/deep/absolute"));
  attempt.finish();
  const { run } = attempt.publish(documents);
  expect(readFileSync(join(run.directory, "files/deep/relative"), "utf8")).toBe("kept");
  expect(readFileSync(join(run.directory, "files/deep/absolute"), "utf8")).toBe("kept");
  expect(readlinkSync(join(run.directory, "files/deep/absolute"))).toBe("../state");
});

test("links out of the run, to nothing or outside of files, pipes, and names that no manifest can hold are refused at once", () => {
  const attempt = recorded();
  const at = (name: string): string => join(attempt.directory, name);
  symlinkSync("/etc", at("files/outside"));
  symlinkSync("nowhere", at("files/nothing"));
  symlinkSync("circle", at("files/circle"));
  symlinkSync("metrics.json", at("results/link"));
  writeFileSync(at("results/a\nb"), "");
  execFileSync("mkfifo", [at("files/pipe")]);
  const error = errorOf(() => attempt.finish());
  expect(error.code).toBe("training");
  for (const text of [
    "files/outside is a link out of the run, to /etc",
    "files/nothing is a link to nowhere, where nothing is",
    "files/circle is a link to circle, where nothing is",
    "results/link is a link, and not below files/",
    String.raw`"results/a\nb" has a name that no manifest can hold`,
    "files/pipe is a pipe, a socket or a device",
  ]) {
    expect(error.message).toContain(text);
  }
  expect(existsSync(at("files/outside"))).toBe(true);
});

test("folders below results are listed file by file", () => {
  const attempt = recorded();
  mkdirSync(join(attempt.directory, "results/plots/a"), { recursive: true });
  writeFileSync(join(attempt.directory, "results/plots/a/1.svg"), "<svg/>");
  const { manifest } = attempt.finish();
  expect(manifest.files.map(({ path }) => path)).toContain("results/plots/a/1.svg");
  expect(attempt.publish(documents).kind).toBe("published");
});

test("a file that is too long to be remembered as it is is compared by its digest, and a short one by its bytes", () => {
  const folder = temporaryFolder();
  const written = rememberWrites(createFileSystem(), folder);
  const long = new Uint8Array(33 * 1024 * 1024);
  for (const [name, data] of [
    ["long", long],
    ["short", "abc"],
    ["gone", "x"],
  ] as const)
    written.files.writeFile(join(folder, name), data, "later");
  written.files.writeFile(join(folder, "long"), long, "later");
  written.files.removeFile(join(folder, "gone"));
  const isAsWritten = (name: string): boolean => written.isAsWritten(name);
  expect(["long", "short", "gone"].map(isAsWritten)).toEqual([true, true, false]);
  written.check([]);
  long[7] = 1;
  writeFileSync(join(folder, "long"), long);
  writeFileSync(join(folder, "short"), "abd");
  expect(errorOf(() => written.check([])).message).toMatch(
    /long has other bytes.*short has other bytes/s,
  );
});
