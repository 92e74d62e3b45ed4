/** Installations of compiled backends that never came from TensorFlow: an addon of a few lines of C that misbehaves. */
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { productsPath } from "../../src/backend/native/manifest.ts";
import { sha256 } from "../../src/core/hash.ts";

/** Whether a C compiler is there. */
export function hasCompiler(): boolean {
  try {
    execFileSync("cc", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    process.stderr.write("There is no C compiler: tests of addons that misbehave are skipped.\n");
    return false;
  }
}

/**
 * Puts an installation into a cache.
 * @param source - C code of the addon.
 * @returns The variables that make it the one in use.
 */
export function fakeBackend(
  cache: string,
  source: string,
): Readonly<Record<"LOCKSTEP_CACHE" | "LOCKSTEP_THREADS", string>> {
  const parent = join(cache, "backends", "native");
  const folder = join(parent, "tensorflow-2.21.0-fake");
  for (const name of ["addon", "tensorflow"]) mkdirSync(join(folder, name), { recursive: true });
  writeFileSync(join(cache, "addon.c"), source);
  const library = join(folder, "tensorflow/libtensorflow_cc.so.2");
  writeFileSync(library, "no library");
  writeFileSync(join(folder, productsPath), "no products");
  const addon = join(folder, "addon/tfjs_binding.node");
  execFileSync("cc", ["-shared", "-fPIC", "-Wl,-z,now", "-o", addon, join(cache, "addon.c")]);
  const file = (path: string): object => ({
    path,
    bytes: statSync(join(folder, path)).size,
    // Of the library, the digest is that of something else: only `exp backend test` looks at it.
    sha256: sha256(path.startsWith("addon/") ? readFileSync(join(folder, path)) : path),
  });
  const manifest = {
    format: "lockstep/backend/1",
    backend: "native",
    tensorflow: "2.21.0",
    request: "tensorflow-cpu==2.21.0",
    sources: "",
    nodeApi: 8,
    platform: process.platform,
    arch: process.arch,
    compiler: "cc",
    testedWith: process.versions.node,
    libraryFolders: [],
    files: ["addon/tfjs_binding.node", productsPath, "tensorflow/libtensorflow_cc.so.2"].map(file),
  };
  writeFileSync(join(folder, "manifest.json"), JSON.stringify(manifest));
  writeFileSync(join(parent, "in-use"), "tensorflow-2.21.0-fake\n");
  return { LOCKSTEP_CACHE: cache, LOCKSTEP_THREADS: "1" };
}
