/**
 * The filter language: `optimizer.learningRate < 1e-3 and validation.accuracy > 90%`. Every comparison is true or false,
 * also where a run lacks the value (then only `!=`, `not in`, `!~` and `= null` are true), so `not` always turns it round.
 *
 * filter     = all { "or" all }
 * all        = one { "and" one }
 * one        = "not" one | "(" filter ")" | field [ comparison ]
 * comparison = ( "=" | "==" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "!~" | [ "not" ] "contains" ) value
 *            | [ "not" ] "in" "(" value { "," value } ")"
 * field      = path | ( "final" | "best" | "last" | "min" | "max" ) "(" path ")"
 * value      = number | percentage | text | word | "true" | "false" | "null" | time | duration [ "ago" ]
 */
import { filterError } from "./filter-error.ts";
import { filterTokens, type Token } from "./filter-tokens.ts";

/** Which number of a metric is meant; without a word the result's, or the last one logged. */
export const metricParts = ["final", "best", "last", "min", "max"] as const;

export type MetricPart = (typeof metricParts)[number];

/** A name in a filter, not yet looked up. */
export interface FieldName {
  readonly text: string;
  readonly part?: MetricPart;
  readonly position: number;
}

/** A value in a filter. */
export type FilterValue = { readonly position: number; readonly source: string } & (
  | { readonly kind: "null" }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "text"; readonly value: string }
  | { readonly kind: "duration"; readonly seconds: number }
  /** A day (`2026-11-21`, `today`), a moment, or so many seconds before now. */
  | { readonly kind: "time"; readonly text: string }
  | { readonly kind: "ago"; readonly seconds: number }
);

export type Comparison = "=" | "!=" | "<" | "<=" | ">" | ">=" | "~" | "contains";

/** A filter as a tree. */
export type Filter =
  | { readonly kind: "and" | "or"; readonly items: readonly Filter[] }
  | { readonly kind: "not"; readonly item: Filter }
  | {
      readonly kind: "compare";
      readonly field: FieldName;
      readonly comparison: Comparison;
      readonly value: FilterValue;
    };

/** Deeper nesting than this is no filter that a person wrote. */
const maxDepth = 100;

/**
 * Reads a filter; `undefined` for an empty one.
 * @throws {ExpError} `usage` with the column of what is wrong.
 */
export function parseFilter(text: string): Filter | undefined {
  const tokens = filterTokens(text);
  if (tokens.length === 1) return undefined;
  const parser = new FilterParser(text, tokens);
  return parser.parse();
}

class FilterParser {
  #index = 0;
  #depth = 0;
  readonly #text: string;
  readonly #tokens: readonly Token[];

  constructor(text: string, tokens: readonly Token[]) {
    this.#text = text;
    this.#tokens = tokens;
  }

