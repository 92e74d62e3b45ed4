/** A config as a module of its own that makes exactly this config. */
import type { JsonObject } from "../../core/json.ts";
import { secretsOf } from "../../core/secret-reference.ts";
import { printFields } from "./print-value.ts";

export interface FrozenModule {
  /** What the module's comment says; each entry one line. */
  readonly comment: readonly string[];
  /** What `defineConfig` is reached by: `line.defineConfig`. */
  readonly callee: string;
  /** `{ line }`. */
  readonly clause: string;
  /** Where it is imported from, as this module must write it. */
  readonly from: string;
  readonly config: JsonObject;
  /** Longest line, in characters. */
  readonly width: number;
}

/** The text of the module, as prettier formats it. */
export function printModule({
  comment,
  callee,
  clause,
  from,
  config,
  width,
}: FrozenModule): string {
  const needsSecret = secretsOf(config).length > 0;
  const isLockstep = from === "lockstep" && clause.startsWith("{");
  const names = isLockstep && needsSecret ? clause.replace(/ \}$/u, ", secret }") : clause;
  const imports = [
    ...(needsSecret && !isLockstep ? ['import { secret } from "lockstep";'] : []),
    `import ${names} from ${JSON.stringify(from)};`,
  ];
  const lines = comment.map((line) => ` * ${line.replaceAll("*/", "* /")}`.trimEnd());
  const value = printFields(config, { indent: 0, column: 0, width });
  return ["/**", ...lines, " */", ...imports, "", `export default ${callee}(${value});`, ""].join(
    "\n",
  );
}
