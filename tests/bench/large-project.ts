/**
 * A project of the size that real research has: 200 keys, five unions of four members, ten nested groups, 20 presets,
 * 30 experiments. One specification gives the TypeScript modules and the same config for Hydra, so that both can be
 * held against each other.
 */
type Scalar = number | boolean | string;

interface Field {
  readonly name: string;
  /** The zod schema without its default. */
  readonly schema: string;
  readonly value: Scalar | readonly number[];
}

interface Union {
  readonly name: string;
  /** Of each of the four members. */
  readonly members: readonly { readonly kind: string; readonly fields: readonly Field[] }[];
}

const unionNames = ["data", "model", "optimizer", "schedule", "augmentation"] as const;
const groupNames = [
  "training",
  "evaluation",
  "logging",
  "checkpointing",
  "distributed",
  "precision",
  "regularization",
  "tokenizer",
  "generation",
  "profiling",
] as const;

const numUnionFields = 10;
const numGroupFields = 12;
const numTopFields = 25;

/** Every fourth field is an integer, a ratio, a switch, a word in turn. */
function field(prefix: string, index: number): Field {
  const name = `${prefix}Value${index}`;
  switch (index % 4) {
    case 0:
      return { name, schema: "z.int().min(0).max(100000)", value: index * 16 };
    case 1:
      return { name, schema: "z.number().min(0).max(10)", value: (index + 1) / 8 };
    case 2:
      return { name, schema: "z.boolean()", value: index % 8 === 2 };
    default:
      return { name, schema: 'z.enum(["small", "medium", "large"])', value: "medium" };
  }
}

function fields(prefix: string, count: number): readonly Field[] {
  return Array.from({ length: count }, (_, index) => field(prefix, index));
}

const unions: readonly Union[] = unionNames.map((name) => ({
  name,
  members: ["alpha", "beta", "gamma", "delta"].map((kind) => ({
    kind,
    fields: fields(kind, numUnionFields),
  })),
}));

const groups = groupNames.map((name) => ({ name, fields: fields(name, numGroupFields) }));

const topFields: readonly Field[] = [
  { name: "seed", schema: "z.int().min(0)", value: 1 },
  {
    name: "layerSizes",
    schema: "z.array(z.int())",
    value: Array.from({ length: 20 }, (_, i) => i),
  },
  ...fields("top", numTopFields - 2),
];

/** Leaves of the resolved config, a list counting once. */
export const numKeys =
  unions.length * (numUnionFields + 1) + groups.length * numGroupFields + topFields.length;

function schemaLines(list: readonly Field[], indent: string): string {
  return list
    .map(
      ({ name, schema, value }) =>
        `${indent}/** What ${name} stands for. */\n${indent}${name}: ${schema}.default(${JSON.stringify(value)}),`,
    )
    .join("\n");
}

function capital(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}

function unionSchema({ name, members }: Union): string {
  const made = members.map(({ kind, fields: own }) => {
    const id = `${name}${capital(kind)}`;
    const type = `${capital(name)}${capital(kind)}`;
    return `const ${id}Fields = z.strictObject({
  kind: z.literal("${kind}"),
${schemaLines(own, "  ")}
});
export interface ${type} extends z.output<typeof ${id}Fields> {}
export interface ${type}Input extends z.input<typeof ${id}Fields> {}
const ${id} = named<${type}, ${type}Input>(${id}Fields);
`;
  });
  const ids = members.map(({ kind }) => `${name}${capital(kind)}`).join(", ");
  return `${made.join("\n")}const ${name} = z.discriminatedUnion("kind", [${ids}]);\n`;
}

function taskModule(): string {
  const groupSchemas = groups.map(
    ({ name, fields: own }) => `const ${name} = z.strictObject({\n${schemaLines(own, "  ")}\n});\n`,
  );
  const members = [...unionNames, ...groupNames.map((name) => `${name}: ${name}.prefault({})`)];
  return `/** The task of the benchmark. */
import { defineTask, named, type Task } from "lockstep";
import { z } from "zod";

${unions.map(unionSchema).join("\n")}
${groupSchemas.join("\n")}
const schema = z.strictObject({
${schemaLines(topFields, "  ")}
  ${members.join(",\n  ")},
});
export interface Config extends z.output<typeof schema> {}
export interface Input extends z.input<typeof schema> {}
export const task: Task<Config, Input> = defineTask<Config, Input>({
  name: "large",
  schema,
  aliases: { lr: "optimizer.alphaValue1" },
  run: async function* () {
    yield { kind: "result", step: 0, metrics: {}, details: {} };
  },
});
export const { defineConfig, extend, fragment, presets } = task;
`;
}

