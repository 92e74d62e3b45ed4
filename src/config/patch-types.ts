/**
 * What may be written in a config, from the schema's types: `I` is its input (what is written), `C` its output (the
 * resolved config, which `derived` and rules read). `kind` is reserved for discriminators of unions: where it is
 * written, the member's required fields must be too; where it is left out, the inherited member is changed.
 */
import type { z } from "zod";
import type { Secret } from "../core/secret-reference.ts";

import type { Derived, Fragment, ListEdit, Remove, Replace } from "./marker-types.ts";

/** What is written as a whole; a reference to a secret has nothing inside that could be changed by itself. */
export type Leaf = string | number | boolean | null | Secret;
export type List = readonly unknown[];
/** `z.json()`, `z.unknown()`, `z.any()`: no shape to check against. */
type AnyJson = z.core.util.JSONType;
/** The type of a field where it is present. */
export type At<T, K extends keyof T> = Exclude<T[K], undefined>;

/** A scalar, or a marker for one. */
export type Value<T, C> = T | Derived<T, C>;
/** A whole object: every required field. */
export type Full<T, C> = { [K in keyof T]: K extends "kind" ? T[K] : FullField<At<T, K>, C> };
/** A change of an object, in some or all of its fields. */
export type Patch<T, C> = { [K in keyof T]?: PatchField<At<T, K>, C> | Optional<T, K> };

/** JSON of any shape, at whose every place a marker may stand. */
type JsonPatch<C> = AnyJson | Derived<AnyJson, C> | { readonly [key: string]: JsonPatch<C> };

/** Optional fields and entries of records can be removed. */
type Optional<T, K extends keyof T> = undefined extends T[K]
  ? Remove
  : string extends K
    ? Remove
    : never;
type FullField<T, C> = [AnyJson] extends [T]
  ? T | JsonPatch<C>
  : [T] extends [Leaf]
    ? Value<T, C>
    : Whole<T, C>;
/** What may be written for a field of type `T` in a patch. */
export type PatchField<T, C> = [AnyJson] extends [T]
  ? T | JsonPatch<C>
  : [T] extends [Leaf]
    ? Value<T, C>
    : Change<T, C>;
/** An object, list or union member in full. */
export type Whole<T, C> = Derived<T, C> | FullPart<T, C>;
/** A change of an object, list or union. */
export type Change<T, C> =
  Derived<T, C> | PatchPart<T, T, C> | Replacement<Exclude<T, Leaf | List>, C>;
type FullPart<T, C> = T extends Leaf ? T : Full<T, C>;
type Replacement<T, C> = [T] extends [never] ? never : Replace<FullPart<T, C>>;
type PatchPart<T, U, C> = T extends Leaf
  ? T
  : T extends readonly (infer E)[]
    ? Full<T, C> | (number extends T["length"] ? ListEdit<FullField<E, C>> : never) // no append to a tuple
    : T extends { kind: string }
      ? Full<T, C> | SameKind<T, U, C>
      : Patch<T, C>;
type AnyKey<U> = U extends unknown ? keyof U : never;
/** A change of union member `T` without its `kind`: none of the other members' fields. */
export type SameKind<T, U, C> = Patch<Omit<T, "kind">, C> & {
  [K in "kind" | Exclude<AnyKey<U>, keyof T>]?: never;
};

/** What `extend` takes after the base: fragments, presets, rules, aliases, combinators, and plain changes. */
export type Layer<C, I> = Fragment<C, I> | Patch<I, C>;

/** The dotted paths of a config, up to six keys deep; lists are not entered. */
export type DottedPath<T, D extends 0[] = []> = D["length"] extends 6
  ? never
  : T extends Leaf | List | undefined
    ? never
    : { [K in keyof T & string]: K | `${K}.${DottedPath<T[K], [...D, 0]>}` }[keyof T & string];

/** What stands at a dotted path, over all members of the unions on the way. */
export type AtPath<T, P> = T extends unknown
  ? P extends keyof T
    ? At<T, P>
    : P extends `${infer K}.${infer Rest}`
      ? K extends keyof T
        ? AtPath<Exclude<T[K], Leaf | undefined>, Rest>
        : never
      : never
  : never;
