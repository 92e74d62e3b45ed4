/** `// lint-ignore rule-id: reason`, beside what it is about or on the line above. */
import { ts } from "ts-morph";
import type { SourceModule } from "../diff/source/modules.ts";
import { commentsOf, type Comment } from "./comments.ts";
import type { Edit } from "./rule.ts";

/** One comment that suppresses, or means to. */
export interface Suppression {
  readonly module: SourceModule;
  readonly comment: Comment;
  /** The line of the code that it is about, from 1. */
  readonly line: number;
  readonly ruleIds: readonly string[];
  /** Empty where none is given. */
  readonly reason: string;
}

const marker = "lint-ignore";

/** The suppressions of a module. */
export function suppressionsOf(module: SourceModule): readonly Suppression[] {
  const { text } = module.source;
  if (!text.includes(marker)) return []; // comments are only looked for where there may be one
  return commentsOf(module).flatMap((comment) => {
    const match =
      /^(?:\/\/|\/\*+)\s*lint-ignore\b\s*([^:]*?)\s*(?::\s*([\s\S]*?))?\s*(?:\*\/)?$/u.exec(
        comment.text,
      );
    if (match === null) return [];
    const [, names = "", reason = ""] = match;
    const ruleIds = names.split(/[\s,]+/u).filter((name) => name !== "");
    return [{ module, comment, line: lineAbout(module, comment), ruleIds, reason }];
  });
}

/** Its own line where code stands before it, else the next one with code. */
function lineAbout({ source }: SourceModule, { start, end }: Comment): number {
  const { text } = source;
  const lineOf = (offset: number): number => source.getLineAndCharacterOfPosition(offset).line + 1;
  const before = text.slice(text.lastIndexOf("\n", start - 1) + 1, start);
  if (before.trim() !== "") return lineOf(start);
  const others = ts.getLeadingCommentRanges(text, end) ?? [];
  const from = others.at(-1)?.end ?? end;
  const spaces = /^\s*/u.exec(text.slice(from))?.[0].length ?? 0;
  return lineOf(from + spaces);
}

/** Takes the comment away, with its line where it has one of its own. */
export function suppressionRemoval({ module, comment }: Suppression): Edit {
  const { text } = module.source;
  const { start, end } = comment;
  const line = text.lastIndexOf("\n", start - 1) + 1;
  const isOwnLine =
    text.slice(line, start).trim() === "" && /^[ \t]*(?:\n|$)/u.test(text.slice(end));
  if (isOwnLine) {
    const next = text.indexOf("\n", end);
    return { file: module.file, start: line, end: next === -1 ? end : next + 1, text: "" };
  }
  const spaces = /[ \t]*$/u.exec(text.slice(line, start))?.[0].length ?? 0;
  return { file: module.file, start: start - spaces, end, text: "" };
}
