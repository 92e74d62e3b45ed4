/** A comparison as one document: what the sources say differently, and what experiments resolve to. */
import type { JsonObject, JsonValue } from "../core/json.ts";
import { formatPath } from "../core/path.ts";
import { isSameConfigs, type ConfigChange, type ConfigDiff } from "./configs.ts";
import type { SourceChange } from "./source/change.ts";
import type { DefinitionChange, SourceDiff } from "./source/diff-sources.ts";

/** One experiment of two sides. */
export interface ExperimentDiff {
  /** Its file relative to the project, or what was compared: `main:experiments/x.ts → experiments/x.ts`. */
  readonly name: string;
  readonly diff?: ConfigDiff;
  /** Why there is none: it cannot be resolved on one side. */
  readonly problem?: string;
  /** The same problem before and after: what changed shows in the sources alone. */
  readonly isOnBothSides?: true;
}

/** What a side is. */
export interface SideFacts {
  readonly kind: "experiment" | "run" | "config" | "plan" | "preset" | "revision" | "working tree";
  /** A file, the digits of a run, the experiment of a config, `model=bert-tiny`, a revision; empty for the working tree. */
  readonly name: string;
  /** Of an experiment that is not in the working tree: where it is. */
  readonly revision?: string;
  readonly runKey?: string;
  /** Of a run or a single config. */
  readonly configHash?: string;
}

export interface DiffReport {
  readonly before: string;
  readonly after: string;
  /** What was compared, where it was named on the command line. */
  readonly sides?: { readonly before: SideFacts; readonly after: SideFacts };
  /** Absent where a side has no source: a run, a plan. */
  readonly sources?: SourceDiff;
  /** Those that are on both sides and were resolved; absent without evaluation. */
  readonly experiments?: readonly ExperimentDiff[];
}

/** True where nothing that was compared differs. */
export function isSameReport({ sources, experiments }: DiffReport): boolean {
  const isSameSource = sources === undefined || sources.definitions.length === 0;
  return (
    isSameSource &&
    (experiments ?? []).every(({ diff, isOnBothSides }) =>
      diff === undefined ? isOnBothSides === true : isSameConfigs(diff),
    )
  );
}

/** Changes of values that are the same in several experiments, told once. */
export interface SharedChange {
  readonly change: ConfigChange;
  readonly experiments: readonly string[];
}

/** The changes of all experiments, those with the same path, values and origin together; the widest first. */
export function sharedChanges(experiments: readonly ExperimentDiff[]): readonly SharedChange[] {
  const found = new Map<string, { change: ConfigChange; experiments: string[] }>();
  for (const { name, diff } of experiments) {
    for (const change of diff?.changes ?? []) {
      const key = JSON.stringify(change);
      const known = found.get(key);
      if (known === undefined) found.set(key, { change, experiments: [name] });
      else known.experiments.push(name);
    }
  }
  return [...found.values()].toSorted((a, b) => b.experiments.length - a.experiments.length);
}

/** The document of `exp diff --json`, format `lockstep/diff/1`. */
export function reportDocument(report: DiffReport): JsonObject {
  const { before, after, sides, sources, experiments } = report;
  return {
    format: "lockstep/diff/1",
    before,
    after,
    isSame: isSameReport(report),
    ...(sides !== undefined && {
      sides: { before: { ...sides.before }, after: { ...sides.after } },
    }),
    ...(sources !== undefined && { sources: sourceDocument(sources) }),
    ...(experiments !== undefined && { experiments: experiments.map(experimentDocument) }),
  };
}

function sourceDocument({ definitions, experiments }: SourceDiff): JsonObject {
  return {
    definitions: definitions.map(definitionDocument),
    experiments: {
      count: experiments.count,
      added: experiments.added,
      removed: experiments.removed,
    },
  };
}

function definitionDocument(definition: DefinitionChange): JsonObject {
  const { name, status, formerName, at, changes, reaches } = definition;
  return {
    name,
    status,
    ...(formerName !== undefined && { formerName }),
    at: { file: at.file, line: at.line },
    changes: changes.map(sourceChangeDocument),
    reaches,
  };
}

function sourceChangeDocument({ path, thing, before, after, unknown }: SourceChange): JsonObject {
  const written = ({ text, at }: NonNullable<SourceChange["before"]>): JsonObject => ({
    text,
    file: at.file,
    line: at.line,
  });
  return {
    path: formatPath(path),
    thing,
    ...(before !== undefined && { before: written(before) }),
    ...(after !== undefined && { after: written(after) }),
    ...(unknown !== undefined && { unknown }),
  };
}

function experimentDocument({ name, diff, ...rest }: ExperimentDiff): JsonObject {
  if (diff === undefined)
    return { name, problem: rest.problem ?? "", isOnBothSides: rest.isOnBothSides === true };
  const { numRuns, axes, changes, numCompared } = diff;
  return {
    name,
    numRuns: { before: numRuns.before, after: numRuns.after },
    numCompared,
    axes: axes.map((axis) => ({
      name: axis.name,
      ...(axis.before !== undefined && { before: axis.before }),
      ...(axis.after !== undefined && { after: axis.after }),
      ...(axis.instead !== undefined && { instead: axis.instead }),
    })),
    changes: changes.map(changeDocument),
  };
}

function changeDocument({ operation, class: kind, origin, numRuns }: ConfigChange): JsonObject {
  const { path, item, ...rest } = operation;
  return {
    ...(rest as Readonly<Record<string, JsonValue>>),
    path,
    text: formatPath(path),
    ...(item !== undefined && { item: { field: item.field, name: item.name } }),
    class: kind,
    ...(origin !== undefined && { origin }),
    ...(numRuns !== undefined && { numRuns }),
  };
}
