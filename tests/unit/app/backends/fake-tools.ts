/**
 * Python, npm and a compiler that do what an installation expects of them in no time, in front of the real ones on the
 * PATH. Each writes the calls down that it gets, and fails as a test asks.
 */
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import {
  installBackend,
  type InstallParts,
  type InstallRequest,
} from "../../../../src/app/backends/install.ts";
import type { PinnedPackage } from "../../../../src/app/backends/sources.ts";
import { findInstallation } from "../../../../src/backend/native/installation.ts";
import { formatError, isExpError } from "../../../../src/core/errors.ts";

export interface FakeMachine {
  readonly folder: string;
  readonly parts: InstallParts;
  /** Absolute: programs that replace the real ones. */
  readonly bin: string;
  /** What was told on the way. */
  readonly told: readonly string[];
  request(changes?: Partial<InstallRequest>): InstallRequest;
  /** Puts another program in place of one; `undefined` takes it away. */
  replace(name: string, script: string | undefined): void;
  /** Names of the programs that were called, without their `--version`. */
  calls(): readonly string[];
}

const unpacked = ["tensorflow/include/tensorflow/c", "tensorflow"];

const scripts = {
  python3: `
if [ "$1" = --version ]; then echo "Python 3.11.7"; exit 0; fi
if [ "$3" = --version ]; then echo "pip 23"; exit 0; fi
if [ "$1" = -c ]; then
  mkdir -p ${unpacked.map((path) => `"$3/${path}"`).join(" ")}
  echo library > "$3/tensorflow/libtensorflow_cc.so.2"
  echo framework > "$3/tensorflow/libtensorflow_framework.so.2"
  echo header > "$3/tensorflow/include/tensorflow/c/c_api.h"
  case "$*" in *cuda*|*tensorflow-2*) echo "nvidia-cublas-cu12<13.0,>=12.5" ;; esac
  case "$*" in *nvidia_*) mkdir -p "$3/nvidia/cublas/lib"; echo c > "$3/nvidia/cublas/lib/libcublas.so.12" ;; esac
  exit 0
fi
while [ $# -gt 0 ]; do case "$1" in --dest) shift; dest="$1";; esac; last="$1"; shift; done
mkdir -p "$dest"
case "$last" in nvidia*) : > "$dest/nvidia_cublas_cu12-12.9-none.whl";; *) : > "$dest/$(echo "$last" | sed 's/==/-/')-cp312.whl";; esac`,
  npm: `if [ "$1" = --version ]; then echo 10; exit 0; fi
while [ $# -gt 0 ]; do case "$1" in --pack-destination) shift; dest="$1";; *@*) spec="$1";; esac; shift; done
case "$spec" in *sources*) cp "$FAKE_ROOT/sources-1.0.0.tgz" "$dest";; *) cp "$FAKE_ROOT/headers-1.0.0.tgz" "$dest";; esac`,
  "g++": `if [ "$1" = --version ]; then echo "g++ (fake) 12"; exit 0; fi
while [ $# -gt 0 ]; do case "$1" in -o) shift; out="$1";; esac; shift; done
echo addon > "$out"`,
};

/** A machine with everything that an installation needs, and a cache of its own. */
export function fakeMachine(): FakeMachine {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-backends-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const bin = join(folder, "bin");
  mkdirSync(bin);
  const replace = (name: string, script: string | undefined): void => {
    const path = join(bin, name);
    rmSync(path, { force: true }); // it may be a link to the real program, which must not be written through
    if (script === undefined) return;
    const text = `#!/bin/sh\necho "${name} $1 $2 $3" >> "$FAKE_ROOT/calls"\n${script}\n`;
    writeFileSync(path, text, { flag: "wx" });
    chmodSync(path, 0o755);
  };
  for (const [name, script] of Object.entries(scripts)) replace(name, script);
  for (const name of ["sh", "tar", "mkdir", "cp", "sed", "cat", "sleep"]) {
    const real = execFileSync("sh", ["-c", `command -v ${name}`], { encoding: "utf8" }).trim();
    execFileSync("ln", ["-s", real, join(bin, name)]);
  }
  writeFileSync(join(folder, "calls"), "");
  const told: string[] = [];
  const variables = { PATH: bin, FAKE_ROOT: folder, LOCKSTEP_CACHE: join(folder, "cache") };
  const parts: InstallParts = {
    sources: pack(folder, "sources"),
    headers: pack(folder, "headers"),
    probe: () => Promise.resolve({ tensorflow: "2.21.0", usesGpu: false }),
    neededBytes: { native: 1e6, cuda: 1e6 },
  };
  return {
    folder,
    parts,
    bin,
    told,
    replace,
    request: (changes = {}) => ({
      backend: "native",
      tensorflow: { kind: "version", version: "2.21.0" },
      from: undefined,
      rebuild: false,
      variables,
      observe: (text) => told.push(text),
      ...changes,
    }),
    calls: () =>
      readFileSync(join(folder, "calls"), "utf8")
        .split("\n")
        .filter((line) => line !== "" && !line.includes("--version"))
        .map((line) => line.split(" ")[0] ?? ""),
  };
}

/** An npm package with one file, and what pins it. */
function pack(folder: string, name: string): PinnedPackage {
  const file = `${name}-1.0.0.tgz`;
  mkdirSync(join(folder, "package"), { recursive: true });
  writeFileSync(join(folder, "package", "package.json"), JSON.stringify({ name }));
  execFileSync("tar", ["-czf", join(folder, file), "-C", folder, "package"]);
  const digest = createHash("sha512").update(readFileSync(join(folder, file)));
  return { name, version: "1.0.0", file, integrity: `sha512-${digest.digest("base64")}` };
}

/** The text of the error that an installation ends with; by then nothing is left of it and nothing is in use. */
export async function refusal(
  machine: FakeMachine,
  changes: Partial<InstallRequest> = {},
): Promise<string> {
  const request = machine.request(changes);
  const error: unknown = await installBackend(request, machine.parts).catch(
    (thrown: unknown) => thrown,
  );
  if (!isExpError(error)) throw new Error(`expected an ExpError, got ${String(error)}`);
  expect(findInstallation(request.backend, request.variables)).toBe(undefined);
  expect(leftOvers(machine)).toEqual([]);
  const text = formatError(error);
  expect(text.split("\n").length).toBeLessThan(24); // one screen
  return text.replaceAll(machine.folder, "…").replace(/\.building-[^/\s]+/gu, ".building");
}

/** What lies in a machine's cache beside the mark of the one in use. */
export function leftOvers(machine: FakeMachine, backend = "native"): readonly string[] {
  const folder = join(machine.folder, "cache/backends", backend);
  return existsSync(folder) ? readdirSync(folder).filter((name) => name !== "in-use") : [];
}
