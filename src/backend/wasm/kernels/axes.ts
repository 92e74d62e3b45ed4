/** Another order of the axes: `swapAxes`, and the orders of `tf.transpose` that exchange two runs of neighbours. */
import { getKernel, type TensorInfo } from "@tensorflow/tfjs-core";
import { replaceKernel } from "../../host-kernel.ts";
import { swapAxes } from "../../kernels/convolution.ts";
import { axisSize, sizeOf, type Shape } from "../../tensor.ts";
import {
  accelerate,
  elementsAPiece,
  numPieces,
  rowsAPiece,
  workshopOf,
  type FastKernel,
  type Workshop,
} from "../fast-kernel.ts";
import type { Address } from "../memory.ts";

/** [matrices, rows, columns, width], to become [matrices, columns, rows, width]. */
interface Exchange {
  readonly matrices: number;
  readonly rows: number;
  readonly columns: number;
  readonly width: number;
}

/** Columns of a matrix that are turned into rows together; see `assembly/axes.ts`. */
const columnsABlock = 16;

function exchange(
  workshop: Workshop,
  sizes: Exchange,
  [from, to]: readonly [Address, Address],
): void {
  const { matrices, rows, columns, width } = sizes;
  if (width > 1) {
    const each = rowsAPiece(rows * width);
    const integers = [matrices, rows, columns, each, from, to, width];
    workshop.run("swapBlocks", numPieces(matrices * columns, each), integers);
    return;
  }
  const blocks = matrices * numPieces(columns, columnsABlock);
  const each = Math.max(1, Math.floor(elementsAPiece / (rows * Math.min(columns, columnsABlock))));
  workshop.run("swapAxes", numPieces(blocks, each), [matrices, rows, columns, each, from, to]);
}

const fastSwapAxes = accelerate(swapAxes, (call) => {
  const shape = call.shape("input");
  const [matrices, rows, columns] = [axisSize(shape, 0), axisSize(shape, 1), axisSize(shape, 2)];
  exchange(call, { matrices, rows, columns, width: 1 }, [call.address("input"), call.output(0)]);
});

/** Undefined for an order that is none of an exchange. @param order - For each axis of the result, that of `shape`. */
export function exchangeOf(shape: Shape, order: readonly number[]): Exchange | undefined {
  const axes = order.filter((axis) => shape[axis] !== 1); // those of one element have no order
  const sorted = axes.toSorted((first, second) => first - second);
  const isMoved = (axis: number, place: number): boolean => axis !== sorted[place];
  const [first, last] = [axes.findIndex(isMoved), axes.findLastIndex(isMoved)];
  const length = (part: readonly number[]): number => sizeOf(part.map((axis) => shape[axis] ?? 1));
  const moved = axes.slice(first, last + 1);
  const start = moved.indexOf(sorted[first] ?? -1);
  const rotated = [...moved.slice(start), ...moved.slice(0, start)];
  if (first < 0 || rotated.some((axis, place) => axis !== sorted[first + place])) return undefined;
  return {
    matrices: length(axes.slice(0, first)),
    rows: length(moved.slice(start)),
    columns: length(moved.slice(0, start)),
    width: length(axes.slice(last + 1)),
  };
}

const fastTranspose: FastKernel = (backend) => {
  const generic = getKernel("Transpose", "wasm").kernelFunc;
  replaceKernel("Transpose", "wasm", (call) => {
    const { x } = call.inputs as Record<"x", TensorInfo>;
    const { perm } = call.attrs as object as { readonly perm: readonly number[] }; // those of this kernel
    const sizes = exchangeOf(x.shape, perm);
    if (x.dtype !== "float32" || sizes === undefined || sizeOf(x.shape) === 0) return generic(call);
    const result = backend.allocate(perm.map((axis) => axisSize(x.shape, axis)));
    const addresses = [backend.address(x), backend.address(result)] as const;
    exchange(workshopOf(backend), sizes, addresses);
    return result;
  });
};

/** All fast kernels of this file. */
export const fastAxes: readonly FastKernel[] = [fastSwapAxes, fastTranspose];
