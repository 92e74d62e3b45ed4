/** A model and an optimizer as a user writes them. */
import { z } from "zod";
import { constant, dense } from "../../../src/backend/operations.ts";
import { parameter } from "../../../src/backend/tensor.ts";
import { ExpError } from "../../../src/core/errors.ts";
import type { HostTensors } from "../../../src/core/run-events.ts";
import { mlpModel } from "../../../src/model/mlp.ts";
import { defineModel } from "../../../src/model/model.ts";
import { defineOptimizer } from "../../../src/train/members.ts";
import { toyMembers } from "./toy.ts";

/** Logistic regression on the features to a power. */
export const powers = defineModel({
  kind: "powers",
  schema: z.strictObject({
    kind: z.literal("powers"),
    /** Highest power of each feature. */
    degree: z.int().min(1).max(3),
    startAt: z.number().default(0),
  }),
  build: ({ degree, startAt }, { input, numClasses }) => {
    if (input.kind !== "features") throw new ExpError("config", "powers reads features.");
    const width = input.numFeatures * degree;
    const fill = (size: number) => () => new Float32Array(size).fill(startAt);
    return {
      kind: "powers",
      parameters: [
        {
          name: "weight",
          shape: [numClasses, width],
          decay: true,
          initialise: fill(numClasses * width),
        },
        { name: "bias", shape: [numClasses], decay: false, initialise: fill(numClasses) },
      ],
      forward: (parameters, batch) => {
        if (batch.kind !== "features") throw new ExpError("training", "powers reads features.");
        const columns = Array.from(batch.features, (x) => [x, x * x, x * x * x].slice(0, degree));
        const features = constant(new Float32Array(columns.flat()), [batch.size, width]);
        const [weight, bias] = [parameter(parameters, "weight"), parameter(parameters, "bias")];
        return dense(features, { weight, bias, isInputConstant: true });
      },
    };
  },
});

/** Steps of equal size along the sign of the gradient. */
export const signs = defineOptimizer({
  kind: "signs",
  schema: z.strictObject({ kind: z.literal("signs"), learningRate: z.number().gt(0) }),
  create: () => ({
    init: () => new Map(),
    update: ({ parameters, gradients }, { learningRate }) => {
      for (const [name, { values }] of parameters) {
        values.forEach((value, index) => {
          values[index] = value - learningRate * Math.sign(gradientAt(gradients, name, index));
        });
      }
    },
  }),
});

function gradientAt(gradients: HostTensors, name: string, index: number): number {
  return gradients.get(name)?.values[index] ?? 0;
}

/** The built-in MLP, built. */
export type Mlp = ReturnType<typeof mlpModel.build>;

type Change = Partial<Omit<Mlp, "forward">> & {
  /** A user who writes JavaScript may return anything. */
  readonly forward?: (...given: Parameters<Mlp["forward"]>) => unknown;
};

/** A kind `broken`: the MLP with something changed. */
export function membersWith(change: (mlp: Mlp) => Change) {
  const broken = defineModel({
    kind: "broken",
    schema: z.strictObject({ kind: z.literal("broken") }),
    build: (_config, facts) => {
      const mlp = mlpModel.build(
        { kind: "mlp", hiddenSizes: [4], activation: "tanh", dropoutRate: 0 },
        facts,
      );
      return { ...mlp, kind: "broken", ...(change(mlp) as Partial<Mlp>) };
    },
  });
  return { ...toyMembers, models: [broken] };
}
