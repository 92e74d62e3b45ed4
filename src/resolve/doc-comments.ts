/** Doc comments of source text as plain sentences. */
import type * as oxc from "oxc-parser";
import type { ParsedModule } from "./parsed-module.ts";

/**
 * The doc comment that stands directly before an offset, or `undefined` where there is none: its words on one line, up
 * to the first `@tag`.
 */
export function docBefore({ text, comments }: ParsedModule, offset: number): string | undefined {
  const comment = lastBefore(comments, offset);
  if (comment === undefined || !isDoc(comment)) return undefined;
  if (text.slice(comment.end, offset).trim() !== "") return undefined;
  return wordsOf(comment);
}

/** The doc comment at the top of a module, before its first statement. */
export function moduleDoc({ text, comments }: ParsedModule): string | undefined {
  const [first] = comments;
  if (first === undefined || !isDoc(first)) return undefined;
  const before = text.slice(0, first.start).replace(/^#!.*/u, "");
  return before.trim() === "" ? wordsOf(first) : undefined;
}

function isDoc({ type, value }: oxc.Comment): boolean {
  return type === "Block" && value.startsWith("*");
}

function wordsOf({ value }: oxc.Comment): string | undefined {
  const lines = value.split(/\r?\n/u).map((line) => line.replace(/^\s*\*+ ?/u, "").trim());
  const end = lines.findIndex((line) => line.startsWith("@"));
  const words = (end === -1 ? lines : lines.slice(0, end)).join(" ").replace(/\s+/gu, " ").trim();
  return words === "" ? undefined : words;
}

/** Comments stand in the order of the text. */
function lastBefore(comments: readonly oxc.Comment[], offset: number): oxc.Comment | undefined {
  let low = 0;
  let high = comments.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((comments[middle]?.end ?? Infinity) <= offset) low = middle + 1;
    else high = middle;
  }
  return comments[low - 1];
}
