/** The comments of a module, wherever code stands before, in or behind them. */
import { ts } from "ts-morph";
import type { SourceModule } from "../diff/source/modules.ts";

/** A comment by its offsets, marks included. */
export interface Comment {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/**
 * All comments, in order. They are looked for between the tokens of the tree, so that a text or a regular expression that
 * looks like one is none.
 */
export function commentsOf({ source }: SourceModule): readonly Comment[] {
  const { text } = source;
  const found = new Map<number, Comment>();
  const add = (ranges: readonly ts.CommentRange[] | undefined): void => {
    for (const { pos, end } of ranges ?? [])
      found.set(pos, { start: pos, end, text: text.slice(pos, end) });
  };
  const visit = (node: ts.Node): void => {
    const children = node.getChildren(source);
    if (children.length > 0) {
      for (const child of children) visit(child);
      return;
    }
    if (ts.isJSDoc(node) || node.kind === ts.SyntaxKind.JsxText) return;
    add(ts.getLeadingCommentRanges(text, node.getFullStart()));
    add(ts.getTrailingCommentRanges(text, node.end));
  };
  visit(source);
  return [...found.values()].toSorted((one, other) => one.start - other.start);
}
