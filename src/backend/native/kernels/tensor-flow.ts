/**
 * Operations of `tf.*` that models of one's own use most, by those of the library that they are named after. They take float32;
 * everything else stays with the kernels that were there before.
 */
import { getKernel, util, type TensorInfo } from "@tensorflow/tfjs-core";
import { checkMatMul, inferredShape } from "../../arguments.ts";
import { InternalError } from "../../../core/errors.ts";
import { replaceKernel } from "../../host-kernel.ts";
import { sizeOf, type Shape } from "../../tensor.ts";
import type { NativeBackend } from "../backend.ts";
import { Composition, type ComposedKernel } from "../composition.ts";
import type { TensorId } from "../constants.ts";

type Attributes = Readonly<Record<string, unknown>>;

/** One operation in place of a kernel. */
interface Replacement {
  readonly kernelName: string;
  /** Names of the kernel's inputs, in the order of the operation's. */
  readonly inputs: readonly string[];
  readonly compute: (work: Composition, call: ReplacedCall) => TensorId;
  /** Refuses what would otherwise be left to the kernel of before, or told in the library's words. */
  readonly check?: (inputs: readonly TensorInfo[], attributes: Attributes) => void;
}

interface ReplacedCall {
  readonly ids: readonly TensorId[];
  readonly shapes: readonly Shape[];
  readonly attributes: Attributes;
}

function same(kernelName: string, inputs: readonly string[], operation: string): Replacement {
  return { kernelName, inputs, compute: (work, { ids }) => work.run(operation, ids) };
}

const unary = {
  Abs: "Abs",
  Cos: "Cos",
  Erf: "Erf",
  Exp: "Exp",
  Log: "Log",
  Neg: "Neg",
  Reciprocal: "Reciprocal",
  Relu: "Relu",
  Rsqrt: "Rsqrt",
  Sigmoid: "Sigmoid",
  Sin: "Sin",
  Softplus: "Softplus",
  Sqrt: "Sqrt",
  Square: "Square",
  Tanh: "Tanh",
};

const binary = {
  Add: "AddV2",
  Maximum: "Maximum",
  Minimum: "Minimum",
  Multiply: "Mul",
  Pow: "Pow",
  RealDiv: "Div",
  SquaredDifference: "SquaredDifference",
  Sub: "Sub",
};

const reductions = { Max: "Max", Mean: "Mean", Min: "Min", Prod: "Prod", Sum: "Sum" };

function reduction(kernelName: string, operation: string): Replacement {
  return {
    kernelName,
    inputs: ["x"],
    compute: (work, { ids, shapes, attributes }) => {
      const shape = shapes[0] ?? [];
      const named = attributes["axis"] ?? attributes["reductionIndices"]; // the second is what Max calls it
      const given = named as number | number[] | null | undefined; // as the operation's types say
      const axes = util.parseAxisParam(given ?? shape.map((_, axis) => axis), [...shape]);
      const { backend } = work;
      const keeps = backend.flag("keep_dims", attributes["keepDims"] === true);
      return work.run(operation, [...ids, backend.integers(axes)], [keeps]);
    },
  };
}

const replacements: readonly Replacement[] = [
  ...Object.entries(unary).map(([kernel, operation]) => same(kernel, ["x"], operation)),
  ...Object.entries(binary).map(([kernel, operation]) => same(kernel, ["a", "b"], operation)),
  ...Object.entries(reductions).map(([kernel, operation]) => reduction(kernel, operation)),
  {
    kernelName: "BatchMatMul",
    inputs: ["a", "b"],
    check: ([a, b], attributes) => {
      if (a !== undefined && b !== undefined) checkMatMul({ a, b }, attributes);
    },
    compute: (work, { ids: [left = -1, right = -1], shapes, attributes }) => {
      const isBatch = shapes.some((shape) => shape.length > 2);
      const transposeLeft = attributes["transposeA"] === true;
      const transposeRight = attributes["transposeB"] === true;
      return work.multiply(left, right, { transposeLeft, transposeRight, isBatch });
    },
  },
  {
    kernelName: "Softmax",
    inputs: ["logits"],
    compute: (work, { ids }) => work.run("Softmax", ids),
  },
  {
    kernelName: "Transpose",
    inputs: ["x"],
    compute: (work, { ids, attributes }) => {
      const order = attributes["perm"] as readonly number[]; // as the operation's types say
      return work.run("Transpose", [...ids, work.backend.integers(order)]);
    },
  },
];

/** All of them, over the kernels that are there. */
export const tensorFlowKernels: readonly ComposedKernel[] = [
  ...replacements.map((replacement) => (backend: NativeBackend) => replace(replacement, backend)),
  (backend) => {
    replaceKernel("Identity", backend.name, ({ inputs }) => {
      const { x } = inputs as Record<"x", TensorInfo>;
      backend.incRef(x.dataId);
      return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
    });
    replaceKernel("Reshape", backend.name, ({ inputs, attrs }) => {
      const { x } = inputs as Record<"x", TensorInfo>;
      const { shape } = attrs as object as { readonly shape: Shape };
      return backend.share(x, inferredShape(shape, x.shape));
    });
  },
];

function replace(
  { kernelName, inputs: names, compute, check }: Replacement,
  backend: NativeBackend,
): void {
  const before = getKernel(kernelName, backend.name);
  if (before === undefined) throw new InternalError(`there is no kernel ${kernelName}`);
  replaceKernel(kernelName, backend.name, (call) => {
    const infos = names.map((name) => (call.inputs as Record<string, TensorInfo>)[name]);
    const given = infos.flatMap((info) => info ?? []);
    const attributes = (call.attrs ?? {}) as object as Attributes; // plain data of the operation
    check?.(given, attributes);
    const isOurs = given.every(({ dtype, shape }) => dtype === "float32" && sizeOf(shape) > 0);
    if (!isOurs || given.length !== names.length) return before.kernelFunc(call);
    const work = new Composition(backend);
    try {
      const ids = given.map((info) => backend.idOf(info));
      const shapes = given.map(({ shape }) => shape);
      return work.keepAsIs(compute(work, { ids, shapes, attributes }));
    } finally {
      work.end();
    }
  });
}
