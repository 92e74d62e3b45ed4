/** What is wrong with the texts of a config, its keys too, that no schema can say. */
import { isPlainObject } from "../core/json.ts";
import type { Path } from "../core/path.ts";
import { secretsOf } from "../core/secret-reference.ts";
import { registerSecretNames, secretsWithin } from "../core/secrets.ts";
import type { Problem } from "./problems.ts";

/**
 * Texts that cannot be hashed, because half a surrogate pair has no UTF-8 form, and texts that must not be, because they
 * hold the value of a secret that the config names. Environment variables that it names are known from here on.
 */
export function textProblems(config: unknown): readonly Problem[] {
  registerSecretNames(secretsOf(config).map(({ name }) => name));
  const found: Problem[] = [];
  visitTexts(config, [], (path, text) => {
    const message = problemOf(text);
    if (message !== undefined) {
      found.push({ path, message, place: { kind: "setter", path, below: true } });
    }
  });
  return found;
}

function problemOf(text: string): string | undefined {
  if (/[\uD800-\uDFFF]/u.test(text)) {
    return `holds half of a surrogate pair, which has no UTF-8 form (found ${JSON.stringify(text.slice(0, 60))})`;
  }
  const [name] = secretsWithin(text);
  if (name === undefined) return undefined;
  return `holds the value of the secret ${name}, which would be hashed and stored: make the field a secretField() and write secret("${name}")`;
}

function visitTexts(value: unknown, path: Path, visit: (path: Path, text: string) => void): void {
  if (typeof value === "string") return visit(path, value);
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) visitTexts(item, [...path, index], visit);
  } else if (isPlainObject(value)) {
    for (const [key, item] of Object.entries(value)) {
      visit(path, key);
      visitTexts(item, [...path, key], visit);
    }
  }
}
