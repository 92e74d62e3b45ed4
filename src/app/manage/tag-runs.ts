/** Tags and notes: words beside a run, which itself never changes. */
import { ExpError } from "../../core/errors.ts";
import type { IndexedRun } from "../../store/query/indexed-run.ts";
import { openStore } from "../../store/store.ts";
import { storeOf, type LookupContext } from "../lookups/open-index.ts";
import { meantRuns } from "./meant-runs.ts";

export interface TagRequest extends LookupContext {
  /** Runs, as `meantRuns` takes them. */
  readonly words: readonly string[];
  readonly add: readonly string[];
  readonly remove: readonly string[];
}

/** A run with its tags as they are now. */
export interface TaggedRun {
  /** First 16 digits of its key. */
  readonly name: string;
  readonly runKey: string;
  /** Sorted. */
  readonly tags: readonly string[];
  /** Whether it had others before. */
  readonly isChanged: boolean;
}

/**
 * Adds tags to runs and takes tags away, durably. A tag of the config that is taken away is not shown any more; the config
 * keeps it. What is as it was asked for already is not written again.
 * @throws {ExpError} `usage` for words that mean no run, for tags that cannot be one, and for one that is both added and
 *   taken away; `environment` where the folder of the runs cannot be written to.
 */
export function tagRuns(request: TagRequest): readonly TaggedRun[] {
  const { add, remove, words } = request;
  for (const tag of [...add, ...remove]) checkTag(tag);
  const both = add.find((tag) => remove.includes(tag));
  if (both !== undefined) {
    throw new ExpError("usage", `The tag ${both} is both added and taken away.`);
  }
  const runs = meantRuns(request, words);
  const store = openStore(storeOf(request));
  return runs.map((run) => {
    const missing = unique(add.filter((tag) => !run.tags.includes(tag)));
    const present = unique(remove.filter((tag) => run.tags.includes(tag)));
    const isChanged = missing.length + present.length > 0;
    const facts = { add: [...missing], remove: [...present] };
    if (isChanged) store.annotate({ runKey: run.runKey, kind: "tag", facts });
    const tags = [...run.tags, ...missing].filter((tag) => !present.includes(tag)).toSorted();
    return { name: run.name, runKey: run.runKey, tags, isChanged };
  });
}

function unique(words: readonly string[]): readonly string[] {
  return [...new Set(words)];
}

const maxTagLength = 100;

/** A tag is one line that can be typed again. */
function checkTag(tag: string): void {
  const isTag = tag.trim() === tag && tag !== "" && !/\p{C}/u.test(tag);
  if (isTag && tag.length <= maxTagLength) return;
  throw new ExpError("usage", `${JSON.stringify(tag)} cannot be a tag.`, {
    hint: `A tag has 1 to ${maxTagLength} characters, no line breaks, and no blanks at its ends.`,
  });
}

/** What was noted about which run. */
export interface Noted {
  readonly run: IndexedRun;
  readonly text: string;
  /** The file that holds it, absolute. */
  readonly file: string;
}

const maxNoteLength = 100_000;

/**
 * Keeps a note about a run, durably.
 * @param run - From `meantRuns`.
 * @throws {ExpError} `usage` for an empty note and for one that is too long; `environment` where the folder of the runs
 *   cannot be written to.
 */
export function noteRun(context: LookupContext, run: IndexedRun, text: string): Noted {
  const trimmed = text.replace(/\r\n?/gu, "\n").trim();
  if (trimmed === "") {
    throw new ExpError("usage", "No note was kept: its text is empty.");
  }
  if (trimmed.length > maxNoteLength) {
    throw new ExpError(
      "usage",
      `The note has ${trimmed.length} characters; at most ${maxNoteLength} are kept.`,
      {
        hint: "Keep longer texts in a file of their own, and note where it is.",
      },
    );
  }
  const store = openStore(storeOf(context));
  const file = store.annotate({ runKey: run.runKey, kind: "note", facts: { text: trimmed } });
  return { run, text: trimmed, file };
}
