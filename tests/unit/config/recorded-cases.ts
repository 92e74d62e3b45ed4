/** Recorded cases of Hydra's grammar, how we read each, and the verdict: a table of named reasons, checked by rule. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { parseKey } from "../../../src/config/override-key.ts";
import { OverrideError, type Cursor } from "../../../src/config/override-cursor.ts";
import { parseTree } from "../../../src/config/override-parser.ts";
import { isElement, type ValueNode } from "../../../src/config/override-tree.ts";
import { parseOverrideTree, taggedOverride } from "../../../src/config/tagged-argument.ts";
import { taggedValue } from "../../../src/config/tagged-tree.ts";
import { isPlainObject, type JsonValue } from "../../../src/core/json.ts";

/** What a reader makes of a text: a value in tagged JSON, or an error. */
export type Outcome = { readonly ok: JsonValue } | { readonly error: string };

export interface RecordedCase {
  readonly rule: string;
  readonly input: string;
  /** `std`, or `custom:…` where the test added functions of its own. */
  readonly functions: string;
  readonly hydra: Outcome;
}

export type Verdict = "same" | "superset" | "stricter" | "refused";

const versions = {
  "1.4-dev": "override-parse-1.4dev9.jsonl",
  "1.3.5": "override-parse-1.3.5.json",
} as const;

export type Version = keyof typeof versions;

const repository = fileURLToPath(new URL("../../..", import.meta.url));

/** The file of a version's cases: test data beside the repository, or where LOCKSTEP_VECTORS says. */
export function casesFile(version: Version): string | undefined {
  const folder = process.env["LOCKSTEP_VECTORS"] ?? join(repository, "../shared/vectors");
  const file = join(folder, versions[version]);
  return existsSync(file) ? file : undefined;
}

/** The cases of a version. */
export function readCases(version: Version, file: string): readonly RecordedCase[] {
  const text = readFileSync(file, "utf8");
  if (version === "1.3.5") {
    const rows = JSON.parse(text) as readonly (readonly [string, string, Outcome])[];
    return rows.map(([rule, input, hydra]) => ({ rule, input, functions: "std", hydra }));
  }
  const lines = text.trimEnd().split("\n");
  return lines.map((line) => {
    const row = JSON.parse(line) as Outcome & { rule: string; input: string; fns: string };
    const hydra = "ok" in row ? { ok: row.ok } : { error: row.error };
    return { rule: row.rule, input: row.input, functions: row.fns, hydra };
  });
}

/** How we read the input of a case. */
export function readCase({ rule, input }: RecordedCase): Outcome {
  const cursor: Cursor = { text: input, index: 0, position: 0 };
  try {
    return { ok: readRule(rule, cursor) };
  } catch (error) {
    if (error instanceof OverrideError) return { error: error.problem };
    throw error;
  }
}

function readRule(rule: string, cursor: Cursor): JsonValue {
  switch (rule) {
    case "override":
      return asRecorded(taggedOverride(parseOverrideTree(cursor)));
    case "key":
    case "packageOrGroup": {
      parseKey(cursor);
      requireFit(cursor.position === cursor.text.length, cursor);
      return rule === "key" ? { $key: cursor.text, package: null } : cursor.text;
    }
    case "package":
      throw new OverrideError("", {
        position: 0,
        column: 1,
        complaint: { message: "no packages" },
      });
    default: {
      const tree = parseTree(cursor);
      requireFit(fits(rule, tree), cursor);
      return asRecorded(taggedValue(tree));
    }
  }
}

/** The recorded form has one text for a reference and for a literal of the same characters. */
function asRecorded(value: JsonValue): JsonValue {
  if (Array.isArray(value)) return value.map(asRecorded);
  if (!isPlainObject(value)) return value;
  const { $literal, $joined } = value;
  if (typeof $literal === "string") return $literal;
  if (Array.isArray($joined)) return $joined.map(textOf).join("");
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, asRecorded(item)]));
}

function textOf(part: JsonValue): string {
  const text = asRecorded(part);
  return typeof text === "string" ? text : JSON.stringify(text);
}

function requireFit(isFit: boolean, { text, position }: Cursor): void {
  if (isFit) return;
  const complaint = { message: `${text} is something else` };
  throw new OverrideError(complaint.message, { position, column: position + 1, complaint });
}

