/** From TensorFlow's library to the memory of `wasm`. */
import type { TensorInfo } from "@tensorflow/tfjs-core";
import { sizeOf, type Shape } from "../tensor.ts";
import type { NumberType } from "../wasm/backend.ts";
import type { NativeBackend } from "./backend.ts";
import type { TensorId } from "./constants.ts";
import { typeNumber } from "./types.ts";

/** Up to this many values go by way of JavaScript, which takes one call where a copy by the library takes four. */
const fewValues = 1_024;

/**
 * A tensor of `wasm` with the values of one of the library; the caller's.
 * @throws {OutOfMemoryError}
 */
export function copiedToMemory(
  backend: NativeBackend,
  id: TensorId,
  { shape, dtype = "float32" }: { readonly shape: Shape; readonly dtype?: NumberType },
): TensorInfo {
  const { addon, keeper } = backend;
  const kept = keeper.allocate(shape, dtype);
  try {
    const [size, values] = [sizeOf(shape), keeper.view(kept)];
    if (size > fewValues && backend.name === "native") {
      const target = addon.createTensor([1, size], typeNumber(backend, dtype), values);
      overwrite(backend, target, { id, size });
    } else if (size > 0) {
      values.set(addon.tensorDataSync(id));
    }
    return kept;
  } catch (error) {
    keeper.disposeData(kept.dataId);
    throw error;
  }
}

/** Writes to the memory of `target`, [1, size], and deletes it. */
function overwrite(
  backend: NativeBackend,
  target: TensorId,
  { id, size }: { readonly id: TensorId; readonly size: number },
): void {
  const made = [target];
  try {
    const source = backend.reshaped(id, [1, size]).id;
    made.push(source);
    // It writes where its first input lies, and gives that back.
    const inputs = [target, backend.integers([0]), source];
    made.push(backend.execute("InplaceUpdate", inputs, []).id);
  } finally {
    for (const one of made) backend.addon.deleteTensor(one);
  }
}
