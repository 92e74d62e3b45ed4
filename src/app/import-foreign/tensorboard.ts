/** Runs of TensorBoard: every folder that holds event files is one. */
import { basename, relative, sep } from "node:path";
import { ExpError } from "../../core/errors.ts";
import type { JsonValue } from "../../core/json.ts";
import type { ForeignRow } from "../../store/foreign-runs.ts";
import { eventRecords } from "./event-records.ts";
import { createFigureLimit, isoTime, type FoundRun, type FoundRuns } from "./found-runs.ts";
import { filesBelow, readLimited } from "./regular-files.ts";
import { readEvent, type RunEvent } from "./tensorboard-events.ts";
import { nestedConfig } from "./text-values.ts";

/** Larger files hold pictures and graphs rather than scalars. */
const maxFileBytes = 512_000_000;
const maxFiles = 20_000;

/** What is told how many more figures there are, and throws where there are too many. */
type Count = (numMore: number) => void;

/**
 * The runs at and below a folder. Links are not followed.
 * @param folder - Absolute.
 * @throws {ExpError} `data` where no event file is found, or too many, or more figures than fit into memory.
 */
export function readTensorboardRuns(
  folder: string,
  count: Count = createFigureLimit("Import its folders one by one."),
): FoundRuns {
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
    const run = begin();
    for (const path of paths) addFile(run, path, { warnings, count });
    if (run.numEvents > 0) return [finish(run, id, basename(folder))];
    warnings.push(`${directory}: none of its events can be read; it is left out.`);
    return [];
  });
  return { runs, warnings };
}

function addFile(
  run: Building,
  path: string,
  { warnings, count }: { readonly warnings: string[]; readonly count: Count },
): void {
  const content = readLimited(path, maxFileBytes);
  if (typeof content === "string") {
    warnings.push(content);
    return;
  }
  const plugins = new Map<string, string>();
  const problems = eventRecords(content, (record) => {
    const event = readEvent(record, plugins);
    if (event === undefined) return;
    count(event.scalars.size + event.settings.size);
    addEvent(run, event);
  });
  warnings.push(...problems.map((problem) => `${path}: ${problem}`));
}

/** A run whose events are read one after the other, and kept nowhere else. */
interface Building {
  readonly steps: Map<number, Map<string, number>>;
  readonly results: Map<string, number>;
  readonly settings: Map<string, JsonValue>;
  status: string | undefined;
  numEvents: number;
  /** Of its events, in milliseconds since 1970. */
  firstMs: number;
  lastMs: number;
}

function begin(): Building {
  return {
    steps: new Map(),
    results: new Map(),
    settings: new Map(),
    status: undefined,
    numEvents: 0,
    firstMs: Infinity,
    lastMs: -Infinity,
  };
}

function addEvent(run: Building, event: RunEvent): void {
  const { steps, results, settings } = run;
  run.numEvents++;
  run.status = event.status ?? run.status;
  if (isoTime(event.timeMs) !== undefined) {
    // Several writers of one run: the first and the last event need not be the earliest and the latest.
    run.firstMs = Math.min(run.firstMs, event.timeMs);
    run.lastMs = Math.max(run.lastMs, event.timeMs);
  }
  for (const [name, value] of event.settings) settings.set(name, value);
  if (event.scalars.size === 0) return;
  const row = steps.get(event.step) ?? new Map<string, number>();
  for (const [tag, value] of event.scalars) {
    row.set(tag, value);
    results.set(tag, value);
  }
  steps.set(event.step, row);
}

function finish(run: Building, id: string, experiment: string): FoundRun {
  const { status, settings, steps, results } = run;
  const [started, ended] = [isoTime(run.firstMs), isoTime(run.lastMs)];
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
