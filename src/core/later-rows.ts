/**
 * Rows of the trace as the text that is written, made when somebody looks at it: between short steps, to put together
 * objects that are taken apart again at once takes longer than all else that is done with a row.
 */
import type { JsonObject } from "./json.ts";
import type { RunEvent } from "./run-events.ts";

/** Rows that are told together. */
export type RowsEvent = Extract<RunEvent, { kind: "rows" }>;

/** Not exported, and no name: what a task of somebody else yields cannot say that it is canonical JSON. */
const textKey = Symbol("text");

interface WithText extends RowsEvent {
  readonly [textKey]: readonly (() => string)[];
}

/**
 * Rows of which the text is made first.
 * @param texts - Parts, one after the other: each gives lines of canonical JSON, with their newlines, and is called once. The
 *   rows before a part that throws are written.
 */
export function rowsOfTexts(numRows: number, texts: readonly (() => string)[]): RowsEvent {
  const parts = texts.map(once);
  const rows = (): readonly JsonObject[] => parts.flatMap((text) => parsed(text()));
  const event: WithText = { kind: "rows", numRows, rows, [textKey]: parts };
  return event;
}

function once(text: () => string): () => string {
  let made: string | undefined;
  return () => (made ??= text());
}

/**
 * What makes the text of rows, lines of canonical JSON, in parts one after the other; `undefined` where their `rows` are to be written one by one, which is
 * so too once secrets were taken out of the event: a copy of it has no text.
 */
export function textsOf(event: Pick<RowsEvent, "rows">): readonly (() => string)[] | undefined {
  return (event as Partial<WithText>)[textKey];
}

function parsed(text: string): readonly JsonObject[] {
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as JsonObject); // as `rowsOfTexts` asks for
}
