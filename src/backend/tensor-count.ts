/** How many tensors live, on whatever backend: one that nobody disposes of is there until the process ends. */
import { engine } from "@tensorflow/tfjs-core";

/** Tensors that live at the moment. */
export interface TensorCount {
  readonly numTensors: number;
  /** Bytes of their values. */
  readonly numBytes: number;
}

/** What lives now, in the whole process. */
export function countTensors(): TensorCount {
  const { numTensors, numBytes } = engine().state; // `memory()` asks the backend too, which takes longer
  return { numTensors, numBytes };
}
