/** Text edits of object literals: fields added and taken away, everything else left as it is written. */
import { ts } from "ts-morph";

/** A piece of text that takes the place of another. */
export interface TextEdit {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** A text with an edit done. */
export function edited(text: string, { start, end, text: piece }: TextEdit): string {
  return text.slice(0, start) + piece + text.slice(end);
}

/** Spaces or tabs before the line that a position is on. */
function indentAt(text: string, position: number): string {
  const start = text.lastIndexOf("\n", position - 1) + 1;
  return /^[ \t]*/u.exec(text.slice(start))?.[0] ?? "";
}

/** What a field's text may need to know of its place. */
export interface FieldPlace {
  /** In spaces. */
  readonly indent: number;
}

export interface NewField {
  readonly name: string;
  /** The value's text, for a field on a line with this many spaces before it. */
  readonly value: (place: FieldPlace) => string;
  /** Longest line, in characters. */
  readonly width: number;
}

/** An edit that adds a field, or one that makes room for it: then it is asked for again. */
export interface FieldEdit {
  readonly edit: TextEdit;
  readonly isAdded: boolean;
}

/**
 * Adds a field as the last one of an object. One on one line stays so where it fits; else the outermost object that begins
 * on that line gets a line for each of its fields.
 */
export function addField(
  source: ts.SourceFile,
  object: ts.ObjectLiteralExpression,
  { name, value, width }: NewField,
): FieldEdit {
  const { text } = source;
  const start = object.getStart(source);
  const last = object.properties.at(-1);
  const inner = `${indentAt(text, start)}  `;
  const field = `${name}: ${value({ indent: inner.length })}`;
  if (last !== undefined && isOpen(source, object))
    return { edit: addLine({ source, object, last }, field), isAdded: true };
  const kept = object.properties.map((one) => one.getText(source));
  const flat = `{ ${[...kept, field].join(", ")} }`;
  const column = start - (text.lastIndexOf("\n", start - 1) + 1);
  // A comment behind it may go beyond the end of the line, as for prettier.
  const rest = /^[^\n]*?(?=[ \t]*(?:\/[/*]|\n|$))/u.exec(text.slice(object.end))?.[0].length ?? 0;
  const fits = !flat.includes("\n") && column + flat.length + rest <= width;
  const isLayer = !ts.isPropertyAssignment(object.parent);
  const hasComment = text.slice(start, object.end).includes("/*");
  if (!hasComment && (!fits || (isLayer && last === undefined))) {
    const outer = outermost(source, object);
    const edit = openedObject(source, outer, outer === object ? [field] : []);
    return { edit, isAdded: outer === object };
  }
  const edit =
    last === undefined
      ? { start, end: object.end, text: flat }
      : { start: last.end, end: last.end, text: `, ${field}` };
  return { edit, isAdded: true };
}

/** Whether its fields stand on lines of their own. */
function isOpen(source: ts.SourceFile, object: ts.ObjectLiteralExpression): boolean {
  const start = object.getStart(source);
  const [first] = object.properties;
  return source.text.slice(start, first?.getStart(source) ?? object.end).includes("\n");
}

/** The outermost object around one that begins on the same line and is not open. */
function outermost(
  source: ts.SourceFile,
  object: ts.ObjectLiteralExpression,
): ts.ObjectLiteralExpression {
  let found = object;
  for (let node: ts.Node = object.parent; !ts.isSourceFile(node); node = node.parent) {
    const isBroken = source.text
      .slice(node.getStart(source), found.getStart(source))
      .includes("\n");
    if (isBroken) break;
    if (ts.isObjectLiteralExpression(node)) found = node;
  }
  return found;
}

/** The object with a line for each field. */
function openedObject(
  source: ts.SourceFile,
  object: ts.ObjectLiteralExpression,
  added: readonly string[],
): TextEdit {
  const start = object.getStart(source);
  const indent = indentAt(source.text, start);
  const fields = [...object.properties.map((one) => one.getText(source)), ...added];
  const lines = fields.map((one) => `${indent}  ${one},\n`);
  return { start, end: object.end, text: `{\n${lines.join("")}${indent}}` };
}

interface Filled {
  readonly source: ts.SourceFile;
  readonly object: ts.ObjectLiteralExpression;
  readonly last: ts.ObjectLiteralElementLike;
}

/** Behind the last field and the comment on its line. */
function addLine({ source, object, last }: Filled, field: string): TextEdit {
  const { text } = source;
  const indent = indentAt(text, last.getStart(source));
  const hasComma = object.properties.hasTrailingComma;
  const after = hasComma ? text.indexOf(",", last.end) + 1 : last.end;
  const comment =
    /^[ \t]*(?:\/\/[^\n]*|\/\*[^\n]*?\*\/[ \t]*(?=\n))/u.exec(text.slice(after))?.[0] ?? "";
  const comma = hasComma ? "" : ",";
  return {
    start: after,
    end: after + comment.length,
    text: `${comma}${comment}\n${indent}${field},`,
  };
}

/** Takes a field away with the comment on its line; the comments before it stay. */
export function removeField(
  source: ts.SourceFile,
  object: ts.ObjectLiteralExpression,
  field: ts.Node,
): TextEdit {
  const { text } = source;
  const index = object.properties.findIndex((one) => one === field);
  const start = field.getStart(source);
  const lineStart = text.lastIndexOf("\n", start - 1) + 1;
  const behind = /^[ \t]*,?[ \t]*(?:\/\/[^\n]*|\/\*[^\n]*?\*\/[ \t]*(?=\n))?\n/u.exec(
    text.slice(field.end),
  );
  if (text.slice(lineStart, start).trim() === "" && behind !== null) {
    return { start: lineStart, end: field.end + behind[0].length, text: "" };
  }
  const next = object.properties[index + 1];
  if (next !== undefined) return { start, end: next.getStart(source), text: "" };
  const before = object.properties[index - 1];
  if (before !== undefined) return { start: before.end, end: field.end, text: "" };
  return { start: object.getStart(source), end: object.end, text: "{}" };
}
