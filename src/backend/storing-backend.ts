/** What every backend of ours does the same way: the books on its tensors, which TensorFlow.js keeps by their data ids. */
import {
  DataStorage,
  KernelBackend,
  engine,
  type DataType,
  type TensorInfo,
} from "@tensorflow/tfjs-core";
import type { Shape } from "./tensor.ts";

/** What a backend keeps of a tensor; its own facts stand beside these. */
export interface StoredTensor {
  readonly dtype: DataType;
  /** How many tensors share the values; at 0 they are freed. */
  refCount: number;
}

/** A backend that knows for each data id where the values lie. */
export abstract class StoringBackend<Stored extends StoredTensor> extends KernelBackend {
  protected readonly stored: DataStorage<Stored>;
  private nextId = 0;

  constructor() {
    super();
    this.stored = new DataStorage<Stored>(this, engine());
  }

  /** Gives back the memory of a tensor that nobody holds any more. */
  protected abstract free(stored: Stored): void;

  /** A tensor with a data id of its own. */
  protected register(stored: Stored, shape: Shape): TensorInfo {
    const dataId = { id: this.nextId++ };
    this.stored.set(dataId, stored);
    return { dataId, shape: [...shape], dtype: stored.dtype };
  }

  override move(
    ...[dataId, values, shape, dtype, refCount]: Parameters<KernelBackend["move"]>
  ): void {
    const written = this.write(values, shape, dtype);
    const stored = this.stored.get(written);
    stored.refCount = refCount;
    this.stored.delete(written);
    this.stored.set(dataId, stored);
  }

  override disposeData(dataId: object, force = false): boolean {
    if (!this.stored.has(dataId)) return true;
    const stored = this.stored.get(dataId);
    stored.refCount--;
    if (stored.refCount > 0 && !force) return false;
    this.free(stored);
    this.stored.delete(dataId);
    return true;
  }

  override refCount(dataId: object): number {
    return this.stored.has(dataId) ? this.stored.get(dataId).refCount : 0;
  }

  override incRef(dataId: object): void {
    this.stored.get(dataId).refCount++;
  }

  override numDataIds(): number {
    return this.stored.numDataIds();
  }

  override timerAvailable(): boolean {
    return true;
  }

  override async time(run: () => void): Promise<{ kernelMs: number }> {
    const start = performance.now();
    run();
    return { kernelMs: performance.now() - start };
  }

  override floatPrecision(): 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }
}
