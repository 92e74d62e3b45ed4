/** Reading times that were written down. The clock is not read here: what time it is enters as an argument. */

/** From `from` until just before `until`, milliseconds since 1970. */
export interface TimeSpan {
  readonly from: number;
  readonly until: number;
}

/** Milliseconds since 1970 of a moment in ISO 8601, in the time zone of this machine where it names none. */
export function parseTime(text: string): number | undefined {
  const time = Date.parse(text);
  return Number.isNaN(time) ? undefined : time;
}

/** A moment as ISO 8601 in UTC; milliseconds since 1970. */
export function timeText(timeMs: number): string {
  return new Date(timeMs).toISOString();
}

/**
 * A day of this machine's time zone, which may have 23 or 25 hours; `undefined` for one that no calendar has.
 * @param month - 1 to 12.
 */
export function localDay(year: number, month: number, day: number): TimeSpan | undefined {
  const date = new Date(year, month - 1, day);
  const isReal = date.getMonth() === month - 1 && date.getDate() === day;
  if (!isReal) return undefined;
  return { from: date.getTime(), until: new Date(year, month - 1, day + 1).getTime() };
}

/** The day of a moment, or one so many days after it. */
export function dayOf(moment: Date, shift: number): TimeSpan {
  const [year, month, day] = [moment.getFullYear(), moment.getMonth(), moment.getDate() + shift];
  return {
    from: new Date(year, month, day).getTime(),
    until: new Date(year, month, day + 1).getTime(),
  };
}

/** The millisecond after a moment in ISO 8601, in UTC; `undefined` for a text that is no moment. */
export function millisecondAfter(text: string): string | undefined {
  const time = parseTime(text);
  return time === undefined ? undefined : new Date(time + 1).toISOString();
}
