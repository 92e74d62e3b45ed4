/** zod's issues in our own words: what was found, what is expected, the nearest name, and whose line it stands at. */
import type { z } from "zod";
import { InternalError } from "../core/errors.ts";
import { formatPath, valueAt, type Path } from "../core/path.ts";
import { nearest } from "../core/suggest.ts";
import type { Draft } from "./build.ts";
import { describeSchema, listValues } from "./describe-schema.ts";
import { showValue, type Problem } from "./problems.ts";
import { childViews, keysOf, objectView, unionView } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";
import { suggestPath } from "./suggest-path.ts";

type Issue = z.core.$ZodIssue;

/** The problems of a draft that zod refused. */
export function zodProblems(
  issues: readonly Issue[],
  root: Draft,
  view: SchemaView,
): readonly Problem[] {
  return issues.flatMap((issue) => problemsOf(issue, { root, view, above: [] }));
}

interface Scope {
  readonly root: Draft;
  readonly view: SchemaView;
  /** Where the issue's own path begins: issues inside a union's options count from the union. */
  readonly above: Path;
}

function problemsOf(issue: Issue, scope: Scope): readonly Problem[] {
  const path = [...scope.above, ...issue.path.map(pathPart)];
  if (issue.code === "unrecognized_keys")
    return issue.keys.map((key) => unknownKey([...path, key], scope));
  const inner = issue.code === "invalid_union" ? nearestOption(issue, path, scope) : undefined;
  if (inner !== undefined) return inner;
  const value = valueAt(scope.root, path);
  if (value === undefined) return [missing(path, scope)];
  const suggestion = nearestValue(issue, path, scope);
  return [
    {
      path,
      message: `${message(issue, viewAlong(path, scope))}${value === "???" ? missingMark : ""}`,
      value: showValue(value),
      place: { kind: "setter", path, below: true },
      ...(suggestion === undefined ? {} : { suggestion }),
    },
  ];
}

/** As Hydra's users know it. */
const missingMark =
  ": Hydra's ??? for a missing value is required() in a module; on the command line leave it out";

function pathPart(part: PropertyKey): string | number {
  if (typeof part === "symbol") throw new InternalError(`a config has the key ${part.toString()}`);
  return part;
}

/** The view at a path of a draft; its own values of `kind` choose among the members of unions. */
function viewAlong(path: Path, { root, view }: Scope): SchemaView | undefined {
  let holder: unknown = root;
  let found: SchemaView | undefined = view;
  for (const part of path) {
    const own: SchemaView | undefined = memberOf(found, holder) ?? found;
    found = own && childViews(own, part)[0];
    holder = valueAt(holder, [part]);
  }
  return found;
}

function memberOf(view: SchemaView | undefined, holder: unknown): SchemaView | undefined {
  const union = unionView(view);
  return objectView(view, union && valueAt(holder, [union.discriminator]));
}

function missing(path: Path, scope: Scope): Problem {
  const kinds = unionKinds(path, scope);
  const expected = kinds.length > 0 ? listValues(kinds) : describeSchema(viewAlong(path, scope));
  const parent = path.slice(0, -1);
  return {
    path,
    message: `is required: ${expected}`,
    place: { kind: "setter", path: parent, below: true },
  };
}

function unknownKey(path: Path, scope: Scope): Problem {
  const parent = path.slice(0, -1);
  const holder = valueAt(scope.root, parent);
  const view = viewAlong(parent, scope);
  const union = unionView(view);
  const place = { kind: "setter", path, below: true } as const;
  const value = showValue(valueAt(scope.root, path));
  const member = memberOf(view, holder);
  if (union === undefined || member === undefined) {
    const suggestion = suggestPath(scope.view, path);
    const message = "is not a known field";
    return { path, message, value, place, ...(suggestion === undefined ? {} : { suggestion }) };
  }
  const suggestion = nearest(String(path.at(-1)), keysOf(member));
  return {
    path,
    message: ofOtherKind(String(path.at(-1)), holder, { union, member }),
    value,
    place,
    because: {
      text: `${formatPath([...parent, union.discriminator])} is set at`,
      place: { kind: "setter", path: [...parent, union.discriminator] },
    },
    ...(suggestion === undefined ? {} : { suggestion: formatPath([...parent, suggestion]) }),
  };
}

