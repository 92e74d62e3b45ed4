/** `deep-lineage`. */
import { definitionsOf, type DefinitionsOfModules } from "../../diff/source/definitions.ts";
import type { Form } from "../../diff/source/form.ts";
import type { LintProject, Problem, Rule } from "../rule.ts";
import { exportNode } from "../exports.ts";

/** Experiments that inherit from too long a chain. */
export const deepLineage: Rule = {
  id: "deep-lineage",
  reason:
    "What an experiment says is spread over every module of its chain; beyond a few, nobody reads them all.",
  bad: "fifth.ts extends fourth.ts extends third.ts extends second.ts extends first.ts",
  good: 'extend(first, model["large"], { … }): shared parts are presets or fragments, side by side',
  hasFix: false,
  needsEvaluation: false,
  check: (project) => {
    const files = project.linted.map(({ file }) => file);
    const definitions = definitionsOf(project.modules, files);
    return [...definitions.experiments].flatMap(([file, name]) =>
      checkChain(project, { file, chain: chainOf(name, definitions) }),
    );
  },
};

interface Chain {
  readonly file: string;
  /** Names of the definitions, the experiment's own first. */
  readonly chain: readonly string[];
}

function checkChain({ modules, limits }: LintProject, { file, chain }: Chain): readonly Problem[] {
  if (chain.length <= limits.lineage) return [];
  const module = modules.module(file);
  const node = module && exportNode(module);
  if (module === undefined || node === undefined) return [];
  const names = chain.map((name) => name.replace(/#default$/u, "")).join(" → ");
  const message = `${chain.length} definitions build on each other (${names}); at most ${limits.lineage} are meant to. Build on an earlier one, and take shared parts in as presets or fragments.`;
  return [{ module, node, message }];
}

function chainOf(name: string, { byName }: DefinitionsOfModules): readonly string[] {
  const chain: string[] = [];
  for (let next: string | undefined = name; next !== undefined;) {
    if (chain.includes(next)) break;
    chain.push(next);
    next = baseOf(byName.get(next)?.form);
  }
  return chain;
}

/** What `extend(base, …)` builds on. */
function baseOf(form: Form | undefined): string | undefined {
  if (form?.kind !== "call" || !/[.#]extend$/u.test(calleeText(form.callee))) return undefined;
  const [base] = form.items;
  return base?.kind === "reference" ? base.name : undefined;
}

function calleeText(form: Form): string {
  if (form.kind === "reference") return form.name;
  return form.kind === "member" ? `.${form.name}` : "";
}
