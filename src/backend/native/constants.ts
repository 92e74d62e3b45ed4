/** Tensors in the library that operations take again and again: shapes, axes, factors, masks. */
import type { Addon } from "./addon.ts";

/** A tensor in the library. */
export type TensorId = number;

/** Constants of a generation; two of them are kept. */
const generationSize = 2_048;

interface Latest {
  readonly key: string;
  readonly id: TensorId;
}

/** The constants of a backend. What was asked for is there at least until some 2,000 others were. */
export class LibraryConstants {
  private readonly addon: Addon;
  private young = new Map<string, TensorId>();
  private old = new Map<string, TensorId>();
  private readonly latestByName = new Map<string, Latest>();

  constructor(addon: Addon) {
    this.addon = addon;
  }

  /** How many there are. */
  get size(): number {
    return this.young.size + this.old.size + this.latestByName.size;
  }

  /** A number, []. */
  scalar(value: number): TensorId {
    return this.constant(`f${value}`, () =>
      this.addon.createTensor([], this.addon.TF_FLOAT, new Float32Array([value])),
    );
  }

  /** A vector of whole numbers, such as a shape or axes. */
  integers(values: readonly number[]): TensorId {
    return this.constant(`i${values.join()}`, () =>
      this.addon.createTensor([values.length], this.addon.TF_INT32, Int32Array.from(values)),
    );
  }

  /** A whole number, []. */
  integer(value: number): TensorId {
    return this.constant(`n${value}`, () =>
      this.addon.createTensor([], this.addon.TF_INT32, Int32Array.from([value])),
    );
  }

  /**
   * A larger one, such as a mask, of which one at a time is kept.
   * @param name - What it is; another one of that name takes its place.
   * @param key - What it is made from.
   */
  latest(name: string, key: string, make: () => TensorId): TensorId {
    const before = this.latestByName.get(name);
    if (before?.key === key) return before.id;
    const id = make();
    this.latestByName.set(name, { key, id });
    if (before !== undefined) this.addon.deleteTensor(before.id);
    return id;
  }

  /** Deletes all of them. */
  clear(): void {
    this.deleteAll(this.young);
    this.deleteAll(this.old);
    for (const { id } of this.latestByName.values()) this.addon.deleteTensor(id);
    this.latestByName.clear();
  }

  private constant(key: string, make: () => TensorId): TensorId {
    const known = this.young.get(key);
    if (known !== undefined) return known;
    const id = this.old.get(key) ?? make();
    this.old.delete(key);
    if (this.young.size >= generationSize) {
      this.deleteAll(this.old);
      [this.young, this.old] = [this.old, this.young];
    }
    this.young.set(key, id);
    return id;
  }

  private deleteAll(generation: Map<string, TensorId>): void {
    for (const id of generation.values()) this.addon.deleteTensor(id);
    generation.clear();
  }
}
