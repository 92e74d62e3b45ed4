/**
 * The dense layer with GELU: the library computes the product, and bias, GELU and its slope a kernel of `wasm`, which takes one
 * pass over the values where the library takes ten.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { dense } from "../../kernels/dense.ts";
import { axisSize, sizeOf } from "../../tensor.ts";
import { numPieces, rowsAPiece, workshopOf } from "../../wasm/fast-kernel.ts";
import type { NativeBackend } from "../backend.ts";
import { Composition } from "../composition.ts";
import { copiedToMemory } from "../to-memory.ts";
import { kernelNameOf, unlessFull } from "./lent.ts";

type DenseInputs = Readonly<Record<"input" | "weight" | "bias", TensorInfo>>;

/** Puts it over the composition, which goes on to compute other activations, and what is empty. */
export function computeGeluInMemory(backend: NativeBackend): void {
  unlessFull(kernelNameOf(dense), backend, ({ inputs, attrs }) => {
    const infos = inputs as DenseInputs; // what `call` in host-kernel.ts hands over
    const { activation } = attrs as object as Parameters<typeof dense.call>[1]; // likewise
    const isEmpty = sizeOf(infos.input.shape) * sizeOf(infos.weight.shape) === 0;
    return activation === "gelu" && !isEmpty ? denseWithGelu(backend, infos) : undefined;
  });
}

/** The result, and the slope of GELU at what it came from. */
function denseWithGelu(backend: NativeBackend, inputs: DenseInputs): TensorInfo[] {
  const { keeper } = backend;
  const [rows, columns] = [axisSize(inputs.input.shape, 0), axisSize(inputs.weight.shape, 0)];
  const bias = backend.inMemory(inputs.bias);
  const made = [keeper.allocate([rows, columns])];
  try {
    made.push(productInMemory(backend, inputs));
    const each = rowsAPiece(columns);
    const [result = 0, slope = 0] = made.map((info) => keeper.address(info));
    const integers = [rows, columns, each, slope, keeper.address(bias), result];
    workshopOf(keeper).run("biasedGelu", numPieces(rows, each), integers);
    return made.map((info) => backend.adoptKept(info));
  } catch (error) {
    for (const { dataId } of made) keeper.disposeData(dataId);
    throw error;
  }
}

function productInMemory(backend: NativeBackend, { input, weight }: DenseInputs): TensorInfo {
  const work = new Composition(backend);
  try {
    const ids = [backend.idOf(input), backend.idOf(weight)] as const;
    const product = work.multiply(...ids, { transposeRight: true });
    const shape = [axisSize(input.shape, 0), axisSize(weight.shape, 0)];
    return copiedToMemory(backend, product, { shape });
  } finally {
    work.end();
  }
}
