/** How deep a value may be for what walks it by calling itself. */
import { ExpError } from "../../core/errors.ts";
import type { JsonValue } from "../../core/json.ts";

/** Objects and lists inside of each other; no config comes near it, and every stack has room for it. */
const maxDepth = 500;

/**
 * Refuses a value whose walk could overflow the stack.
 * @throws {ExpError} `usage`.
 */
export function checkDepth(value: JsonValue): void {
  let level: readonly JsonValue[] = [value];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > maxDepth) throw tooDeep();
    level = level.flatMap((each) =>
      typeof each === "object" && each !== null ? Object.values(each).filter(isHolder) : [],
    );
  }
}

function isHolder(value: JsonValue): boolean {
  return typeof value === "object" && value !== null;
}

function tooDeep(): ExpError {
  return new ExpError(
    "usage",
    `A value to compare has objects or lists more than ${maxDepth} levels inside of each other.`,
    { hint: "Make it flatter, as a list of named items, say; or compare a part of it." },
  );
}
