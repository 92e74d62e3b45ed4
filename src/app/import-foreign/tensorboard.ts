/** Runs of TensorBoard: every folder that holds event files is one. */
import { basename, relative, sep } from "node:path";
import { ExpError } from "../../core/errors.ts";
import type { JsonValue } from "../../core/json.ts";
import type { ForeignRow } from "../../store/foreign-runs.ts";
import { eventRecords } from "./event-records.ts";
import { isoTime, type FoundRun, type FoundRuns } from "./found-runs.ts";
import { filesBelow, readLimited } from "./regular-files.ts";
import { readEvent, type RunEvent } from "./tensorboard-events.ts";
import { nestedConfig } from "./text-values.ts";

/** Larger files hold pictures and graphs rather than scalars. */
const maxFileBytes = 512_000_000;
const maxFiles = 20_000;

/**
 * The runs at and below a folder. Links are not followed.
 * @param folder - Absolute.
 * @throws {ExpError} `data` where no event file is found, or too many.
 */
export function readTensorboardRuns(folder: string): FoundRuns {
  // Names begin with the time of their making, so that their order is that of their events.
  const files = filesBelow(folder, (name) => name.includes("tfevents"));
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
  const runs = [...byFolder].flatMap(([directory, paths]) => {
    const id = relative(folder, directory).split(sep).join("/") || ".";
    const events = paths.flatMap((path) => eventsOf(path, warnings));
    if (events.length > 0) return [runOf(id, basename(folder), events)];
    warnings.push(`${directory}: none of its events can be read; it is left out.`);
    return [];
  });
  return { runs, warnings };
}

function eventsOf(path: string, warnings: string[]): readonly RunEvent[] {
  const content = readLimited(path, maxFileBytes);
  if (typeof content === "string") {
    warnings.push(content);
    return [];
  }
  const { records, problems } = eventRecords(content);
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
  // Several writers of one run: the first and the last event need not be the earliest and the latest.
  const times = events.flatMap(({ timeMs }) => isoTime(timeMs) ?? []).toSorted();
  const [started, ended] = [times[0], times.at(-1)];
  return {
    id,
    experiment,
    ...(status !== undefined && { status }),
    ...(started !== undefined && { started }),
    ...(ended !== undefined && { ended }),
    tags: [],
    config: nestedConfig(settings),
    rows: [...steps]
      .toSorted(([a], [b]) => a - b)
      .map(([step, values]): ForeignRow => ({ step, values })),
    results,
  };
}
