/** What the shell's completion needs to know of an experiment, as a file that plain JavaScript reads. */
import { mkdirSync, renameSync, statSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import type { DefinitionData } from "../config/definition.ts";
import { isPlainObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { formatPath, parsePath, type Path } from "../core/path.ts";
import { sealAmbient } from "../random/seal.ts";
import { shortNames } from "../resolve/aliases.ts";
import type { FieldInfo } from "../resolve/fields.ts";
import { nodeAt } from "../resolve/final-tree.ts";
import { moduleLayer } from "../resolve/layers.ts";
import { loadExperiment } from "../resolve/load.ts";
import { mergeLayers } from "../resolve/merge-layers.ts";
import { presetsFolder } from "../resolve/presets.ts";
import { createSchemaView } from "../resolve/schema-view.ts";
import { leafValue, type Tree } from "../resolve/tree.ts";
import { fieldAt, fieldsOf, loadTask, ownSchemas } from "./field-facts.ts";
import { listPresets } from "./list-project.ts";

export interface CompletionRequest {
  /** The experiment; none for what holds without one. */
  readonly file: string | undefined;
  /** Absolute. */
  readonly workingDirectory: string;
  /** What the command line itself offers, and the modules that say so. */
  readonly commands: readonly JsonObject[];
  readonly commandModules: readonly string[];
}

/**
 * Everything that completion answers from, with the modules whose change makes it stale.
 * @throws {ExpError} `usage` or `module` for an experiment that cannot be loaded.
 */
export async function describeForCompletion(request: CompletionRequest): Promise<JsonObject> {
  const { file, workingDirectory, commands, commandModules } = request;
  const own = [...commandModules, ...ownSchemas()];
  if (file === undefined) {
    const subject = await loadTask(undefined, workingDirectory);
    const facts = { fields: await fieldsOf(subject), aliases: subject.aliases };
    const none = { entries: [], groups: [], kinds: {} };
    return documentOf({ ...facts, ...none, commands, modules: own });
  }
  const loaded = await loadExperiment(file, { workingDirectory, seal: sealAmbient });
  const { definition, projectDirectory, sources } = loaded;
  const allGroups = await listPresets(workingDirectory, file);
  const groups = allGroups.filter(({ task }) => task === definition.task.name);
  const fields = await fieldsOf({ task: definition.task, projectDirectory, sources });
  const folder = presetsFolder(loaded);
  const presetModules = allGroups.map((group) => join(projectDirectory, group.file));
  const modules = [
    ...sources.map(({ path }) => join(projectDirectory, path)),
    ...presetModules,
    ...(folder === undefined ? [] : [folder]),
    ...own,
  ];
  const tree = treeOf(definition);
  const kinds = kindsOf(fields, definition, tree);
  const entries = entriesOf(fields, tree);
  const aliases = shortNames(definition);
  return documentOf({ fields, entries, aliases, groups, kinds, commands, modules });
}

/** Writes a cache file by one rename, so that no reader sees half of it. */
export function writeCompletion(place: string, document: JsonObject): void {
  mkdirSync(dirname(place), { recursive: true });
  const temporary = `${place}.${process.pid}`;
  writeFileSync(temporary, JSON.stringify(document));
  renameSync(temporary, resolve(place));
}

interface Facts {
  readonly fields: readonly FieldInfo[];
  /** Paths of what the experiment writes into records. */
  readonly entries: readonly string[];
  readonly aliases: ReadonlyMap<string, string>;
  readonly groups: Awaited<ReturnType<typeof listPresets>>;
  readonly kinds: JsonObject;
  readonly commands: readonly JsonObject[];
  readonly modules: readonly string[];
}

function documentOf({
  fields,
  entries,
  aliases,
  groups,
  kinds,
  commands,
  modules,
}: Facts): JsonObject {
  return {
    format: "lockstep/completion/5",
    modules: [...new Set(modules)].map(moduleState),
    commands,
    fields: [
      ...fields.filter(({ path }) => !/[[<]/u.test(path)).map((field) => fieldEntry(field, fields)),
      ...entries.map((path) => entryOf(path, entries, fields)),
    ],
    groups: groups.map(({ name, file, choices }) => ({
      name,
      file,
      choices: choices.map((choice) => ({ name: choice.name, what: choice.doc ?? "" })),
    })),
    aliases: [...aliases],
    kinds,
  };
}

/** Path, time of the last change and size; of a folder no size, which file systems count differently. */
function moduleState(path: string): JsonValue {
  const stats = statSync(path);
  return [path, stats.mtimeMs, stats.isDirectory() ? null : stats.size];
}

function fieldEntry(field: FieldInfo, all: readonly FieldInfo[]): JsonObject {
  const { path, doc, type, onlyIn, mark, items = [] } = field;
  const values = valuesOf(field);
  return {
    path,
    what: doc ?? type,
    hasFields: all.some((other) => other.path.startsWith(`${path}.`)),
    ...(field.shape === "record" ? { isRecord: true } : {}),
    ...(values.length === 0 ? {} : { values }),
    ...(items.length === 0 ? {} : { items: items.map(wordOf) }),
    ...(mark === "location" ? { isPlace: true } : {}),
    ...(onlyIn === undefined ? {} : { only: { ...onlyIn } }),
  };
}

/** An entry of a record, with what the schema says of all its entries. */
function entryOf(
  path: string,
  entries: readonly string[],
  fields: readonly FieldInfo[],
): JsonObject {
  const hasFields = entries.some((other) => other.startsWith(`${path}.`));
  const field = fieldAt(fields, parsePath(path) ?? []);
  return field === undefined
    ? { path, what: "", hasFields }
    : { ...fieldEntry(field, fields), path, hasFields };
}

function valuesOf({ values, type }: FieldInfo): readonly string[] {
  const listed = (values ?? []).map(wordOf);
  const booleans = type.startsWith("true or false") ? ["true", "false"] : [];
  return [...listed, ...booleans, ...(type.endsWith("or null") ? ["null"] : [])];
}

function wordOf(value: JsonValue): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

/** What the plain layers of an experiment leave. */
function treeOf({ layers, task }: DefinitionData): Tree | undefined {
  const patches = layers.flatMap((layer) => (layer.kind === "patch" ? [moduleLayer(layer)] : []));
  const view = createSchemaView(task.schema);
  return mergeLayers(undefined, patches, { view, report: () => {}, inputs: undefined });
}

/** Enough for any record that is written by hand. */
const maxEntries = 500;

/** The paths of the entries that records have, at any depth: no schema names them. */
function entriesOf(fields: readonly FieldInfo[], tree: Tree | undefined): readonly string[] {
  const found: string[] = [];
  const visit = (node: Tree | undefined, path: Path): void => {
    if (node?.kind !== "object") return;
    for (const [key, value] of node.fields) {
      if (found.length >= maxEntries) return;
      found.push(formatPath([...path, key]));
      visit(value, [...path, key]);
    }
  };
  for (const { path, shape } of fields) {
    const parts = shape === "record" && !/[[<]/u.test(path) ? parsePath(path) : undefined;
    if (parts !== undefined) visit(nodeAt(tree, parts), parts);
  }
  return [...new Set(found)];
}

/** The kind of each union as the layers leave it; none where variants may leave different ones. */
function kindsOf(
  fields: readonly FieldInfo[],
  { layers }: DefinitionData,
  tree: Tree | undefined,
): JsonObject {
  if (layers.some(({ kind }) => kind === "space")) return {};
  const entries = fields.flatMap(({ path, values }) => {
    const parts = parsePath(path);
    if (parts?.at(-1) !== "kind" || values === undefined) return [];
    const node = nodeAt(tree, parts); // an axis is there, too, and leaves it open
    const value = node === undefined ? defaultKind(path, fields) : leafValue(node);
    return typeof value === "string" ? [[path, value] as const] : [];
  });
  return Object.fromEntries(entries);
}

function defaultKind(path: string, fields: readonly FieldInfo[]): unknown {
  const holder = fields.find((field) => field.path === path.slice(0, -".kind".length));
  return isPlainObject(holder?.default) ? holder.default["kind"] : undefined;
}
