/** One thing that the source says differently. */
import type { Path } from "../../core/path.ts";
import { formText, type CallForm, type Form, type SourcePlace } from "./form.ts";

/** What a change of source is about. */
export type ChangedThing =
  | "value"
  | "axis" // choice, range and their like, and what combines them
  | "derived"
  | "layer" // a parent, preset, fragment or rule
  | "code" // a function
  | "unknown"; // only running it would tell

export interface WrittenForm {
  /** On one line, as people write it. */
  readonly text: string;
  readonly at: SourcePlace;
}

/** One thing that the source says differently. */
export interface SourceChange {
  /** In the config, where the change is in what a layer writes; else the words of the calls around it. */
  readonly path: Path;
  readonly thing: ChangedThing;
  /** Absent for what was added. */
  readonly before?: WrittenForm;
  /** Absent for what was removed. */
  readonly after?: WrittenForm;
  /** Why a value is not known without running it. */
  readonly unknown?: string;
}

/** `extend` of `extend(…)` and of `spam.extend(…)`. */
export function calleeName({ callee }: CallForm): string {
  if (callee.kind === "reference") return callee.name.split("#").at(-1) ?? "";
  return callee.kind === "member" ? callee.name : "";
}

/** The change from one form to another, or to or from nothing. */
export function changeOf(
  path: Path,
  before: Form | undefined,
  after: Form | undefined,
): SourceChange {
  const told = after ?? before;
  const unknown = [before, after]
    .map((form) => (form === undefined ? undefined : unknownIn(form)))
    .find((reason) => reason !== undefined);
  return {
    path,
    thing: told === undefined ? "unknown" : thingOf(told),
    ...(before !== undefined && { before: { text: formText(before), at: before.at } }),
    ...(after !== undefined && { after: { text: formText(after), at: after.at } }),
    ...(unknown !== undefined && { unknown }),
  };
}

/** Why a form's value is not known; of the first part that is not. */
function unknownIn(form: Form): string | undefined {
  switch (form.kind) {
    case "code":
      return form.unknown;
    case "object":
      return [...form.fields.values()].map(unknownIn).find((reason) => reason !== undefined);
    case "list":
    case "call":
      return form.items.map(unknownIn).find((reason) => reason !== undefined);
    default:
      return undefined;
  }
}

const axes = new Set([
  "choice",
  "range",
  "linspace",
  "logRange",
  "variants",
  "zip",
  "product",
  "concat",
  "when",
  "filter",
  "repeat",
]);

function thingOf(form: Form): ChangedThing {
  switch (form.kind) {
    case "call": {
      const name = calleeName(form);
      if (name === "derived") return "derived";
      if (["extend", "fragment", "rule", "defineConfig"].includes(name)) return "layer";
      return axes.has(name) ? "axis" : "value";
    }
    case "reference":
    case "member":
      return "layer";
    case "code":
      return form.unknown === undefined ? "code" : "unknown";
    default:
      return "value";
  }
}
