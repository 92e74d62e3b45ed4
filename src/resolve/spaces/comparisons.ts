/** Comparisons of the command line, `model.hiddenSize>64`, as conditions of `filter` and `when`. */
import { isDeepStrictEqual } from "node:util";
import type { Comparison, ComparisonOperator } from "../../config/combinator-call.ts";
import type { Condition } from "../../config/definition.ts";
import { markerData } from "../../config/markers.ts";
import { formatPath, type Path } from "../../core/path.ts";
import { nearest } from "../../core/suggest.ts";
import { referencedPath, type PlaceRequest } from "../place-override.ts";
import { describeSchema } from "../describe-schema.ts";
import { showValue, type Place, type Problem } from "../problems.ts";
import { isScalar } from "../read-preset-names.ts";
import { keysOf, unionView, viewsAt } from "../schema-queries.ts";
import type { SchemaView } from "../schema-view.ts";
import { suggestPath } from "../suggest-path.ts";
import { acceptsScalar, acceptsText, typeValue } from "../type-value.ts";

/** A condition that holds where all comparisons do; what cannot be compared is reported at `place`. */
export function conditionOf(
  comparisons: readonly Comparison[],
  request: PlaceRequest,
  place: Place,
): Condition {
  const tests = comparisons.flatMap((one) => testOf(one, request, place) ?? []);
  return (config) => tests.every((test) => test(config));
}

type Test = (config: unknown) => boolean;

function testOf(comparison: Comparison, request: PlaceRequest, place: Place): Test | undefined {
  const { operator, value, written } = comparison;
  const path = knownPath(comparison.path, request, place);
  if (path === undefined) return undefined;
  const other = otherSide(value, request, place);
  if (other === undefined) return undefined;
  const sides = { left: path, right: other.path };
  const typed = typeValue(value, viewsAt(request.view, path), written);
  const never = isOrder(operator)
    ? neverOrdered(comparison, sides, request.view)
    : other.path === undefined && neverEqual(typed, path, viewsAt(request.view, path));
  if (never) {
    request.report({ place, ...never });
    return undefined;
  }
  return (config) => {
    const right = other.path === undefined ? typed : read(config, other.path);
    return compare(read(config, path), operator, right);
  };
}

type Never = Pick<Problem, "message" | "suggestion" | "path">;

function isOrder(operator: ComparisonOperator): boolean {
  return operator !== "==" && operator !== "!=";
}

/** Why two values stand in no order: numbers alone do. */
function neverOrdered(
  { operator, value }: Comparison,
  { left, right }: { readonly left: Path; readonly right: Path | undefined },
  root: SchemaView,
): Never | undefined {
  if (right === undefined && typeof value !== "number")
    return { path: left, message: `can be compared by ${operator} with a number only` };
  for (const path of right === undefined ? [left] : [left, right]) {
    const views = viewsAt(root, path);
    if (acceptsScalar(views, 0)) continue;
    const is = describeSchema(views[0]);
    return { path, message: `is ${is}, and ${operator} compares numbers only` };
  }
  return undefined;
}

/**
 * Why a field never is what it is compared with: a preset's name where an object stands, a name with a slip, or a value of
 * another type.
 */
function neverEqual(value: unknown, path: Path, views: readonly SchemaView[]): Never | undefined {
  if (isScalar(value)) {
    if (acceptsScalar(views, value)) return undefined;
    return { path, message: `is ${describeSchema(views[0])}, and so never ${showValue(value)}` };
  }
  if (typeof value !== "string" || acceptsText(views.filter(({ values }) => values.length === 0)))
    return undefined;
  const known = views.flatMap(({ values }) => values);
  if (known.includes(value)) return undefined;
  const names = known.filter((one) => typeof one === "string");
  const suggestion = nearest(value, names);
  const shown = JSON.stringify(value);
  if (names.length > 0) {
    const message = `is never ${shown}; it is one of ${names.join(", ")}`;
    return { path, message, ...(suggestion === undefined ? {} : { suggestion }) };
  }
  const union = views.map(unionView).find((view) => view !== undefined);
  const inside = union === undefined ? views.flatMap(keysOf)[0] : union.discriminator;
  if (inside === undefined) return { path, message: `is no text, and so never ${shown}` };
  const example = formatPath([...path, inside]);
  return {
    path,
    message: `is an object, and so never ${shown}; a condition compares values, which presets set too: ${example}`,
  };
}

interface OtherSide {
  /** Of a reference. */
  readonly path?: Path;
}

/** `${path}` alone is another value of the config. */
function otherSide(value: unknown, request: PlaceRequest, place: Place): OtherSide | undefined {
  const marker = markerData(value);
  if (marker === undefined) return {};
  const [part] = marker.kind === "reference" ? marker.parts : [];
  const isPath = typeof part === "object" && part.up === undefined;
  if (marker.kind === "reference" && marker.parts.length === 1 && isPath) {
    const path = knownPath(part.path, request, place);
    return path && { path };
  }
  const message = "a comparison takes a plain value or ${path} on its right side";
  request.report({ path: [], message, place });
  return undefined;
}

function knownPath(key: Path, request: PlaceRequest, place: Place): Path | undefined {
  const path = referencedPath(key, request);
  if (path !== undefined) return path;
  const profiles = key.length === 1 ? request.presets.get(String(key[0])) : undefined;
  if (profiles?.kind === "profiles") {
    const message = "names profiles, which set values; a condition compares the values themselves";
    request.report({ path: key, message, place });
    return undefined;
  }
  const suggestion = suggestPath(request.view, key, [...request.aliases.keys()]);
  request.report({
    path: key,
    message: "is not a known field",
    place,
    ...(suggestion === undefined ? {} : { suggestion }),
  });
  return undefined;
}

/** `undefined` where nothing stands at the path: a field of another kind, say. */
function read(config: unknown, path: Path): unknown {
  let value = config;
  for (const part of path) {
    if (typeof value !== "object" || value === null || !Object.hasOwn(value, part))
      return undefined;
    value = (value as Record<string | number, unknown>)[part];
  }
  return value;
}

function compare(left: unknown, operator: ComparisonOperator, right: unknown): boolean {
  if (operator === "==") return isDeepStrictEqual(left, right);
  if (operator === "!=") return !isDeepStrictEqual(left, right);
  if (typeof left !== "number" || typeof right !== "number") return false;
  switch (operator) {
    case "<":
      return left < right;
    case "<=":
      return left <= right;
    case ">":
      return left > right;
    case ">=":
      return left >= right;
  }
}
