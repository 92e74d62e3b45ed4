/**
 * A kernel as a few operations of the library: what they make in between is deleted when the kernel is done, and nothing of it
 * is ever seen by TensorFlow.js, which would keep books on it.
 */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { InternalError } from "../../core/errors.ts";
import type { DirectKernel } from "../direct-convolution.ts";
import { replaceKernel } from "../host-kernel.ts";
import { sizeOf, type Shape } from "../tensor.ts";
import type { OperationAttribute, TensorFacts } from "./addon.ts";
import type { NativeBackend } from "./backend.ts";
import type { TensorId } from "./constants.ts";

const none: readonly OperationAttribute[] = [];

/** Operations that may give back memory of an input: all of them but those of which it is known that they do not. */
const computing = new Set(
  "MatMul BatchMatMulV2 BiasAdd BiasAddGrad Mul AddV2 Sub Div Relu ReluGrad Softmax Conv2D DeepCopy".split(
    " ",
  ),
);

interface ManyOutputs {
  readonly attributes?: readonly OperationAttribute[];
  readonly numOutputs: number;
}

/** One call of a kernel. */
export class Composition {
  readonly backend: NativeBackend;
  /** Tensors that this call made, with the shapes that the library gave them. */
  private readonly made = new Map<TensorId, TensorFacts>();
  /** Those of them that may share memory with a tensor of `wasm`. */
  private readonly sharing = new Set<TensorId>();

  constructor(backend: NativeBackend) {
    this.backend = backend;
  }

  /**
   * Executes an operation with one output. Types need not be among the attributes, nor what is false: the library takes the
   * types from the inputs, and each attribute costs some 0.5 µs. Only after a list of inputs types have to be given.
   */
  run(
    name: string,
    inputs: readonly TensorId[],
    attributes: readonly OperationAttribute[] = none,
  ): TensorId {
    const facts = this.backend.execute(name, inputs, attributes);
    this.add(name, inputs, facts);
    return facts.id;
  }

  private add(name: string, inputs: readonly TensorId[], facts: TensorFacts): void {
    this.made.set(facts.id, facts);
    if (computing.has(name)) return;
    const isSharing = (id: TensorId): boolean =>
      this.sharing.has(id) || this.backend.isOverMemory(id);
    if (inputs.some(isSharing)) this.sharing.add(facts.id);
  }

  /** All outputs of an operation with several; attributes as of `run`. */
  runAll(
    name: string,
    inputs: readonly TensorId[],
    { attributes = none, numOutputs }: ManyOutputs,
  ): readonly TensorId[] {
    const outputs = this.backend.executeAll(name, { inputs, attributes, numOutputs });
    for (const facts of outputs) this.add(name, inputs, facts);
    return outputs.map(({ id }) => id);
  }

  /** A tensor of values that this call alone needs. */
  values(values: Float32Array | Int32Array, shape: Shape): TensorId {
    const { addon } = this.backend;
    const dtype = values instanceof Float32Array ? addon.TF_FLOAT : addon.TF_INT32;
    const id = addon.createTensor(shape, dtype, values);
    this.made.set(id, { id, dtype, shape: [...shape] });
    return id;
  }

  /** A tensor of values that somebody else writes again. */
  copied(values: Float32Array, shape: Shape): TensorId {
    const facts = this.backend.copied(values, shape);
    this.made.set(facts.id, facts);
    return facts.id;
  }

  /** The same values in another shape. */
  reshape(id: TensorId, shape: Shape): TensorId {
    const facts = this.backend.reshaped(id, shape);
    this.add("Reshape", [id], facts);
    return facts.id;
  }

  /** left · right, of matrices or batches of them. */
  multiply(
    left: TensorId,
    right: TensorId,
    options: {
      readonly transposeLeft?: boolean;
      readonly transposeRight?: boolean;
      readonly isBatch?: boolean;
    } = {},
  ): TensorId {
    const { transposeLeft = false, transposeRight = false, isBatch = false } = options;
    const [first, second] = isBatch ? ["adj_x", "adj_y"] : ["transpose_a", "transpose_b"];
    const attributes: OperationAttribute[] = [];
    if (transposeLeft) attributes.push(this.backend.flag(first, true));
    if (transposeRight) attributes.push(this.backend.flag(second, true));
    return this.run(isBatch ? "BatchMatMulV2" : "MatMul", [left, right], attributes);
  }

