/** Groups of named layers: alternatives for one field (`presets`), or changes of the whole config (`profiles`). */
import { isPlainObject } from "../core/json.ts";
import { formatPath, parsePath, type Path } from "../core/path.ts";
import { nearest } from "../core/suggest.ts";
import type { CallSite } from "./call-site.ts";
import { brandPresets, createLayer, type PresetGroupData, type TaskData } from "./definition.ts";
import { describeValue, misuse } from "./misuse.ts";
import { schemaHasPath, schemaPaths } from "./schema-walk.ts";
import { snapshot } from "./snapshot.ts";

/** What `presets` or `profiles` was called with, and where. */
export interface PresetsRequest {
  readonly group: unknown;
  readonly call: CallSite;
}

type Layers<K extends PropertyKey, F> = { readonly [P in K]: F };

/**
 * One layer a name, each a patch of the field at `path`; its label says both, as in `preset model["bert-tiny"]`.
 * @throws {ExpError} `config` for a field that the schema does not have, and for a group that is not an object of
 *   named values.
 */
export function createPresets<K extends PropertyKey, F extends symbol>(
  task: TaskData,
  path: unknown,
  request: PresetsRequest,
): Layers<K, F> {
  const keys = fieldPath(task, path, request.call);
  return createGroup({ kind: "presets", task: task.name, path: formatPath(keys), keys }, request);
}

/**
 * One layer a name, each a patch of the whole config.
 * @throws {ExpError} `config` for a name that is no plain word or is a field of the schema, and for a group that is not
 *   an object of named changes.
 */
export function createProfiles<K extends PropertyKey, F extends symbol>(
  task: TaskData,
  name: unknown,
  request: PresetsRequest,
): Layers<K, F> {
  const { call } = request;
  if (typeof name !== "string" || parsePath(name)?.length !== 1) {
    const found = describeValue(name);
    throw misuse(call, `profiles() takes a name such as "run" first, found ${found}.`);
  }
  if (schemaHasPath(task.schema, [name])) {
    const message = `profiles(): ${name} is a field of task ${task.name}, so ${name}=… could mean either.`;
    throw misuse(call, message, `Take another name, or presets("${name}", …) for that field.`);
  }
  return createGroup({ kind: "profiles", task: task.name, path: name, keys: [] }, request);
}

interface GroupPlace extends Omit<PresetGroupData, "names"> {
  /** Where in a config each value is written. */
  readonly keys: Path;
}

function createGroup<K extends PropertyKey, F extends symbol>(
  { kind, task, path, keys }: GroupPlace,
  { group, call }: PresetsRequest,
): Layers<K, F> {
  const word = kind === "presets" ? "preset" : "profile";
  const entries = Object.entries(checkedGroup(group, kind, call)).map(
    ([name, value]): [string, F] => {
      const written = keys.reduceRight((inner, key) => ({ [key]: inner }), value);
      const layer = {
        kind: "patch",
        label: `${word} ${path}[${JSON.stringify(name)}]`,
        patch: snapshot(written, call),
        call,
        literal: { argument: 1, keys: [name], path: keys },
      } as const;
      return [name, createLayer<F>(layer)];
    },
  );
  const layers = Object.fromEntries(entries) as { [P in K]: F }; // the keys of the group, which typed K
  const names = entries.map(([name]) => name);
  return Object.freeze(brandPresets(layers, { kind, task, path, names }));
}

function fieldPath({ name, schema }: TaskData, path: unknown, call: CallSite): Path {
  const keys = typeof path === "string" ? (parsePath(path) ?? []) : [];
  const hasIndex = keys.some((key) => typeof key === "number"); // a patch cannot change one item of a list
  if (keys.length > 0 && !hasIndex && schemaHasPath(schema, keys)) return keys;
  const meant = nearest(String(path), schemaPaths(schema));
  const suggestion = meant === undefined ? "" : ` Did you mean ${meant}?`;
  throw misuse(call, `presets(): task ${name} has no field ${String(path)}.${suggestion}`);
}

function checkedGroup(
  group: unknown,
  kind: PresetGroupData["kind"],
  call: CallSite,
): Record<string, unknown> {
  const isProfiles = kind === "profiles";
  if (!isPlainObject(group)) {
    const expected = `an object of named ${isProfiles ? "changes" : "values"}`;
    throw misuse(call, `${kind}() takes ${expected}, found ${describeValue(group)}.`);
  }
  for (const [name, value] of Object.entries(group)) {
    if (name === "" || name === "__proto__") {
      const word = isProfiles ? "profile" : "preset";
      throw misuse(call, `${kind}(): ${JSON.stringify(name)} cannot be the name of a ${word}.`);
    }
    if (!isProfiles || isPlainObject(value)) continue;
    const found = describeValue(value);
    throw misuse(call, `profiles(): ${name} is ${found}, expected an object of changes.`);
  }
  return group;
}
