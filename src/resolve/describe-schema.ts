/** Plain words for what a schema expects, for messages. */
import { showValue } from "./problems.ts";
import type { SchemaView } from "./schema-view.ts";

/** What may stand at a field: `a whole number or null`, `one of "max", "min"`, `an object with kind "adamw" or "sgd"`. */
export function describeSchema(view: SchemaView | undefined): string {
  if (view === undefined) return "another value";
  const words = shapeWords(view);
  return view.isNullable ? `${words} or null` : words;
}

function shapeWords(view: SchemaView): string {
  switch (view.shape) {
    case "object":
      return view.facts.secret === true ? "a secret" : "an object";
    case "record":
      return "an object";
    case "list":
    case "tuple":
      return "a list";
    case "union": {
      const kinds = [...view.members().keys()].map(showValue);
      return `an object with ${view.discriminator} ${listWords(kinds)}`;
    }
    case "anyOf":
      return listWords([...new Set(view.options().map(describeSchema))]);
    case "unknown":
      return "JSON data";
    case "scalar":
      break;
  }
  return view.values.length > 0 ? listValues(view.values) : scalarWords(view);
}

function scalarWords({ scalars, isWhole }: SchemaView): string {
  const words = scalars.map((type) => {
    if (type === "number") return isWhole ? "a whole number" : "a number";
    if (type === "boolean") return "true or false";
    return type === "string" ? "a text" : "null";
  });
  return listWords(words);
}

/** `one of "a", "b"`, or just `"a"`. */
export function listValues(values: readonly unknown[]): string {
  const words = values.map(showValue);
  return words.length === 1 ? String(words[0]) : `one of ${words.join(", ")}`;
}

function listWords(words: readonly string[]): string {
  const last = words.at(-1) ?? "";
  return words.length < 2 ? last : `${words.slice(0, -1).join(", ")} or ${last}`;
}
