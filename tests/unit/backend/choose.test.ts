import { expect, test } from "vitest";
import { chooseBackend, NUMERICS_VERSION } from "../../../src/backend/choose.ts";
import { NATIVE_NUMERICS_VERSION } from "../../../src/backend/native/environment-class.ts";
import {
  requireInstallation,
  type Installation,
} from "../../../src/backend/native/installation.ts";
import type { BackendManifest } from "../../../src/backend/native/manifest.ts";
import { formatError, isExpError } from "../../../src/core/errors.ts";

const blank: BackendManifest = {
  format: "lockstep/backend/1",
  backend: "native",
  tensorflow: "",
  request: "",
  sources: "",
  nodeApi: 8,
  platform: "linux",
  arch: "x64",
  compiler: "",
  testedWith: "",
  libraryFolders: [],
  files: [],
};

const host = { nodeVersion: "22.11.0", arch: "arm64" };

test("auto takes wasm and says why", () => {
  expect(chooseBackend("auto", host)).toEqual({
    backend: "wasm",
    reason:
      "wasm is the fastest backend that needs no installation, and its bits are equal on every machine.",
    environmentClass: `wasm/${NUMERICS_VERSION}`,
  });
});

test("the class of wasm does not depend on the machine, that of cpu names Node and architecture", () => {
  const other = { nodeVersion: "20.20.2", arch: "x64" };
  expect(chooseBackend("wasm", host).environmentClass).toBe(
    chooseBackend("wasm", other).environmentClass,
  );
  expect(chooseBackend("cpu", host).environmentClass).toBe(`cpu/${NUMERICS_VERSION}/22/arm64`);
  expect(chooseBackend("cpu", other).environmentClass).toBe(`cpu/${NUMERICS_VERSION}/20/x64`);
});

test("without a host it describes this process", () => {
  const major = process.versions.node.split(".")[0];
  expect(chooseBackend("cpu").environmentClass).toBe(
    `cpu/${NUMERICS_VERSION}/${major}/${process.arch}`,
  );
});

test("an unknown name is refused with the names there are and the nearest one", () => {
  const message = messageOf(() => chooseBackend("wasn", host));
  expect(message).toMatchInlineSnapshot(`
    "config: There is no such backend.
      backend: Expected one of auto, wasm, native, cuda, cpu. (found "wasn"). Did you mean wasm?
    Leave \`backend\` out, or set it to auto: then wasm is taken."
  `);
});

test("a name that is nobody's property is unknown too", () => {
  expect(messageOf(() => chooseBackend("constructor", host))).toContain(
    "There is no such backend.",
  );
});

function messageOf(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (isExpError(error)) return `${error.code}: ${formatError(error)}`;
    throw error;
  }
  throw new Error("nothing was refused");
}

test("the class of native names library, processor and threads", () => {
  const files = [{ path: "tensorflow/libtensorflow_cc.so.2", bytes: 1, sha256: "ab".repeat(32) }];
  const manifest = { backend: "native", tensorflow: "2.21.0", files } as const;
  const installed = (): Installation => ({
    folder: "/f",
    id: "i",
    manifest: { ...blank, ...manifest },
  });
  const class2 = chooseBackend("native", { ...host, threads: 2, installed }).environmentClass;
  const class3 = chooseBackend("native", { ...host, threads: 3, installed }).environmentClass;
  expect(class2).toMatch(
    new RegExp(
      `^native/${NATIVE_NUMERICS_VERSION}/tensorflow-2\\.21\\.0-abababab/[a-z0-9-]+-[0-9a-f]{8}/threads-2$`,
      "u",
    ),
  );
  expect(class3).toBe(class2.replace("threads-2", "threads-3"));
});

test("a backend that is not installed is refused with the command that installs it", () => {
  const installed = (name: "native" | "cuda"): Installation =>
    requireInstallation(name, { LOCKSTEP_CACHE: "/nonexistent" });
  expect(messageOf(() => chooseBackend("native", { ...host, installed }))).toBe(
    "environment: The backend native is not installed on this machine.\n" +
      "Run `exp backend install native`, or leave backend out: then wasm is taken.",
  );
});
