import { isPlainObject } from "../core/json.ts";
import { nearest } from "../core/suggest.ts";
import type { CallSite } from "./call-site.ts";
import { brandPresets, createLayer, type TaskData } from "./definition.ts";
import { describeValue, misuse } from "./misuse.ts";
import { schemaHasPath, schemaPaths } from "./schema-walk.ts";
import { snapshot } from "./snapshot.ts";

/** What `presets` was called with, and where. */
export interface PresetsRequest {
  readonly group: unknown;
  readonly call: CallSite;
}

/**
 * One layer a name, each a patch of the field at `path`; its label says both, as in `preset model["bert-tiny"]`.
 * @throws {ExpError} `config` for a field that the schema does not have, and for a group that is not an object of
 *   named values.
 */
export function createPresets<K extends PropertyKey, F extends symbol>(
  task: TaskData,
  path: string,
  request: PresetsRequest,
): { readonly [P in K]: F } {
  const { call } = request;
  const group = checkedGroup(task, path, request);
  const entries = Object.keys(group).map((name): [string, F] => {
    const patch = snapshot({ [path]: group[name] }, call);
    const label = `preset ${path}[${JSON.stringify(name)}]`;
    const literal = { argument: 1, keys: [name], path: [path] };
    return [name, createLayer<F>({ kind: "patch", label, patch, call, literal })];
  });
  const layers = Object.fromEntries(entries) as { [P in K]: F }; // the keys of the group, which typed K
  return Object.freeze(brandPresets(layers, { path, names: entries.map(([name]) => name) }));
}

function checkedGroup(
  task: TaskData,
  path: string,
  { group, call }: PresetsRequest,
): Record<string, unknown> {
  if (typeof path !== "string" || !schemaHasPath(task.schema, [path])) {
    const meant = nearest(String(path), schemaPaths(task.schema));
    const suggestion = meant === undefined ? "" : ` Did you mean ${meant}?`;
    throw misuse(call, `presets(): task ${task.name} has no field ${String(path)}.${suggestion}`);
  }
  if (!isPlainObject(group)) {
    throw misuse(call, `presets() takes an object of named values, found ${describeValue(group)}.`);
  }
  for (const name of Object.keys(group)) {
    if (name !== "" && name !== "__proto__") continue;
    throw misuse(call, `presets(): ${JSON.stringify(name)} cannot be the name of a preset.`);
  }
  return group;
}