function presetModule({ name, members }: Union): string {
  const entries = members.map(
    ({ kind }) =>
      `  /** All of ${kind}. */\n  "${name}-${kind}": { kind: "${kind}", ${kind}Value0: 32, ${kind}Value5: 0.5 },`,
  );
  return `import { presets } from "../../task.ts";\n\nexport const ${name} = presets("${name}", {\n${entries.join("\n")}\n});\n`;
}

const baselineModule = `import { defineConfig } from "../task.ts";

export default defineConfig({
${unionNames.map((name) => `  ${name}: { kind: "alpha" },`).join("\n")}
});
`;

function experimentModule(index: number): string {
  const kind = ["alpha", "beta", "gamma", "delta"][index % 4] ?? "alpha";
  return `/** Experiment ${index}. */
import { append, choice, derived } from "lockstep";
import baseline from "./baseline.ts";
import { model } from "./presets/model.ts";
import { schedule } from "./presets/schedule.ts";
import { extend } from "../task.ts";

export default extend(baseline, model["model-${kind}"], schedule["schedule-beta"], {
  seed: choice(1, 2, 3),
  layerSizes: append(${index}),
  optimizer: { kind: "${kind}", ${kind}Value1: choice(0.1, 0.2), ${kind}Value3: "large" },
  training: { trainingValue0: 128, trainingValue4: derived((c) => c.seed * 2), trainingValue2: true },
  logging: { loggingValue0: ${index + 1} },
  precision: { precisionValue3: "small" },
});
`;
}

/** All files of the project but its `package.json` and `node_modules`, by path. */
export function largeProject(): Readonly<Record<string, string>> {
  const files: Record<string, string> = {
    "task.ts": taskModule(),
    "experiments/baseline.ts": baselineModule,
    "tsconfig.json": JSON.stringify({
      compilerOptions: {
        module: "nodenext",
        target: "es2023",
        lib: ["es2023"],
        strict: true,
        exactOptionalPropertyTypes: true,
        skipLibCheck: true,
        noEmit: true,
        allowImportingTsExtensions: true,
        types: [],
      },
      include: ["task.ts", "experiments"],
    }),
  };
  for (const union of unions) files[`experiments/presets/${union.name}.ts`] = presetModule(union);
  for (let index = 0; index < 29; index++) {
    files[`experiments/experiment-${index}.ts`] = experimentModule(index);
  }
  files["experiments/grid.ts"] = `import { range } from "lockstep";
import baseline from "./baseline.ts";
import { extend } from "../task.ts";

export default extend(baseline, {
  seed: range(0, 100),
  training: { trainingValue0: range(0, 100) },
});
`;
  return files;
}

function yaml(list: readonly Field[], indent: string): string {
  return list.map(({ name, value }) => `${indent}${name}: ${JSON.stringify(value)}`).join("\n");
}

/** The same config for Hydra: an app that prints it with `--cfg job`, five config groups, one primary file. */
export function hydraProject(): Readonly<Record<string, string>> {
  const files: Record<string, string> = {
    "app.py": `import hydra


@hydra.main(version_base=None, config_path="conf", config_name="config")
def main(config):
    pass


main()
`,
    "conf/config.yaml": `defaults:
${unionNames.map((name) => `  - ${name}: alpha`).join("\n")}
  - _self_

${yaml(topFields, "")}
${groups.map(({ name, fields: own }) => `${name}:\n${yaml(own, "  ")}`).join("\n")}
`,
  };
  for (const { name, members } of unions) {
    for (const { kind, fields: own } of members) {
      files[`conf/${name}/${kind}.yaml`] = `kind: ${kind}\n${yaml(own, "")}\n`;
    }
  }
  return files;
}
