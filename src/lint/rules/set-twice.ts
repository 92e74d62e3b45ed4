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
  check: (project) => project.experiments.flatMap((experiment) => checkChain(project, experiment)),
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

function checkChain(project: LintProject, experiment: EvaluatedExperiment): readonly Problem[] {
  return [...writersByPath(experiment)].flatMap(([text, writers]) => {
    const last = writers.at(-1);
    if (last === undefined || last.layer.file !== experiment.file) return [];
    const inCall = writers.filter(({ layer }) => callOf(layer) === callOf(last.layer));
    if (inCall.length > 1) return checkCall(project, experiment, inCall);
    const calls = new Set(writers.map(({ layer }) => callOf(layer)));
    if (calls.size <= project.limits.writes || experiment.isDiscriminator(last.path)) return [];
    const places = [...new Set(writers.map(({ layer }) => placeOf(layer)))].join(", ");
    const message = `${text} is set ${calls.size} times along the chain (${places}); at most ${project.limits.writes} times are meant to. Build on an earlier experiment, or leave it to the last one.`;
    return problemAt(project, last, message);
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
