/** A filter as a condition of SQL. Names and values of the user reach SQL as bound values only. */
import type { Cell } from "../index/database.ts";
import { valueKinds, type ValueKind } from "../index/schema.ts";
import type { Field, Fields } from "./fields.ts";
import type { FilterProblem } from "./filter-error.ts";
import type { FieldName, Filter } from "./filter.ts";
import { timeSpan } from "./filter-times.ts";
import type { Joins } from "./joins.ts";

/** A part of a statement with the values of its question marks, in order. */
export interface Sql {
  readonly text: string;
  readonly values: readonly Cell[];
}

export interface FilterScope {
  readonly fields: Fields;
  readonly joins: Joins;
  readonly now: Date;
  /** Told what is wrong with names and values; the condition is of no use then. */
  readonly report: (problem: FilterProblem) => void;
}

/**
 * The condition of a filter. Where a run has no value it is NULL, which counts as false; only what is negated has to say
 * so, and SQLite finds the runs of the rest by their values.
 */
export function filterSql(filter: Filter, scope: FilterScope): Sql {
  switch (filter.kind) {
    case "and":
    case "or": {
      const items = filter.items.map((item) => filterSql(item, scope));
      const text = items.map((item) => item.text).join(filter.kind === "and" ? " AND " : " OR ");
      return { text: `(${text})`, values: items.flatMap((item) => item.values) };
    }
    case "not": {
      const { text, values } = filterSql(filter.item, scope);
      return { text: `NOT COALESCE(${text}, 0)`, values };
    }
    case "compare": {
      const field = scope.fields.find(filter.field);
      const condition = "message" in field ? field : compareField(field, filter, scope);
      if (!("message" in condition)) return condition;
      scope.report(condition);
      return { text: "0", values: [] };
    }
  }
}

type Compare = Extract<Filter, { kind: "compare" }>;

function compareField(field: Field, filter: Compare, scope: FilterScope): Sql | FilterProblem {
  const { comparison, value } = filter;
  if (comparison === "!=") {
    const equal = compareField(field, { ...filter, comparison: "=" }, scope);
    return "message" in equal
      ? equal
      : { text: `NOT COALESCE(${equal.text}, 0)`, values: equal.values };
  }
  switch (field.kind) {
    case "fact":
      return compareFact(field, filter, scope);
    case "metric": {
      const column = scope.joins.metric(field.id, field.part);
      if (value.kind === "null") return isNull(column, filter);
      if (value.kind !== "number") return wrongKind(filter, "numbers");
      if (!Number.isNaN(value.value)) return numeric(column, filter, value.value);
      return equalOnly(filter, `${scope.joins.isNan(field.id)} = 1`);
    }
    case "element": {
      const list = scope.joins.config(field.id);
      const column = `json_extract(${list.value}, '$[${field.index}]')`;
      return compareConfig({ value: column, kind: undefined }, filter);
    }
    case "config": {
      const wrong = checkKinds(field.kinds, filter);
      return wrong ?? compareConfig(scope.joins.config(field.id), filter);
    }
  }
}

type FactField = Extract<Field, { kind: "fact" }>;

function compareFact(field: FactField, filter: Compare, scope: FilterScope): Sql | FilterProblem {
  const { value } = filter;
  const column = scope.joins.fact(field.column);
  if (field.type === "tags" || field.type === "notes") return compareSet(field.type, filter);
  if (value.kind === "null") return isNull(column, filter);
  switch (field.type) {
    case "number":
      return value.kind === "number"
        ? numeric(column, filter, value.value)
        : wrongKind(filter, "numbers");
    case "boolean":
      if (value.kind !== "boolean") return wrongKind(filter, "true or false");
      return equalOnly(filter, `${column} = ?`, Number(value.value));
    case "duration": {
      const seconds = value.kind === "duration" ? value.seconds : undefined;
      const number = seconds ?? (value.kind === "number" ? value.value : undefined);
      if (number === undefined) return wrongKind(filter, "durations, such as 90s, 10m or 2h");
      return numeric(column, filter, number);
    }
    case "time":
      return compareTime(column, filter, scope.now);
    case "hash":
      return compareHash(column, filter);
    case "text":
      return textual(column, filter, value.kind === "text" ? value.value : value.source);
  }
}

