/** Archives that somebody tampered with: refused with the reason, and nothing of them stays. */
import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { sha256 } from "../../../../src/core/hash.ts";
import { sealRecord, type AttemptRecord } from "../../../../src/store/attempt-record.ts";
import { prettyJson } from "../../../../src/store/json-file.ts";
import { temporaryFolder } from "../../store/helpers.ts";
import { imported } from "./sample.ts";
import {
  makeOriginals,
  originals,
  refused,
  secondFile,
  tarOf,
  withFile,
  withList,
} from "./tampering.ts";
import { sampleCodeHash } from "../../store/sample-run.ts";

makeOriginals();

test("the archive that was not changed is taken", async () => {
  const path = join(temporaryFolder(), "same.tar.gz");
  writeFileSync(
    path,
    withList(() => undefined),
  );
  expect((await imported(path)).outcome.kind).toBe("imported");
});

test("what an archive holds beside the run, and exp fsck only notes, does not keep the run out", async () => {
  const extra = { path: "runs/.data/remarks.txt", bytes: Buffer.from("of a later version") };
  const bytes = withList(
    (list) => {
      const { path } = extra;
      list.files.push({ path, bytes: extra.bytes.length, sha256: sha256(extra.bytes) });
    },
    [...originals.entries, extra],
  );
  const path = join(temporaryFolder(), "extra.tar.gz");
  writeFileSync(path, bytes);
  const directory = join(temporaryFolder(), "runs");
  expect((await imported(path, { directory })).outcome.kind).toBe("imported");
  expect(readdirSync(join(directory, ".data"))).not.toContain("remarks.txt");
});

test("what is wrong with the run is said in one sentence, with the file", async () => {
  const config = withFile("config.json", (text) => text.replace('"seed": 1', '"seed": 2'));
  expect(await refused(config)).toMatch(
    /^The archive cannot be taken: its run is not whole: [0-9a-f]{16}\/config\.json: [^.]+[^.]\.$/u,
  );
});

test.each([
  ["a path that leads out", "../../escaped.txt"],
  ["an absolute path", "/tmp/escaped.txt"],
  ["a path with a backslash", "runs\\..\\escaped.txt"],
  ["a path with an end of line", "runs/a\nb"],
  ["a path with a drive", "c:/escaped.txt"],
])("%s is refused in the list, whatever the tar says", async (_what, path) => {
  const bytes = withList((list) => {
    secondFile(list).path = path;
  });
  expect(await refused(bytes)).toContain("names a file outside of the archive");
});

test("a file where nothing of the run belongs is refused", async () => {
  for (const path of [
    "runs/.trash/a",
    "runs/0123456789abcdef/a",
    "package.json",
    "runs/.index/x",
  ]) {
    const bytes = withList((list) => {
      secondFile(list).path = path;
    });
    expect(await refused(bytes)).toContain("nothing of the run");
  }
});

test("a file that is listed twice, also in other letters, or below another file, is refused", async () => {
  const twice = (change: (path: string) => string): Uint8Array =>
    withList((list) => {
      list.files.push({ ...secondFile(list), path: change(secondFile(list).path) });
    });
  expect(await refused(twice((path) => path))).toContain("twice");
  const capital = twice((path) => path.replace("bundle", "Bundle").replace("files", "FILES"));
  expect(await refused(capital)).toContain("twice");
  expect(await refused(twice((path) => `${path}/below`))).toContain("below a file");
});

test("files that are not listed, are missing, or come in another order are refused", async () => {
  const more = { path: `runs/${originals.runName}/more`, bytes: Buffer.from("more") };
  expect(await refused(gzipSync(tarOf([...originals.entries, more])))).toContain("not in its list");
  expect(await refused(gzipSync(tarOf(originals.entries.slice(0, -1))))).toContain("is not there");
  const [list, first, second, ...rest] = originals.entries;
  if (list === undefined || first === undefined || second === undefined) throw new Error("none");
  const swapped = gzipSync(tarOf([list, second, first, ...rest]));
  expect(await refused(swapped)).toContain("not in its list");
  expect(await refused(gzipSync(tarOf(originals.entries.slice(1))))).toContain("archive.json");
});

test("a file that is longer than its list says is not written to its end", async () => {
  const [list, first, ...rest] = originals.entries;
  if (list === undefined || first === undefined) throw new Error("none");
  const longer = { ...first, bytes: Buffer.alloc(10_000_000) };
  expect(await refused(gzipSync(tarOf([list, longer, ...rest])))).toContain("its list says");
});

