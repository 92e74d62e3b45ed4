/** Configs as YAML: one document each. */
import type { JsonValue } from "../core/json.ts";
import { yaml } from "../report/yaml.ts";

/** The text of a YAML stream; several documents are divided by `---`. */
export function yamlDocuments(values: readonly JsonValue[]): string {
  const [first] = values;
  if (values.length === 1 && first !== undefined) return yaml(first);
  return values.map((value) => `---\n${yaml(value)}`).join("");
}
