/** How each value of a run came to be: every assignment in order, which one holds, and what it was computed from. */
import { markerData, markerLabel, type InputMarker } from "../config/markers.ts";
import type { Origin } from "../core/errors.ts";
import { isPlainObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { formatPath, startsWith, valueAt, type Path } from "../core/path.ts";
import type { Assignment } from "./assignments.ts";
import { readsOf } from "./derived-reads.ts";
import { createOrigins, type Origins, type OriginsRequest } from "./origins.ts";
import type { Seal } from "./module-loader.ts";
import type { ResolvedRun } from "./resolve.ts";
import { childViews, objectView, unionView } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";
import { writtenText } from "./written-text.ts";

/** One assignment of a path, or of something above or below it. */
export interface Step {
  /** The path that was written, where it is not the one that is explained. */
  readonly path?: string;
  /** `defineConfig`, `extend`, `preset model["bert-tiny"]`, `command line`. */
  readonly layer: string;
  /** What was written: `0.0005`, `choice(0.1, 0.2)`. */
  readonly written: string;
  /** The kind of marker: `choice`, `derived`, … */
  readonly by?: string;
  readonly origin: Origin;
  /** For a preset that was named on the command line: the argument. */
  readonly chosenBy?: string;
  /** The value of the run comes from here; of a list, at least a part of it. */
  readonly holds: boolean;
  /** It took away something that earlier ones had written. */
  readonly takesAway?: true;
}

/** A value and the path that it was read at. */
export interface ReadValue {
  readonly path: string;
  /** Absent where the path is not set. */
  readonly value?: JsonValue;
}

/** A recorded input as it is written: `env("BATCH_SIZE")`. */
export interface HeldInput {
  readonly kind: InputMarker["kind"];
  readonly name: string;
}

/** The story of one path. */
export interface ValueStory {
  readonly path: string;
  /** Absent where the config does not have it. */
  readonly value?: JsonValue;
  /** In order; later ones win. */
  readonly steps: readonly Step[];
  /** The schema's own value, where it has one. */
  readonly default?: JsonValue;
  /** No layer sets it: it has the schema's own value. */
  readonly isDefault: boolean;
  /** What a derived value, or a text with `${path}` in it, was computed from. */
  readonly reads?: readonly ReadValue[];
  /** The recorded inputs that stand in what holds, where there are any. */
  readonly inputsHeld?: readonly HeldInput[];
  /** Where the path is not set because a sibling that excludes it is. */
  readonly excludedBy?: string;
}

/** What a run was resolved with. */
export interface ExplainRequest extends OriginsRequest {
  readonly run: Pick<ResolvedRun, "config" | "assignments">;
  readonly view: SchemaView;
  /** Held while derived values are computed once more. */
  readonly seal?: Seal;
}

/**
 * The stories of some paths of a run. A path of an object stands for all values below it.
 * @param paths - Empty for every value of the config.
 */
export async function explainValues(
  request: ExplainRequest,
  paths: readonly Path[],
): Promise<readonly ValueStory[]> {
  const origins = await createOrigins(request);
  const { config } = request.run;
  const wanted = (paths.length === 0 ? [[]] : paths).flatMap((path) => leavesBelow(config, path));
  const unseal = request.seal?.({ projectDirectory: request.projectDirectory });
  try {
    return wanted.map((path) => storyOf(path, request, origins));
  } finally {
    unseal?.();
  }
}

function leavesBelow(config: JsonObject, path: Path): readonly Path[] {
  const value = valueAt(config, path);
  if (!isPlainObject(value) || Object.keys(value).length === 0) return [path];
  return Object.keys(value).flatMap((key) => leavesBelow(config, [...path, key]));
}

function storyOf(path: Path, request: ExplainRequest, origins: Origins): ValueStory {
  const { run, view } = request;
  const { config, assignments } = run;
  const value = valueAt(config, path) as JsonValue | undefined; // a path of JSON
  const isSet = value !== undefined;
  const holders = isSet ? assignments.holders(path) : [];
  const related = assignments.all.filter(
    (one) => startsWith(path, one.path) || startsWith(one.path, path) || holders.includes(one),
  );
  const left = isSet ? assignments.left(path).filter((one) => !isRemoval(one)) : [];
  const steps = related.map((one) =>
    stepOf(one, { path, origins, holds: left.includes(one), isHolder: holders.includes(one) }),
  );
  const inputsHeld = left.flatMap(({ value: written }) => inputsIn(written));
  const own = viewAt(view, config, path);
  const reads = readValues(holders.at(-1), request);
  const excludedBy = isSet ? undefined : excluding(path, request);
  return {
    path: formatPath(path),
    ...(isSet ? { value } : {}),
    steps,
    ...(own?.fallback === undefined ? {} : { default: own.fallback.value as JsonValue }), // JSON: `defineTask` checks it
    isDefault: isSet && holders.length === 0,
    ...(reads === undefined ? {} : { reads }),
    ...(inputsHeld.length === 0 ? {} : { inputsHeld }),
    ...(excludedBy === undefined ? {} : { excludedBy }),
  };
}

interface StepContext {
  readonly path: Path;
  readonly origins: Origins;
  readonly holds: boolean;
  /** Whether the value is what it is because of it. */
  readonly isHolder: boolean;
}

function isRemoval({ value }: Assignment): boolean {
  const kind = markerData(value)?.kind;
  return kind === "remove" || kind === "subtract";
}

/** The recorded inputs in what was written, at any depth. */
function inputsIn(written: unknown): readonly HeldInput[] {
  const marker = markerData(written);
  if (marker?.kind === "env") return [{ kind: "env", name: marker.name }];
  if (marker?.kind === "external") return [{ kind: "external", name: marker.key }];
  if (marker?.kind === "choice") return marker.values.flatMap(inputsIn);
  if (marker?.kind === "append" || marker?.kind === "prepend")
    return marker.items.flatMap(inputsIn);
  if (marker !== undefined || typeof written !== "object" || written === null) return [];
  return Object.values(written).flatMap(inputsIn);
}

function stepOf(assignment: Assignment, context: StepContext): Step {
  const { path, origins, holds, isHolder } = context;
  const { layer, value, axis } = assignment;
  const marker = markerData(value) ?? axis?.marker;
  const isOther = formatPath(assignment.path) !== formatPath(path);
  const chosenBy = layer.source.kind === "module" ? layer.source.chosenBy : undefined;
  return {
    ...(isOther ? { path: formatPath(assignment.path) } : {}),
    layer: layer.label,
    written: writtenText(value),
    ...(marker === undefined ? {} : { by: markerLabel(marker) }),
    origin: origins.ofAssignment(assignment, path),
    ...(chosenBy === undefined ? {} : { chosenBy }),
    holds,
    ...(isRemoval(assignment) && (isHolder || marker?.kind === "remove")
      ? { takesAway: true }
      : {}),
  };
}

function readValues(
  setter: Assignment | undefined,
  { run, view }: ExplainRequest,
): readonly ReadValue[] | undefined {
  const marker = markerData(setter?.value);
  if (marker?.kind !== "derived" && marker?.kind !== "reference") return undefined;
  const paths =
    marker.kind === "derived"
      ? readsOf(marker.compute, run.config, view)
      : marker.parts.flatMap((part) => (typeof part === "string" ? [] : [part.path]));
  return paths.map((path) => {
    const value = valueAt(run.config, path) as JsonValue | undefined; // a path of JSON
    return { path: formatPath(path), ...(value === undefined ? {} : { value }) };
  });
}

/** The schema's view of a path in a config, with each union's member chosen by the config. */
function viewAt(root: SchemaView, config: JsonObject, path: Path): SchemaView | undefined {
  let view: SchemaView | undefined = root;
  for (const [index, part] of path.entries()) {
    if (view === undefined) return undefined;
    const holder = valueAt(config, path.slice(0, index));
    const discriminator = unionView(view)?.discriminator;
    const kind =
      discriminator !== undefined && isPlainObject(holder) ? holder[discriminator] : undefined;
    const own: SchemaView = objectView(view, kind) ?? view;
    [view] = childViews(own, part);
  }
  return view;
}

/** The set field that keeps another from being set, of those that exclude each other. */
function excluding(path: Path, { run, view }: ExplainRequest): string | undefined {
  const parent = path.slice(0, -1);
  const holder = valueAt(run.config, parent);
  if (!isPlainObject(holder)) return undefined;
  const own = viewAt(view, run.config, parent);
  const discriminator = unionView(own)?.discriminator;
  const kind = discriminator === undefined ? undefined : holder[discriminator];
  const facts = objectView(own, kind)?.facts ?? {};
  const groups = [...(facts.exactlyOneOf ?? []), ...(facts.atMostOneOf ?? [])];
  const key = String(path.at(-1));
  const other = groups
    .filter((group) => group.includes(key))
    .flat()
    .find((one) => one !== key && holder[one] !== undefined);
  return other === undefined ? undefined : formatPath([...parent, other]);
}
