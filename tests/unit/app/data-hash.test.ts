import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createDataHasher } from "../../../src/app/data-hash.ts";
import { openStore } from "../../../src/store/store.ts";
import type { TaskData } from "../../../src/config/definition.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import type { DataFile } from "../../../src/core/task.ts";

function setUp(): {
  readonly folder: string;
  readonly calls: string[];
  readonly hasher: ReturnType<typeof createDataHasher>;
} {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  for (const name of ["a", "b"]) writeFileSync(join(folder, `${name}.txt`), name);
  const calls: string[] = [];
  const listDataFiles = async (config: JsonObject): Promise<readonly DataFile[]> => {
    const name = `${JSON.stringify(config["language"]).slice(1, -1)}.txt`;
    calls.push(name);
    return [{ name: "text", path: join(folder, name) }];
  };
  const task = { listDataFiles } as unknown as TaskData;
  const cacheFile = join(folder, "cache/digests.json");
  return {
    folder,
    calls,
    hasher: createDataHasher(
      { task, projectDirectory: folder, store: openStore(folder) },
      cacheFile,
    ),
  };
}

test("files that hang on any field of the config are told apart", async () => {
  const { hasher } = setUp();
  const first = await hasher.plannedHash({ language: "a", seed: 1 });
  const second = await hasher.plannedHash({ language: "b", seed: 1 });
  expect(second).not.toBe(first);
  expect(await hasher.plannedHash({ language: "a", seed: 2 })).toBe(first);
});

test("a config that differs only in what the listing does not read is not listed again", async () => {
  const { hasher, calls } = setUp();
  for (let seed = 0; seed < 100; seed += 1) await hasher.plannedHash({ language: "a", seed });
  expect(calls).toEqual(["a.txt"]);
});

test("the current hash sees a change that came after planning", async () => {
  const { hasher, folder } = setUp();
  const planned = await hasher.plannedHash({ language: "a" });
  expect((await hasher.currentFiles({ language: "a" })).dataHash).toBe(planned);
  writeFileSync(join(folder, "a.txt"), "other");
  expect((await hasher.currentFiles({ language: "a" })).dataHash).not.toBe(planned);
});

test("a task that lists nothing has one data hash", async () => {
  const { folder } = setUp();
  const task = {} as unknown as TaskData;
  const hasher = createDataHasher(
    { task, projectDirectory: folder, store: openStore(folder) },
    join(folder, "c.json"),
  );
  expect(await hasher.plannedHash({ seed: 1 })).toBe(await hasher.plannedHash({ seed: 2 }));
});
