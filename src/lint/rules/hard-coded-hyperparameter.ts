/** `hard-coded-hyperparameter`. */
import { ts } from "ts-morph";
import { resolveName } from "../../diff/source/resolve-name.ts";
import type { SourceModules } from "../../diff/source/modules.ts";
import { isLocal, isUse, keyName, literalValue, plainName, walk, type Located } from "../nodes.ts";
import type { Problem, Rule } from "../rule.ts";
import { isNumeric } from "../schema-fields.ts";
import { tasksOf, type TaskCode } from "../tasks.ts";

/** Names of what experiments vary, without capitals and underscores. */
const hyperparameters: ReadonlySet<string> = new Set(
  `learningrate lr batchsize numepochs epochs numsteps maxsteps dropout dropoutrate weightdecay momentum beta1 beta2
  l2penalty l1penalty temperature topk topp patience hiddensize hiddenunits numlayers numheads embeddingsize vocabsize
  sequencelength contextlength warmup warmupsteps warmupfraction gradientclip clipnorm maxgradnorm labelsmoothing seed
  randomseed gamma margin kernelsize numsamples maxsamples evaluationinterval discount explorationrate`.split(
    /\s+/u,
  ),
);

/** Numbers in the code of a task that belong into its config. */
export const hardCodedHyperparameter: Rule = {
  id: "hard-coded-hyperparameter",
  reason:
    "A number in the code of a task can be neither swept nor seen in a config, and two runs with different ones have equal hashes of their configs.",
  bad: "run: async ({ config }) => { const learningRate = 0.01; … }",
  good: "run: async ({ config: { learningRate } }) => { … } with learningRate in the schema",
  hasFix: false,
  needsEvaluation: false,
  check: ({ modules, reached }) =>
    tasksOf(modules, reached).flatMap((task) => checkTask(modules, task)),
};

function checkTask(modules: SourceModules, task: TaskCode): readonly Problem[] {
  const own = task.fields
    .filter((field) => isNumeric(modules, field))
    .map(({ key }) => plainName(key));
  const isMeant = ({ name, value }: WrittenNumber): boolean =>
    hyperparameters.has(plainName(name)) ||
    // 0 and 1 begin counts and switch things off under any name.
    (own.includes(plainName(name)) && value !== 0 && value !== 1);
  const found = new Map<ts.Node, Problem>();
  for (const { module, node: code } of task.functions) {
    walk(code, (node) => {
      const at = writtenNumber(node) ?? usedConstant(modules, { module, node });
      if (at === undefined || !isMeant(at)) return;
      found.set(at.node, problemOf({ module: at.module ?? module, ...at }));
    });
  }
  return [...found.values()];
}

interface WrittenNumber {
  readonly name: string;
  readonly value: number;
  readonly node: ts.Node;
  readonly module?: Located["module"];
}

function problemOf({ module, node, name }: WrittenNumber & Pick<Located, "module">): Problem {
  const message = `${name} is fixed in the code of a task. Make it a field of the schema, with this number as its default, and read it from config.`;
  return { module, node, message };
}

/** `const learningRate = 0.01`, `{ learningRate: 0.01 }`; a counter that begins at 0 or 1 is none. */
function writtenNumber(node: ts.Node): WrittenNumber | undefined {
  if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer) {
    const value = literalValue(node.initializer);
    const isConstant = (node.parent.flags & ts.NodeFlags.Const) !== 0;
    const isCounter = !isConstant && (value === 0 || value === 1);
    const { text: name } = node.name;
    return typeof value === "number" && !isCounter ? { name, value, node } : undefined;
  }
  if (!ts.isPropertyAssignment(node)) return undefined;
  const name = keyName(node.name);
  const value = literalValue(node.initializer);
  return name !== undefined && typeof value === "number" ? { name, value, node } : undefined;
}

/** A constant of the module, or of one that it is imported from, that the code uses. */
function usedConstant(
  modules: SourceModules,
  { module, node }: Located,
): WrittenNumber | undefined {
  if (!ts.isIdentifier(node) || !isUse(node) || isLocal(node)) return undefined;
  const target = resolveName(modules, module, node.text);
  if (target.kind !== "expression" || target.key !== undefined) return undefined;
  const value = literalValue(target.value);
  if (typeof value !== "number") return undefined;
  return { name: target.name, value, node: target.value.parent, module: target.module };
}
