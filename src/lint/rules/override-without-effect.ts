/** `override-without-effect`. */
import { formatPath, type Path } from "../../core/path.ts";
import type { EvaluatedExperiment, EvaluatedLayer, Write } from "../evaluated.ts";
import type { LintProject, Problem, Rule } from "../rule.ts";
import { removal, writtenAt } from "../written.ts";

/** Values that are written over an equal one. */
export const overrideWithoutEffect: Rule = {
  id: "override-without-effect",
  reason:
    "A value that equals the inherited one looks like a decision, and keeps the old value when the parent is improved.",
  bad: "extend(baseline, { optimizer: { learningRate: 5e-4 } }) where the baseline says 5e-4",
  good: "extend(baseline, { training: { numEpochs: 5 } })",
  hasFix: true,
  needsEvaluation: true,
  check: (project) =>
    project.experiments.flatMap((experiment) =>
      experiment.layers.flatMap((layer, index) =>
        checkLayer(project, experiment, { ...layer, index }),
      ),
    ),
};

/** A layer with its place in the chain. */
export interface PlacedLayer extends EvaluatedLayer {
  readonly index: number;
}

function checkLayer(
  project: LintProject,
  experiment: EvaluatedExperiment,
  layer: PlacedLayer,
): readonly Problem[] {
  if (!layer.isLiteral || layer.file !== experiment.file) return [];
  return layer.writes.flatMap((write) => {
    const earlier = lastWriter(experiment, layer.index, write.path);
    if (earlier === undefined || !isEqual(earlier.write, write)) return [];
    if (isNeededKind(experiment, layer, write.path)) return [];
    if (!experiment.isSameWithout(layer.index, write.path)) return [];
    return describe(project, { layer, write, earlier: earlier.layer });
  });
}

function isEqual(one: Write, other: Write): boolean {
  return one.isPlain && other.isPlain && one.text === other.text;
}

function lastWriter(
  { layers }: EvaluatedExperiment,
  index: number,
  path: Path,
): { readonly layer: EvaluatedLayer; readonly write: Write } | undefined {
  const text = formatPath(path);
  for (const layer of layers.slice(0, index).toReversed()) {
    const write = layer.writes.findLast((one) => formatPath(one.path) === text);
    if (write !== undefined) return { layer, write };
  }
  return undefined;
}

/** A patch that names the `kind` is typed by that member: it may have to, also where the kind stays. */
function isNeededKind(
  { isDiscriminator }: EvaluatedExperiment,
  { writes }: EvaluatedLayer,
  path: Path,
): boolean {
  const holder = `${formatPath(path.slice(0, -1))}.`;
  const numBeside = writes.filter((one) => formatPath(one.path).startsWith(holder)).length;
  return isDiscriminator(path) && numBeside > 1;
}

interface Found {
  readonly layer: EvaluatedLayer;
  readonly write: Write;
  readonly earlier: EvaluatedLayer;
}

function describe({ modules }: LintProject, { layer, write, earlier }: Found): readonly Problem[] {
  const at = writtenAt(modules, layer, write.path);
  if (at === undefined) return [];
  const { module, node, property } = at;
  const place = `${earlier.file}:${String(earlier.data.call.line)}`;
  const message = `${formatPath(write.path)} is ${write.text} already, from the ${earlier.data.label} in ${place}. Take it out.`;
  return [{ module, node, message, ...(property && { edits: [removal(module, property)] }) }];
}
