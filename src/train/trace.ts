/**
 * The rows of `logs/trace.jsonl`, format `lockstep/trace/2`: what happened at each step, in a form that two runs can be
 * compared by. Numbers are float64 in hex, because the claim is equal bits. Checksums of all tensors are taken only in
 * dense rows: a divergence is dated by step and field at once, and by tensor at the next dense row.
 */
import { checksums } from "../backend/checksums.ts";
import { sha256 } from "../core/hash.ts";
import type { JsonObject } from "../core/json.ts";
import { float64Digits } from "../core/number-text.ts";
import type { HostTensors } from "../core/run-events.ts";
import type { Examples } from "../data/dataset.ts";

/** Steps between dense rows, beside the first two: step 1 shows a wrong start, step 2 a wrong update. */
const denseInterval = 50;

/** What a row says of a step. */
export interface TracedStep {
  readonly facts: {
    /** From 1. */
    readonly step: number;
    /** From 1. */
    readonly epoch: number;
    readonly learningRate: number;
    /** Mean loss over the whole batch, in nats. */
    readonly loss: number;
    /** Global L2 norm of the gradients before clipping. */
    readonly gradientNorm: number;
  };
  /** Indices of the examples of the whole batch, in the order in which the step saw them. */
  readonly examples: readonly number[];
  /** Of a dense row: from `tensorChecksums`, in the order of the header's `tensors`. */
  readonly checksums: readonly string[] | undefined;
}

/**
 * Names in the order of dense rows: parameters, the gradients of those that are trained, then optimizer slots; and what the
 * parameters are before the first step, so that a wrong start is told from a wrong first pass.
 */
export function traceHeader(
  parameters: HostTensors,
  trainedNames: readonly string[],
  slotNames: readonly string[],
): JsonObject {
  const gradients = trainedNames.map((name) => `gradient/${name}`);
  return {
    format: "lockstep/trace/2",
    tensors: [...parameters.keys(), ...gradients, ...slotNames],
    initial: tensorChecksums(parameters),
  };
}

/** Whether the row of a step holds checksums. */
export function isDenseStep(step: number): boolean {
  return step === 1 || step === 2 || step % denseInterval === 0;
}

/** Digits of a number, and of the three of a row. */
const [numberDigits, rowDigits] = [16, 48];

/**
 * The rows of steps as they are written: lines of canonical JSON, each with its newline. Dense ones where a step has
 * checksums. No objects are made for `JSON.stringify`: in a run of some seconds none of this has been compiled.
 * @param part - What the steps' examples are of.
 */
export function traceText(
  steps: readonly TracedStep[],
  part: Pick<Examples, "digest" | "labels">,
): string {
  const numbers: number[] = [];
  for (const { facts } of steps) numbers.push(facts.gradientNorm, facts.learningRate, facts.loss);
  const digits = float64Digits(numbers);
  let text = "";
  let at = 0;
  for (const { facts, examples, checksums } of steps) {
    const [rateAt, lossAt] = [at + numberDigits, at + 2 * numberDigits];
    const dense = checksums === undefined ? "" : `"checksums":${JSON.stringify(checksums)},`;
    text +=
      `{"batch":"${batchDigest(examples, part)}",${dense}"epoch":${facts.epoch},` +
      `"gradientNorm":"${digits.slice(at, rateAt)}","learningRate":"${digits.slice(rateAt, lossAt)}",` +
      `"loss":"${digits.slice(lossAt, at + rowDigits)}","step":${facts.step}}\n`;
    at += rowDigits;
  }
  return text;
}

/** The checksums of all tensors of these maps, in their order. */
export function tensorChecksums(...maps: readonly HostTensors[]): readonly string[] {
  return checksums(maps.flatMap((tensors) => Array.from(tensors.values(), ({ values }) => values)));
}

/** Ends of lines of `batchDigest`, by the label and one more. */
const lineEnds: string[] = [];

/**
 * SHA-256 over a batch's examples, one line each, in the order in which the step sees them: the digest of its content, and
 * the index of its class (-1 where it has none), which that leaves out.
 * @param part - What they are examples of.
 */
export function batchDigest(
  examples: readonly number[],
  part: Pick<Examples, "digest" | "labels">,
): string {
  const { labels } = part;
  let lines = ""; // a list of lines and its joining would take half as long as the digest
  for (const index of examples) {
    const label = labels[index] ?? -1;
    lines += part.digest(index);
    lines += lineEnds[label + 1] ??= ` ${label}\n`;
  }
  return sha256(lines);
}
