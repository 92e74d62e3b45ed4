/** Times in filters: days and moments in the time zone of whoever asks. */
import { dayOf, localDay, parseTime, type TimeSpan } from "../times.ts";
import type { FilterValue } from "./filter.ts";

/**
 * The span that a value means: a whole day, a minute, a second, or a moment; `undefined` for what is no time.
 * @param now - What `today` and `2d ago` count from.
 */
export function timeSpan(value: FilterValue, now: Date): TimeSpan | undefined {
  if (value.kind === "ago") {
    const from = now.getTime() - value.seconds * 1000;
    return { from, until: from + 1 };
  }
  if (value.kind !== "time") return undefined;
  const { text } = value;
  if (text === "today") return dayOf(now, 0);
  if (text === "yesterday") return dayOf(now, -1);
  const [, year, month, day, time] = /^(\d{4})-(\d\d)-(\d\d)(T.*)?$/u.exec(text) ?? [];
  if (time === undefined) return localDay(Number(year), Number(month), Number(day));
  const from = parseTime(text);
  if (from === undefined) return undefined;
  const length = /:\d\d:\d\d\./u.test(time) ? 1 : /T\d\d:\d\d:\d\d/u.test(time) ? 1_000 : 60_000;
  return { from, until: from + length };
}
