/** Comparisons of the command line, `model.hiddenSize>64`, as conditions of `filter` and `when`. */
import { isDeepStrictEqual } from "node:util";
import type { Comparison, ComparisonOperator } from "../../config/combinator-call.ts";
import type { Condition } from "../../config/definition.ts";
import { markerData } from "../../config/markers.ts";
import type { Path } from "../../core/path.ts";
import { referencedPath, type PlaceRequest } from "../place-override.ts";
import type { Place } from "../problems.ts";
import { viewsAt } from "../schema-queries.ts";
import { suggestPath } from "../suggest-path.ts";
import { typeValue } from "../type-value.ts";

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
  const isOrder = operator !== "==" && operator !== "!=";
  if (isOrder && other.path === undefined && typeof value !== "number") {
    const message = `can be compared by ${operator} with a number only`;
    request.report({ path, message, place });
    return undefined;
  }
  const typed = typeValue(value, viewsAt(request.view, path), written);
  return (config) => {
    const right = other.path === undefined ? typed : read(config, other.path);
    return compare(read(config, path), operator, right);
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
