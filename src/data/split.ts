/**
 * Which part an example belongs to, decided by its own content and the split's seed alone: adding or removing examples
 * moves no other one, another seed of the run keeps the test part, and equal contents never lie in two parts.
 */
import { ExpError } from "../core/errors.ts";
import { philox4x32 } from "../random/philox.ts";
import { createStreams } from "../random/streams.ts";
import type { PartName } from "./dataset.ts";

export interface SplitSettings {
  /** Share of the examples for validation, 0 to 0.9. */
  readonly validation: number;
  /** Share of the examples for testing, 0 to 0.9. */
  readonly test: number;
  readonly seed: number;
}

/**
 * The part of an example by the SHA-256 of its content, 64 hex digits.
 * The first 128 bits of it are the counter of Philox 4x32-10 under the key of the stream `split`; the first two words
 * that come out make a position in 0…1 (53 bits, the first word the more significant). Positions below `test` are
 * tested on, positions from 1 - `validation` on validate: so changing one share moves nothing between the other two.
 * @throws {ExpError} `config` when the shares leave nothing to train on.
 */
export function createSplit(settings: SplitSettings): (digest: string) => PartName {
  const { validation, test, seed } = settings;
  if (validation + test >= 1) {
    throw new ExpError("config", "The split leaves nothing to train on.", {
      issues: [
        {
          path: ["data", "split"],
          message: "validation and test must add up to less than 1",
          value: `${validation} + ${test}`,
        },
      ],
    });
  }
  const { key } = createStreams(seed).stream("split");
  const words = new Uint32Array(4);
  return (digest) => {
    const word = (index: number): number =>
      Number.parseInt(digest.slice(index * 8, index * 8 + 8), 16);
    philox4x32([word(0), word(1), word(2), word(3)], key, words);
    const position = unitInterval(words[0] ?? 0, words[1] ?? 0);
    if (position < test) return "test";
    return position >= 1 - validation ? "validation" : "train";
  };
}

/** 53 bits of two words as a number in [0, 1); exact, so that no rounding depends on the engine. */
function unitInterval(high: number, low: number): number {
  return (high * 2 ** 21 + (low >>> 11)) / 2 ** 53;
}
