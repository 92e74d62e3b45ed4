/** A task that writes a secret into its run by itself: nothing of it is published, and the file is gone. */
import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { forgetSecrets, registerSecret } from "../../../src/core/secrets.ts";
import type { Attempt } from "../../../src/store/attempt.ts";
import { nodeFileOperations } from "../../../src/store/file-operations.ts";
import { createFileSystem } from "../../../src/store/file-system.ts";
import { removeSecretFiles } from "../../../src/store/secret-files.ts";
import { openStore } from "../../../src/store/store.ts";
import { errorOf, temporaryFolder } from "./helpers.ts";
import { attemptOptions, begin, documents, runEvents } from "./sample-run.ts";

afterEach(forgetSecrets);

const planted = "S3CR3T-pläntéd/ключ+7";
const bytes = Buffer.from(planted);

function recorded(): Attempt {
  const attempt = begin(openStore(temporaryFolder()), attemptOptions(1));
  for (const event of runEvents()) attempt.record(event);
  return attempt;
}

function write(attempt: Attempt, name: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(attempt.directory, name)), { recursive: true });
  writeFileSync(join(attempt.directory, name), content);
}

const filler = Buffer.alloc(3 << 20, 0xff);

test.each([
  ["in plain", `a line\ntoken: ${planted}\n`],
  ["in JSON", JSON.stringify({ token: planted })],
  ["in base64", Buffer.from(`user:${planted}`).toString("base64")],
  ["in hex", bytes.toString("hex").toUpperCase()],
  ["percent-encoded", encodeURIComponent(planted)],
  ["among bytes that are no text", Buffer.concat([filler, bytes, filler])],
  ["over the end of a part", Buffer.concat([filler.subarray(0, (1 << 20) - 9), bytes])],
  ["over the end of a part in base64", `${" ".repeat((1 << 20) - 9)}${bytes.toString("base64")}`],
])("a file with a secret %s fails the run, is named and is removed", (_, content) => {
  registerSecret("TOKEN", planted);
  const attempt = recorded();
  write(attempt, "results/deep/x.bin", content);
  write(attempt, "files/innocent.bin", filler);
  const error = errorOf(() => attempt.finish());
  expect(error.code).toBe("training");
  expect(error.message).toContain(
    "wrote a secret into a file of the run: results/deep/x.bin (TOKEN). What held it was removed",
  );
  expect(error.message).not.toContain("S3CR3T");
  expect(existsSync(join(attempt.directory, "results/deep/x.bin"))).toBe(false);
  expect(existsSync(join(attempt.directory, "files/innocent.bin"))).toBe(true);
});

test("names of files and folders, and what links say, are searched too", () => {
  registerSecret("TOKEN", "S3CR3T-plain");
  const attempt = recorded();
  write(attempt, "results/S3CR3T-plain.txt", "x");
  write(attempt, "files/S3CR3T-plain/x.txt", "x");
  symlinkSync("S3CR3T-plain/x.txt", join(attempt.directory, "files/link"));
  const error = errorOf(() => attempt.finish());
  expect(error.message).toContain(
    "into 3 files of the run: files/[secret TOKEN] (TOKEN); files/link (TOKEN); results/[secret TOKEN].txt (TOKEN).",
  );
});

test("an attempt that fails for another reason keeps no file with a secret, and says so in its events", () => {
  registerSecret("TOKEN", planted);
  const attempt = recorded();
  write(attempt, "files/x.txt", planted);
  attempt.fail(new Error("on purpose"));
  expect(existsSync(join(attempt.directory, "files/x.txt"))).toBe(false);
  const events = readFileSync(join(attempt.directory, "logs/events.jsonl"), "utf8");
  expect(events).toContain('"removed":["files/x.txt (TOKEN)"]');
});

test("what Lockstep wrote is not taken for a leak where a secret is a common word", () => {
  for (const word of ["weight", "spam-label", "started", "format", "index"])
    registerSecret("TOKEN", word);
  const attempt = recorded();
  attempt.finish();
  expect(attempt.publish(documents).kind).toBe("published");
});

test("no file is opened where no secret is known", () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "x.txt"), planted);
  const opened: string[] = [];
  const files = createFileSystem({
    ...nodeFileOperations,
    readParts: (path, partSize, take) => {
      opened.push(path);
      nodeFileOperations.readParts(path, partSize, take);
    },
  });
  const search = (): readonly string[] =>
    removeSecretFiles(files, folder, { isAsWritten: () => false });
  expect([search(), opened]).toEqual([[], []]);
  registerSecret("TOKEN", planted);
  expect(search()).toEqual(["x.txt (TOKEN)"]);
  expect(opened).toHaveLength(1);
});
