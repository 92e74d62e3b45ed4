/** The words of a filter. */
import { filterError } from "./filter-error.ts";

/** A word of a filter and where it stands. */
export type Token = { readonly position: number; readonly source: string } & (
  | { readonly kind: "sign"; readonly text: string }
  /** Text in quotes, without them. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "number"; readonly value: number }
  /** Seconds. */
  | { readonly kind: "duration"; readonly seconds: number }
  /** A day, or a moment; as it is written. */
  | { readonly kind: "time"; readonly text: string }
  /** A name, a path, or text that needs no quotes. */
  | { readonly kind: "word"; readonly text: string }
  | { readonly kind: "end" }
);

const secondsOf: Readonly<Record<string, number>> = {
  s: 1,
  m: 60,
  h: 3_600,
  d: 86_400,
  w: 604_800,
};

const patterns: readonly (readonly [Token["kind"] | "blank", RegExp])[] = [
  ["blank", /\s+/uy],
  [
    "time",
    /\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d+)?)?(?:Z|[+-]\d\d:\d\d)?)?(?![\p{L}\p{N}])/uy,
  ],
  ["duration", /(\d+(?:\.\d+)?)([smhdw])(?![\p{L}\p{N}.])/uy],
  ["number", /([+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?)(%?)(?![\p{L}\p{N}_.])/uy],
  ["text", /"((?:[^"\\]|\\[\s\S])*)"|'((?:[^'\\]|\\[\s\S])*)'/uy],
  ["sign", /==|!=|<=|>=|!~|[=<>~(),]/uy],
  // In brackets and quotes a path may hold any sign: labels["not spam"].
  ["word", /[\p{L}\p{N}_$@/+-](?:[\p{L}\p{N}_$@/.:+*?-]|\[(?:\d+|"(?:[^"\\]|\\.)*")\])*/uy],
];

/**
 * Splits a filter into words; the last one is the end.
 * @throws {ExpError} `usage` for a sign that means nothing, and for a quote that is not closed.
 */
export function filterTokens(text: string): readonly Token[] {
  const tokens: Token[] = [];
  let position = 0;
  while (position < text.length) {
    const token = tokenAt(text, position);
    if (token === undefined)
      throw filterError(text, [{ position, message: strayText(text, position) }]);
    position += token.source.length;
    if (token.kind !== "blank") tokens.push(token);
  }
  tokens.push({ kind: "end", position: text.length, source: "" });
  return tokens;
}

function strayText(text: string, position: number): string {
  const [sign = ""] = text.slice(position);
  if (sign === '"' || sign === "'") return `the quote ${sign} is not closed`;
  if (sign === "&" || sign === "|") {
    return `found ${sign}; write ${sign === "&" ? "and" : "or"} in its place`;
  }
  if (sign === "!") return "found !; write not in its place";
  return `${JSON.stringify(sign)} means nothing in a filter; text with such signs stands in quotes`;
}

type Blank = { readonly kind: "blank"; readonly position: number; readonly source: string };

function tokenAt(text: string, position: number): Token | Blank | undefined {
  for (const [kind, pattern] of patterns) {
    pattern.lastIndex = position;
    const match = pattern.exec(text);
    if (match === null) continue;
    const [source, first = "", second = ""] = match;
    const at = { position, source };
    switch (kind) {
      case "blank":
        return { kind, ...at };
      case "number":
        return { kind, ...at, value: second === "%" ? percent(first) : Number(first) };
      case "duration":
        return { kind, ...at, seconds: Number(first) * (secondsOf[second] ?? 1) };
      case "text":
        return { kind, ...at, text: (first === "" ? second : first).replace(/\\([\s\S])/gu, "$1") };
      case "end":
        return undefined;
      default:
        return { kind, ...at, text: source };
    }
  }
  return undefined;
}

/** The float64 nearest to a percentage: 94.2 % is 0.942, which 94.2 / 100 need not be. */
function percent(digits: string): number {
  const [mantissa = "", exponent = "0"] = digits.toLowerCase().split("e");
  return Number(`${mantissa}e${Number(exponent) - 2}`);
}
