/** Why each value of a run is what it is, joined with what the schema says of it. */
import type { JsonObject, JsonValue } from "../core/json.ts";
import { formatPath, parsePath, startsWith, valueAt } from "../core/path.ts";
import { sealAmbient } from "../random/seal.ts";
import { explainValues, type Step as AssignmentStep, type ValueStory } from "../resolve/explain.ts";
import type { FieldInfo } from "../resolve/fields.ts";
import type { RecordedInput } from "../resolve/inputs.ts";
import { fieldAt, fieldsOf } from "./field-facts.ts";
import { aliasesOfPath, inspectExperiment, type InspectRequest } from "./inspect.ts";

/** One assignment of a path. */
export type Step = AssignmentStep;

/** One value, its story and its field. */
export interface ExplainedValue extends ValueStory {
  /** What the schema says of the path. */
  readonly field?: FieldInfo;
  readonly aliases: readonly string[];
  /** Environment variables and external values that were read for it. */
  readonly inputs: readonly ReadInput[];
  /** Where the path exists only under another `kind`: which, and the one that the config has. */
  readonly otherKind?: {
    readonly path: string;
    readonly kinds: readonly JsonValue[];
    readonly found: JsonValue;
  };
}

/** An input that was read for a value. */
export type ReadInput = RecordedInput;

export interface Explanation {
  readonly experiment: string;
  /** The run that is explained, from 1, and how many there are. */
  readonly run: number;
  readonly numRuns: number;
  readonly axisValues: JsonObject;
  /** Paths of the axes of the sweep. */
  readonly axes: readonly string[];
  /** Whether paths were asked for; else `values` holds every value of the config. */
  readonly isSelection: boolean;
  readonly values: readonly ExplainedValue[];
  readonly notes: readonly string[];
}

/**
 * Explains the values at the given paths, or all of them; of a sweep, those of one run, the first unless asked otherwise.
 * @throws {ExpError} as `inspectExperiment`.
 */
export async function explainExperiment(request: InspectRequest): Promise<Explanation> {
  const { resolution, view, paths, runs } = await inspectExperiment(request);
  const { projectDirectory, sources, task, aliases, experiment, axes, notes } = resolution;
  const [first] = runs;
  if (first === undefined) throw new RangeError("an experiment without runs");
  const { run, number } = first;
  const scope = { projectDirectory, sources, run, view, seal: sealAmbient };
  const stories = await explainValues(scope, paths);
  const fields = await fieldsOf({ task, projectDirectory, sources });
  return {
    experiment,
    run: number,
    numRuns: resolution.runs.length,
    axisValues: run.axisValues,
    axes,
    isSelection: paths.length > 0,
    values: stories.map((story) => ({
      ...story,
      ...fieldOfStory(story, fields, run.config),
      aliases: aliasesOfPath(story.path, aliases),
      inputs: resolution.inputs.filter(
        (input) => isAround(input.path, story.path) && isHeld(input, story),
      ),
    })),
    notes,
  };
}

/** Whether a value was written at a path or above it. */
function isAround(path: string, explained: string): boolean {
  return startsWith(parsePath(explained) ?? [], parsePath(path) ?? []);
}

/** An input that stands where nothing of it is left says nothing about the value. */
function isHeld({ kind, name }: RecordedInput, { inputsHeld }: ValueStory): boolean {
  return inputsHeld?.some((held) => held.kind === kind && held.name === name) === true;
}

function fieldOfStory(
  story: ValueStory,
  fields: readonly FieldInfo[],
  config: JsonObject,
): Pick<ExplainedValue, "field" | "otherKind"> {
  const field = fieldAt(fields, parsePath(story.path) ?? [], config);
  if (field === undefined) return {};
  const { onlyIn } = field;
  if (story.value !== undefined || onlyIn === undefined) return { field };
  const kindPath = parsePath(onlyIn.path) ?? [];
  const found = valueAt(config, kindPath) as JsonValue | undefined; // a path of JSON
  if (found === undefined || onlyIn.kinds.includes(found)) return { field };
  return { field, otherKind: { path: formatPath(kindPath), kinds: onlyIn.kinds, found } };
}
