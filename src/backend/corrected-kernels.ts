/** Kernels of TensorFlow.js' package for `cpu` whose results are not what they say, put right under their own names; and what a gradient must know. */
import type { MathBackendCPU } from "@tensorflow/tfjs-backend-cpu";
import {
  getKernel,
  slice_util,
  util,
  type KernelConfig,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import { InternalError } from "../core/errors.ts";
import { replaceKernel } from "./host-kernel.ts";
import { noteScale } from "./tensorflow-gradients/batch-norm.ts";

type Call = Parameters<KernelConfig["kernelFunc"]>[0];

let isRegistered = false;

/** Registers them for `cpu`, whose package is loaded; `wasm` and the compiled backends take its kernels over from there. */
export function registerCorrectedKernels(): void {
  if (isRegistered) return;
  isRegistered = true;
  const cast = ownKernel("Cast");
  replaceKernel("Cast", "cpu", (call) => inOwnType(call, single(cast(call))));
  for (const name of ["Cumsum", "Cumprod"]) {
    const run = ownKernel(name);
    replaceKernel(name, "cpu", (call) => run(withAxisFromFront(call)));
  }
  replaceKernel("StridedSlice", "cpu", stridedSlice);
  replaceKernel("TensorScatterUpdate", "cpu", updateOfCopy(ownKernel("TensorScatterUpdate")));
  replaceKernel("Einsum", "cpu", einsumOfShared(ownKernel("Einsum"), ownKernel("Sum")));
  const batchNorm = ownKernel("FusedBatchNorm");
  replaceKernel("FusedBatchNorm", "cpu", (call) => {
    const { scale } = call.inputs as { readonly scale?: TensorInfo };
    noteScale(call.attrs ?? {}, scale && { values: floatsOf(call, scale), shape: scale.shape });
    return batchNorm(call);
  });
}

/** Theirs writes into the tensor that it is given, and gives that out as its result. */
function updateOfCopy(update: KernelConfig["kernelFunc"]): KernelConfig["kernelFunc"] {
  return (call) => {
    const inputs = call.inputs as Record<"tensor" | "indices" | "updates", TensorInfo>;
    const cpu = call.backend as MathBackendCPU; // these kernels are registered for no other
    const { dataId, dtype, shape } = inputs.tensor;
    const values = (cpu.readSync(dataId) as Float32Array).slice();
    const tensor = cpu.makeTensorInfo([...shape], dtype, values);
    const result = update({ ...call, inputs: { ...inputs, tensor } });
    cpu.disposeData(tensor.dataId);
    return result;
  };
}

/** Theirs mixes up the axes where a letter of one operand alone is summed: here it is summed before. */
function einsumOfShared(
  einsum: KernelConfig["kernelFunc"],
  sum: KernelConfig["kernelFunc"],
): KernelConfig["kernelFunc"] {
  return (call) => {
    const { equation } = call.attrs as Record<"equation", string>;
    const [left = "", result = ""] = equation.replaceAll(/\s/gu, "").split("->");
    const names = left.split(",");
    if (names.length !== 2) return einsum(call);
    const cpu = call.backend as MathBackendCPU; // these kernels are registered for no other
    const made: TensorInfo[] = [];
    const terms = names.map((name, index) => {
      const isShared = (letter: string): boolean =>
        result.includes(letter) || names[1 - index]?.includes(letter) === true;
      const x = (call.inputs as Record<number, TensorInfo>)[index];
      const axis = Array.from(name).flatMap((letter, place) => (isShared(letter) ? [] : [place]));
      // What it refuses, it refuses in its own words.
      if (x === undefined || axis.length === 0 || name.length !== x.shape.length)
        return { name, x };
      const summed = single(sum({ ...call, inputs: { x }, attrs: { axis, keepDims: false } }));
      made.push(summed);
      return { name: Array.from(name).filter(isShared).join(""), x: summed };
    });
    if (made.length === 0) return einsum(call);
    const inputs: unknown = terms.map(({ x }) => x); // a list, as theirs takes
    const shorter = `${terms.map(({ name }) => name).join(",")}->${result}`;
    const value = einsum({ ...call, inputs: inputs as never, attrs: { equation: shorter } });
    for (const { dataId } of made) if (dataId !== single(value).dataId) cpu.disposeData(dataId);
    return value;
  };
}

type SliceArguments = Parameters<typeof slice_util.sliceInfo>;

/** Theirs reads neighbours instead, where an axis is taken at one place and another in steps. */
function stridedSlice(call: Call): TensorInfo {
  const { x } = call.inputs as Record<"x", TensorInfo>;
  const { begin, end, strides, ...masks } = call.attrs as object as {
    readonly begin: number[];
    readonly end: number[];
    readonly strides: number[];
  } & Record<"beginMask" | "endMask" | "ellipsisMask" | "newAxisMask" | "shrinkAxisMask", number>;
  const { beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask } = masks;
  const all = [beginMask, endMask, ellipsisMask, newAxisMask, shrinkAxisMask] as const;
  const slices: SliceArguments = [x.shape, begin, end, strides, ...all];
  const info = slice_util.sliceInfo(...slices);
  const cpu = call.backend as MathBackendCPU; // these kernels are registered for no other
  const values = cpu.readSync(x.dataId) as Float32Array;
  const steps = util.computeStrides(x.shape);
  const lengths = slice_util.computeOutShape(info.begin, info.end, info.strides);
  // Of each element of the result where it lies in `values`, axis by axis.
  const places = lengths.reduce<number[]>(
    (before, length, axis) => {
      const step = steps[axis] ?? 1;
      const [first, stride] = [info.begin[axis] ?? 0, info.strides[axis] ?? 1];
      const along = Array.from({ length }, (_, at) => (first + at * stride) * step);
      return before.flatMap((from) => along.map((offset) => from + offset));
    },
    [0],
  );
  const result = util.getTypedArrayFromDType(x.dtype as "float32", places.length);
  for (const [index, place] of places.entries()) result[index] = values[place] ?? 0;
  return cpu.makeTensorInfo(info.finalShape, x.dtype, result);
}

/** A copy of the values of an input. */
function floatsOf({ backend }: Call, { dataId }: TensorInfo): Float32Array {
  const cpu = backend as MathBackendCPU; // these kernels are registered for no other
  return Float32Array.from(cpu.readSync(dataId) as Float32Array);
}

function ownKernel(name: string): KernelConfig["kernelFunc"] {
  const kernel = getKernel(name, "cpu");
  if (kernel === undefined) throw new InternalError(`the package for cpu has no kernel ${name}`);
  return kernel.kernelFunc;
}

function single(output: TensorInfo | readonly TensorInfo[]): TensorInfo {
  const [first] = [output].flat();
  if (first === undefined) throw new InternalError("a kernel of TensorFlow.js gave nothing");
  return first;
}

/** Integers that are called float32 keep their array there, which no kernel of ours takes. */
function inOwnType({ backend }: Call, info: TensorInfo): TensorInfo {
  const cpu = backend as MathBackendCPU; // these kernels are registered for no other
  const { values } = cpu.data.get(info.dataId);
  const isWrong = values instanceof Int32Array || values instanceof Uint8Array;
  if (info.dtype !== "float32" || !isWrong) return info;
  cpu.disposeData(info.dataId); // which only counts down: the input has it too
  return cpu.makeTensorInfo(info.shape, "float32", Float32Array.from(values));
}

/** An axis counted from the back, which they read as it is, and compute with sizes that are not there. */
function withAxisFromFront(call: Call): Call {
  const { x } = call.inputs as Record<"x", TensorInfo>;
  const axis = Number(call.attrs?.["axis"]);
  return { ...call, attrs: { ...call.attrs, axis: axis < 0 ? axis + x.shape.length : axis } };
}
