/**
 * The local pool: so many workers, each a process of its own, that take jobs in order until none is left. A worker that
 * dies costs the job it was at and nothing else.
 */
import type { Message } from "./protocol.ts";
import { startLink, type JobEnd, type LinkOptions, type WorkerLink } from "./worker-link.ts";

/** What became of a job: `held` was never started, because of a stop. */
export type PoolEnd = JobEnd | { readonly kind: "held" };

export interface PoolRequest extends Pick<LinkOptions, "start" | "setting" | "onEvent" | "onLine"> {
  readonly numJobs: number;
  /** At least 1; more than there are jobs are not started. */
  readonly numWorkers: number;
  /** What one worker does before any job starts. `onEnd` throws where no job is to start. */
  readonly first?: { readonly job: Message; readonly onEnd: (end: JobEnd) => void };
  /** The message of a job, asked for when a worker is free. */
  readonly jobOf: (index: number) => Promise<Message>;
  /** Aborted when no job is to start any more and those that are on should end early. */
  readonly signal: AbortSignal;
  /** Called as each job ends, in that order; true when no other job is to start. */
  readonly onJobEnd: (index: number, end: PoolEnd) => boolean;
}

interface Pool {
  readonly request: PoolRequest;
  readonly links: Set<WorkerLink>;
  numTaken: number;
  isStopped: boolean;
}

/**
 * Runs all jobs and tells what became of each.
 * @throws {ExpError} when a worker cannot begin at all; by then all others have ended.
 */
export async function runPool(request: PoolRequest): Promise<void> {
  const pool: Pool = { request, links: new Set(), numTaken: 0, isStopped: false };
  const onAbort = (): void => stop(pool);
  if (request.signal.aborted) stop(pool);
  request.signal.addEventListener("abort", onAbort);
  try {
    await runLanes(pool, await runFirst(pool));
  } finally {
    request.signal.removeEventListener("abort", onAbort);
  }
  for (let index = pool.numTaken; index < request.numJobs; index++) {
    request.onJobEnd(index, { kind: "held" });
  }
}

/** No job has this number. */
const firstIndex = -1;

/** The worker that did the first job goes on with the others. */
async function runFirst(pool: Pool): Promise<WorkerLink | undefined> {
  const { first, numJobs } = pool.request;
  if (first === undefined || numJobs === 0 || pool.isStopped) return undefined;
  const link = await beginLink(pool);
  try {
    first.onEnd(await link.execute(firstIndex, first.job));
    return link;
  } catch (error) {
    await link.end();
    forget(pool, link);
    throw error;
  }
}

async function runLanes(pool: Pool, begun: WorkerLink | undefined): Promise<void> {
  const { numWorkers, numJobs } = pool.request;
  const lanes = Array.from({ length: Math.min(numWorkers, numJobs) }, (_, lane) =>
    runLane(pool, lane === 0 ? begun : undefined).catch((error: unknown) => {
      stop(pool);
      throw error;
    }),
  );
  const settled = await Promise.allSettled(lanes);
  for (const lane of settled) if (lane.status === "rejected") throw lane.reason;
}

function stop(pool: Pool): void {
  pool.isStopped = true;
  for (const link of pool.links) link.stop();
}

/** One worker after the other, mostly one for all. */
async function runLane(pool: Pool, begun: WorkerLink | undefined): Promise<void> {
  let link = begun;
  try {
    while (!pool.isStopped && pool.numTaken < pool.request.numJobs) {
      const index = pool.numTaken++;
      const job = await pool.request.jobOf(index);
      link ??= await beginLink(pool);
      const end = pool.isStopped ? ({ kind: "held" } as const) : await link.execute(index, job);
      if (end.kind === "lost") link = forget(pool, link);
      if (pool.request.onJobEnd(index, end)) pool.isStopped = true;
    }
  } finally {
    if (link !== undefined) {
      await link.end();
      forget(pool, link);
    }
  }
}

async function beginLink(pool: Pool): Promise<WorkerLink> {
  const { start, setting, onEvent, onLine } = pool.request;
  const link = startLink({
    start,
    setting,
    onEvent: (index, event) => {
      if (index !== firstIndex) onEvent(index, event);
    },
    onLine: (line, index) => onLine(line, index === firstIndex ? undefined : index),
  });
  pool.links.add(link);
  try {
    await link.ready;
    return link;
  } catch (error) {
    await link.end();
    forget(pool, link);
    throw error;
  }
}

function forget(pool: Pool, link: WorkerLink): undefined {
  pool.links.delete(link);
}
