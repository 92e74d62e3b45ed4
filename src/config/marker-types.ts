/**
 * The types of what may stand in a patch in place of a plain value. All are `symbol &` a call signature: TypeScript then
 * leaves them out of its unknown-key check and of completion lists, so that "Did you mean" appears and errors land on
 * the wrong key. At run time they are objects (`markers.ts`).
 */
declare const tag: unique symbol;

/**
 * Lets a written `kind` rule markers out, and keeps markers from passing for a member of a union: it is a unit type as
 * TypeScript's discrimination asks, and fits neither a literal nor an absent key. Mapped, so that go-to-definition
 * skips it.
 */
type NoKind = { readonly [K in "kind"]: undefined };

interface Marker<Tag extends string, C, T> extends NoKind {
  (config: C): T;
  readonly [tag]: Tag;
}

/** A value of type `T` that is known only when the config is resolved. */
export type Deferred<T> = symbol & Marker<"a value", unknown, T>;
/** A value of type `T` computed from a resolved config of type `C`. */
export type Derived<T, C> = symbol & Marker<"a value", C, T>;
/** An object or list that takes the place of the inherited one. */
export type Replace<T> = symbol & Marker<"replace(): an object", unknown, T>;
/** Items added to an inherited list of `E`. */
export type ListEdit<E> = symbol & Marker<"append(), prepend(): a list", unknown, E>;
/** The absence of an optional field. */
export type Remove = symbol & Marker<"remove(): an optional field", unknown, unknown>;
/**
 * A part of a config of type `C` (input shape `I`): a fragment, preset, rule or alias. Both types stand where values
 * come out, so that parts written for a task also fit a variant of it whose unions have more members.
 */
export type Fragment<C, I> = symbol & Marker<"a fragment", unknown, readonly [C, I]>;

/** `NoInfer` that keeps completion of union members. */
export type Held<T> = [T][T extends unknown ? 0 : never];
/** What an argument may be: typed by the place that the marker stands in, else by itself. */
export type Fit<T, V> = [unknown] extends [T] ? V : Held<T>;
/** What a marker holds: the place's type, else the argument's own. */
export type Got<T, V> = [unknown] extends [T] ? V : T;
