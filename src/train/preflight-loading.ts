/** A data set that the checks of several runs share, and what reading it takes of memory. */
import { peakResidentBytes, residentBytes } from "../backend/host-limits.ts";
import { canonicalJson } from "../core/canonical-json.ts";
import type { Dataset, Examples } from "../data/dataset.ts";
import type { LoadingBytes } from "./memory.ts";
import type { TrainingParts } from "./training-parts.ts";

interface LoadedDataset {
  readonly key: string;
  readonly dataset: Dataset;
  readonly loading: LoadingBytes;
}

/** The data set is loaded once for all runs that read it alike; only the last one is kept. */
export function sharingData(parts: TrainingParts, shared: Map<string, unknown>): TrainingParts {
  return {
    ...parts,
    loadDataset: async (config, projectDirectory) => {
      const { data, tokenizer } = config;
      const key = canonicalJson({ data, ...(tokenizer && { tokenizer }) });
      const last = shared.get("dataset") as LoadedDataset | undefined; // written below
      if (last?.key === key) return last.dataset;
      const before = { now: residentBytes(), peak: peakResidentBytes() };
      const dataset = await parts.loadDataset(config, projectDirectory);
      shared.set("dataset", { key, dataset, loading: loadingBytes(before, dataset) });
      return dataset;
    },
  };
}

/** What reading took of the data set that was loaded last with `sharingData`. */
export function lastLoading(shared: ReadonlyMap<string, unknown>): LoadingBytes {
  return (shared.get("dataset") as LoadedDataset).loading;
}

/**
 * What is left over counts as much as what is read: JavaScript gives memory back late. While files are read and parsed, a
 * process may be far larger than afterwards; a peak below one that was before cannot be seen, and does no harm.
 */
function loadingBytes(before: { now: number; peak: number }, dataset: Dataset): LoadingBytes {
  const numKeptBytes = Math.max(dataBytes(dataset), residentBytes() - before.now);
  const peak = peakResidentBytes();
  const numGrownBytes = peak > before.peak ? peak - before.now : 0;
  return { numKeptBytes, numPeakBytes: Math.max(numKeptBytes, numGrownBytes) };
}

function dataBytes({ parts }: Dataset): number {
  return Object.values(parts).reduce((sum, part) => sum + numBytesOf(part), 0);
}

function numBytesOf({ labels, tokens, lengths, features, text }: Examples): number {
  const arrays = [labels, tokens, lengths, features, text?.ids];
  return arrays.reduce((sum, array) => sum + (array?.byteLength ?? 0), 0);
}
