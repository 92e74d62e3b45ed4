/** The config of a finished run as overrides: what was chosen is pinned, what is computed is computed again. */
import { formatOverride } from "../../config/format-override.ts";
import { isPlainObject, type JsonObject } from "../../core/json.ts";
import { formatPath, type Path } from "../../core/path.ts";
import { secretsOf } from "../../core/secret-reference.ts";

/** Values that are made from others, which may change. */
const computed = new Set(["derived", "reference"]);

/**
 * Overrides that give an experiment the config of a run, to stand before those of the user.
 * @param config - Of the run, complete.
 * @param provenance - Content of its `provenance.json`.
 */
export function pinnedOverrides(config: JsonObject, provenance: JsonObject): readonly string[] {
  const { values } = provenance;
  const histories = isPlainObject(values) ? Object.entries(values) : [];
  const left = new Set([
    ...histories.filter(([, one]) => isComputed(one)).map(([path]) => path),
    ...secretsOf(config).map(({ path }) => formatPath(path)), // they come from the process; no run keeps them
  ]);
  return Object.entries(config).flatMap(([key, value]) => pinned([key], value, left));
}

function isComputed(history: unknown): boolean {
  const last: unknown = Array.isArray(history) ? history.at(-1) : undefined;
  const by = isPlainObject(last) ? last["by"] : undefined;
  return typeof by === "string" && computed.has(by);
}

/** A whole object is replaced, so that nothing of another kind stays in it; one with a computed value is written leaf by leaf. */
function pinned(path: Path, value: unknown, left: ReadonlySet<string>): readonly string[] {
  const name = formatPath(path);
  if (left.has(name)) return [];
  const text = formatOverride(path, value);
  if (!isPlainObject(value)) return [text];
  const holdsLeft = [...left].some((one) => one.startsWith(`${name}.`));
  if (!holdsLeft) return [`${name}:${text.slice(name.length)}`];
  return Object.entries(value).flatMap(([key, field]) => pinned([...path, key], field, left));
}
