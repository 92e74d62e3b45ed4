/**
 * The types of combinators over whole changes. A generic function finds `C` and `I` through the place that its result
 * stands in, so its patches are typed by the `extend` around it. Where there is no such place (a `const` of its own, or
 * before `.filter`), the defaults hold; and a task carries the same functions without type parameters, for which no
 * place is needed.
 */
import type { Fragment, Held } from "./marker-types.ts";
import type { Layer, Patch } from "./patch-types.ts";

/** Changes that make several runs: what `variants`, `zip`, `product`, `concat`, `when` and `repeat` give back. */
export type Space<C, I> = Fragment<C, I> & {
  /**
   * Only those of its runs that a condition holds for; it sees the resolved config of the whole run. Runs that it
   * refuses are not checked otherwise: combinations that no rule allows can be left out by it.
   */
  readonly filter: (keep: (config: C) => boolean) => Space<C, I>;
};

/** Changes by the names that runs are told apart by. */
export type NamedChanges<C, I> = { readonly [name: string]: Layer<C, I> };

/** A combinator of layers, as `product` and `concat` are. */
export type CombineLayers<C, I> = (...layers: readonly Layer<C, I>[]) => Space<C, I>;

/** `variants` of one task. */
export interface Variants<C, I> {
  (changes: NamedChanges<C, I>): Space<C, I>;
  (axis: string, changes: NamedChanges<C, I>): Space<C, I>;
}

/** The combinators of one task. They work without `this`: `const { zip, variants } = myTask;`. */
export interface Combinators<C, I> {
  /** One run for each named change: `variants({ small: {…}, large: {…} })`, with the axis' name in front if wanted. */
  readonly variants: Variants<C, I>;
  /** All axes inside advance together; they have equally many values. */
  readonly zip: (patch: Patch<I, C>) => Space<C, I>;
  /** All its layers, one after the other: every combination of their axes. */
  readonly product: CombineLayers<C, I>;
  /** The runs of its first layer, then those of the second, and so on. */
  readonly concat: CombineLayers<C, I>;
  /** Layers, axes included, only in runs whose config before them meets the condition. */
  readonly when: (
    condition: (config: C) => boolean,
    ...layers: readonly Layer<C, I>[]
  ) => Space<C, I>;
  /** Only runs whose config meets the condition. */
  readonly filter: (keep: (config: C) => boolean) => Space<C, I>;
  /** The same with several seeds: `repeat(3)` has the seeds 0, 1 and 2. */
  readonly repeat: (seeds: number | readonly number[]) => Space<C, I>;
}

/** Seeds are the same for every task, so they need no place: they fit all; `.filter` sees the config of one. */
export type Seeds<C, I> = Fragment<never, never> & Pick<Space<C, I>, "filter">;

/**
 * The combinators of any task, typed by the place that they stand in.
 * @typeParam DefaultC - The resolved config, where no place says one.
 * @typeParam DefaultI - What may be written, where no place says it.
 */
export interface AnyCombinators<DefaultC, DefaultI> {
  readonly variants: AnyVariants<DefaultC, DefaultI>;
  readonly zip: <C = DefaultC, I = DefaultI>(patch: Patch<Held<I>, Held<C>>) => Space<C, I>;
  readonly product: CombineAnyLayers<DefaultC, DefaultI>;
  readonly concat: CombineAnyLayers<DefaultC, DefaultI>;
  readonly when: <C = DefaultC, I = DefaultI>(
    condition: (config: Held<C>) => boolean,
    ...layers: readonly Layer<Held<C>, Held<I>>[]
  ) => Space<C, I>;
  readonly filter: <C = DefaultC, I = DefaultI>(keep: (config: Held<C>) => boolean) => Space<C, I>;
  readonly repeat: <C = DefaultC, I = DefaultI>(seeds: number | readonly number[]) => Seeds<C, I>;
}

interface AnyVariants<DefaultC, DefaultI> {
  <C = DefaultC, I = DefaultI>(changes: NamedChanges<Held<C>, Held<I>>): Space<C, I>;
  <C = DefaultC, I = DefaultI>(axis: string, changes: NamedChanges<Held<C>, Held<I>>): Space<C, I>;
}

type CombineAnyLayers<DefaultC, DefaultI> = <C = DefaultC, I = DefaultI>(
  ...layers: readonly Layer<Held<C>, Held<I>>[]
) => Space<C, I>;