/** Says which kind has the field, where another one does. */
function ofOtherKind(
  key: string,
  holder: unknown,
  { union, member }: { readonly union: SchemaView; readonly member: SchemaView },
): string {
  const { discriminator } = union;
  const kind = showValue(valueAt(holder, [discriminator]));
  const owners = [...union.members()].flatMap(([name, one]) =>
    keysOf(one).includes(key) ? [showValue(name)] : [],
  );
  const has = `${discriminator} ${kind}, which has ${keysOf(member).join(", ")}`;
  if (owners.length === 0) return `is not a field of ${has}`;
  return `is a field of ${discriminator} ${owners.join(" and ")}, not of ${has}`;
}

/** Where one option alone fits the value's own type, what is wrong inside of it says more than the list of options. */
function nearestOption(
  issue: Extract<Issue, { code: "invalid_union" }>,
  path: Path,
  scope: Scope,
): readonly Problem[] | undefined {
  const fitting = issue.errors.filter((errors) =>
    errors.every((inner) => inner.path.length > 0 || !isTypeIssue(inner)),
  );
  const [only] = fitting;
  if (only === undefined || fitting.length > 1) return undefined;
  return only.flatMap((inner) => problemsOf(inner, { ...scope, above: path }));
}

function isTypeIssue(issue: Issue): boolean {
  return issue.code === "invalid_type" || issue.code === "invalid_value";
}

function nearestValue(issue: Issue, path: Path, scope: Scope): string | undefined {
  const value = valueAt(scope.root, path);
  if (typeof value !== "string") return undefined;
  const found = nearest(value, textChoices(issue, path, scope));
  return found === undefined ? undefined : JSON.stringify(found);
}

/** The texts that would be right: listed values, or the kinds of a union. */
function textChoices(issue: Issue, path: Path, scope: Scope): readonly string[] {
  const view = viewAlong(path, scope);
  const kinds = issue.code === "invalid_union" ? unionKinds(path, scope) : [];
  const listed = issue.code === "invalid_value" ? issue.values : [...kinds, ...optionValues(view)];
  return listed.filter((value) => typeof value === "string");
}

function optionValues(view: SchemaView | undefined): readonly unknown[] {
  if (view?.shape === "anyOf") return view.options().flatMap(optionValues);
  return view?.values ?? [];
}

/** The kinds of the union whose discriminator stands at a path. */
function unionKinds(path: Path, scope: Scope): readonly unknown[] {
  const union = unionView(viewAlong(path.slice(0, -1), scope));
  return union?.discriminator === path.at(-1) ? [...(union?.members().keys() ?? [])] : [];
}

function message(issue: Issue, view: SchemaView | undefined): string {
  switch (issue.code) {
    case "invalid_type":
      return `must be ${describeSchema(view)}`;
    case "invalid_value":
      return `must be ${listValues(issue.values)}${view?.isNullable === true ? " or null" : ""}`;
    case "invalid_union":
      return issue.discriminator === undefined
        ? `must be ${describeSchema(view)}`
        : `must be ${describeKinds(issue)}`;
    case "too_small":
      return `must ${bound(issue, issue.minimum, issue.inclusive ? "at least" : "more than")}`;
    case "too_big":
      return `must ${bound(issue, issue.maximum, issue.inclusive ? "at most" : "less than")}`;
    case "not_multiple_of":
      return `must be a multiple of ${issue.divisor}`;
    case "invalid_format":
      return formatMessage(issue);
    case "invalid_key":
    case "invalid_element":
      return `has a key that is not allowed: ${issue.issues.map((inner) => message(inner, undefined)).join("; ")}`;
    case "unrecognized_keys":
    case "custom":
      break;
  }
  return issue.message;
}

function describeKinds(issue: Extract<Issue, { code: "invalid_union" }>): string {
  return "options" in issue && Array.isArray(issue.options)
    ? listValues(issue.options)
    : "the kind of a member";
}

function bound(
  issue: Extract<Issue, { code: "too_small" | "too_big" }>,
  limit: number | bigint,
  relation: string,
): string {
  const { origin } = issue;
  const units = { string: "character", array: "item", record: "entry" } as const;
  const unit = origin in units ? units[origin as keyof typeof units] : undefined;
  if (unit === undefined) return `be ${relation} ${limit}`;
  const plural = unit === "entry" ? "entries" : `${unit}s`;
  return `have ${relation} ${limit} ${Number(limit) === 1 ? unit : plural}`;
}

function formatMessage(issue: Extract<Issue, { code: "invalid_format" }>): string {
  const isOwnText = !issue.message.startsWith("Invalid");
  if (isOwnText) return `must be ${issue.message}`;
  if (issue.format === "regex") return `must match ${issue.pattern}`;
  return `must be a valid ${issue.format}`;
}