function fits(rule: string, tree: ValueNode): boolean {
  switch (rule) {
    case "element":
      return isElement(tree);
    case "primitive":
      return isElement(tree) && tree.kind !== "list" && tree.kind !== "dict";
    case "listContainer":
      return tree.kind === "list";
    case "dictContainer":
      return tree.kind === "dict";
    case "simpleChoiceSweep":
      return tree.kind === "choice" && tree.isSimple;
    default:
      return rule === "value" || rule === "function";
  }
}

/** A reason for which an outcome may differ, and the verdict that it gives. */
export interface Reason {
  readonly verdict: Exclude<Verdict, "same">;
  readonly text: string;
  readonly applies: (recorded: RecordedCase) => boolean;
  /** How the outcomes have to differ; what reads where it should refuse, or the reverse, is a fault. */
  readonly difference: Difference;
}

/** Who reads the text: Hydra alone, we alone, both but otherwise. */
type Difference = "only Hydra reads it" | "only we read it" | "both read it";

const standard = ({ functions }: RecordedCase): boolean => functions === "std";

/** Every difference that there is. */
export const reasons: readonly Reason[] = [
  {
    verdict: "refused",
    text: "there are no packages: the path says where a value stands",
    applies: ({ rule, input }) => rule === "package" || /^[^=]*@/.test(input),
    difference: "only Hydra reads it",
  },
  {
    verdict: "refused",
    text: "json_str() and extend_list() are of 1.4 alone and leave again with 1.5; += appends",
    applies: (one) => standard(one) && /\b(?:json_str|extend_list)\(/.test(one.input),
    difference: "only Hydra reads it",
  },
  {
    verdict: "refused",
    text: "there are no functions of users on the command line: they stand in experiments",
    applies: ({ functions, input }) => functions !== "std" && !/^(?:range|sort)\(/.test(input),
    difference: "only Hydra reads it",
  },
  {
    verdict: "refused",
    text: "range and sort cannot be taken by functions of users: they mean what they mean",
    applies: ({ functions, input }) => functions !== "std" && /^(?:range|sort)\(/.test(input),
    difference: "both read it",
  },
  {
    verdict: "superset",
    text: "keys of dicts may be quoted",
    applies: ({ input }) => /\{\s*['"]/.test(input),
    difference: "only we read it",
  },
  {
    verdict: "superset",
    text: "lists are shuffled by a seed, not by chance: the same order on every machine",
    applies: (one) => standard(one) && /=shuffle\((?:list=)?\[/.test(one.input),
    difference: "both read it",
  },
  {
    verdict: "superset",
    text: "a sorted range keeps its values; 1.3 shifts them, which 1.4 mended as we do",
    applies: (one) => standard(one) && one.input.startsWith("sort(range("),
    difference: "both read it",
  },
  {
    verdict: "stricter",
    text: "a closing bracket too many is an error; the recorded rule stops before it",
    applies: ({ input }) => input === "shuffle(float(range(10,1))))",
    difference: "only Hydra reads it",
  },
];

/** The verdict over one case, with its reason where the outcomes differ; `undefined` where no reason is named. */
export function judge(
  recorded: RecordedCase,
  ours: Outcome,
): { readonly verdict: Verdict; readonly reason?: Reason } | undefined {
  const [theirsIsRead, oursIsRead] = ["ok" in recorded.hydra, "ok" in ours];
  if (isEqual(recorded.hydra, ours)) return { verdict: "same" };
  const difference: Difference = !theirsIsRead
    ? "only we read it"
    : oursIsRead
      ? "both read it"
      : "only Hydra reads it";
  const reason = reasons.find((one) => one.difference === difference && one.applies(recorded));
  return reason === undefined ? undefined : { verdict: reason.verdict, reason };
}

/**
 * Tells whether two outcomes say the same: the same value, or an error both. The recordings know that a text was refused,
 * and not in which words.
 */
export function isEqual(one: Outcome, other: Outcome): boolean {
  if ("error" in one || "error" in other) return "error" in one && "error" in other;
  return JSON.stringify(normalized(one)) === JSON.stringify(normalized(other));
}

/** Keys in order; 1.4 computes some floats as decimals, which are the same numbers. */
function normalized(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalized);
  if (!isPlainObject(value)) return value;
  if ("$decimal" in value) return { $float: value["$decimal"] };
  const keys = Object.keys(value).toSorted((one, other) => (one < other ? -1 : 1));
  return Object.fromEntries(keys.map((key) => [key, normalized(value[key])]));
}