  parse(): Filter {
    const filter = this.#any();
    if (this.#token.kind !== "end") this.#fail("and, or, or the end of the filter");
    return filter;
  }

  #any(): Filter {
    const items = [this.#all()];
    while (this.#takeWord("or")) items.push(this.#all());
    return joined("or", items);
  }

  #all(): Filter {
    const items = [this.#one()];
    while (this.#takeWord("and")) items.push(this.#one());
    return joined("and", items);
  }

  #one(): Filter {
    if (++this.#depth > maxDepth) this.#fail("a filter that is not nested so deeply");
    const filter = this.#single();
    this.#depth--;
    return filter;
  }

  #single(): Filter {
    if (this.#takeWord("not")) return { kind: "not", item: this.#one() };
    if (!this.#takeSign("(")) return this.#comparison(this.#field());
    const inner = this.#any();
    if (!this.#takeSign(")")) this.#fail(")");
    return inner;
  }

  #comparison(field: FieldName): Filter {
    const start = this.#index;
    const isNegated = this.#takeWord("not");
    if (this.#takeWord("in")) return negatedIf(isNegated, this.#list(field));
    if (this.#takeWord("contains")) {
      return negatedIf(isNegated, compare(field, "contains", this.#value()));
    }
    if (isNegated) this.#fail("in or contains after not");
    this.#index = start;
    const token = this.#token;
    const sign = token.kind === "sign" ? token.text : "";
    switch (sign) {
      case "=":
      case "==":
        this.#index++;
        return compare(field, "=", this.#value());
      case "!~":
        this.#index++;
        return { kind: "not", item: compare(field, "~", this.#value()) };
      case "!=":
      case "<":
      case "<=":
      case ">":
      case ">=":
      case "~":
        this.#index++;
        return compare(field, sign, this.#value());
      default:
        return this.#bare(field);
    }
  }

  /** A field alone is asked whether it is true. */
  #bare(field: FieldName): Filter {
    const { kind, position } = this.#token;
    const isAfter =
      kind === "end" || this.#isWord("and") || this.#isWord("or") || this.#isSign(")");
    if (!isAfter) this.#fail("a comparison: = != < <= > >= ~ in contains");
    return compare(field, "=", { kind: "boolean", value: true, position, source: "true" });
  }

  #list(field: FieldName): Filter {
    const end = this.#takeSign("(") ? ")" : undefined;
    if (end === undefined) this.#fail("( and values, such as in (1, 2)");
    const items: Filter[] = [];
    do items.push(compare(field, "=", this.#value()));
    while (this.#takeSign(","));
    if (!this.#takeSign(")")) this.#fail(", or )");
    return joined("or", items);
  }

  #field(): FieldName {
    const token = this.#token;
    if (token.kind !== "word" && token.kind !== "text") {
      this.#fail("a path of the config, a metric, or a fact such as status");
    }
    this.#index++;
    const { position } = token;
    const part = metricParts.find((one) => token.kind === "word" && one === token.text);
    if (part === undefined || !this.#takeSign("(")) return { text: token.text, position };
    const inner = this.#field();
    if (!this.#takeSign(")")) this.#fail(")");
    return { ...inner, part };
  }

  #value(): FilterValue {
    const token = this.#token;
    const { position, source } = token;
    const at = { position, source };
    switch (token.kind) {
      case "number":
        this.#index++;
        return { kind: "number", value: token.value, ...at };
      case "text":
        this.#index++;
        return { kind: "text", value: token.text, ...at };
      case "time":
        this.#index++;
        return { kind: "time", text: token.text, ...at };
      case "duration":
        this.#index++;
        return { kind: this.#takeWord("ago") ? "ago" : "duration", seconds: token.seconds, ...at };
      case "word":
        this.#index++;
        return wordValue(token.text, at);
      case "sign":
      case "end":
        return this.#fail("a value: a number, text, true, false or null");
    }
  }

  get #token(): Token {
    return this.#tokens[this.#index] ?? { kind: "end", position: this.#text.length, source: "" };
  }

  #isWord(text: string): boolean {
    return this.#token.kind === "word" && this.#token.text.toLowerCase() === text;
  }

  #isSign(text: string): boolean {
    return this.#token.kind === "sign" && this.#token.text === text;
  }

  #takeWord(text: string): boolean {
    const isThere = this.#isWord(text);
    if (isThere) this.#index++;
    return isThere;
  }

  #takeSign(text: string): boolean {
    const isThere = this.#isSign(text);
    if (isThere) this.#index++;
    return isThere;
  }

  #fail(expected: string): never {
    const { kind, source, position } = this.#token;
    const found = kind === "end" ? "the end" : source;
    throw filterError(this.#text, [{ position, message: `expected ${expected}, found ${found}` }]);
  }
}

function joined(kind: "and" | "or", items: readonly Filter[]): Filter {
  const [first] = items;
  return items.length === 1 && first !== undefined ? first : { kind, items };
}

function negatedIf(isNegated: boolean, item: Filter): Filter {
  return isNegated ? { kind: "not", item } : item;
}

function compare(field: FieldName, comparison: Comparison, value: FilterValue): Filter {
  return { kind: "compare", field, comparison, value };
}

const specials = new Map<string, number>([
  ["NaN", Number.NaN],
  ["Infinity", Infinity],
  ["-Infinity", -Infinity],
]);

function wordValue(text: string, at: { position: number; source: string }): FilterValue {
  if (text === "null") return { kind: "null", ...at };
  if (text === "true" || text === "false")
    return { kind: "boolean", value: text === "true", ...at };
  if (text === "today" || text === "yesterday") return { kind: "time", text, ...at };
  const special = specials.get(text);
  if (special !== undefined) return { kind: "number", value: special, ...at };
  return { kind: "text", value: text, ...at };
}
