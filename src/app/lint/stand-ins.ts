/** Values for what only the command line gives, so that the rest of an experiment can be judged. */
import type { PatchLayerData } from "../../config/definition.ts";
import type { JsonValue } from "../../core/json.ts";
import type { Path } from "../../core/path.ts";
import { requiredText } from "../../resolve/problems.ts";
import type { ResolvedDefinition } from "../../resolve/resolve-definition.ts";
import { viewsAt } from "../../resolve/schema-queries.ts";
import type { SchemaView } from "../../resolve/schema-view.ts";

/** Small to large; what fits the limits of a field is tried. */
const numbers = [1, 2, 0, 0.5, 0.25, 16, 100, 1_000];

/**
 * Two patches, with different values where the schema allows it, that give every `required()` without a value one.
 * @returns None where something else is wrong too, or a value is more than a number, text or truth value.
 */
export function standIns(
  { problems }: ResolvedDefinition,
  view: SchemaView,
  layer: PatchLayerData | undefined,
): readonly PatchLayerData[] {
  if (
    layer === undefined ||
    problems.length === 0 ||
    problems.some(({ message }) => message !== requiredText)
  )
    return [];
  const candidates = problems.map(({ path }) => ({ path, values: valuesFor(viewsAt(view, path)) }));
  if (candidates.some(({ values }) => values.length === 0)) return [];
  return [0, 1].map((index) => {
    const patch = candidates.reduce(
      (others, { path, values }) => withValue(others, path, values[index] ?? values[0] ?? null),
      {},
    );
    return { ...layer, patch };
  });
}

function valuesFor([view]: readonly SchemaView[]): readonly JsonValue[] {
  if (view?.shape !== "scalar") return [];
  if (view.values.length > 0) return view.values as readonly JsonValue[]; // of a schema of JSON
  const { minimum, maximum } = view.limits;
  if (view.scalars.includes("boolean")) return [true, false];
  if (view.scalars.includes("number")) {
    const whole = numbers.filter((value) => !view.isWhole || Number.isInteger(value));
    return whole.filter(
      (value) =>
        (minimum === undefined ||
          value > minimum.value ||
          (minimum.inclusive && value === minimum.value)) &&
        (maximum === undefined ||
          value < maximum.value ||
          (maximum.inclusive && value === maximum.value)),
    );
  }
  return view.scalars.includes("string") ? ["some-text", "another-text"] : [];
}

function withValue(holder: object, [key, ...rest]: Path, value: JsonValue): object {
  const inner: unknown = Reflect.get(holder, String(key));
  const child = typeof inner === "object" && inner !== null ? inner : {};
  return { ...holder, [String(key)]: rest.length === 0 ? value : withValue(child, rest, value) };
}
