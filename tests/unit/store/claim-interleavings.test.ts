/** Threads that claim one run at the same moment, call by call in many orders: one holds it, and nothing is left. */
import { once } from "node:events";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Worker } from "node:worker_threads";
import { buildSync } from "esbuild";
import { expect, onTestFinished, test } from "vitest";
import { seeded } from "../../crash/random.ts";
import { done, going, held, overlaps, round, type Shared } from "./fixtures/claimers.ts";
import { temporaryFolder } from "./helpers.ts";

const numThreads = 4;
const numRounds = Number(process.env["CLAIM_ROUNDS"] ?? 120);

/** Lets one thread go on to its next call; true when it has none left. */
function advance({ states }: Shared, index: number): boolean {
  Atomics.store(states, index, going);
  Atomics.notify(states, index);
  for (let time = 0; Atomics.wait(states, index, going, 10_000) === "timed-out"; time++) {
    if (time === 10) throw new Error(`thread ${index} does not come to its next call`);
  }
  return Atomics.load(states, index) === done;
}

/** One round in the order that a seed decides: often the same thread again, or often another. */
function playRound(shared: Shared, seed: number): void {
  Atomics.store(shared.counts, round, seed);
  const random = seeded(seed);
  const loyalty = [0, 0.5, 0.8][seed % 3] ?? 0;
  const open = Array.from({ length: numThreads }, (_, index) => index);
  let current = 0;
  while (open.length > 0) {
    const isStaying = open.includes(current) && random() < loyalty;
    current = isStaying ? current : (open[Math.floor(random() * open.length)] ?? 0);
    if (advance(shared, current)) open.splice(open.indexOf(current), 1);
  }
  for (let index = 0; index < numThreads; index++) advance(shared, index); // to the gate of the next round
}

async function startThreads(shared: Shared): Promise<void> {
  const program = join(shared.folder, "claimers.mjs");
  buildSync({
    entryPoints: [join(import.meta.dirname, "fixtures/claimers.ts")],
    outfile: program,
    bundle: true,
    platform: "node",
    format: "esm",
  });
  for (let index = 0; index < numThreads; index++) {
    const worker = new Worker(program, { workerData: { shared, index } });
    onTestFinished(async () => void (await worker.terminate()));
    await once(worker, "online");
  }
}

test("of threads that claim one run in any order of their calls, one at a time holds it, and no folder is left", async () => {
  const shared: Shared = {
    folder: temporaryFolder(),
    states: new Int32Array(new SharedArrayBuffer(4 * numThreads)),
    counts: new Int32Array(new SharedArrayBuffer(16)),
  };
  await startThreads(shared);
  const failures: string[] = [];
  for (let seed = 1; seed <= numRounds; seed++) {
    playRound(shared, seed);
    const store = join(shared.folder, String(seed));
    const left = readdirSync(join(store, ".attempts"));
    if (left.length > 0) failures.push(`round ${seed} left ${left.join(" ")}`);
    if (Atomics.exchange(shared.counts, overlaps, 0) > 0) failures.push(`round ${seed}: two`);
    if (Atomics.exchange(shared.counts, held, 0) === 0) failures.push(`round ${seed}: none`);
    rmSync(store, { recursive: true });
  }
  const errors = join(shared.folder, "errors.txt");
  expect(existsSync(errors) ? readFileSync(errors, "utf8") : "").toBe("");
  expect(failures).toEqual([]);
}, 120_000);
