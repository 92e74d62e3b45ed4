/** What a model's forward pass gave, looked at before a loss is computed from it: a user wrote it. */
import type { Tensor } from "../backend/tensor.ts";
import { ExpError } from "../core/errors.ts";

export interface ExpectedLogits {
  /** Of the model. */
  readonly kind: string;
  /** [rows, classes] */
  readonly shape: readonly [rows: number, classes: number];
  /** What these sizes are, as in "examples × classes". */
  readonly what: string;
}

/**
 * The logits that a forward pass gave.
 * @param given - Its value, which a model in JavaScript, or one cast to `Model`, may have made anything.
 * @throws {ExpError} `training`, naming the model, what it gave and what is expected.
 */
export function checkedLogits(given: unknown, { kind, shape, what }: ExpectedLogits): Tensor {
  const expected = `[${shape.join(", ")}]`;
  const refused = unusable(given);
  if (refused !== undefined) {
    throw new ExpError(
      "training",
      `Model ${kind} gave ${refused}; its forward must return a tensor of logits, ${expected}.`,
    );
  }
  const logits = given as Tensor; // `unusable` has looked
  if (logits.shape.join() !== shape.join()) {
    throw new ExpError(
      "training",
      `Model ${kind} gave logits of shape [${logits.shape.join(", ")}]; ` +
        `expected ${expected}, that is ${what}.`,
    );
  }
  if (logits.dtype === "float32") return logits;
  throw new ExpError("training", `Model ${kind} gave logits of ${logits.dtype}; expected float32.`);
}

/** What it is instead of a tensor with values; undefined for such a one. */
function unusable(given: unknown): string | undefined {
  if (given === undefined || given === null) return "nothing";
  if (Array.isArray(given)) return "an array";
  if (typeof given !== "object") return `a ${typeof given}`;
  if ("then" in given) {
    // It is refused now; that it may fail later is nobody's concern any more.
    Promise.resolve(given).catch(() => undefined);
    return "a promise";
  }
  if (!("shape" in given && "dataId" in given && "isDisposed" in given)) return "an object";
  return given.isDisposed === true ? "a tensor that is disposed" : undefined;
}
