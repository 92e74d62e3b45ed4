import { expect, test } from "vitest";
import { kernelBase64 } from "../../../../src/backend/wasm/kernel-bytes.ts";
import { kernelModule } from "../../../../src/backend/wasm/module.ts";
import { compileModule } from "../../../../src/backend/wasm/web-assembly.ts";
import { hasSameBits, isFasterWide } from "../../../../src/backend/wasm/wide-trial.ts";
import { markedWide, mayBeWide } from "../../../../src/backend/wasm/wide-vectors.ts";
import { withoutSharedMemory } from "./without-shared-memory.ts";

const x64 = { architecture: "x64", variable: undefined, nodeFlags: ["--import", "tsx"] };

test("wide vectors are tried where all kernels have been tried with them, and nowhere else", () => {
  expect(mayBeWide({ ...x64, release: "24.1.0" })).toBe(true);
  expect(mayBeWide({ ...x64, release: "20.20.2" })).toBe(false);
  expect(mayBeWide({ ...x64, release: "22.23.3" })).toBe(false);
  expect(mayBeWide({ ...x64, release: "26.10.0" })).toBe(true);
  expect(mayBeWide({ ...x64, release: "25.0.0" })).toBe(false);
  expect(mayBeWide({ ...x64, release: "28.0.0" })).toBe(false);
  expect(mayBeWide({ ...x64, release: "24.1.0", architecture: "arm64" })).toBe(false);
  expect(mayBeWide({ ...x64, release: "24.1.0", variable: "128" })).toBe(false);
});

test.each([
  "--no-liftoff",
  "--liftoff-only",
  "--max-old-space-size=99 --no_wasm_lazy_compilation",
  "--no-wasm-inlining",
  "--experimental-wasm-revectorize",
  "--freeze-flags-after-init",
])("nothing is tried where Node.js was started with %s, which could not be put back", (flag) => {
  expect(mayBeWide({ ...x64, release: "24.1.0", nodeFlags: ["--import", "tsx", flag] })).toBe(
    false,
  );
});

test("wide kernels have bytes of their own, so that the engine cannot take them for the narrow ones", () => {
  const bytes = Buffer.from(kernelBase64, "base64");
  const marked = markedWide(bytes);
  expect(bytes.equals(marked)).toBe(false);
  expect(hasSameBits(compileModule(marked), true)).toBe(true);
});

test("another width than 128 cannot be asked for, and says what can", () => {
  expect(() => mayBeWide({ ...x64, release: "24.1.0", variable: "512" })).toThrow(
    'LOCKSTEP_VECTORS is "512"; expected 128, or nothing.',
  );
});

test("this process's kernels have the bits of JavaScript's sums, whatever their width", () => {
  expect(hasSameBits(kernelModule(true).module, true)).toBe(true);
  expect(hasSameBits(kernelModule(false).module, false)).toBe(true);
});

test("kernels that come to other bits are seen", () => {
  const bytes = Buffer.from(kernelBase64, "base64");
  const [add, subtract] = [Buffer.of(0xfd, 0xe4, 0x01), Buffer.of(0xfd, 0xe5, 0x01)];
  for (let at = bytes.indexOf(add); at >= 0; at = bytes.indexOf(add, at)) subtract.copy(bytes, at);
  expect(hasSameBits(compileModule(bytes), true)).toBe(false);
});

test("a trial that gets no memory speaks against wide vectors, and is no error", () => {
  const { module } = kernelModule(true);
  const restore = withoutSharedMemory();
  try {
    expect(isFasterWide(module, true)).toBe(false);
  } finally {
    restore();
  }
});

test("the trial needs no more addresses than it uses", () => {
  const { module } = kernelModule(true);
  const restore = withoutSharedMemory(16);
  try {
    expect(hasSameBits(module, true)).toBe(true);
  } finally {
    restore();
  }
});
