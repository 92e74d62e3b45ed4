/** The values that the literals of experiments write, as they stand in the source. */
import { ts } from "ts-morph";
import type { SourceModule } from "../diff/source/modules.ts";
import { withoutTypes } from "../diff/source/scope.ts";
import { calleeName, isFunctionNode, keyName, walk } from "./nodes.ts";

/** A key of a config's literal with a plain value. */
export interface ConfigValue {
  readonly node: ts.PropertyAssignment;
  /** Keys from the literal down; of presets they begin with the preset's name. */
  readonly keys: readonly string[];
}

const writers = new Set(["defineConfig", "extend", "fragment", "presets", "profiles", "variants"]);

/** Every key that is written in a literal of `defineConfig`, `extend` and the like. */
export function configValues(module: SourceModule): readonly ConfigValue[] {
  const found: ConfigValue[] = [];
  walk(module.source, (node) => {
    if (!ts.isCallExpression(node) || !writers.has(calleeName(node))) return;
    for (const argument of node.arguments) readValue(argument, [], found);
  });
  return found;
}

function readValue(expression: ts.Expression, keys: readonly string[], found: ConfigValue[]): void {
  const node = withoutTypes(expression);
  if (ts.isCallExpression(node) && calleeName(node) === "replace") {
    for (const argument of node.arguments) readValue(argument, keys, found);
  }
  if (!ts.isObjectLiteralExpression(node)) return;
  for (const property of node.properties) {
    const key = keyName(property.name);
    if (key === undefined || !ts.isPropertyAssignment(property)) continue;
    const value = withoutTypes(property.initializer);
    if (isFunctionNode(value)) continue;
    found.push({ node: property, keys: [...keys, key] });
    readValue(value, [...keys, key], found);
  }
}
