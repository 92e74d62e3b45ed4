/** Runs of a look-up in words. */
import type { RunColumn } from "../app/lookups/list-runs.ts";
import type { JsonValue } from "../core/json.ts";
import { formatMetric, formatValue } from "./run-text.ts";
import { cut, formatDuration, printable, type Style } from "./terminal.ts";

/** A value of a column as text; empty where a run has none. */
export function columnText(holds: RunColumn["holds"], value: JsonValue | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "number") {
    switch (holds) {
      case "metric":
        return formatMetric(value);
      case "time":
        return formatTime(value);
      case "duration":
        return formatDuration(value * 1000);
      default:
        return formatValue(value);
    }
  }
  if (holds === "hash" && typeof value === "string") return printable(value.slice(0, 16));
  if (Array.isArray(value) && value.every((one) => typeof one === "string")) {
    return cut(oneLine(printable(value.join(" "))), maxText);
  }
  return cut(oneLine(formatValue(value)), maxText);
}

/** A line of a table is one line, whatever a note or a description holds. */
function oneLine(text: string): string {
  return text.replace(/\s+/gu, " ");
}

/** Longer texts are cut in tables; `--json` has them whole. */
const maxText = 40;

/** `2026-11-21 17:40`, in the time zone of the reader. */
export function formatTime(milliseconds: number): string {
  const date = new Date(milliseconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}`;
}

const statusStyles: Readonly<Record<string, Style>> = {
  finished: "green",
  running: "cyan",
  paused: "yellow",
  failed: "red",
  lost: "red",
};

/** The colour of a status. */
export function statusStyle(status: string): Style {
  return statusStyles[status] ?? "dim";
}
