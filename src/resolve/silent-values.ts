/** What varies in a plan without saying anything in a run: fields that do not count in the run's mode. */
import type { JsonObject } from "../core/json.ts";
import { parsePath, type Path } from "../core/path.ts";
import { viewsAt } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";

/**
 * A function that leaves out of a run's axis values those of fields that say nothing in the run's mode: two runs that
 * differed in them alone would be one.
 * @param root - The schema of the config. The names of variants are no paths of it, and stay.
 */
export function createSilencer(
  root: SchemaView,
): (axisValues: JsonObject, mode: unknown) => JsonObject {
  const known = new Map<string, boolean>();
  return (axisValues, mode) => {
    if (typeof mode !== "string") return axisValues;
    const isSilent = (name: string): boolean => {
      const key = `${mode} ${name}`;
      const found = known.get(key) ?? isSilentAt(parsePath(name) ?? [], { root, mode });
      known.set(key, found);
      return found;
    };
    if (!Object.keys(axisValues).some(isSilent)) return axisValues;
    return Object.fromEntries(Object.entries(axisValues).filter(([name]) => !isSilent(name)));
  };
}

/** Whether whatever may stand at a path, or what it is a part of, says nothing in a mode. */
function isSilentAt(
  path: Path,
  { root, mode }: { readonly root: SchemaView; readonly mode: string },
): boolean {
  return path.some((_, index) => {
    const views = viewsAt(root, path.slice(0, index + 1));
    const isSilent = ({ facts }: SchemaView): boolean =>
      facts.onlyInModes?.includes(mode) === false;
    return views.length > 0 && views.every(isSilent);
  });
}
