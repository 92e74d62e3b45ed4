/** `${path}` on the command line: the value at another path of the resolved config, alone or inside of a text. */
import {
  createMarker,
  markerData,
  type MarkerData,
  type ReferencePart,
} from "../config/markers.ts";
import { isPlainObject } from "../core/json.ts";
import { formatPath, type Path } from "../core/path.ts";
import { ambiguity } from "./aliases.ts";
import { referencedPath, type PlaceRequest } from "./place-override.ts";
import type { Problem } from "./problems.ts";
import { suggestPath } from "./suggest-path.ts";

/** A reference to an optional field that no layer sets. */
export class UnsetReference extends Error {
  readonly path: Path;

  constructor(path: Path) {
    super(`refers to ${formatPath(path)}, which is not set`);
    this.name = "UnsetReference";
    this.path = path;
  }
}

/** A marker that stands for other values of the config. */
export type Reference = MarkerData & { readonly kind: "reference" };

export interface ReferenceScope extends Pick<PlaceRequest, "view" | "aliases" | "moves"> {
  /** Told of each path that the schema does not know. */
  readonly refuse: (problem: Pick<Problem, "message" | "suggestion">) => void;
}

/**
 * A value whose references, at any depth, name paths from the root that the schema knows: aliases are looked up, and
 * relative paths counted from where they stand.
 * @param path - Where the value stands.
 */
export function absoluteReferences(value: unknown, path: Path, scope: ReferenceScope): unknown {
  const marker = markerData(value);
  if (marker?.kind === "reference") {
    const parts = marker.parts.map((part) => absolutePart(part, path, { ...scope, marker }));
    return createMarker({ ...marker, parts });
  }
  if (marker?.kind === "choice") {
    const values = marker.values.map((one) => absoluteReferences(one, path, scope));
    return createMarker({ ...marker, values });
  }
  if (Array.isArray(value))
    return value.map((item, index) => absoluteReferences(item, [...path, index], scope));
  if (!isPlainObject(value)) return value;
  const entries = Object.entries(value).map(([key, item]) => {
    return [key, absoluteReferences(item, [...path, key], scope)] as const;
  });
  return Object.fromEntries(entries);
}

function absolutePart(
  part: ReferencePart,
  path: Path,
  scope: ReferenceScope & { readonly marker: Reference },
): ReferencePart {
  if (typeof part === "string") return part;
  const { up = 0 } = part;
  const key = up === 0 ? part.path : [...path.slice(0, -up), ...part.path];
  const known = up > path.length ? undefined : referencedPath(key, scope);
  if (known !== undefined) return { path: known };
  scope.refuse(unknownPath({ key, up, path }, scope));
  return { path: [scope.marker.text] }; // no path that could be read: all is said
}

function unknownPath(
  { key, up, path }: { readonly key: Path; readonly up: number; readonly path: Path },
  { marker, view, aliases }: ReferenceScope & { readonly marker: Reference },
): Pick<Problem, "message" | "suggestion"> {
  const refers = `refers to ${formatPath(key)} in ${marker.text}, which`;
  if (up > path.length) {
    const most = ".".repeat(path.length);
    return { message: `${refers} counts from above the root; ${most} leads to the root from here` };
  }
  const meanings = up === 0 ? (aliases.get(String(key[0])) ?? []) : [];
  if (meanings.length > 1) return { message: `${refers} ${ambiguity(meanings)}` };
  const suggestion = suggestPath(view, key, up === 0 ? [...aliases.keys()] : []);
  const message = `${refers} is no path of the config`;
  return { message, ...(suggestion === undefined ? {} : { suggestion }) };
}

/**
 * The value of a reference: of one path alone the value as it is, else a text in which other values than texts stand as
 * JSON.
 * @param config - The config that it reads; what is computed is computed when it is read.
 * @throws {UnsetReference} where an optional field is absent.
 */
export function readReference({ parts }: Reference, config: unknown): unknown {
  const [only] = parts;
  if (parts.length === 1 && only !== undefined && typeof only !== "string")
    return readPath(config, only.path);
  return parts
    .map((part) => {
      const value = typeof part === "string" ? part : readPath(config, part.path);
      return typeof value === "string" ? value : JSON.stringify(value);
    })
    .join("");
}

function readPath(config: unknown, path: Path): unknown {
  let value = config;
  for (const part of path) {
    if (typeof value !== "object" || value === null) throw new UnsetReference(path);
    const isInherited = !Object.hasOwn(value, part) && part in value; // `toString`, `length`
    if (isInherited) throw new UnsetReference(path);
    value = (value as Record<string | number, unknown>)[part];
  }
  if (value === undefined) throw new UnsetReference(path);
  return value;
}

/** What an axis over references shows for each value. */
export function referenceNames(value: unknown): ReadonlyMap<unknown, string> {
  const marker = markerData(value);
  const values = marker?.kind === "choice" ? marker.values : [];
  return new Map(
    values.flatMap((one) => {
      const inner = markerData(one);
      return inner?.kind === "reference" ? [[one, inner.text] as const] : [];
    }),
  );
}
