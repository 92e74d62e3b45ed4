/** A hook that samples what a run takes of the machine: processor time and memory, a line of JSON a sample. */
import { appendFileSync, mkdirSync } from "node:fs";
import { availableParallelism, freemem, loadavg } from "node:os";
import { join } from "node:path";
import type { HookRun, OnEvent } from "lockstep";

/** Where to and how often. */
export interface SystemMetricsOptions {
  /** One file a run, `<first 16 digits of its key>.jsonl`. Default: `system-metrics`, in the working directory. */
  readonly folder?: string;
  /** Between two samples, in milliseconds. Default: 1,000. */
  readonly intervalMs?: number;
}

interface Sampler {
  /** Takes a sample if it is time for one. */
  tick(step: number): void;
  end(): void;
}

const ends: ReadonlySet<string> = new Set(["finished", "failed", "stopped"]);

/** The hook: `export const onEvent = systemMetrics()`. It samples between steps and, in long ones, when the run lets it. */
export function systemMetrics(options: SystemMetricsOptions = {}): OnEvent {
  const samplers = new Map<string, Sampler>();
  return (event, run) => {
    if (event.kind === "started") samplers.set(run.runKey, createSampler(run, options));
    const sampler = samplers.get(run.runKey);
    if (event.kind === "progress") sampler?.tick(event.step);
    if (!ends.has(event.kind)) return;
    sampler?.end();
    samplers.delete(run.runKey);
  };
}

function createSampler(
  { runKey }: HookRun,
  { folder = "system-metrics", intervalMs = 1_000 }: SystemMetricsOptions,
): Sampler {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${runKey.slice(0, 16)}.jsonl`);
  const startedAt = performance.now();
  let last = { at: startedAt, cpu: process.cpuUsage() };
  let lastStep = 0;
  const sample = (): void => {
    const now = { at: performance.now(), cpu: process.cpuUsage() };
    const row = rowOf(last, now);
    last = now;
    const seconds = (now.at - startedAt) / 1_000;
    appendFileSync(path, `${JSON.stringify({ seconds, step: lastStep, ...row })}\n`);
  };
  const timer = setInterval(sample, intervalMs).unref();
  return {
    tick: (step) => {
      lastStep = step;
      if (performance.now() - last.at >= intervalMs) sample();
    },
    end: () => {
      clearInterval(timer);
      sample();
    },
  };
}

interface Reading {
  /** Milliseconds. */
  readonly at: number;
  /** Microseconds since the process began. */
  readonly cpu: NodeJS.CpuUsage;
}

function rowOf(before: Reading, now: Reading): Readonly<Record<string, number>> {
  const busyMs = (now.cpu.user + now.cpu.system - before.cpu.user - before.cpu.system) / 1_000;
  const elapsedMs = Math.max(now.at - before.at, 1e-3);
  return {
    /** 1 is one core, all the time. */
    cores: busyMs / elapsedMs,
    numCores: availableParallelism(),
    /** Of the last minute, of all that the machine does. */
    load: loadavg()[0] ?? 0,
    residentMebibytes: process.memoryUsage.rss() / 2 ** 20,
    freeMebibytes: freemem() / 2 ** 20,
  };
}
