/** What a layer wrote, as one would write it: `choice(0.1, 0.2)`, `derived(…)`, `"bert"`. */
import { markerData, type MarkerData } from "../config/markers.ts";
import { isPlainObject } from "../core/json.ts";
import { formatPath } from "../core/path.ts";
import { IndexEdit } from "./layers.ts";
import { showValue } from "./problems.ts";

const maxItems = 8;

/** The text of a written value on one line; long lists and objects are cut. */
export function writtenText(value: unknown): string {
  const marker = markerData(value);
  if (marker !== undefined) return markerText(marker);
  if (value instanceof IndexEdit) return `${formatPath([value.index])}=${writtenText(value.patch)}`;
  if (Array.isArray(value)) return `[${items(value)}]`;
  if (!isPlainObject(value)) return showValue(value);
  const entries = Object.entries(value).map(([key, item]) => `${key}: ${writtenText(item)}`);
  return entries.length === 0 ? "{}" : `{ ${cut(entries)} }`;
}

function markerText(marker: MarkerData): string {
  switch (marker.kind) {
    case "choice":
      if (marker.from === undefined) return `choice(${items(marker.values)})`;
      return `${marker.from}(…), which is ${items(marker.values)}`;
    case "range": {
      const { start, stop, step } = marker;
      return `range(${start}, ${stop}${step === 1 ? "" : `, ${step}`})`;
    }
    case "derived":
      return "derived(…)";
    case "replace":
      return `replace(${writtenText(marker.value)})`;
    case "append":
    case "prepend":
    case "subtract":
      return `${marker.kind}(${items(marker.items)})`;
    case "remove":
      return marker.equals === undefined
        ? "remove()"
        : `remove(${writtenText(marker.equals.value)})`;
    case "reference":
      return JSON.stringify(marker.text);
    case "env": {
      const { name, fallback } = marker;
      const otherwise = fallback === undefined ? "" : `, ${writtenText(fallback.value)}`;
      return `env(${JSON.stringify(name)}${otherwise})`;
    }
    case "external":
      return `external(${JSON.stringify(marker.key)}, …)`;
    default:
      return `${marker.kind}()`;
  }
}

function items(values: readonly unknown[]): string {
  return cut(values.map(writtenText));
}

function cut(texts: readonly string[]): string {
  const shown = texts.slice(0, maxItems).join(", ");
  return texts.length <= maxItems ? shown : `${shown}, … ${texts.length} in all`;
}
