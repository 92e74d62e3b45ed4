/**
 * The order of what TensorFlow.js records. An operation that keeps its own output for the backward pass keeps a copy, and
 * the copy is recorded before the operation that made what is copied. Whoever follows the record from front to back, as both
 * backward passes do, then takes the copy for something that depends on nothing: the gradient of a gradient through
 * `tf.tanh`, `tf.exp`, `tf.softmax` would be too small, or 0, without a word.
 */
import { engine } from "@tensorflow/tfjs-core";
import type { Tensor } from "./tensor.ts";

type Tape = ReturnType<typeof engine>["state"]["activeTape"];

const mark = Symbol.for("lockstep.tape-order/1");

/** Makes TensorFlow.js record an operation before the copies that it keeps; a second call changes nothing. */
export function orderTape(): void {
  const target = engine();
  if (Reflect.has(target, mark)) return;
  const add: unknown = Reflect.get(target, "addTapeNode");
  if (typeof add !== "function") throw new TypeError("tfjs-core records operations otherwise");
  Reflect.set(target, "addTapeNode", (...node: unknown[]) => {
    Reflect.apply(add, target, node);
    dropAbsentInputs(target.state.activeTape);
    moveBeforeKept(target.state.activeTape);
  });
  Reflect.set(target, mark, true);
}

/** `tf.batchNorm` without a scale has an input that is none, at which the backward pass of TensorFlow.js stops short. */
function dropAbsentInputs(tape: Tape): void {
  const last = tape.at(-1);
  if (last === undefined) return;
  const inputs = Object.entries(last.inputs as Readonly<Record<string, Tensor | null | undefined>>);
  const given = inputs.flatMap(([name, input]) => (input ? [[name, input] as const] : []));
  if (given.length < inputs.length) last.inputs = Object.fromEntries(given);
}

/** Moves the last operation to before the first copy that it keeps. */
function moveBeforeKept(tape: Tape): void {
  const last = tape.at(-1);
  const kept = last?.saved ?? [];
  if (last === undefined || kept.length === 0) return;
  const ids = new Set(kept.map(({ id }) => id));
  const firstId = Math.min(...ids);
  let place = tape.length - 1;
  // Tensors are numbered as they are made: what is older than the first copy was recorded before the operation began.
  for (let index = tape.length - 2; index >= 0; index--) {
    const [output] = tape[index]?.outputs ?? [];
    if (output === undefined || output.id < firstId) break;
    if (ids.has(output.id)) place = index;
  }
  if (place === tape.length - 1) return;
  tape.pop();
  tape.splice(place, 0, last);
}
