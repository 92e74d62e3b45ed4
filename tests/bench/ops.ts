/**
 * How fast each kernel is, beside what the machine can do: `pnpm bench:ops [part of a name…] [--json]`. Products are held
 * against a loop in registers, all else against a copy from memory to memory, both times the number of threads. Medians of
 * many calls, the way from an operation to the kernel included.
 */
import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { tidy } from "@tensorflow/tfjs-core";
import { prepareBackend } from "../../src/backend/prepare.ts";
import { copyGigabytes, hasWideKernels, peakGigaflops } from "./machine-peak.ts";
import { operationCases, type OperationCase } from "./operation-cases.ts";
import { printTable, quartiles, type Row } from "./table.ts";

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: { json: { type: "boolean", default: false } },
});
/** Milliseconds of a case, warm-up and measurement each. */
const patience = 200;

interface Measured {
  readonly operation: string;
  readonly threads: number;
  readonly unit: "GFLOP/s" | "GB/s";
  readonly rate: number;
  readonly shareOfPeak: number;
}

type Peaks = Readonly<Record<OperationCase["unit"], number>>;

/** Milliseconds of a call. */
function medianTime({ work }: OperationCase): number {
  const samples: number[] = [];
  const repeat = (): void => {
    const begin = performance.now();
    samples.length = 0;
    while (samples.length < 3 || performance.now() - begin < patience) {
      const start = performance.now();
      tidy(() => void work());
      samples.push(performance.now() - start);
    }
  };
  repeat(); // compilers and caches
  repeat();
  return quartiles(samples)[1];
}

function measure(operation: OperationCase, threads: number, peaks: Peaks): Measured {
  const rate = operation.amount / medianTime(operation) / 1e6;
  const { name, unit } = operation;
  return {
    operation: name,
    threads,
    unit: unit === "flops" ? "GFLOP/s" : "GB/s",
    rate,
    shareOfPeak: rate / (peaks[unit] * threads),
  };
}

function rowOf({ operation, unit, rate, shareOfPeak }: Measured): Row {
  const share = `${(100 * shareOfPeak).toFixed(0)} % of the peak`;
  return {
    what: operation,
    measured: `${rate.toFixed(1)} ${unit}, ${share}`,
    target: "",
    holds: undefined,
  };
}

async function main(): Promise<void> {
  const peaks: Peaks = { flops: peakGigaflops(hasWideKernels()), bytes: copyGigabytes() };
  const all: Measured[] = [];
  await prepareBackend("wasm", { threads: 1 });
  const wanted = operationCases().filter(
    ({ name }) => positionals.length === 0 || positionals.some((part) => name.includes(part)),
  );
  if (wanted.length === 0) {
    const names = operationCases().map(({ name }) => name);
    process.stderr.write(
      `No kernel's name has ${positionals.join(" or ")} in it: ${names.join(", ")}.\n`,
    );
    process.exit(2);
  }
  for (const threads of new Set([1, availableParallelism()])) {
    await prepareBackend("wasm", { threads });
    const measured = wanted.map((operation) => measure(operation, threads, peaks));
    all.push(...measured);
    if (!flags.json) printTable(`\nKernels of wasm, threads ${threads}`, measured.map(rowOf));
  }
  if (flags.json) {
    console.log(JSON.stringify({ peaks, rows: all }));
  } else {
    const [flops, bytes] = [peaks.flops.toFixed(1), peaks.bytes.toFixed(1)];
    console.log(
      `\nThe peak of a thread: ${flops} GFLOP/s in registers, ${bytes} GB/s read and written`,
    );
  }
}

await main();
