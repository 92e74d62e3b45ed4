/** Dense layers of one input as one: their weights and biases one after the other, and their gradients apart again. */
import { defineKernel, type HostKernel } from "../host-kernel.ts";
import { axisSize, type Shape } from "../tensor.ts";

/** Each layer's weight [out, in], then each one's bias [out], to a weight [3 · out, in] and a bias [3 · out]. */
export const stackLayers: HostKernel<
  "queryWeight" | "keyWeight" | "valueWeight" | "queryBias" | "keyBias" | "valueBias",
  object
> = defineKernel({
  name: "StackLayers",
  inputs: ["queryWeight", "keyWeight", "valueWeight", "queryBias", "keyBias", "valueBias"],
  outputShapes: ({ queryWeight, queryBias }) => [tripled(queryWeight), tripled(queryBias)],
  compute: ({ floats, output }) => {
    const parts = [
      [floats("queryWeight"), floats("keyWeight"), floats("valueWeight")],
      [floats("queryBias"), floats("keyBias"), floats("valueBias")],
    ];
    for (const [index, three] of parts.entries()) {
      for (const [place, values] of three.entries())
        output(index).set(values, place * values.length);
    }
  },
});

/** The way back, in the same order. */
export const unstackLayers: HostKernel<"weight" | "bias", object> = defineKernel({
  name: "UnstackLayers",
  inputs: ["weight", "bias"],
  outputShapes: ({ weight, bias }) => {
    const [one, other] = [third(weight), third(bias)];
    return [one, one, one, other, other, other];
  },
  compute: ({ floats, output }) => {
    for (const [index, values] of [floats("weight"), floats("bias")].entries()) {
      const size = values.length / 3;
      for (let place = 0; place < 3; place++) {
        output(3 * index + place).set(values.subarray(place * size, (place + 1) * size));
      }
    }
  },
});

function tripled(shape: Shape): Shape {
  return [3 * axisSize(shape, 0), ...shape.slice(1)];
}

function third(shape: Shape): Shape {
  return [axisSize(shape, 0) / 3, ...shape.slice(1)];
}
