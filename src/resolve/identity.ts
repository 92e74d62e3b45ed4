/**
 * What a config asks for, as bytes: the fields that count, in canonical JSON. `sha256sum identity.json` prints the
 * config's hash, so the bytes end without a newline.
 */
import { isDeepStrictEqual } from "node:util";
import { canonicalJson } from "../core/canonical-json.ts";
import { sha256 } from "../core/hash.ts";
import { isPlainObject, type JsonObject } from "../core/json.ts";
import type { Mark } from "../core/marks.ts";
import { isSecret } from "../core/secret-reference.ts";
import { childViews, listView, objectView, unionView } from "./schema-queries.ts";
import type { SchemaView } from "./schema-view.ts";

export interface Identity {
  /** The bytes of `identity.json`. */
  readonly identityText: string;
  readonly configHash: string;
  /** The same without seeds: repeats of one setting share it. */
  readonly groupHash: string;
}

export interface IdentityRequest {
  readonly task: { readonly name: string; readonly version: number };
  readonly config: JsonObject;
  readonly view: SchemaView;
}

/** The identity of a resolved config. */
export function identityOf({ task, config, view }: IdentityRequest): Identity {
  const text = (marks: ReadonlySet<Mark>): string =>
    canonicalJson({
      format: "lockstep/config/1",
      task: { name: task.name, version: task.version },
      config: select(config, { view, mark: "identity", marks, mode: config["mode"] }) ?? {},
    });
  const identityText = text(new Set(["identity", "seed"]));
  return {
    identityText,
    configHash: sha256(identityText),
    groupHash: sha256(text(new Set(["identity"]))),
  };
}

const allButLabels: ReadonlySet<Mark> = new Set(["identity", "seed", "operation", "location"]);

/** A resolved config as text without what is for humans alone: runs that share it are one, whatever data lies where. */
export function textWithoutLabels(config: JsonObject, view: SchemaView): string {
  const selection = { view, mark: "identity", marks: allButLabels, mode: config["mode"] } as const;
  return canonicalJson(select(config, selection) ?? {});
}

interface Selection {
  readonly view: SchemaView | undefined;
  /** Inherited from above; a field's own mark takes its place. */
  readonly mark: Mark;
  readonly marks: ReadonlySet<Mark>;
  /** What the config's `mode` is. */
  readonly mode: unknown;
}

/** Whether a field says nothing in a mode, whatever its value. */
function isSilent({ facts }: SchemaView, mode: unknown): boolean {
  return typeof mode === "string" && facts.onlyInModes?.includes(mode) === false;
}

/** The part of a value that counts, or `undefined` where nothing of it does. */
function select(value: unknown, { view, mark, marks, mode }: Selection): unknown {
  if (isSecret(value)) return undefined; // whose token it was, whatever the field is marked
  if (isPlainObject(value)) return selectFields(value, { view, mark, marks, mode });
  if (!Array.isArray(value)) return marks.has(mark) ? value : undefined;
  if (!marks.has(mark)) return undefined;
  const list = listView(view);
  // An item keeps its place even where nothing of it counts: the number of items is part of the list.
  return value.map((item, index) => {
    const kept = select(item, { view: list?.entry(index), mark, marks, mode });
    return kept === undefined ? {} : kept; // null is a value
  });
}

function selectFields(
  value: Record<string, unknown>,
  { view, mark, marks, mode }: Selection,
): JsonObject | undefined {
  const discriminator = unionView(view)?.discriminator;
  const own = objectView(view, discriminator === undefined ? undefined : value[discriminator]);
  const selected: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(value)) {
    const child = own && childViews(own, key)[0];
    const { mark: ownMark, omitFromIdentity } = child?.facts ?? {};
    const isOmitted =
      (child !== undefined && isSilent(child, mode)) ||
      (omitFromIdentity !== undefined && isDeepStrictEqual(field, omitFromIdentity));
    const kept = isOmitted
      ? undefined
      : select(field, { view: child, mark: ownMark ?? mark, marks, mode });
    if (kept !== undefined) selected[key] = kept;
  }
  const isEmpty = Object.keys(selected).length === 0;
  if (isEmpty && (!marks.has(mark) || mayLose(own, { view: own, mark, marks, mode }, new Set())))
    return undefined;
  return selected as JsonObject; // parts of a resolved config
}

/**
 * Whether marks can take fields away from an object. Where they can, an empty one means the same as none: else setting a
 * field that does not count would change the hash.
 */
function mayLose(
  own: SchemaView | undefined,
  { mark, marks, mode }: Selection,
  above: ReadonlySet<SchemaView>,
): boolean {
  if (own?.shape !== "object" || above.has(own)) return false;
  const below = new Set([...above, own]);
  return [...own.fields().values()].some((view) => {
    const inner = view.facts.mark ?? mark;
    if (!marks.has(inner) || view.facts.omitFromIdentity !== undefined) return true;
    return isSilent(view, mode) || mayLose(view, { view, mark: inner, marks, mode }, below);
  });
}
