/** A run goes into an archive and comes out of it somewhere else, whole; whatever is not whole stays outside. */
import { generateKeyPairSync } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { basename, join } from "node:path";
import { gunzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { archiveRun } from "../../../../src/app/archive/archive-run.ts";
import { importNote } from "../../../../src/app/archive/import-note.ts";
import { readPublicKey } from "../../../../src/app/signing.ts";
import { checkOut } from "../../../../src/app/verify/checkout.ts";
import { changedData, dataChanges } from "../../../../src/app/data-changes.ts";
import { sha256 } from "../../../../src/core/hash.ts";
import { rowDigests } from "../../../../src/core/row-digests.ts";
import { openStore } from "../../../../src/store/store.ts";
import { temporaryFolder } from "../../store/helpers.ts";
import { archived, finishedRun, imported, storedRun } from "./sample.ts";

/** A project elsewhere, without any run. */
function otherProject(): { project: string; directory: string } {
  const project = temporaryFolder();
  writeFileSync(join(project, "package.json"), "{}\n");
  return { project, directory: join(project, "runs") };
}

test("an archived run is the same run elsewhere: manifest, results, code, list of data, and what was said", async () => {
  const stored = finishedRun();
  const { runKey } = stored.run;
  stored.store.annotate({ runKey, kind: "note", facts: { text: "good" } });
  stored.store.annotate({ runKey, kind: "duplicate", facts: {} });
  const { project, directory } = otherProject();
  const { outcome } = await imported(await archived(stored), { directory });
  expect(outcome.kind).toBe("imported");
  const there = storedRun(project, runKey);
  expect(there.published.manifest).toEqual(stored.published.manifest);
  expect(there.store.readResults(there.published)).toEqual(
    stored.store.readResults(stored.published),
  );
  expect(there.code).toEqual(stored.code);
  expect(there.store.readDataList(there.run.dataHash)).toHaveLength(1);
  const kinds = there.store.annotations(runKey).annotations.map(({ kind }) => kind);
  expect(kinds.toSorted()).toEqual(["import", "note"]);
  expect(there.store.check({ isRepairing: false }).findings).toEqual([]);
  expect(readdirSync(join(directory, ".cache"))).toEqual([]);
});

test("the tar is the same for the same run, byte for byte, and holds nothing of this machine", async () => {
  const stored = finishedRun();
  const [first, second] = [await archived(stored), await archived(stored)];
  const tar = gunzipSync(readFileSync(first));
  expect(sha256(tar)).toBe(sha256(gunzipSync(readFileSync(second))));
  expect(sha256(readFileSync(first))).toBe(sha256(readFileSync(second)));
  expect(tar.includes(stored.projectDirectory)).toBe(false);
});

test("the second import of an archive finds the run there, and says nothing twice", async () => {
  const stored = finishedRun();
  const path = await archived(stored, { hasData: true });
  const { directory } = otherProject();
  await imported(path, { directory });
  const said = openStore(directory).annotations(stored.run.runKey).annotations;
  const { outcome } = await imported(path, { directory });
  expect(outcome.kind).toBe("present");
  expect(openStore(directory).annotations(stored.run.runKey).annotations).toEqual(said);
});

test("other results for the same key are kept aside once, and the run that was there stays", async () => {
  const stored = finishedRun();
  const other = finishedRun({ scale: 2 });
  // What is said of the other results does not come to stand beside these.
  other.store.annotate({ runKey: other.run.runKey, kind: "note", facts: { text: "better" } });
  const path = await archived(other);
  const { store, run, published } = stored;
  for (const _ of [1, 2]) {
    const { outcome } = await imported(path, { directory: store.directory });
    expect(outcome.kind).toBe("conflict");
  }
  const kept = join(store.directory, ".conflicts", run.runKey.slice(0, 16));
  expect(readdirSync(kept)).toEqual(["1"]);
  expect(store.findPublished(run.runKey)?.manifest).toEqual(published.manifest);
  expect(store.annotations(run.runKey).annotations.map(({ kind }) => kind)).toEqual(["conflict"]);
});

test("data come along, are read from the folder of the runs, and are written out with the code", async () => {
  const stored = finishedRun();
  const { project, directory } = otherProject();
  await imported(await archived(stored, { hasData: true }), { directory });
  const there = storedRun(project, stored.run.runKey);
  const { data } = there.run.config as { data: { path: string } };
  expect(data.path.startsWith(join(directory, ".data"))).toBe(true);
  expect(readFileSync(data.path, "utf8")).toBe("1\t2\n3\t4\n");
  const copy = join(project, "copy");
  expect(checkOut(there, copy).data).toEqual(["data/points.tsv"]);
  expect(readFileSync(join(copy, "data/points.tsv"), "utf8")).toBe("1\t2\n3\t4\n");
  // From there it can be archived once more, and the config is still the first one.
  const again = await imported(await archived(there, { hasData: true }));
  expect(again.list.data.map(({ from }) => from)).toEqual(["data/points.tsv"]);
});

test("the digests of the rows come along: elsewhere it is told which row of the data is another", async () => {
  const stored = finishedRun();
  const { path, digest } = { path: "points.tsv", digest: sha256("1\t2\n3\t4\n") };
  const rows = rowDigests(Buffer.from("1\t2\n3\t4\n"));
  stored.store.saveDataRows(digest, () => rows);
  const { project, directory } = otherProject();
  await imported(await archived(stored), { directory });
  const changed = join(project, path);
  writeFileSync(changed, "1\t2\n3\t5\n");
  const now = { files: [[path, sha256("1\t2\n3\t5\n")]] as const, paths: [changed] };
  const changes = dataChanges(openStore(directory), stored.run.dataHash, now);
  expect(changes).toEqual(["changed points.tsv: 1 of 2 rows (line 2)"]);
  expect(changedData(openStore(directory), stored.run.dataHash, now).message).toBe(
    "The data changed after the run was planned (changed points.tsv: 1 of 2 rows (line 2)).",
  );
  const unknown = changedData(openStore(directory), "0".repeat(64), now);
  expect(unknown.message).toBe("The data changed after the run was planned.");
  // Digests that are not whole are left behind, and those that are there already stay.
  writeFileSync(join(stored.store.directory, ".data/rows", digest), "damaged");
  const other = otherProject();
  await imported(await archived(stored), { directory: other.directory });
  expect(readdirSync(join(other.directory, ".data"))).toEqual([`${stored.run.dataHash}.json`]);
});

test("data that changed since do not come along", async () => {
  const stored = finishedRun();
  writeFileSync(join(stored.projectDirectory, "data/points.tsv"), "5\t6\n");
  await expect(archived(stored, { hasData: true })).rejects.toThrow(/1 of 1 files.*points\.tsv/u);
});

test("--relocate moves a location or a folder above it, and refuses what the config does not name", async () => {
  const stored = finishedRun();
  const path = await archived(stored);
  const { project, directory } = otherProject();
  const data = mkdtempSync(join(project, "data-"));
  const missing = [{ from: "data", to: join(data, "nowhere") }];
  await expect(imported(path, { directory, relocations: missing })).rejects.toThrow(
    `--relocate data=${join(data, "nowhere")}: there is nothing`,
  );
  expect(existsSync(join(directory, stored.run.runKey.slice(0, 16)))).toBe(false);
  const moved = [{ from: "data", to: data }];
  await imported(path, { directory, relocations: moved });
  const there = storedRun(project, stored.run.runKey);
  expect(there.run.config).toEqual({
    seed: 1,
    data: { kind: "delimited", path: `${data}/points.tsv` },
  });
  expect(there.run.configHash).toBe(stored.run.configHash);
  const wrong = imported(path, { relocations: [{ from: "dat", to: "/mnt" }] });
  await expect(wrong).rejects.toThrow('which has "data/points.tsv"');
  const counted = imported(path, { relocations: [{ from: "delimited", to: "/mnt" }] });
  await expect(counted).rejects.toThrow("no location in the config");
});

test("without its checkpoints a run is whole but for them, and anything else that is missing is damage", async () => {
  const stored = finishedRun();
  const { directory } = otherProject();
  await imported(await archived(stored, { hasCheckpoints: false }), { directory });
  const store = openStore(directory);
  const run = store.findPublished(stored.run.runKey);
  const files = readdirSync(run?.directory ?? "");
  expect(files).toContain("left-out.json");
  expect(files).not.toContain("checkpoints");
  expect(store.check({ isRepairing: false }).findings).toEqual([]);
  const note = join(run?.directory ?? "", "left-out.json");
  writeFileSync(note, readFileSync(note, "utf8").replace("checkpoints/last", "checkpoints/none"));
  expect(() => store.findPublished(stored.run.runKey)).toThrow("checkpoints");
});

test("links in the files of a task are left out, and said to be", async () => {
  const stored = finishedRun();
  mkdirSync(join(stored.published.directory, "files"));
  symlinkSync("/etc/passwd", join(stored.published.directory, "files/link"));
  const { list } = await imported(await archived(stored));
  expect(list.leftOut).toEqual(["files/link"]);
});

test("an archive never replaces a file, and a damaged run is not archived", async () => {
  const stored = finishedRun();
  const path = await archived(stored);
  await expect(archived(stored, { target: path })).rejects.toThrow("exists already");
  const nowhere = join(temporaryFolder(), "none/run.tar.gz");
  await expect(archived(stored, { target: nowhere })).rejects.toThrow("There is no folder");
  const checkpoint = join(stored.published.directory, "checkpoints/last.safetensors");
  const bytes = readFileSync(checkpoint);
  bytes[bytes.length - 1] = 7;
  writeFileSync(checkpoint, bytes);
  const target = join(temporaryFolder(), "never.tar.gz");
  await expect(archived(stored, { target })).rejects.toThrow("damaged");
  expect(existsSync(target)).toBe(false);
});

describe("signatures", () => {
  const keys = ["first", "second"].map(() => generateKeyPairSync("ed25519"));
  const [key, other] = keys.map(({ privateKey }) => privateKey);
  const pem = (index: number): string => {
    const file = join(temporaryFolder(), "public.pem");
    const text = keys[index]?.publicKey.export({ type: "spki", format: "pem" }) ?? "";
    writeFileSync(file, text);
    return readPublicKey(file);
  };

  test("who signed an archive is told, and only the named key is taken", async () => {
    if (key === undefined || other === undefined) throw new Error("no keys");
    const path = await archived(finishedRun(), { key });
    const { signedBy } = await imported(path, { signer: pem(0) });
    expect(signedBy).toBe(pem(0));
    const { directory } = otherProject();
    await expect(imported(path, { signer: pem(1), directory })).rejects.toThrow("another key");
    expect(readdirSync(directory)).toEqual([".cache"]);
    const unsigned = await archived(finishedRun());
    await expect(imported(unsigned, { signer: pem(0) })).rejects.toThrow("not signed");
    expect((await imported(unsigned)).signedBy).toBe(undefined);
  });
});

test("a file that is no archive is told by its name", async () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, "text"), "hello");
  await expect(imported(join(folder, "none"))).rejects.toThrow("none does not exist");
  await expect(imported(folder)).rejects.toThrow(`${basename(folder)} is no file`);
  await expect(imported(join(folder, "text"))).rejects.toThrow("no compressed tar");
});