  /** The sum along axes. */
  sum(id: TensorId, axes: readonly number[], keepAxes = false): TensorId {
    return this.reduce("Sum", id, { axes, keepAxes });
  }

  /** The mean along the last axis, which stays with the size 1. */
  rowMean(id: TensorId): TensorId {
    return this.reduce("Mean", id, { axes: [-1], keepAxes: true });
  }

  private reduce(
    name: string,
    id: TensorId,
    { axes, keepAxes }: { readonly axes: readonly number[]; readonly keepAxes: boolean },
  ): TensorId {
    const { backend } = this;
    const attributes = keepAxes ? [backend.flag("keep_dims", true)] : none;
    return this.run(name, [id, backend.integers(axes)], attributes);
  }

  /** Hands a tensor out as a result: it stays. */
  keep(id: TensorId, shape: Shape): TensorInfo {
    const dtype = this.backend.addon.TF_FLOAT;
    return this.backend.adopt({ id: this.taken(id), shape: [...shape], dtype }, shape);
  }

  /** The tensor, or a copy where its memory may be that of an input, which is used again while the result lives. */
  private taken(id: TensorId): TensorId {
    if (this.sharing.has(id)) return this.backend.execute("DeepCopy", [id], none).id;
    this.made.delete(id);
    return id;
  }

  /** `keep` in the shape that the library gave it. */
  keepAsIs(id: TensorId): TensorInfo {
    const facts = this.made.get(id);
    if (facts === undefined) throw new InternalError("a kernel gave a tensor that it did not make");
    return this.backend.adopt({ ...facts, id: this.taken(id) });
  }

  /** Deletes what is not kept. */
  end(): void {
    for (const id of this.made.keys()) this.backend.addon.deleteTensor(id);
    this.made.clear();
  }
}

/** What a composed kernel computes from. */
export interface ComposedCall<Input extends string, Attributes extends object> {
  readonly work: Composition;
  readonly attributes: Attributes;
  readonly shape: (input: Input) => Shape;
  readonly id: (input: Input) => TensorId;
  /** The values of an int32 input, as JavaScript wrote them. */
  readonly integers: (input: Input) => Int32Array;
  /** Shapes of the outputs. */
  readonly shapes: readonly Shape[];
}

/** A kernel's implementation, to be registered once the backend is there. */
export type ComposedKernel = (backend: NativeBackend) => void;

/**
 * An implementation of a kernel by operations of the library, in place of its loop if it has one.
 * @param compute - Gives the outputs in their order; not called where all of them are empty.
 */
export function compose<Input extends string, Attributes extends object>(
  kernel: DirectKernel<Input, Attributes>,
  compute: (call: ComposedCall<Input, Attributes>) => readonly TensorId[],
): ComposedKernel {
  const { name, outputShapes, inputs: names } = kernel.definition;
  return (backend) => {
    replaceKernel(`Lockstep${name}`, backend.name, ({ inputs, attrs }) => {
      const infos = inputs as Record<Input, TensorInfo>; // what `call` in host-kernel.ts hands over
      const attributes = attrs as object as Attributes; // likewise
      const inputShapes: Partial<Record<Input, Shape>> = {};
      for (const input of names) inputShapes[input] = infos[input].shape;
      const shapes = outputShapes(inputShapes as Record<Input, Shape>, attributes);
      if (shapes.every((shape) => sizeOf(shape) === 0)) {
        return shapes.map((shape) => backend.allocate(shape));
      }
      const work = new Composition(backend);
      try {
        const ids = compute({
          work,
          attributes,
          shapes,
          shape: (input) => infos[input].shape,
          id: (input) => backend.idOf(infos[input]),
          integers: (input) => Int32Array.from(backend.view(infos[input])),
        });
        return shapes.map((shape, index) => kept(work, ids[index], shape));
      } finally {
        work.end();
      }
    });
  };
}

/** An output that is not asked for, and so not computed, is empty. */
function kept(work: Composition, id: TensorId | undefined, shape: Shape): TensorInfo {
  return id === undefined ? work.backend.allocate(shape) : work.keep(id, shape);
}
