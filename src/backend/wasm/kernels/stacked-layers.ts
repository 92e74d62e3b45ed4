/** Weights and biases of several layers one after the other, and apart again: every array is copied in a piece. */
import { stackLayers, unstackLayers } from "../../kernels/stacked-layers.ts";
import { sizeOf } from "../../tensor.ts";
import { accelerate, type FastKernel, type Workshop } from "../fast-kernel.ts";
import type { Address } from "../memory.ts";

const bytes = 4;

interface Block {
  readonly from: Address;
  readonly to: Address;
  /** Numbers. */
  readonly size: number;
}

function copy(workshop: Workshop, blocks: readonly Block[]): void {
  const integers = blocks.flatMap(({ from, to, size }) => [from, to, size * bytes]);
  workshop.run("copyBlocks", blocks.length, integers);
}

const stack = accelerate(stackLayers, (call) => {
  const weights = ["queryWeight", "keyWeight", "valueWeight"] as const;
  const biases = ["queryBias", "keyBias", "valueBias"] as const;
  const blocks = [weights, biases].flatMap((three, output) => {
    const size = sizeOf(call.shape(three[0]));
    return three.map((name, place) => {
      const to = call.output(output) + place * size * bytes;
      return { from: call.address(name), to, size };
    });
  });
  copy(call, blocks);
});

const unstack = accelerate(unstackLayers, (call) => {
  const blocks = (["weight", "bias"] as const).flatMap((name, index) => {
    const size = sizeOf(call.shape(name)) / 3;
    return [0, 1, 2].map((place) => {
      const from = call.address(name) + place * size * bytes;
      return { from, to: call.output(3 * index + place), size };
    });
  });
  copy(call, blocks);
});

/** Both kernels. */
export const fastStackedLayers: readonly FastKernel[] = [stack, unstack];
