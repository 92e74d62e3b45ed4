/**
 * A git repository as a research group has it after some years: 1,000 experiments over 50 presets and 20 parents, and a branch
 * that changes a part of everything: presets, parents, own values, sweeps, formatting, names.
 */
import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const numParents = 20;
const numGroups = 5;
const numPresetsOfGroup = 10;

export interface DiffProject {
  readonly numPresets: number;
}

const kinds = ["alpha", "beta"] as const;
const groups = ["model", "optimizer", "data", "training", "evaluation"] as const;

const task = `import { defineTask, envelopeFields } from "lockstep";
import { z } from "zod";

const part = (kind: string) =>
  z.strictObject({
    kind: z.literal(kind),
    size: z.int().min(1).default(8),
    rate: z.number().default(0.1),
    sizes: z.array(z.int()).default([]),
    label: z.string().default("none"),
  });
const group = () =>
  z.discriminatedUnion("kind", [part("alpha"), part("beta")]).default({ kind: "alpha", size: 8, rate: 0.1, sizes: [], label: "none" });

export const research = defineTask({
  name: "research",
  schema: z.strictObject({
    ...envelopeFields,
${groups.map((name) => `    ${name}: group(),\n`).join("")}    numSteps: z.int().min(1),
  }),
  run: () => Promise.resolve(),
});
`;

function presets(group: string, isBranch: boolean): string {
  const entries = Array.from({ length: numPresetsOfGroup }, (_, index) => {
    const changed = isBranch && index === 3 ? 1 : 0;
    const kind = kinds[index % kinds.length] ?? "alpha";
    return `  preset${String(index)}: { kind: "${kind}", size: ${String(16 + index + changed)}, sizes: [${String(index)}, 64] },\n`;
  });
  return `import { research } from "../../task.ts";\n\nexport const ${group} = research.presets("${group}", {\n${entries.join("")}});\n`;
}

function parent(index: number, isBranch: boolean): string {
  const numSteps = isBranch && index % 10 === 0 ? 200 : 100;
  const group = groups[index % numGroups] ?? "model";
  return `import { derived } from "lockstep";
import { research } from "../../task.ts";
import { ${group} } from "../presets/${group}.ts";

const numSteps = ${String(numSteps)};

export default research.defineConfig(
  { numSteps, evaluation: { size: derived((c) => Math.ceil(c.numSteps / 10)) } },
  ${group}.preset${String(index % numPresetsOfGroup)},
);
`;
}

type Edit = "value" | "sweep" | "name" | "format" | "none";

const edits: readonly Edit[] = ["value", "sweep", "name", "format"];

/** One of ten experiments is edited on the branch. */
function editOf(index: number): Edit {
  return index % 10 === 7 ? (edits[Math.floor(index / 10) % edits.length] ?? "none") : "none";
}

/** Whether the branch changes what a definition says: an experiment's constant that is renamed says the same. */
export function isMeantChange(name: string): boolean {
  const index = /^experiments\/experiment-(\d+)\.ts#/u.exec(name)?.[1];
  if (index !== undefined) return ["value", "sweep"].includes(editOf(Number(index)));
  const parent = /^experiments\/parents\/parent-(\d+)\.ts#/u.exec(name)?.[1];
  if (parent !== undefined) return Number(parent) % 10 === 0;
  return name.startsWith("experiments/presets/");
}

function experiment(index: number, isBranch: boolean): string {
  const edit = isBranch ? editOf(index) : "none";
  const group = groups[(index * 7) % numGroups] ?? "model";
  const rate = edit === "value" ? 0.25 : 0.5;
  const name = edit === "name" ? "learningRate" : "rate";
  const seeds = edit === "sweep" ? "1, 2, 3" : "1, 2";
  const seed = index % 4 === 3 || index % 10 === 7 ? `choice(${seeds})` : "1";
  const space = edit === "format" ? "\n\n" : "\n";
  return `/** Experiment ${String(index)}. */
import { choice } from "lockstep";
import { research } from "../task.ts";
import parent from "./parents/parent-${String(index % numParents)}.ts";
import { ${group} } from "./presets/${group}.ts";
${space}const ${name} = ${String(rate)};
const seeds = ${seed};
${space}export default research.extend(parent, ${group}.preset${String((index * 3) % numPresetsOfGroup)}, {
  description: "Number ${String(index)}",
  seed: seeds,
  optimizer: { rate: ${name} / 2, sizes: [${String(index)}, ${String(index + 1)}] },
  training: { rate: ${name}, label: "run-${String(index)}" },
});
`;
}

function write(directory: string, file: string, text: string): void {
  mkdirSync(dirname(join(directory, file)), { recursive: true });
  writeFileSync(join(directory, file), text);
}

function writeState(directory: string, numExperiments: number, isBranch: boolean): void {
  for (const group of groups) {
    write(directory, `experiments/presets/${group}.ts`, presets(group, isBranch));
  }
  for (let index = 0; index < numParents; index++) {
    const file = `experiments/parents/parent-${String(index)}.ts`;
    write(directory, file, parent(index, isBranch));
  }
  for (let index = 0; index < numExperiments; index++) {
    const file = `experiments/experiment-${String(index).padStart(4, "0")}.ts`;
    write(directory, file, experiment(index, isBranch));
  }
}

/**
 * Writes the repository: branch `main`, and on top of it `branch`, which is checked out.
 * @param directory - Absolute; empty, or not there yet.
 * @param packages - Absolute: a folder of packages that holds zod, and the folder of Lockstep.
 */
export function writeDiffProject(
  directory: string,
  packages: { readonly lockstep: string; readonly zod: string },
  numExperiments = 1000,
): DiffProject {
  const git = (...args: readonly string[]): void => {
    const settings = [
      "user.name=a",
      "user.email=a@example.org",
      "commit.gpgsign=false",
      "gc.auto=0",
    ];
    execFileSync("git", [...settings.flatMap((one) => ["-c", one]), ...args], {
      cwd: directory,
      stdio: "pipe",
    });
  };
  mkdirSync(directory, { recursive: true });
  write(directory, "package.json", '{ "name": "research", "type": "module", "private": true }\n');
  write(directory, ".gitignore", "node_modules\nruns\n");
  write(directory, "task.ts", task);
  mkdirSync(join(directory, "node_modules"));
  symlinkSync(packages.lockstep, join(directory, "node_modules/lockstep"), "dir");
  symlinkSync(packages.zod, join(directory, "node_modules/zod"), "dir");
  git("init", "-q", "-b", "main");
  for (const isBranch of [false, true]) {
    writeState(directory, numExperiments, isBranch);
    if (isBranch) git("checkout", "-q", "-b", "branch");
    git("add", ".");
    git("commit", "-qm", isBranch ? "branch" : "main");
  }
  return { numPresets: numGroups * numPresetsOfGroup };
}
