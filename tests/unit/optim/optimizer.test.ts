import { expect, test } from "vitest";
import { createOptimizer } from "../../../src/optim/optimizer.ts";
import { tensorsOf } from "./host-tensors.ts";

test("the kind of the config chooses the update rule", () => {
  const parameters = [{ name: "w", decay: true }];
  const adamw = createOptimizer(
    { kind: "adamw", learningRate: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, weightDecay: 0 },
    parameters,
  );
  const sgd = createOptimizer(
    { kind: "sgd", learningRate: 1, momentum: 0.9, nesterov: false, l2Penalty: 0 },
    parameters,
  );
  const adam = createOptimizer(
    { kind: "adam", learningRate: 1, beta1: 0.9, beta2: 0.999, epsilon: 1e-8, l2Penalty: 0 },
    parameters,
  );
  const lion = createOptimizer(
    { kind: "lion", learningRate: 1, beta1: 0.9, beta2: 0.99, weightDecay: 0 },
    parameters,
  );
  const tensors = tensorsOf({ w: [1, 2] });
  expect([...adamw.init(tensors).keys()]).toEqual(["m/w", "v/w"]);
  expect([...adam.init(tensors).keys()]).toEqual(["m/w", "v/w"]);
  expect([...lion.init(tensors).keys()]).toEqual(["momentum/w"]);
  expect([...sgd.init(tensors).keys()]).toEqual(["momentum/w"]);
});
