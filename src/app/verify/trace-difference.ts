/**
 * Two rows of a trace: where they differ, and what of a training step is to blame. Blame goes in the order in which a step
 * happens: what comes later in a step differs because of what came earlier.
 */
import { canonicalJson } from "../../core/canonical-json.ts";
import type { JsonObject } from "../../core/json.ts";

/**
 * The parts of a training run, in the order of blame. `update or forward`: another loss, where the parameters that it was
 * computed from were not compared, so that the update of the step before may have made them others.
 */
export type Phase =
  | "data"
  | "order"
  | "initial parameters"
  | "forward"
  | "backward"
  | "update"
  | "evaluation"
  | "update or forward";

/** Where two executions went apart first. */
export interface Divergence {
  /** The optimizer step, from 1; 0 is what was there before the first. */
  readonly step: number;
  /** What differs: a field of the trace, `gradients`, `parameters`, `slots`, a metric, or a file of the run. */
  readonly field: string;
  /** What is to blame, where the field tells it. */
  readonly phase?: Phase;
  /** The first tensor that differs, where one is known. */
  readonly tensor?: string;
  /** The step at which the tensor was seen to differ: not before it were all tensors compared. */
  readonly tensorStep?: number;
  /** The value in the run, and the one that came out now, where they are short. */
  readonly values?: readonly [before: string, now: string];
}

/** Fields in the order in which a step computes them. */
const fields: readonly (readonly [name: string, phase: Phase])[] = [
  ["epoch", "order"],
  ["batch", "order"],
  ["loss", "forward"],
  ["gradientNorm", "backward"],
  ["learningRate", "update"],
];

/** The parts of a dense row by the beginnings of their names, in the order in which a step computes them. */
const tensorParts = [
  { field: "gradients", phase: "backward", has: (name: string) => name.startsWith("gradient/") },
  {
    field: "parameters",
    phase: "update",
    has: (name: string) => !name.includes("/") || name.startsWith("unaveraged/"),
  },
  {
    field: "slots",
    phase: "update",
    has: (name: string) => !name.startsWith("gradient/") && name.includes("/"),
  },
] as const;

/**
 * What differs between the headers of two traces: other tensors, or other first values.
 * @returns `undefined` where they agree, also where one of them does not tell its first values.
 */
export function headerDifference(before: JsonObject, now: JsonObject): Divergence | undefined {
  const [names, others] = [texts(before["tensors"]), texts(now["tensors"])];
  if (canonicalJson(names) !== canonicalJson(others)) {
    const tensor = names.find((name, index) => name !== others[index]) ?? others[names.length];
    return {
      step: 0,
      field: "tensors",
      phase: "initial parameters",
      ...(tensor !== undefined && { tensor }),
    };
  }
  const [first, other] = [texts(before["initial"]), texts(now["initial"])];
  if (first.length !== other.length) return undefined;
  const index = first.findIndex((checksum, position) => checksum !== other[position]);
  const tensor = names[index];
  if (tensor === undefined) return undefined;
  return { step: 0, field: "parameters", phase: "initial parameters", tensor, tensorStep: 0 };
}

/**
 * What differs first between the rows of one step.
 * @param names - Of the tensors, from the header.
 */
export function rowDifference(
  before: JsonObject,
  now: JsonObject,
  names: readonly string[],
): Divergence | undefined {
  const step = typeof before["step"] === "number" ? before["step"] : 0;
  const tensors = tensorDifferences(before, now, names);
  const [first] = tensors;
  const named = first === undefined ? {} : { tensor: first.tensor, tensorStep: step };
  const found = fieldDifferences(before, now)[0];
  if (found !== undefined && (first === undefined || isEarlier(found, first.phase))) {
    return { step, ...found, ...named };
  }
  return first && { step, field: first.field, phase: first.phase, ...named };
}

/**
 * What is to blame, without a guess: another loss is due to the forward pass only where the parameters before it agreed.
 * @param compared - The last step after which all parameters were seen to agree.
 */
export function withoutGuess(
  found: Divergence | undefined,
  compared: number,
): Divergence | undefined {
  if (found?.phase !== "forward" || found.step - 1 <= compared) return found;
  return { ...found, phase: "update or forward" };
}

const phases: readonly Phase[] = ["order", "forward", "backward", "update"];

/** Whether a field is computed before the tensors of a phase: the norm comes from the gradients, the update from the rate. */
function isEarlier({ field, phase }: Pick<Divergence, "field" | "phase">, of: Phase): boolean {
  if (phase === undefined || field === "learningRate")
    return phase === undefined || of === "update";
  return phases.indexOf(phase) < phases.indexOf(of);
}

function fieldDifferences(
  before: JsonObject,
  now: JsonObject,
): readonly Pick<Divergence, "field" | "phase" | "values">[] {
  const known = fields.map(([name]) => name);
  const others = [...new Set([...Object.keys(before), ...Object.keys(now)])]
    .filter((name) => !known.includes(name) && name !== "checksums")
    .toSorted();
  const phaseOf = new Map<string, Phase>(fields);
  return [...known, ...others].flatMap((field) => {
    const [was, is] = [JSON.stringify(before[field]), JSON.stringify(now[field])];
    if (was === is || canonicalText(before[field]) === canonicalText(now[field])) return [];
    const phase = phaseOf.get(field);
    const values = [was ?? "nothing", is ?? "nothing"] as const;
    const isShort = values.every((text) => text.length <= 80);
    return [{ field, ...(phase !== undefined && { phase }), ...(isShort && { values }) }];
  });
}

function canonicalText(value: unknown): string {
  return value === undefined ? "" : canonicalJson(value);
}

/** The tensors that differ, in the order in which a step computes them; none where a row is not dense. */
function tensorDifferences(
  before: JsonObject,
  now: JsonObject,
  names: readonly string[],
): readonly { readonly field: string; readonly phase: Phase; readonly tensor: string }[] {
  const [was, is] = [texts(before["checksums"]), texts(now["checksums"])];
  if (was.length === 0 || is.length === 0) return [];
  const differing = names.filter((_, index) => was[index] !== is[index]);
  return tensorParts.flatMap(({ field, phase, has }) =>
    differing.filter(has).map((tensor) => ({ field, phase, tensor })),
  );
}

/**
 * The first tensor that an update left otherwise, where both rows of a step tell all tensors. Of a step after the one that
 * is to blame the gradients differ only since the parameters do.
 * @param names - Of the tensors, from the header.
 */
export function updatedTensor(
  before: JsonObject,
  now: JsonObject,
  names: readonly string[],
): string | undefined {
  return tensorDifferences(before, now, names).find(({ phase }) => phase === "update")?.tensor;
}

/** Whether a row tells all tensors. */
export function isDenseRow(row: JsonObject): boolean {
  return texts(row["checksums"]).length > 0;
}

/** A list of texts; empty for anything else. */
export function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((one): one is string => typeof one === "string") : [];
}
