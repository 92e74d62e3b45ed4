/** What a module exports as default. */
import { ts } from "ts-morph";
import type { SourceModule, SourceModules } from "../diff/source/modules.ts";
import { resolveExport, resolveName } from "../diff/source/resolve-name.ts";
import { withoutTypes } from "../diff/source/scope.ts";
import { calleeName } from "./nodes.ts";

/** The statement `export default …`, or the whole module where it is exported otherwise. */
export function exportNode({ source, exported }: SourceModule): ts.Node | undefined {
  if (!exported.has("default")) return undefined;
  return source.statements.find(ts.isExportAssignment) ?? source.statements[0];
}

/** Whether a module's default export is a definition that can be run: what `defineConfig` or `extend` gives. */
export function isExperiment(modules: SourceModules, module: SourceModule): boolean {
  const target = resolveExport(modules, module, "default");
  if (!module.exported.has("default") || target.kind !== "expression") return false;
  const value = withoutTypes(target.value);
  return (
    ts.isCallExpression(value) &&
    ["defineConfig", "extend"].includes(calleeName(value)) &&
    isOwn(modules, target.module, value)
  );
}

/** Other tools have a `defineConfig` too. */
function isOwn(modules: SourceModules, module: SourceModule, call: ts.CallExpression): boolean {
  const callee = withoutTypes(call.expression);
  const name = ts.isPropertyAccessExpression(callee) ? withoutTypes(callee.expression) : callee;
  if (!ts.isIdentifier(name)) return false;
  const target = resolveName(modules, module, name.text);
  return target.kind !== "outside" || target.name.startsWith("lockstep#");
}
