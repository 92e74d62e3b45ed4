/** What is known of a task's fields: their types and limits from the schema, their docs from its source. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { taskData, type TaskData } from "../config/definition.ts";
import { InternalError } from "../core/errors.ts";
import { isPlainObject, type JsonObject } from "../core/json.ts";
import { formatPath, valueAt, parsePath, type Path } from "../core/path.ts";
import { sealAmbient } from "../random/seal.ts";
import type { FieldDocs, ModuleText } from "../resolve/field-docs.ts";
import { listFields, type FieldInfo as SchemaField } from "../resolve/fields.ts";
import { taskJsonSchema } from "../resolve/json-schema.ts";
import { loadFieldDocs } from "../resolve/load-parser.ts";
import { loadExperiment } from "../resolve/load.ts";
import type { SourceFile } from "../resolve/module-loader.ts";
import { shortNames } from "../resolve/aliases.ts";
import { createSchemaView } from "../resolve/schema-view.ts";
import { training } from "../train/task.ts";

/** What is known of one field of a config. */
export type FieldInfo = SchemaField;

/** A task with the sources in which its schema is written. */
export interface TaskSubject {
  readonly task: TaskData;
  readonly aliases: ReadonlyMap<string, string>;
  /** Absolute. */
  readonly projectDirectory: string;
  readonly sources: readonly SourceFile[];
}

/**
 * The task of an experiment, or the built-in training task where no file is given.
 * @param file - Absolute, or relative to the working directory.
 * @throws {ExpError} `usage` or `module` for a file that cannot be loaded as an experiment.
 */
export async function loadTask(
  file: string | undefined,
  workingDirectory: string,
): Promise<TaskSubject> {
  if (file === undefined) {
    const task = taskData(training);
    if (task === undefined) throw new InternalError("the training task is no task");
    const aliases = new Map(Object.entries(task.aliases));
    return { task, aliases, projectDirectory: workingDirectory, sources: [] };
  }
  const loaded = await loadExperiment(file, { workingDirectory, seal: sealAmbient });
  const { definition, projectDirectory, sources } = loaded;
  return { task: definition.task, aliases: shortNames(definition), projectDirectory, sources };
}

/** The input of a task as JSON Schema 2020-12. */
export async function schemaOf(subject: TaskSubject): Promise<JsonObject> {
  return taskJsonSchema(subject.task, await docsOf(subject));
}

/** The docs of a task's schema. */
async function docsOf(subject: Omit<TaskSubject, "aliases">): Promise<FieldDocs> {
  const { task, projectDirectory, sources } = subject;
  const evaluated = sources.map(({ path, text }) => ({ file: join(projectDirectory, path), text }));
  const known = new Set(evaluated.map(({ file }) => file));
  const others = [...ownSchemas(), ...task.code, task.call.file].filter((file) => !known.has(file));
  const read = [...new Set(others)].flatMap((file) => readModule(file) ?? []);
  return loadFieldDocs([...evaluated, ...read]);
}

/** Every field of a task, with its doc. */
export async function fieldsOf(
  subject: Omit<TaskSubject, "aliases">,
): Promise<readonly FieldInfo[]> {
  return listFields(createSchemaView(subject.task.schema), await docsOf(subject));
}

/** Lockstep's own schemas: TypeScript in the repository, JavaScript in the package; both keep their comments. */
export function ownSchemas(): readonly string[] {
  const folder = fileURLToPath(new URL("../../schemas/", import.meta.url));
  const names = readdirSync(folder).filter((name) => /(?<!\.d)\.[jt]s$/u.test(name));
  return names.sort().map((name) => join(folder, name));
}

function readModule(file: string): ModuleText | undefined {
  try {
    return { file, text: readFileSync(file, "utf8") };
  } catch {
    return undefined; // a task made by code without a file
  }
}

/**
 * What is known of a path of a config: of the meanings that members of a union give it, the one that fits the config.
 * @param config - Where given, decides between members.
 */
export function fieldAt(
  fields: readonly FieldInfo[],
  path: Path,
  config: JsonObject = {},
): FieldInfo | undefined {
  const text = formatPath(path);
  const meanings = fields.filter((field) => patternOf(field.path).test(text));
  return meanings.find((field) => isOfKind(field, config)) ?? meanings[0];
}

/** All meanings of a path. */
export function fieldsAt(fields: readonly FieldInfo[], path: Path): readonly FieldInfo[] {
  const text = formatPath(path);
  return fields.filter((field) => patternOf(field.path).test(text));
}

function isOfKind({ onlyIn }: FieldInfo, config: JsonObject): boolean {
  if (onlyIn === undefined) return true;
  const kind = valueAt(config, parsePath(onlyIn.path) ?? []);
  return !isPlainObject(kind) && onlyIn.kinds.some((one) => one === kind);
}

/** `[]` is any index, and a record's `<name>` any key. */
function patternOf(path: string): RegExp {
  const source = path
    .replace(/[\\^$.*+?()[\]{}|]/gu, String.raw`\$&`)
    .replace(/\\\[\\\]/gu, String.raw`\[\d+\]`)
    .replace(/\\\.<name>/gu, String.raw`(?:\.[^.[]+|\["[^"]*"\])`);
  return new RegExp(`^${source}$`, "u");
}
