/**
 * What a value of the command line was read as, before it becomes data: 1 and 1.0 differ here, and so do `a` and `'a'`.
 * Functions are evaluated already: `int(1.5)` is the integer 1, `sort(2,1)` the choice of 1 and 2.
 */
import { shortText } from "./override-cursor.ts";

/** A value that stands for itself. */
export type ElementNode =
  | NullNode
  | BooleanNode
  | NumberNode
  | TextNode
  | { readonly kind: "list"; readonly items: readonly ElementNode[]; readonly position: number }
  | { readonly kind: "dict"; readonly entries: readonly DictEntry[]; readonly position: number };

export type ValueNode = ElementNode | ChoiceNode | RangeNode | IntervalNode | GlobNode;

/** Keys are typed like values: `{1: a}` has an integer, `{'1': a}` a text. */
export type KeyNode = NullNode | BooleanNode | NumberNode | TextNode;

export type DictEntry = readonly [key: KeyNode, value: ElementNode];

interface Place {
  /** In UTF-16 code units from the start of the override. */
  readonly position: number;
}

interface Plain extends Place {
  /** What stands, or could stand, in the text of the override: `1_000`, `True`. */
  readonly written: string;
}

export interface NullNode extends Plain {
  readonly kind: "null";
}

export interface BooleanNode extends Plain {
  readonly kind: "boolean";
  readonly value: boolean;
}

/** Integers that a 64-bit float cannot hold are bigints; floats may be infinite or not a number. */
export type NumberNode =
  | (Plain & { readonly kind: "integer"; readonly value: number | bigint })
  | (Plain & { readonly kind: "float"; readonly value: number });

export interface TextNode extends Place {
  readonly kind: "text";
  /** With `${…}` and the backslashes before it as they stand. */
  readonly text: string;
  readonly quote?: Quote;
  /** Present where the text stood without quotes, and so may be a name. */
  readonly written?: string;
  /** Literal parts and references, where the text as it stands is not what it means. */
  readonly parts?: readonly TextPart[];
  /** Made by `str()`: a single reference becomes a text too. */
  readonly isForced?: boolean;
}

export type Quote = "single" | "double";

/** A literal, or what stands in `${…}`. */
export type TextPart = string | { readonly reference: string; readonly position: number };

interface Sweep extends Place {
  /** Unique, in the order of their code points. */
  readonly tags: readonly string[];
}

export interface ChoiceNode extends Sweep {
  readonly kind: "choice";
  readonly items: readonly ElementNode[];
  /** Written with commas alone. */
  readonly isSimple: boolean;
  readonly shuffle?: Shuffle;
  readonly spacing?: SpacingCall;
}

/** The call that made a choice. */
export interface SpacingCall {
  readonly name: "linspace" | "logRange";
  /** Start, stop and count. */
  readonly parameters: readonly [NumberNode, NumberNode, NumberNode];
}

export interface RangeNode extends Sweep {
  readonly kind: "range";
  readonly start: NumberNode;
  /** Not part of the range. */
  readonly stop: NumberNode;
  readonly step: NumberNode;
  readonly shuffle?: Shuffle;
}

/** The order of a shuffled sweep. */
export interface Shuffle {
  /** An integer from 0 on. */
  readonly seed: number;
}

export interface IntervalNode extends Sweep {
  readonly kind: "interval";
  readonly start: NumberNode;
  readonly stop: NumberNode;
}

export interface GlobNode extends Place {
  readonly kind: "glob";
  readonly include: readonly string[];
  readonly exclude: readonly string[];
}

/** Tells sweeps from values that stand for themselves. */
export function isElement(node: ValueNode): node is ElementNode {
  return !["choice", "range", "interval", "glob"].includes(node.kind);
}

/** Tells numbers from anything else. */
export function isNumber(node: ValueNode): node is NumberNode {
  return node.kind === "integer" || node.kind === "float";
}

/** Tells texts that hold references from anything else. */
export function hasReference(node: ValueNode): boolean {
  return node.kind === "text" && (node.parts?.some((part) => typeof part !== "string") ?? false);
}

/** A node for an integer that was computed. */
export function integerNode(value: number | bigint, position: number): NumberNode {
  const isSafe = Number.isSafeInteger(Number(value));
  const held = isSafe ? Number(value) + 0 : BigInt(value); // no negative zero
  return { kind: "integer", value: held, written: String(held), position };
}

/** A node for a float that was computed. */
export function floatNode(value: number, position: number): NumberNode {
  return { kind: "float", value, written: floatText(value), position };
}

/** The text of a float as Python prints it, so that a cast gives what Hydra gives: `1.0`, `1e-05`, `inf`. */
export function floatText(value: number): string {
  if (Number.isNaN(value)) return "nan";
  if (!Number.isFinite(value)) return value > 0 ? "inf" : "-inf";
  const [mantissa = "", exponent = "0"] = value.toExponential().split("e");
  const power = Number(exponent);
  if (power < -4 || power >= 16) {
    return `${mantissa}e${power < 0 ? "-" : "+"}${String(Math.abs(power)).padStart(2, "0")}`;
  }
  const text = Object.is(value, -0) ? "-0" : String(value);
  return text.includes(".") ? text : `${text}.0`;
}

/** What a node is, for messages: `the text "a"`, `a list`, `choice(…)`. */
export function describeNode(node: ValueNode): string {
  switch (node.kind) {
    case "null":
      return "null";
    case "boolean":
    case "integer":
    case "float":
      return shortText(node.written);
    case "text":
      return `the text ${JSON.stringify(shortText(node.text))}`;
    case "list":
      return "a list";
    case "dict":
      return "a dict";
    default:
      return `${node.kind}(…)`;
  }
}
