/**
 * Kernels of our own, written as loops over host memory and registered with TensorFlow.js under names of their own.
 * A faster backend registers another implementation under the same name; the operations do not change.
 */
import { engine, registerKernel, unregisterKernel, getKernel } from "@tensorflow/tfjs-core";
import type { NamedAttrMap, TensorInfo } from "@tensorflow/tfjs-core";
import { ExpError, InternalError } from "../core/errors.ts";
import type { BackendName } from "./choose.ts";
import { hostMemory, type HostArray } from "./host-memory.ts";
import { ImpossibleShape, type Shape, type Tensor } from "./tensor.ts";

export interface KernelDefinition<Input extends string, Attributes extends object> {
  readonly name: string;
  readonly inputs: readonly Input[];
  /** Shapes of the outputs, all of them float32. */
  readonly outputShapes: (
    shapes: Readonly<Record<Input, Shape>>,
    attributes: Attributes,
  ) => readonly Shape[];
  /** Writes every element of every output. Inputs are never written: tensors do not change once they exist. */
  readonly compute: (call: KernelCall<Input, Attributes>) => void;
}

export interface KernelCall<Input extends string, Attributes extends object> {
  readonly attributes: Attributes;
  /** The float32 inputs; reading an int32 input here is a bug and throws. */
  readonly floats: (input: Input) => Float32Array;
  /** The int32 inputs, likewise. */
  readonly integers: (input: Input) => Int32Array;
  readonly shape: (input: Input) => Shape;
  readonly output: (index: number) => Float32Array;
}

/** A kernel that can be registered for a backend, and called once it is. */
export interface HostKernel<Input extends string, Attributes extends object> {
  readonly definition: KernelDefinition<Input, Attributes>;
  readonly register: (backend: BackendName) => void;
  readonly call: (
    inputs: Readonly<Record<Input, Tensor>>,
    attributes: Attributes,
  ) => readonly Tensor[];
  /** `call` for a kernel with one output. */
  readonly one: (inputs: Readonly<Record<Input, Tensor>>, attributes: Attributes) => Tensor;
}

/** Makes a kernel from its loop. The name gets the prefix `Lockstep`, so that it can never meet one of TensorFlow.js. */
export function defineKernel<Input extends string, Attributes extends object>(
  definition: KernelDefinition<Input, Attributes>,
): HostKernel<Input, Attributes> {
  const kernelName = `Lockstep${definition.name}`;
  const call = (
    inputs: Readonly<Record<Input, Tensor>>,
    attributes: Attributes,
  ): readonly Tensor[] => {
    // TensorFlow.js hands attributes through as they are; only its own tape and profiler look at their types.
    const outputs = engine().runKernel<Tensor | Tensor[]>(
      kernelName,
      inputs,
      attributes as NamedAttrMap,
    );
    return Array.isArray(outputs) ? outputs : [outputs];
  };
  return {
    definition,
    register: (backend) => replaceKernel(kernelName, backend, kernelFunction(definition, backend)),
    call,
    one: (inputs, attributes) => single(kernelName, call(inputs, attributes)),
  };
}

type KernelFunction = Parameters<typeof registerKernel>[0]["kernelFunc"];

/** Registers a kernel, in place of one that is there already. */
export function replaceKernel(
  kernelName: string,
  backendName: string,
  kernelFunc: KernelFunction,
): void {
  if (getKernel(kernelName, backendName) !== undefined) unregisterKernel(kernelName, backendName);
  const named: KernelFunction = (call) => {
    try {
      return kernelFunc(call);
    } catch (error) {
      throw error instanceof ImpossibleShape ? impossible(kernelName, error) : error;
    }
  };
  registerKernel({ kernelName, backendName, kernelFunc: named });
}

function impossible(kernelName: string, { shape }: ImpossibleShape): ExpError {
  const name = kernelName.replace(/^Lockstep/u, "");
  return new ExpError(
    "training",
    `The operation ${name} would make a tensor of the shape [${shape.join(", ")}]; sizes are whole numbers from 0.`,
    { hint: "Look at the sizes, strides, paddings and axes that it is called with." },
  );
}

function kernelFunction<Input extends string, Attributes extends object>(
  definition: KernelDefinition<Input, Attributes>,
  backendName: BackendName,
): KernelFunction {
  return ({ inputs, backend, attrs }) => {
    const memory = hostMemory(backendName, backend as Parameters<typeof hostMemory>[1]);
    const attributes = attrs as object as Attributes; // what `call` above was given
    const infos = inputs as Record<Input, TensorInfo>;
    const shapes: Partial<Record<Input, Shape>> = {};
    for (const input of definition.inputs) shapes[input] = infos[input].shape;
    const allShapes = shapes as Record<Input, Shape>; // each input was just filled in
    const outputs = definition.outputShapes(allShapes, attributes).map(memory.allocate);
    const views = outputs.map(memory.view); // only now: see HostMemory.view
    definition.compute({
      attributes,
      floats: (input) => typed(memory.view(infos[input]), Float32Array),
      integers: (input) => typed(memory.view(infos[input]), Int32Array),
      shape: (input) => allShapes[input],
      output: (index) => typed(views[index], Float32Array),
    });
    return outputs;
  };
}

function typed<Kind extends HostArray>(
  values: HostArray | undefined,
  kind: new (length: number) => Kind,
): Kind {
  if (values instanceof kind) return values;
  throw new InternalError(`a kernel expected ${kind.name} and was given something else`);
}

function single(name: string, outputs: readonly Tensor[]): Tensor {
  const [output] = outputs;
  if (output === undefined) throw new InternalError(`kernel ${name} gave no output`);
  return output;
}
