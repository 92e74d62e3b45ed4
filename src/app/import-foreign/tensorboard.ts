/** Runs of TensorBoard: every folder that holds event files is one. */
import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { basename, join, relative, sep } from "node:path";
import { ExpError } from "../../core/errors.ts";
import type { JsonValue } from "../../core/json.ts";
import type { ForeignRow } from "../../store/foreign-runs.ts";
import type { FoundRun, FoundRuns } from "./csv.ts";
import { eventRecords } from "./event-records.ts";
import { readEvent, type RunEvent } from "./tensorboard-events.ts";
import { nestedConfig } from "./text-values.ts";

/** Larger files hold pictures and graphs rather than scalars. */
const maxFileBytes = 512_000_000;
const maxFiles = 20_000;
const maxDepth = 30;

/**
 * The runs at and below a folder. Links are not followed.
 * @param folder - Absolute.
 * @throws {ExpError} `data` where no event file is found, or too many.
 */
export function readTensorboardRuns(folder: string): FoundRuns {
  const files = eventFiles(folder, 0);
  const numFiles = files.length;
  if (numFiles === 0 || numFiles > maxFiles) {
    const what = numFiles === 0 ? "no event file" : `${numFiles} event files`;
    throw new ExpError("data", `${folder} holds ${what}; expected 1 to ${maxFiles}.`, {
      hint: "Their names hold tfevents; links are not followed.",
    });
  }
  const warnings: string[] = [];
  const folders = new Set(files.map(({ directory }) => directory));
  const byFolder = new Map([...folders].map((directory) => [directory, [] as string[]]));
  for (const { directory, path } of files) byFolder.get(directory)?.push(path);
  const runs = [...byFolder].map(([directory, paths]) => {
    const id = relative(folder, directory).split(sep).join("/") || ".";
    const events = paths.flatMap((path) => eventsOf(path, warnings));
    return runOf(id, basename(folder), events);
  });
  return { runs, warnings };
}

interface EventFile {
  readonly directory: string;
  readonly path: string;
}

/** Names begin with the time of their making, so that their order is that of their events. */
function eventFiles(directory: string, depth: number): readonly EventFile[] {
  if (depth > maxDepth) return [];
  const entries = readdirSync(directory, { withFileTypes: true }).toSorted((a, b) =>
    a.name < b.name ? -1 : 1,
  );
  return entries.flatMap((entry) => {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) return eventFiles(path, depth + 1);
    return entry.isFile() && entry.name.includes("tfevents") ? [{ directory, path }] : [];
  });
}

function eventsOf(path: string, warnings: string[]): readonly RunEvent[] {
  const { size } = lstatSync(path);
  if (size > maxFileBytes) {
    warnings.push(`${path} has ${size} bytes and is left out; at most ${maxFileBytes} are read`);
    return [];
  }
  const { records, problems } = eventRecords(readFileSync(path));
  warnings.push(...problems.map((problem) => `${path}: ${problem}`));
  const plugins = new Map<string, string>();
  return records.flatMap((record) => readEvent(record, plugins) ?? []);
}

function runOf(id: string, experiment: string, events: readonly RunEvent[]): FoundRun {
  const steps = new Map<number, Map<string, number>>();
  const results = new Map<string, number>();
  const settings = new Map<string, JsonValue>();
  let status: string | undefined;
  for (const event of events) {
    for (const [name, value] of event.settings) settings.set(name, value);
    status = event.status ?? status;
    if (event.scalars.size === 0) continue;
    const row = steps.get(event.step) ?? new Map<string, number>();
    for (const [tag, value] of event.scalars) {
      row.set(tag, value);
      results.set(tag, value);
    }
    steps.set(event.step, row);
  }
  const times = events.flatMap(({ timeMs }) => (isTime(timeMs) ? [timeMs] : []));
  const [started, ended] = [times[0], times.at(-1)];
  return {
    id,
    experiment,
    ...(status !== undefined && { status }),
    ...(started !== undefined && { started: new Date(started).toISOString() }),
    ...(ended !== undefined && { ended: new Date(ended).toISOString() }),
    tags: [],
    config: nestedConfig(settings),
    rows: [...steps]
      .toSorted(([a], [b]) => a - b)
      .map(([step, values]): ForeignRow => ({ step, values })),
    results,
  };
}

/** What `Date` can hold, after 1970. */
function isTime(timeMs: number): boolean {
  return timeMs > 0 && timeMs < 8.64e15;
}
