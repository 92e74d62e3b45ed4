/** What rules over resolved values are told of an experiment. */
import type { PatchLayerData } from "../config/definition.ts";
import type { Path } from "../core/path.ts";

/** An experiment that was evaluated. */
export interface EvaluatedExperiment {
  /** Its module, relative to the project. */
  readonly file: string;
  /** Its patches, those that it inherits first; what stands in combinators such as `variants` is not among them. */
  readonly layers: readonly EvaluatedLayer[];
  /** Dotted paths that have a short name. */
  readonly aliasedPaths: readonly string[];
  /** The field that tells the members of a union apart: a patch has to name it to be typed by its member. */
  readonly isDiscriminator: (path: Path) => boolean;
  /**
   * Whether every run resolves to the same without a value that a layer writes.
   * @param index - Of the layer.
   * @param path - Of the value, in the literal of the layer.
   */
  readonly isSameWithout: (index: number, path: Path) => boolean;
  /** Paths that no finished run of any of its configs read; none where no run says so. */
  readonly unreadPaths: () => readonly string[];
}

/** One patch of a chain. */
export interface EvaluatedLayer {
  readonly data: PatchLayerData;
  /** The module in which it is written, relative to the project. */
  readonly file: string;
  /** It is written in a `defineConfig` or `extend`, not in a preset or fragment. */
  readonly isLiteral: boolean;
  readonly writes: readonly Write[];
}

/** A value that a layer writes. */
export interface Write {
  readonly path: Path;
  /** A marker, such as `choice(…)`, is no plain value. */
  readonly isPlain: boolean;
  /** Of a plain value, its canonical JSON. */
  readonly text: string;
}
