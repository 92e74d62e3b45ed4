/** Tensors joined and cut apart by operations of the library. */
import { stackLayers, unstackLayers } from "../../kernels/stacked-layers.ts";
import { axisSize, type Shape } from "../../tensor.ts";
import { compose, type ComposedKernel, type Composition } from "../composition.ts";
import type { TensorId } from "../constants.ts";

/** Tensors one after the other along an axis. */
function joined(work: Composition, ids: readonly TensorId[], axis: number): TensorId {
  const { backend } = work;
  // A list of inputs: its type and length have to be given.
  const attributes = [backend.type("T"), backend.whole("N", ids.length)];
  return work.run("ConcatV2", [...ids, backend.constants.integer(axis)], attributes);
}

/** A part of a tensor. */
function cut(
  work: Composition,
  id: TensorId,
  { start, size }: { readonly start: Shape; readonly size: Shape },
): TensorId {
  const { backend } = work;
  return work.run("Slice", [id, backend.integers(start), backend.integers(size)]);
}

/** All of them. */
export const stackedLayerKernels: readonly ComposedKernel[] = [
  compose(stackLayers, ({ work, id }) => [
    joined(work, [id("queryWeight"), id("keyWeight"), id("valueWeight")], 0),
    joined(work, [id("queryBias"), id("keyBias"), id("valueBias")], 0),
  ]),
  compose(unstackLayers, ({ work, id, shape }) =>
    (["weight", "bias"] as const).flatMap((name) => {
      const [rows, rest] = [axisSize(shape(name), 0) / 3, shape(name).slice(1)];
      const start = (place: number): Shape => [place * rows, ...rest.map(() => 0)];
      return [0, 1, 2].map((place) =>
        cut(work, id(name), { start: start(place), size: [rows, ...rest] }),
      );
    }),
  ),
];
