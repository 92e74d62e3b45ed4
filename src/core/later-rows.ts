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
 * @param text - Gives one line of canonical JSON for each, with its newline; called once.
 */
export function rowsOfText(numRows: number, text: () => string): RowsEvent {
  let made: string | undefined;
  return rowsOfTexts(numRows, [() => (made ??= text())]);
}

function rowsOfTexts(numRows: number, texts: readonly (() => string)[]): RowsEvent {
  const rows = (): readonly JsonObject[] => texts.flatMap((text) => parsed(text()));
  const event: WithText = { kind: "rows", numRows, rows, [textKey]: texts };
  return event;
}

/**
 * What makes the text of rows, lines of canonical JSON, in parts one after the other; `undefined` where their `rows` are to be written one by one, which is
 * so too once secrets were taken out of the event: a copy of it has no text.
 */
export function textsOf(event: Pick<RowsEvent, "rows">): readonly (() => string)[] | undefined {
  return (event as Partial<WithText>)[textKey];
}

/** The rows of several events as one, in their order; those of one are this event. */
export function joinedRows(events: readonly RowsEvent[]): RowsEvent {
  const [first] = events;
  if (first !== undefined && events.length === 1) return first;
  const numRows = events.reduce((sum, each) => sum + each.numRows, 0);
  const texts = events.map(textsOf);
  if (!texts.includes(undefined))
    return rowsOfTexts(
      numRows,
      texts.flatMap((parts) => parts ?? []),
    );
  return { kind: "rows", numRows, rows: () => events.flatMap((each) => each.rows()) };
}

function parsed(text: string): readonly JsonObject[] {
  const lines = text.split("\n").slice(0, -1);
  return lines.map((line) => JSON.parse(line) as JsonObject); // as `rowsOfText` asks for
}
