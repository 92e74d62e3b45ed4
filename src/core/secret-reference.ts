/** What stands in a config in place of a secret: the name of the environment variable that holds it. */
import { isPlainObject } from "./json.ts";
import type { Path } from "./path.ts";

/** A secret as configs hold it: `{"$secret": "HF_TOKEN"}`. It is data like any other, and counts in no identity. */
export interface Secret {
  readonly $secret: string;
}

/** A secret of a config, with its place. */
export interface PlacedSecret {
  readonly path: Path;
  readonly name: string;
}

/** Tells a reference to a secret from any other value. */
export function isSecret(value: unknown): value is Secret {
  if (!isPlainObject(value) || typeof value["$secret"] !== "string") return false;
  return Object.keys(value).length === 1;
}

/** Every reference to a secret within a value, in order. */
export function secretsOf(value: unknown): readonly PlacedSecret[] {
  const found: PlacedSecret[] = [];
  collect(value, [], found);
  return found;
}

/** Deeper than any config. */
const maxDepth = 250;

function collect(value: unknown, path: Path, found: PlacedSecret[]): void {
  if (typeof value !== "object" || value === null || path.length > maxDepth) return;
  if (isSecret(value)) {
    found.push({ path, name: value.$secret });
  } else if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) collect(item, [...path, index], found);
  } else if (isPlainObject(value)) {
    for (const [key, item] of Object.entries(value)) collect(item, [...path, key], found);
  }
}