test("bytes that are not those of the list are refused", async () => {
  const files = originals.entries.map(({ path, bytes }) => {
    const changed = Buffer.from(bytes);
    if (path.endsWith("metrics.json")) changed[changed.length - 3] = 0x39;
    return { path, bytes: changed };
  });
  expect(await refused(gzipSync(tarOf(files)))).toContain("other bytes than its list says");
});

test("a list that would take more than the limit, or than such bytes can hold, is refused before anything is written", async () => {
  const huge = withList((list) => {
    secondFile(list).bytes = 2e9;
  });
  expect(await refused(huge)).toContain("at most 1000000000 are taken");
  expect(await refused(huge, 1e12)).toContain("would become");
});

test("results, configs and identities that do not belong together are refused, though the list says their bytes", async () => {
  const results = withFile("results/metrics.json", (text) => text.replace("0.5", "0.9"));
  expect(await refused(results)).toContain("not whole");
  const config = withFile("config.json", (text) => text.replace('"seed": 1', '"seed": 2'));
  // The record of the run knows the bytes of its config.
  expect(await refused(config)).toContain("not whole");
  const identity = withFile("identity.json", (text) => text.replace('"seed":1', '"seed":2'));
  expect(await refused(identity)).toContain("run is");
  const other = sha256("another code");
  const manifest = withFile("manifest.json", (text) => text.replace(sampleCodeHash, other));
  expect(await refused(manifest)).toContain("not that of its config, code, data and class");
});

test("a config that was changed together with the record of the run is refused", async () => {
  const config = (text: string): string => text.replace('"kind": "delimited"', '"kind": "jsonl"');
  const path = `runs/${originals.runName}/config.json`;
  const before = originals.entries.find((entry) => entry.path === path)?.bytes.toString() ?? "";
  const record = (text: string): string => {
    const changed = text
      .replace(sha256(before), sha256(config(before)))
      .replace(`"bytes": ${before.length}`, `"bytes": ${config(before).length}`);
    return prettyJson(sealRecord(JSON.parse(changed) as AttemptRecord));
  };
  const both = [
    ["config.json", config],
    ["attempt.json", record],
  ] as const;
  const files = originals.entries.map((entry) => {
    const [, change] =
      both.find(([name]) => entry.path === `runs/${originals.runName}/${name}`) ?? [];
    const text = entry.bytes.toString();
    return change === undefined ? entry : { path: entry.path, bytes: Buffer.from(change(text)) };
  });
  const bytes = withList((list) => {
    for (const listed of list.files) {
      const file = files.find((entry) => entry.path === listed.path);
      if (file === undefined) continue;
      listed.bytes = file.bytes.length;
      listed.sha256 = sha256(file.bytes);
    }
  }, files);
  expect(await refused(bytes)).toContain("config.json says something else than identity.json");
});

test("another format, or none, is refused", async () => {
  const format = withList((list) => {
    list.format = "lockstep/archive/9";
  });
  expect(await refused(format)).toContain('expected "lockstep/archive/1"');
  const key = withList((list) => {
    list.runKey = "../../x";
  });
  expect(await refused(key)).toContain("names no run key");
  const data = withList((list) => {
    list.data = [{ from: "data", to: "../../etc" }];
  });
  expect(await refused(data)).toContain("list of data");
});

test("a signature that was taken away, or is over another list, is refused", async () => {
  const without = originals.signed.filter(({ path }) => path !== "archive.sig.json");
  expect(await refused(gzipSync(tarOf(without)))).toContain("signature is not there");
  const changed = withList((list) => {
    list.data = [];
  }, originals.signed);
  expect(await refused(changed)).toContain("signature is not over its list");
});

test("an archive that is cut off anywhere, or damaged anywhere, is refused", async () => {
  const whole = gzipSync(tarOf(originals.entries));
  const step = Math.ceil(whole.length / 23);
  for (let length = 0; length < whole.length; length += step) {
    const message = await refused(whole.subarray(0, length));
    expect(message, `cut after ${length}`).toMatch(/^The archive cannot be taken/u);
    const damaged = Buffer.from(whole);
    damaged[length] = (damaged[length] ?? 0) ^ 0xff;
    // A byte of the header that says nothing (its time, the system) may be any.
    if (length === 0) continue;
    expect(await refused(damaged), `changed at ${length}`).toMatch(/^The archive/u);
  }
});