function compareTime(column: string, filter: Compare, now: Date): Sql | FilterProblem {
  const span = timeSpan(filter.value, now);
  if (span === undefined) return wrongKind(filter, "times, such as 2026-11-21, today or 2d ago");
  const { from, until } = span;
  switch (filter.comparison) {
    case "<":
      return { text: `${column} < ?`, values: [from] };
    case "<=":
      return { text: `${column} < ?`, values: [until] };
    case ">":
      return { text: `${column} >= ?`, values: [until] };
    case ">=":
      return { text: `${column} >= ?`, values: [from] };
    case "=":
      return { text: `(${column} >= ? AND ${column} < ?)`, values: [from, until] };
    default:
      return wrongComparison(filter, "times");
  }
}

/** Eight digits or more are the beginning of a hash. */
function compareHash(column: string, filter: Compare): Sql | FilterProblem {
  const { value, comparison } = filter;
  const text = (value.kind === "text" ? value.value : value.source).toLowerCase();
  const isPrefix = /^[0-9a-f]{7,64}$/u.test(text);
  if (comparison !== "=" || !isPrefix) return textual(column, filter, text);
  // A key may be given in full where the column holds its first digits.
  return { text: `(${column} GLOB ? OR ? GLOB ${column} || '*')`, values: [`${text}*`, text] };
}

function compareSet(set: "tags" | "notes", filter: Compare): Sql | FilterProblem {
  const { value, comparison } = filter;
  const [table, column] = set === "tags" ? ["shown_tags", "tag"] : ["run_notes", "text"];
  const any = (condition: string, ...values: readonly Cell[]): Sql => ({
    text: `EXISTS (SELECT 1 FROM ${table} s WHERE s.run_name = r.name AND ${condition})`,
    values,
  });
  if (value.kind === "null") {
    const some = any("1");
    return comparison === "="
      ? { text: `NOT ${some.text}`, values: [] }
      : wrongComparison(filter, set);
  }
  const text = value.kind === "text" ? value.value : value.source;
  if (comparison === "~") return any(`s.${column} LIKE ? ESCAPE '\\'`, likePattern(text));
  if (comparison === "=" || (comparison === "contains" && set === "tags")) {
    return any(`s.${column} = ?`, text);
  }
  return comparison === "contains"
    ? any(`instr(s.${column}, ?) > 0`, text)
    : wrongComparison(filter, set);
}

interface ConfigColumn {
  readonly value: string;
  /** `undefined` where SQLite's own types tell numbers from text. */
  readonly kind: string | undefined;
}

function compareConfig(
  { value: column, kind }: ConfigColumn,
  filter: Compare,
): Sql | FilterProblem {
  const { value, comparison } = filter;
  const ofKind = (name: ValueKind, sql: Sql | FilterProblem): Sql | FilterProblem => {
    if ("message" in sql || kind === undefined) return sql;
    return { ...sql, text: `(${kind} = ${valueKinds[name]} AND ${sql.text})` };
  };
  if (comparison === "contains") return containsValue({ value: column, kind }, filter);
  switch (value.kind) {
    case "null":
      return isNull(column, filter);
    case "boolean":
      return ofKind("boolean", equalOnly(filter, `${column} = ?`, Number(value.value)));
    case "number": {
      const isNumber = `typeof(${column}) <> 'text'`;
      const sql = numeric(column, filter, value.value);
      if ("message" in sql) return sql;
      return ofKind(
        "number",
        kind === undefined ? { ...sql, text: `(${isNumber} AND ${sql.text})` } : sql,
      );
    }
    default:
      return ofKind(
        "text",
        textual(column, filter, value.kind === "text" ? value.value : value.source),
      );
  }
}

