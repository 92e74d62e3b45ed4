import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { parseArguments } from "../../../src/cli/arguments.ts";
import type { Session } from "../../../src/cli/session.ts";
import type { Terminal } from "../../../src/cli/terminal.ts";
import { formatError, isExpError } from "../../../src/core/errors.ts";

function emptyCache(): string {
  const cache = mkdtempSync(join(tmpdir(), "lockstep-cache-"));
  onTestFinished(() => rmSync(cache, { recursive: true, force: true }));
  return cache;
}

/** A cache with installations whose files do not matter. */
function cacheWith(versions: readonly string[]): string {
  const cache = emptyCache();
  const folder = join(cache, "backends/native");
  for (const version of versions) {
    const id = join(folder, `tensorflow-${version}-x64-0123abcd`);
    mkdirSync(id, { recursive: true });
    const manifest = {
      format: "lockstep/backend/1",
      backend: "native",
      tensorflow: version,
      request: `tensorflow-cpu==${version}`,
      sources: "s@1",
      nodeApi: 8,
      platform: "linux",
      arch: "x64",
      compiler: "g++",
      testedWith: "20.0.0",
      libraryFolders: [],
      files: [],
    };
    writeFileSync(join(id, "manifest.json"), JSON.stringify(manifest));
  }
  writeFileSync(join(folder, "in-use"), `tensorflow-${versions[0] ?? ""}-x64-0123abcd\n`);
  return cache;
}

/** What `exp backend …` prints, or its error with its code in front. */
async function backend(words: string, cache: string): Promise<string> {
  let text = "";
  const terminal: Terminal = {
    isInteractive: false,
    columns: () => 100,
    write: (more) => {
      text += more;
    },
    drained: () => Promise.resolve(),
    style: (_style, plain) => plain,
  };
  const session: Session = {
    stdout: terminal,
    stderr: terminal,
    workingDirectory: "/",
    now: () => 0,
    planContext: { workingDirectory: "/", environment: { LOCKSTEP_CACHE: cache } },
  };
  try {
    const line = await parseArguments(["backend", ...words.split(" ")], "1.2.3");
    if (line.kind === "text") throw new Error("a text was found");
    await line.command.run(line.invocation, session);
  } catch (error) {
    if (!isExpError(error)) throw error;
    return `${error.code}: ${formatError(error)}`;
  }
  return text;
}

function idsIn(cache: string): readonly string[] {
  return readdirSync(join(cache, "backends/native")).filter((name) =>
    name.startsWith("tensorflow"),
  );
}

test("remove --tensorflow removes that version alone, and says what is left", async () => {
  const cache = cacheWith(["2.21.0", "2.2.0", "2.19.1"]);
  expect(await backend("remove native --tensorflow 2.21.0", cache)).toBe(
    "native: removed tensorflow-2.21.0-x64-0123abcd; TensorFlow 2.19.1, 2.2.0 is still installed; " +
      "none is in use: `exp backend install native --tensorflow VERSION` takes one\n",
  );
  expect(idsIn(cache)).toEqual(["tensorflow-2.19.1-x64-0123abcd", "tensorflow-2.2.0-x64-0123abcd"]);
  expect(await backend("remove native --tensorflow 2.21.0", cache)).toContain(
    "native: no TensorFlow 2.21.0 was installed; TensorFlow 2.19.1, 2.2.0 is still installed",
  );
  expect(await backend("remove native", cache)).toContain(
    "native: removed tensorflow-2.19.1-x64-0123abcd, tensorflow-2.2.0-x64-0123abcd\n",
  );
  expect(idsIn(cache)).toEqual([]);
});

test.each([
  ["list --tensorflow 2.21.0", "exp backend list has no option --tensorflow."],
  ["list native --from /tmp", "exp backend list has no option --from."],
  ["test native --rebuild", "exp backend test has no option --rebuild."],
  ["remove native --from /tmp", "exp backend remove has no option --from."],
  ["remove native --rebuild", "exp backend remove has no option --rebuild."],
  ["remove native --tensorflow ./a.whl", "exp backend remove --tensorflow ./a.whl: expected a ver"],
])("exp backend %s is refused, and removes nothing", async (words, message) => {
  const cache = cacheWith(["2.21.0"]);
  expect(await backend(words, cache)).toContain(`usage: ${message}`);
  expect(idsIn(cache)).toEqual(["tensorflow-2.21.0-x64-0123abcd"]);
});

test("a list of one backend that is not installed speaks of that one alone", async () => {
  const cache = cacheWith(["2.21.0"]);
  expect(await backend("list cuda", cache)).toBe(
    "cuda is not installed; wasm and cpu need none. Try: exp backend install cuda\n",
  );
  expect(await backend("list", emptyCache())).toBe(
    "No backend is installed; wasm and cpu need none. Try: exp backend install native\n",
  );
});

test("a relative LOCKSTEP_CACHE is refused, not ignored", async () => {
  expect(await backend("list", "cache")).toContain(
    'environment: LOCKSTEP_CACHE is "cache"; expected an absolute path.',
  );
  expect(await backend("remove native", "./cache")).toContain("expected an absolute path");
});
