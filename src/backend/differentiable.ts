/** Operations with a gradient written by hand: the only way in which the operations of this folder are differentiated. */
import { customGrad, engine, tidy } from "@tensorflow/tfjs-core";
import type { GradSaveFunc } from "@tensorflow/tfjs-core";
import { InternalError } from "../core/errors.ts";
import { refusedAgain } from "./nested-gradients.ts";
import type { Tensor } from "./tensor.ts";

type Kept = Readonly<Record<string, Tensor>>;

export interface Differentiated<Names extends Kept> {
  readonly value: Tensor;
  /** What the gradient needs: kept until the backward pass is over, and handed to it. Nothing else survives. */
  readonly kept: Names;
  /** Names of what is kept and depends on no input, such as a mask. */
  readonly constants?: readonly (keyof Names & string)[];
  /**
   * The gradient of each input, in the order of the inputs, from that of the value. It may give one tensor several times,
   * `outputGradient` itself, or a kept one.
   */
  readonly gradient: (outputGradient: Tensor, kept: Names) => readonly Tensor[];
}

/**
 * Runs `forward` and remembers how to go back. Inputs that are not listed get no gradient and cost none.
 * @param inputs - Tensors that `forward` computes with and that may need a gradient.
 * @throws {ExpError} `training` in the backward pass, where that is recorded too (a gradient of a gradient) and needs what
 *   `forward` computed on the way: how that depends on the inputs is not known.
 */
export function differentiable<Names extends Kept>(
  inputs: readonly Tensor[],
  forward: () => Differentiated<Names>,
): Tensor {
  const before = nestedBefore();
  const caller = before === undefined ? "" : callerName();
  const operation = customGrad((...values) => {
    const save = values.at(-1) as GradSaveFunc; // TensorFlow.js appends it to the inputs
    const { value, kept, constants = [], gradient } = forward();
    const names = Object.keys(kept);
    const isOnWay = ([name, { id, dtype }]: readonly [string, Tensor]): boolean =>
      dtype === "float32" && id !== value.id && !constants.includes(name);
    const isOnceOnly =
      before !== undefined &&
      Object.entries(kept).some((one) => one[1].id >= before && isOnWay(one));
    save(Object.values(kept));
    return {
      value,
      gradFunc: (outputGradient: Tensor, saved: Tensor[]) =>
        tidy(() => {
          if (isOnceOnly && isDifferentiatedAgain())
            throw refusedAgain(caller === "" ? "an operation of lockstep/operations" : caller);
          // The names in `kept` with the tensors that were saved under them.
          const gradients = gradient(outputGradient, named(names, saved) as Names);
          return owned(gradients, [outputGradient, ...saved]);
        }),
    };
  });
  return operation(...inputs);
}

/** Inside of a backward pass: whether it is recorded too, for a gradient of the gradient. */
export function isDifferentiatedAgain(): boolean {
  return engine().state.gradientDepth > 0;
}

/** Inside of a gradient that is itself recorded: the number of the next tensor. */
function nestedBefore(): number | undefined {
  if (engine().state.gradientDepth < 2) return undefined;
  const next: unknown = Reflect.get(engine().constructor, "nextTensorId");
  return typeof next === "number" ? next : 0; // counts more as made here: refused rather than wrong
}

/** The operation that called `differentiable`, by the name of its function. */
function callerName(): string {
  const lines = (new Error("where").stack ?? "").split("\n").map((line) => line.trim());
  const index = lines.findIndex((line) => line.startsWith("at differentiable"));
  return /^at (?:\w+\.)*(?<name>\w+) /u.exec(lines[index + 1] ?? "")?.groups?.["name"] ?? "";
}

/**
 * The gradients as tensors that nothing else refers to. Where an input has several uses, their gradients are added up and
 * the summands disposed: a tensor handed out for two inputs would be gone for the second. A clone shares the values, so
 * that nothing is copied.
 * @param taken - Tensors that somebody else refers to.
 */
function owned(gradients: readonly Tensor[], taken: readonly Tensor[]): Tensor[] {
  const seen = new Set(taken);
  return gradients.map((gradient) => {
    if (seen.has(gradient)) return gradient.clone();
    seen.add(gradient);
    return gradient;
  });
}

function named(names: readonly string[], saved: readonly Tensor[]): Kept {
  const kept: Record<string, Tensor> = {};
  for (const [index, name] of names.entries()) {
    const tensor = saved[index];
    if (tensor === undefined) throw new InternalError(`the gradient lost the tensor ${name}`);
    kept[name] = tensor;
  }
  return kept;
}
