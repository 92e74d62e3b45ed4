/** How long lines may be, by what the project tells prettier. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { isPlainObject, parseJson } from "../../core/json.ts";

const usual = 80;

/** The `printWidth` of a project's `.prettierrc`, `.prettierrc.json` or `package.json`; prettier's own without one. */
export function lineWidth(projectDirectory: string): number {
  for (const name of [".prettierrc", ".prettierrc.json", "package.json"]) {
    const settings = settingsIn(join(projectDirectory, name));
    const own = name === "package.json" ? settings?.["prettier"] : settings;
    const width = isPlainObject(own) ? own["printWidth"] : undefined;
    if (typeof width === "number" && Number.isSafeInteger(width) && width > 0) return width;
  }
  return usual;
}

/** A file that is not there, or is YAML, says nothing. */
function settingsIn(file: string): Record<string, unknown> | undefined {
  try {
    const value = parseJson(readFileSync(file, "utf8"));
    return isPlainObject(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
