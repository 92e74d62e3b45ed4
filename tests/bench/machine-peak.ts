/** What this machine can do at most, to hold kernels against: one thread, WebAssembly, no fused operations. */
import { kernelModule } from "../../src/backend/wasm/module.ts";
import {
  canShareMemory,
  compileModule,
  createMemory,
  instantiate,
  type WasmModule,
} from "../../src/backend/wasm/web-assembly.ts";
import { compileWide } from "../../src/backend/wasm/wide-vectors.ts";

const [get, set, vector] = [0x20, 0x21, 0xfd];
const [add, multiply] = [
  [vector, 0xe4, 0x01],
  [vector, 0xe6, 0x01],
];
const [store, offsetOf] = [
  [vector, 0x0b, 4],
  (index: number): readonly number[] => unsigned(index * 16),
];
const firstSum = 1;

/**
 * A function of a number of rounds, each of which multiplies and adds once in independent vectors in registers. They are
 * stored side by side at the end, so that an engine that joins vectors has what it looks for.
 */
function registerLoop(numSums: number, compile: (bytes: Uint8Array) => WasmModule): Loop {
  const [factor, summand] = [firstSum + numSums, firstSum + numSums + 1];
  const sums = Array.from({ length: numSums }, (_, index) => firstSum + index);
  const constant = (bytes: readonly number[], local: number): readonly number[] => {
    return [0x43, ...bytes, vector, 0x13, set, local];
  };
  const body = [
    [1, numSums + 2, 0x7b],
    constant([0, 0, 0, 0x3f], factor),
    constant([0, 0, 0x80, 0x3f], summand),
    [0x03, 0x40],
    ...sums.map((sum) => [get, sum, get, factor, ...multiply, get, summand, ...add, set, sum]),
    [get, 0, 0x41, 1, 0x6b, 0x22, 0, 0x0d, 0, 0x0b],
    ...sums.map((sum, index) => [0x41, 0, get, sum, ...store, ...offsetOf(index)]),
    [0x0b],
  ].flat();
  const section = (id: number, content: readonly number[]): readonly number[] => [
    id,
    ...unsigned(content.length),
    ...content,
  ];
  const text = (letters: string): readonly number[] => [letters.length, ...Buffer.from(letters)];
  const sections = [
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, [1, 0x60, 1, 0x7f, 0]),
    section(2, [1, ...text("env"), ...text("memory"), 2, 3, 1, 1]),
    section(3, [1, 0]),
    section(7, [1, 1, 0x66, 0, 0]), // exported as "f"
    section(10, [1, ...unsigned(body.length), ...body]),
  ];
  const bytes = Uint8Array.from(sections.flat());
  const memory = createMemory({ initial: 1, maximum: 1, shared: true });
  return (instantiate(compile(bytes), memory) as { readonly f: Loop }).f;
}

type Loop = (rounds: number) => void;

/** LEB128. */
function unsigned(value: number): readonly number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...unsigned(value >> 7)];
}

/** The best of many short attempts, in amounts a second. */
function best(amount: number, work: () => unknown): number {
  let fastest = Infinity;
  for (let attempt = 0; attempt < 40; attempt++) {
    const start = performance.now();
    work();
    fastest = Math.min(fastest, performance.now() - start);
  }
  return amount / (fastest / 1000);
}

/** Whether this process computes the kernels of `wasm` in vectors of 256 bits. */
export function hasWideKernels(): boolean {
  return kernelModule(canShareMemory()).hasWideVectors;
}

/**
 * Multiplications and additions a second of one thread that needs no memory, in GFLOP/s.
 * @param isWide - In vectors of 256 bits, where this engine has them for our kernels.
 */
export function peakGigaflops(isWide: boolean): number {
  const numSums = isWide ? 24 : 12; // twelve of the widest in sixteen registers
  const loop = registerLoop(numSums, isWide ? compileWide : compileModule);
  const rounds = 1_000_000;
  return best(rounds * numSums * 4 * 2, () => loop(rounds)) / 1e9;
}

/** Bytes read and written a second by copying between arrays that no cache holds, in GB/s. */
export function copyGigabytes(): number {
  const from = new Float32Array(2 ** 24).fill(1);
  const to = new Float32Array(from.length);
  return best(2 * from.byteLength, () => to.set(from)) / 1e9;
}
