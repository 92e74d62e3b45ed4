import type { JsonObject } from "../core/json.ts";

/**
 * The names of all axes of a plan as columns. Runs may have different ones; each run has its own in the order of the
 * plan, so a name that is new goes behind the one before it.
 */
export function axisColumns(runs: readonly { readonly axisValues: JsonObject }[]): string[] {
  const columns: string[] = [];
  for (const { axisValues } of runs) {
    let position = 0;
    for (const name of Object.keys(axisValues)) {
      const known = columns.indexOf(name);
      if (known === -1) columns.splice(position, 0, name);
      position = (known === -1 ? position : known) + 1;
    }
  }
  return columns;
}
