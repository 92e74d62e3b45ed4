/**
 * What validation and test share with training as the model sees it. Parts are split by whole contents, of which a model
 * may read less: texts that begin alike have one input where they are cut, and so have words outside of the vocabulary.
 */
import { sha256 } from "../core/hash.ts";
import type { Examples, PartName } from "./dataset.ts";

/** Examples of a part whose input is that of a training example, bit for bit; their labels may differ. */
export interface SharedInputs {
  readonly validation: number;
  readonly test: number;
}

/** Counts them, over token ids or features. */
export function countSharedInputs(parts: Readonly<Record<PartName, Examples>>): SharedInputs {
  const trained = new Set(inputDigests(parts.train));
  const count = (part: PartName): number =>
    inputDigests(parts[part]).filter((digest) => trained.has(digest)).length;
  return { validation: count("validation"), test: count("test") };
}

/** Token ids alone tell inputs apart: `padId` stands nowhere but after the last token, so that they say the length. */
function inputDigests({ size, tokens, features }: Examples): readonly string[] {
  const values = tokens ?? features ?? new Float32Array();
  const width = values.length / size;
  return Array.from({ length: size }, (_, index) => {
    const row = values.subarray(index * width, (index + 1) * width);
    return sha256(new Uint8Array(row.buffer, row.byteOffset, row.byteLength));
  });
}
