/** What names in filters, sort orders and columns mean: facts of a run, paths of its config, its metrics. */
import { parseJson } from "../../core/json.ts";
import { nearest } from "../../core/suggest.ts";
import type { Database } from "../index/database.ts";
import { valueKinds, type ValueKind } from "../index/schema.ts";
import type { FilterProblem } from "./filter-error.ts";
import type { FieldName, MetricPart } from "./filter.ts";

export type FactType =
  "text" | "hash" | "time" | "duration" | "number" | "boolean" | "tags" | "notes";

/** Facts of a run that are not in its config: their names, their columns, what they hold. */
const facts: ReadonlyMap<string, { readonly column: string; readonly type: FactType }> = new Map(
  (
    [
      ["run", "name", "hash"],
      ["runKey", "run_key", "hash"],
      ["status", "status", "text"],
      ["reason", "reason", "text"],
      ["experiment", "experiment", "text"],
      ["task", "task", "text"],
      ["host", "host", "text"],
      ["started", "started", "time"],
      ["ended", "ended", "time"],
      ["duration", "duration", "duration"],
      ["steps", "steps", "number"],
      ["score", "score", "number"],
      ["tags", "tags", "tags"],
      ["notes", "notes", "notes"],
      ["git.commit", "git_commit", "hash"],
      ["git.branch", "git_branch", "text"],
      ["git.dirty", "git_dirty", "boolean"],
      ["configHash", "config_hash", "hash"],
      ["groupHash", "group_hash", "hash"],
      ["codeHash", "code_hash", "hash"],
      ["dataHash", "data_hash", "hash"],
      ["environmentClass", "environment_class", "text"],
      ["weightsDigest", "weights_digest", "hash"],
      ["traceDigest", "trace_digest", "hash"],
    ] as const
  ).map(([name, column, type]) => [name, { column, type }]),
);

/** A name whose meaning is known. */
export type Field = { readonly text: string } & (
  | { readonly kind: "fact"; readonly column: string; readonly type: FactType }
  | { readonly kind: "config"; readonly id: number; readonly kinds: ReadonlySet<ValueKind> }
  /** An element of a list in a config: `model.hiddenSizes[0]`. */
  | { readonly kind: "element"; readonly id: number; readonly index: number }
  | { readonly kind: "metric"; readonly id: number; readonly part: MetricPart | undefined }
);

/** Looks names up in the index. */
export interface Fields {
  /** The field of a name, or what is wrong with it. */
  find(name: FieldName): Field | FilterProblem;
}

/** Names as the runs of an index have them. */
export function createFields(database: Database): Fields {
  const found = new Map<string, Field | FilterProblem>();
  return {
    find: (name) => {
      const key = `${name.part ?? ""} ${name.text}`;
      const known = found.get(key);
      const field = known ?? findField(database, name);
      found.set(key, field);
      return "message" in field ? { ...field, position: name.position } : field;
    },
  };
}

const scopes = ["run", "config", "metrics"] as const;

interface Meanings {
  readonly run?: Field;
  readonly config?: Field;
  readonly metrics?: Field;
}

function findField(database: Database, name: FieldName): Field | FilterProblem {
  const { text, part, position } = name;
  const all = meaningsOf(database, text, part);
  const present = scopes.filter((scope) => all[scope] !== undefined);
  const [only] = present;
  if (only !== undefined && present.length === 1)
    return checkPart(all[only] ?? missing(database, name), name);
  if (only === undefined) return scoped(database, name) ?? missing(database, name);
  if (part !== undefined && all.metrics !== undefined) return all.metrics;
  // The tags of a run are those of its config and those it was given later.
  if (text === "tags" && all.run !== undefined) return all.run;
  const choices = present.map((scope) => `${scope}.${text}`).join(" or ");
  return { position, message: `${text} has several meanings; write ${choices}` };
}

function checkPart(
  field: Field | FilterProblem,
  { part, position, text }: FieldName,
): Field | FilterProblem {
  if (part === undefined || "message" in field || field.kind === "metric") return field;
  return { position, message: `${part}(…) takes a metric, and ${text} is none` };
}

/** `run.status`, `config.status` and `metrics.status` say which is meant. */
function scoped(
  database: Database,
  { text, part, position }: FieldName,
): Field | FilterProblem | undefined {
  const scope = scopes.find((one) => text.startsWith(`${one}.`));
  if (scope === undefined) return undefined;
  const rest = text.slice(scope.length + 1);
  const field = meaningsOf(database, rest, part)[scope];
  return field && checkPart(field, { text, position, ...(part && { part }) });
}

function meaningsOf(database: Database, text: string, part: MetricPart | undefined): Meanings {
  const fact = facts.get(text === "tag" ? "tags" : text === "note" ? "notes" : text);
  const config = configField(database, text);
  const metric = database.first("SELECT id FROM metric_names WHERE name = ?", text);
  return {
    ...(fact && { run: { kind: "fact", text, ...fact } as const }),
    ...(config && { config }),
    ...(metric && { metrics: { kind: "metric", text, id: Number(metric["id"]), part } as const }),
  };
}

function configField(database: Database, text: string): Field | undefined {
  const row = pathRow(database, text);
  if (row !== undefined) return { kind: "config", text, ...row };
  const [, list, index] = /^(.+)\[(\d{1,9})\]$/u.exec(text) ?? [];
  const holder = list === undefined ? undefined : pathRow(database, list);
  if (holder === undefined) return undefined;
  return { kind: "element", text, id: holder.id, index: Number(index) };
}

function pathRow(
  database: Database,
  text: string,
): { id: number; kinds: ReadonlySet<ValueKind> } | undefined {
  const row = database.first("SELECT id, kinds FROM paths WHERE name = ?", text);
  if (row === undefined) return undefined;
  const mask = Number(row["kinds"]);
  const names = Object.entries(valueKinds).filter(([, code]) => (mask & (1 << code)) !== 0);
  return { id: Number(row["id"]), kinds: new Set(names.map(([kind]) => kind as ValueKind)) };
}

function missing(database: Database, { text, position }: FieldName): FilterProblem {
  const names = allNames(database);
  const endings = names.filter((name) => name.endsWith(`.${text}`));
  const below = names.find((name) => name.startsWith(`${text}.`));
  const suggestion = endings[0] ?? nearest(text, names) ?? below;
  return { position, message: `no run has anything called ${text}.`, suggestion };
}

/** Every name that may stand in a filter: facts, then paths, then metrics. */
function allNames(database: Database): readonly string[] {
  const sql = `SELECT json_group_array(name) AS names FROM
    (SELECT name FROM paths UNION ALL SELECT name FROM metric_names)`;
  const listed = parseJson(String(database.first(sql)?.["names"] ?? "[]"));
  return [...facts.keys(), ...(Array.isArray(listed) ? listed.map(String) : [])];
}