/** An element of a list, or a part of a text. */
function containsValue({ value: column, kind }: ConfigColumn, { value }: Compare): Sql {
  const text = value.kind === "text" ? value.value : value.source;
  const element: Cell =
    value.kind === "number" ? value.value : value.kind === "boolean" ? Number(value.value) : text;
  const list = `(${kind ?? valueKinds.list} = ${valueKinds.list} AND json_valid(${column}) AND EXISTS
    (SELECT 1 FROM json_each(CASE WHEN json_valid(${column}) THEN ${column} ELSE '[]' END) e WHERE e.value = ?))`;
  const part = `(${kind ?? valueKinds.text} = ${valueKinds.text} AND instr(${column}, ?) > 0)`;
  return { text: `(${list} OR ${part})`, values: [element, text] };
}

function numeric(column: string, filter: Compare, value: number): Sql | FilterProblem {
  const { comparison } = filter;
  if (comparison === "~" || comparison === "contains") return wrongComparison(filter, "numbers");
  return { text: `${column} ${comparison} ?`, values: [value] };
}

function textual(column: string, filter: Compare, text: string): Sql | FilterProblem {
  const { comparison } = filter;
  if (comparison === "~")
    return { text: `${column} LIKE ? ESCAPE '\\'`, values: [likePattern(text)] };
  if (comparison === "contains") return { text: `instr(${column}, ?) > 0`, values: [text] };
  return { text: `${column} ${comparison} ?`, values: [text] };
}

/** `*` and `?` stand for any text and any sign; without one of them a part of the text is meant. Case does not count. */
function likePattern(text: string): string {
  const escaped = text.replace(/[\\%_]/gu, "\\$&");
  if (!/[*?]/u.test(text)) return `%${escaped}%`;
  return escaped.replace(/\*+/gu, "%").replace(/\?/gu, "_");
}

function isNull(column: string, filter: Compare): Sql | FilterProblem {
  return equalOnly(filter, `${column} IS NULL`);
}

function equalOnly(filter: Compare, text: string, ...values: readonly Cell[]): Sql | FilterProblem {
  if (filter.comparison === "=") return { text: `(${text})`, values };
  return wrongComparison(filter, filter.value.source);
}

function wrongComparison({ field, comparison }: Compare, what: string): FilterProblem {
  return {
    position: field.position,
    message: `${comparison} cannot be used with ${what}; = and != can.`,
  };
}

function wrongKind({ field, value }: Compare, holds: string): FilterProblem {
  return {
    position: value.position,
    message: `${field.text} holds ${holds}; found ${value.source}.`,
  };
}

/** A value that no run has there is a slip, unless it is asked for in a list or a text. */
function checkKinds(kinds: ReadonlySet<ValueKind>, filter: Compare): FilterProblem | undefined {
  const { value, comparison } = filter;
  if (comparison === "contains" || value.kind === "null") return undefined;
  const wanted: ValueKind =
    value.kind === "number" || value.kind === "boolean" ? value.kind : "text";
  if (kinds.has(wanted) || [...kinds].every((kind) => kind === "null")) return undefined;
  const named: Readonly<Record<ValueKind, string>> = {
    null: "null",
    boolean: "true or false",
    number: "numbers",
    text: "text",
    list: "lists, which are asked with contains",
  };
  return wrongKind(filter, [...kinds].map((kind) => named[kind]).join(", "));
}

/** Names of the fields of a filter, in the order of reading. */
export function fieldsOf(filter: Filter | undefined): readonly FieldName[] {
  if (filter === undefined) return [];
  if (filter.kind === "compare") return [filter.field];
  return filter.kind === "not"
    ? fieldsOf(filter.item)
    : filter.items.flatMap((item) => fieldsOf(item));
}
