/** What this machine can do at most, to hold kernels against: one thread, WebAssembly of 128 bits, no fused operations. */
import { compileModule, createMemory, instantiate } from "../../src/backend/wasm/web-assembly.ts";

const [get, set, vector] = [0x20, 0x21, 0xfd];
const [add, multiply] = [
  [vector, 0xe4, 0x01],
  [vector, 0xe6, 0x01],
];
const firstSum = 1;
const numSums = 12;
const [factor, summand] = [firstSum + numSums, firstSum + numSums + 1];
const flopsPerRound = numSums * 4 * 2;

/** A function of a number of rounds, each of which multiplies and adds once in 12 independent vectors in registers. */
function registerLoop(): (rounds: number) => number {
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
    [get, firstSum],
    ...sums.slice(1).map((sum) => [get, sum, ...add]),
    [vector, 0x1f, 0, 0x0b],
  ].flat();
  const section = (id: number, content: readonly number[]): readonly number[] => [
    id,
    ...unsigned(content.length),
    ...content,
  ];
  const sections = [
    [0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    section(1, [1, 0x60, 1, 0x7f, 1, 0x7d]),
    section(3, [1, 0]),
    section(7, [1, 1, 0x66, 0, 0]), // exported as "f"
    section(10, [1, ...unsigned(body.length), ...body]),
  ];
  const bytes = Uint8Array.from(sections.flat());
  const memory = createMemory({ initial: 1, maximum: 1, shared: true }); // which it does not import
  const { f } = instantiate(compileModule(bytes), memory) as { f: (rounds: number) => number };
  return f;
}

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

/** Multiplications and additions a second of one thread that needs no memory, in GFLOP/s. */
export function peakGigaflops(): number {
  const loop = registerLoop();
  const rounds = 1_000_000;
  return best(rounds * flopsPerRound, () => loop(rounds)) / 1e9;
}

/** Bytes read and written a second by copying between arrays that no cache holds, in GB/s. */
export function copyGigabytes(): number {
  const from = new Float32Array(2 ** 24).fill(1);
  const to = new Float32Array(from.length);
  return best(2 * from.byteLength, () => to.set(from)) / 1e9;
}
