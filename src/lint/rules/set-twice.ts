/** `set-twice`. */
import { formatPath, type Path } from "../../core/path.ts";
import type { EvaluatedExperiment, EvaluatedLayer } from "../evaluated.ts";
import type { LintProject, Problem, Rule } from "../rule.ts";
import { removal, writtenAt } from "../written.ts";

/** Paths that are set again and again along a chain. */
export const setTwice: Rule = {
  id: "set-twice",
  reason:
    "A value that one call writes two times, or that is overridden over and over, has to be looked up through the whole chain.",
  bad: "extend(baseline, { seed: 1 }, { seed: 2 })",
  good: "extend(baseline, { seed: 2 })",
  hasFix: true,
  needsEvaluation: true,
  check: (project) => [
    ...project.experiments.flatMap((experiment) => checkCalls(project, experiment)),
    ...longChains(project).flatMap((chain) => checkLongChain(project, chain)),
  ],
};

interface Writer {
  readonly index: number;
  readonly layer: EvaluatedLayer;
  readonly path: Path;
}

/** Presets and fragments are meant to be written over, and are not counted. */
function writersByPath({ layers }: EvaluatedExperiment): ReadonlyMap<string, readonly Writer[]> {
  const writers = new Map<string, Writer[]>();
  layers.forEach((layer, index) => {
    if (!layer.isLiteral) return;
    for (const { path } of layer.writes) {
      const text = formatPath(path);
      const known = writers.get(text);
      if (known === undefined) writers.set(text, [{ index, layer, path }]);
      else known.push({ index, layer, path });
    }
  });
  return writers;
}

/** Calls along which a path is written too often: it is told once, where it begins to be. */
interface LongChain {
  readonly path: string;
  /** The writer that is one too many. */
  readonly at: Writer;
  /** Up to that one, by their places. */
  readonly places: readonly string[];
  /** Whose chain this is, or begins like it. */
  readonly experiments: Set<string>;
}

function longChains({ experiments, linted, limits }: LintProject): readonly LongChain[] {
  const found = new Map<string, LongChain>();
  const own = new Set(linted.map(({ file }) => file));
  for (const experiment of experiments) {
    for (const [path, writers] of writersByPath(experiment)) {
      const calls = [...new Map(writers.map((writer) => [callOf(writer.layer), writer])).values()];
      const index = calls.findIndex(
        ({ layer }, place) => place >= limits.writes && own.has(layer.file),
      );
      const at = calls[index];
      if (at === undefined || experiment.isDiscriminator(at.path)) continue;
      const counted = calls.slice(0, index + 1);
      const key = JSON.stringify([path, ...counted.map(({ layer }) => callOf(layer))]);
      const places = counted.map(({ layer }) => placeOf(layer));
      const known = found.get(key) ?? { path, at, places, experiments: new Set() };
      known.experiments.add(experiment.file);
      found.set(key, known);
    }
  }
  return [...found.values()];
}

function checkLongChain(project: LintProject, chain: LongChain): readonly Problem[] {
  const { path, at, places, experiments } = chain;
  const { writes } = project.limits;
  const reached = experiments.size === 1 ? "" : `, which ${experiments.size} experiments build on`;
  const message = `${path} is set ${places.length} times along the chain (${[...new Set(places)].join(", ")})${reached}; at most ${writes} times are meant to. Build on an earlier experiment, or leave it to the last one.`;
  return problemAt(project, at, message);
}

function checkCalls(project: LintProject, experiment: EvaluatedExperiment): readonly Problem[] {
  return [...writersByPath(experiment).values()].flatMap((writers) => {
    const last = writers.at(-1);
    if (last === undefined || last.layer.file !== experiment.file) return [];
    const inCall = writers.filter(({ layer }) => callOf(layer) === callOf(last.layer));
    return inCall.length > 1 ? checkCall(project, experiment, inCall) : [];
  });
}

/** The earlier ones of a call that change nothing. */
function checkCall(
  project: LintProject,
  experiment: EvaluatedExperiment,
  writers: readonly Writer[],
): readonly Problem[] {
  return writers.slice(0, -1).flatMap((writer) => {
    if (!experiment.isSameWithout(writer.index, writer.path)) return [];
    const message = `${formatPath(writer.path)} is set again further on in the same call, so this one has no effect. Take it out.`;
    return problemAt(project, writer, message, true);
  });
}

function problemAt(
  { modules }: LintProject,
  { layer, path }: Writer,
  ...[message, isRemovable = false]: readonly [string, boolean?]
): readonly Problem[] {
  const at = writtenAt(modules, layer, path);
  if (at === undefined) return [];
  const { module, node, property } = at;
  const edits = isRemovable && property !== undefined ? [removal(module, property)] : undefined;
  return [{ module, node, message, ...(edits && { edits }) }];
}

function callOf({ data: { call } }: EvaluatedLayer): string {
  return `${call.file}:${call.line}:${call.column}`;
}

function placeOf({ file, data }: EvaluatedLayer): string {
  return `${file}:${data.call.line}`;
}
