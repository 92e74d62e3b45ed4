/** The tools that runs are sent to one by one, by the words that `--to` has for them. */
import { loadLater } from "../../core/load-later.ts";
import type { ViewTools } from "../../track/run-view.ts";
import type { Target } from "../../track/target.ts";

/** What a target is made with. */
export interface TargetOptions extends ViewTools {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where files go, absolute; throws `usage` where none is named. */
  readonly folder: () => string;
}

const targets = {
  tensorboard: async ({ files, now, folder }: TargetOptions): Promise<Target> => {
    const { createTensorboardTarget } = await loadLater(
      import.meta.url,
      "../../track/tensorboard/target",
      () => import("../../track/tensorboard/target.ts"),
    );
    return createTensorboardTarget({ files, now, folder: folder() });
  },
  hf: async ({ files, folder }: TargetOptions): Promise<Target> => {
    const { createHuggingFaceTarget } = await loadLater(
      import.meta.url,
      "../../track/huggingface/target",
      () => import("../../track/huggingface/target.ts"),
    );
    return createHuggingFaceTarget({ files, folder: folder() });
  },
};

/** A word of `--to` that means one of them. */
export type TargetKind = keyof typeof targets;

/** All of them. */
export const targetKinds: readonly string[] = Object.keys(targets);

/** Tells whether a word means one of them. */
export function isTargetKind(word: string): word is TargetKind {
  return Object.hasOwn(targets, word);
}

/**
 * The target of a word.
 * @throws {ExpError} `usage` where what it needs was not given.
 */
export function createTarget(kind: TargetKind, options: TargetOptions): Promise<Target> {
  return targets[kind](options);
}
