/** Taking secrets out of filters: what a field that is named for one is compared with. */
import { isExpError } from "../../core/errors.ts";
import { redactArguments } from "../redact-arguments.ts";
import { isSecretName } from "../redact-assignments.ts";
import { redacted, redactText } from "../redact.ts";
import { filterTokens } from "./filter-tokens.ts";

/** Words between a field and its value. */
const comparisons = new Set(["in", "not", "contains"]);

/** Words behind the value. */
const joints = new Set(["and", "or"]);

/** The filter without its secrets, otherwise as it was typed; also a word that is none: a key, a folder. */
export function redactFilter(text: string): string {
  try {
    return redactText(maskedValues(text)).text;
  } catch (error) {
    if (!isExpError(error)) throw error;
    return redactArguments([text]).join("");
  }
}

function maskedValues(text: string): string {
  let shown = "";
  let end = 0;
  let isSecret = false;
  for (const token of filterTokens(text)) {
    const { kind, position, source } = token;
    shown += text.slice(end, position); // blanks
    end = position + source.length;
    const word = kind === "word" ? token.text.toLowerCase() : "";
    if (joints.has(word)) isSecret = false;
    const isValue = kind !== "sign" && kind !== "end" && !comparisons.has(word);
    shown += isSecret && isValue ? redacted : source;
    if (kind === "word" && isSecretName(token.text)) isSecret = true;
  }
  return shown;
}
