/**
 * What a marker is at run time: a frozen object that carries its data under a registered symbol and refuses to be used
 * as the value that it stands for. Types say `symbol`, so that TypeScript keeps markers out of key checks.
 */
import { ExpError } from "../core/errors.ts";
import { formatPlace } from "../core/stack-frames.ts";
import type { Path } from "../core/path.ts";
import type { CallSite } from "./call-site.ts";

/** What stands in a patch in place of a plain value. */
export type MarkerData = { readonly call: CallSite } & MarkerMeaning;

export type MarkerMeaning =
  /** An axis over the listed values. */
  | {
      readonly kind: "choice";
      readonly values: readonly unknown[];
      /** What the values were computed by, to be shown. */
      readonly from?: "linspace" | "logRange" | "repeat";
      /** Hydra's `tag()`; nothing depends on them. */
      readonly tags?: readonly string[];
    }
  /** An axis from `start` in steps of `step`; `stop` is not part of it. */
  | {
      readonly kind: "range";
      readonly start: number;
      readonly stop: number;
      readonly step: number;
      readonly tags?: readonly string[];
    }
  /** Numbers from `start` up to `stop`, for a search; no grid has its values. */
  | {
      readonly kind: "interval";
      readonly start: number;
      readonly stop: number;
      readonly isInteger: boolean;
      readonly tags?: readonly string[];
    }
  /** An axis over the presets whose names fit a pattern of `include` and none of `exclude` (`*`, `?`, `[abc]`). */
  | {
      readonly kind: "glob";
      readonly include: readonly string[];
      readonly exclude: readonly string[];
    }
  /** A text of the command line with `${path}` in it. */
  | { readonly kind: "reference"; readonly text: string; readonly parts: readonly ReferencePart[] }
  /** The value of an environment variable, else the fallback. */
  | { readonly kind: "env"; readonly name: string; readonly fallback?: { readonly value: unknown } }
  /** A value that is looked up by `fetch` and pinned in the project's lock of inputs. */
  | {
      readonly kind: "external";
      readonly key: string;
      readonly fetch: (context: unknown) => unknown;
    }
  /** Computed from the resolved config. */
  | { readonly kind: "derived"; readonly compute: (config: unknown) => unknown }
  /** A later layer has to say the value. */
  | { readonly kind: "required" }
  /** The value as it is, not merged into what stood there. */
  | { readonly kind: "replace"; readonly value: unknown }
  /** Takes a value away; with `equals`, only where it is that one. */
  | { readonly kind: "remove"; readonly equals?: { readonly value: unknown } }
  | { readonly kind: "append"; readonly items: readonly unknown[] }
  | { readonly kind: "prepend"; readonly items: readonly unknown[] }
  /** Takes every item away that equals one of these. */
  | { readonly kind: "subtract"; readonly items: readonly unknown[] };

/**
 * A literal text, or the value at a path of the resolved config. One path alone keeps the value's type; anything else
 * is joined to a text. With `up`, the path counts from where the reference stands: 1 for `${.x}`, a field beside it,
 * 2 for `${..x}`, one above that.
 */
export type ReferencePart = string | { readonly path: Path; readonly up?: number };

/** A marker for a recorded input. */
export type InputMarker = Extract<MarkerData, { readonly kind: "env" | "external" }>;

/** Tells a marker for a recorded input from the others. */
export function isInputMarker(marker: MarkerData): marker is InputMarker {
  return marker.kind === "env" || marker.kind === "external";
}

/** How a value came to be, for provenance: the function that was called, with the name of what it reads. */
export function markerLabel(marker: MarkerData): string {
  if (marker.kind === "choice") return marker.from ?? marker.kind;
  if (marker.kind === "env") return `env ${marker.name}`;
  return marker.kind === "external" ? `external ${marker.key}` : marker.kind;
}

/** Neither `null` nor `Object.prototype`, so that nothing takes a marker for plain data. */
const prototype: object = Object.freeze(Object.create(null) as object);

const markerBrand = Symbol.for("lockstep.marker/1");

/** The data of a marker, or `undefined` for anything else. */
export function markerData(value: unknown): MarkerData | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  return Object.getOwnPropertyDescriptor(value, markerBrand)?.value as MarkerData | undefined;
}

/**
 * A marker with the given data: frozen, and without members.
 * @typeParam M - The type under which it stands in a patch.
 */
export function createMarker<M extends symbol>(data: MarkerData): M {
  const refuse = (): never => {
    throw usedAsValue(data);
  };
  const marker: unknown = Object.create(prototype, {
    [markerBrand]: { value: Object.freeze(data) },
    [Symbol.toPrimitive]: { value: refuse }, // arithmetic, comparison, template texts
    toJSON: { value: refuse }, // JSON.stringify would say {}
    [Symbol.toStringTag]: { value: `${data.kind}()` },
  });
  return Object.freeze(marker) as M; // an object; `marker-types.ts` says why its type is a symbol
}

function usedAsValue({ kind, call }: MarkerData): ExpError {
  const reason = "it stands for a value that is known only when the config is resolved";
  return new ExpError(
    "config",
    `${formatPlace(call)}: ${kind}() was used as a value, but ${reason}.`,
    {
      hint: "Compute with it in derived((c) => …), where c holds the resolved values.",
    },
  );
}