test("whoever executes an imported run is told so, and who signed it", async () => {
  const stored = finishedRun();
  expect(importNote(stored.store, stored.run.runKey)).toBe(undefined);
  const { directory } = otherProject();
  await imported(await archived(stored), { directory });
  const note = importNote(openStore(directory), stored.run.runKey);
  expect(note).toMatch(/came in an archive \(not signed, imported \d{4}-.*your rights\.$/u);
});

test("code that holds what looks like a token is archived only where that is asked for, and told by its line", async () => {
  const token = `ghp_${"a1B2".repeat(9)}`;
  const stored = finishedRun({ source: `const limit = 3;\nconst key = "${token}";\n` });
  const refusal = archived(stored).then(String, (error: unknown) => error);
  expect(await refusal).toMatchObject({ code: "config" });
  expect(String(await refusal)).toContain("stands in a.ts:2, in the code"); // once, though it lies in three places
  expect(String(await refusal)).not.toContain(token);
  const target = join(temporaryFolder(), "run.tar.gz");
  const options = { target, hasData: false, hasCheckpoints: true };
  await expect(archiveRun(stored, { ...options, allowsSecrets: true })).resolves.toMatchObject({
    secrets: ["a.ts:2"],
  });
});

test("a damaged pack is archived as the folder that was made of it; where there is none, nothing is", async () => {
  const stored = finishedRun();
  const { code, store, run } = stored;
  if (typeof code === "string") throw new Error(code);
  const name = { codeHash: run.codeHash, digest: code.snapshot };
  const { tree } = store.readSnapshot(name);
  const pack = `${join(tree, "..")}.pack`;
  writeFileSync(pack, readFileSync(pack, "utf8").replace(/.$/u, "b"));
  const { directory } = otherProject();
  const { outcome } = await imported(await archived(stored), { directory });
  expect(outcome.kind).toBe("imported");
  expect(openStore(directory).readSnapshot(name).tree).toContain(directory);
  writeFileSync(join(tree, "a.ts"), "changed");
  await expect(archived(stored)).rejects.toThrow("The stored code cannot be used");
  store.check({ isRepairing: true });
  await expect(archived(stored)).rejects.toThrow("The stored code cannot be used: it is not there");
});
