/** Help for one path of a config. */
import { formatPath, type Path } from "../core/path.ts";
import { createSchemaView } from "../resolve/schema-view.ts";
import { fieldsAt, fieldsOf, loadTask, type FieldInfo } from "./field-facts.ts";
import { aliasesOfPath, findPath } from "./inspect.ts";

export interface DescribeRequest {
  /** Whose task is described; the built-in training task where none is given. */
  readonly file: string | undefined;
  /** The whole config where none is given. */
  readonly path: string | undefined;
  /** Absolute. */
  readonly workingDirectory: string;
}

/** A path with all that is known of it. */
export interface DescribedPath {
  readonly path: string;
  /** The list or record that it is an item of, where nothing is known but of that. */
  readonly itemOf?: string;
  /** More than one where members of a union give it different meanings; none for the whole config. */
  readonly meanings: readonly FieldInfo[];
  /** The fields directly below. */
  readonly below: readonly FieldInfo[];
  readonly aliases: readonly string[];
  readonly task: string;
}

/**
 * Looks up a path in the schema of a task.
 * @throws {ExpError} `usage` for a path that the schema does not know, with the nearest one; `module` for a file that
 *   cannot be loaded.
 */
export async function describePath(request: DescribeRequest): Promise<DescribedPath> {
  const { file, path: text, workingDirectory } = request;
  const subject = await loadTask(file, workingDirectory);
  const { task, aliases } = subject;
  const view = createSchemaView(task.schema);
  const path = text === undefined ? [] : findPath(text, { view, aliases });
  const fields = await fieldsOf(subject);
  const name = formatPath(path);
  const meanings = fieldsAt(fields, path);
  const holder = meanings.length === 0 ? knownAbove(fields, path) : path;
  return {
    path: name,
    ...(holder === path ? {} : { itemOf: formatPath(holder) }),
    meanings: fieldsAt(fields, holder),
    below: fields.filter((field) => isDirectlyBelow(field.path, name)),
    aliases: name === "" ? [] : aliasesOfPath(name, aliases),
    task: task.name,
  };
}

/** Items of a list of plain values have no entry of their own: what is known of them stands at the list. */
function knownAbove(fields: readonly FieldInfo[], path: Path): Path {
  const above = path.slice(0, -1);
  return above.length === 0 || fieldsAt(fields, above).length > 0
    ? above
    : knownAbove(fields, above);
}

function isDirectlyBelow(path: string, parent: string): boolean {
  if (parent !== "" && !path.startsWith(`${parent}.`)) return false;
  const rest = parent === "" ? path : path.slice(parent.length + 1);
  return rest !== "" && !/[.[]/u.test(rest);
}
