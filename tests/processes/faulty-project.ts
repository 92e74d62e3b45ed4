/**
 * A project whose own model, optimizer and data source go wrong where a variable or a file asks for it: faults that no hash
 * of config, code or data can see, as a broken library or machine would be.
 */
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { executeTogether } from "../end-to-end/docs-commands.ts";
import { createProject, repository, type Project } from "../end-to-end/project.ts";

const kinds = `import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineDataSource, defineModel, defineOptimizer, training } from "lockstep";
import { constant, dense } from "lockstep/operations";
import { parameter } from "lockstep/operations/tensor";
import { z } from "zod";

const hasFault = (name: string): boolean => process.env.FAULT === name;

const points = defineDataSource({
  kind: "points",
  schema: z.strictObject({
    kind: z.literal("points"),
    path: z.string(),
    split: z.strictObject({ validation: z.number(), test: z.number(), seed: z.int() }),
  }),
  listFiles: async (config, projectDirectory) => [
    { path: join(projectDirectory, config.path), name: "points.tsv" },
  ],
  read: async ({ config, projectDirectory }) => {
    const rows = readFileSync(join(projectDirectory, config.path), "utf8").trim().split("\\n").map((line) => line.split("\\t").map(Number));
    const train = rows.map(([x = 0, y = 0]) => ({
      features: new Float32Array([x, y]),
      content: new TextEncoder().encode(x + " " + y),
      label: y > x ? "above" : "below",
    }));
    return {
      content: "features",
      numFeatures: 2,
      labels: ["below", "above"],
      facts: {},
      parts: { train: hasFault("order") ? train.toReversed() : train },
    };
  },
});

const line = defineModel({
  kind: "line",
  schema: z.strictObject({ kind: z.literal("line") }),
  build: (_config, { numClasses }) => ({
    kind: "line",
    parameters: [
      { name: "weight", shape: [numClasses, 2], decay: true, initialise: () => new Float32Array(numClasses * 2) },
      {
        name: "bias",
        shape: [numClasses],
        decay: false,
        initialise: () => new Float32Array(numClasses).fill(hasFault("initial") ? 1e-7 : 0),
      },
    ],
    forward: (parameters, batch, mode) => {
      if (batch.kind !== "features") throw new Error("line reads features");
      const isWrong = mode.kind === "train" ? hasFault("kernel") && mode.step === 7 : hasFault("evaluation");
      if (hasFault("wait") && mode.kind === "train" && mode.step === 5) {
        writeFileSync(process.env.FAULT_FILE ?? "", "");
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2000);
      }
      if (mode.kind === "train" && hasFault("stop-" + mode.step)) throw new Error("stopped");
      const isUnseeded = hasFault("unseeded") && mode.kind === "train" && mode.step === 30;
      const draw = isUnseeded ? Number.parseInt(readFileSync("/proc/sys/kernel/random/uuid", "utf8").slice(0, 6), 16) / 2 ** 32 : 0;
      const stub = (isWrong ? 1 + 1e-6 : 1) + draw;
      const features = constant(batch.features.map((value) => value * stub), [batch.size, 2]);
      const [weight, bias] = [parameter(parameters, "weight"), parameter(parameters, "bias")];
      return dense(features, { weight, bias, isInputConstant: true });
    },
  }),
});

const descent = defineOptimizer({
  kind: "descent",
  schema: z.strictObject({ kind: z.literal("descent"), learningRate: z.number() }),
  create: () => ({
    init: () => new Map(),
    update: ({ parameters, gradients }, { step, learningRate }) => {
      const isBroken = step === 40 && existsSync(process.env.FAULT_FILE ?? "");
      if (isBroken) rmSync(process.env.FAULT_FILE ?? "");
      const wrongStep = hasFault("rate") ? 40 : hasFault("last") ? 60 : 0;
      const rate = isBroken || step === wrongStep ? learningRate * 1.01 : learningRate;
      for (const [name, { values }] of parameters) {
        const gradient = gradients.get(name)?.values;
        values.forEach((value, index) => {
          values[index] = value - rate * (gradient?.[index] ?? 0);
        });
      }
    },
  }),
});

export const { defineConfig } = training.with({
  models: [line],
  dataSources: [points],
  optimizers: [descent],
});
`;

const experiment = `import { defineConfig } from "../kinds.ts";

export default defineConfig({
  data: { kind: "points", path: "points.tsv", split: { validation: 0.2, test: 0.2, seed: 0 } },
  model: { kind: "line" },
  optimizer: { kind: "descent", learningRate: 0.5 },
  schedule: { kind: "constant" },
  training: { numSteps: 60, batchSize: 8, evaluationInterval: 60 },
  checkpointing: { interval: 20, keep: 5 },
});
`;

/** Rows of numbers around a line. */
export function pointRows(): string {
  const rows = Array.from({ length: 90 }, (_, index) => {
    const [x, y] = [((index * 7919) % 101) / 50 - 1, ((index * 37) % 101) / 50 - 1];
    return `${x}\t${y}`;
  });
  return `${rows.join("\n")}\n`;
}

/**
 * A project with `experiments/line.ts`, which trains for 60 steps.
 * @param until - As `createProject` takes it.
 */
export function faultyProject(until?: (end: () => void) => void): Project {
  const files = { "points.tsv": pointRows(), "kinds.ts": kinds, "experiments/line.ts": experiment };
  const project = createProject(files, "project", until);
  const zod = join(project.directory, "node_modules/zod");
  symlinkSync(join(repository, "node_modules/zod"), zod, "dir");
  return project;
}

/** What `exp verify --json` prints. */
export interface VerdictDocument {
  readonly verdict: string;
  readonly step: number | null;
  readonly field: string | null;
  readonly tensor: string | null;
  readonly comparedSteps: number;
  readonly phase: string | null;
  readonly coverage: readonly string[];
  readonly reasons: readonly string[];
  readonly fromStep: number;
  readonly part: string | null;
}

/** What is verified, and how; `fault` is `FAULT` for the task. */
export interface Verifying {
  readonly args: readonly string[];
  readonly fault?: string;
  /** A file that makes the task go wrong once, absolute. */
  readonly faultFile?: string;
}

/** A verification that came to its end. */
export interface Verified {
  readonly status: number;
  readonly verdict: VerdictDocument;
}

/** Verifies runs one after the other, each executed by a process of its own. */
export async function verifyAll(
  project: Project,
  list: readonly Verifying[],
): Promise<readonly Verified[]> {
  const commands = list.map(({ args, fault = "", faultFile = "" }) => ({
    directory: project.directory,
    line: `FAULT=${fault} FAULT_FILE=${faultFile} exp verify ${args.join(" ")} --json`,
  }));
  const printed = await executeTogether(commands);
  return printed.map(({ status, text }) => {
    const document = text.split("\n").find((line) => line.startsWith('{"'));
    if (document === undefined) throw new Error(text);
    return { status, verdict: JSON.parse(document) as VerdictDocument };
  });
}

/** Verifies one. */
export async function verify(
  project: Project,
  args: readonly string[],
  faults: Omit<Verifying, "args"> = {},
): Promise<Verified> {
  const [verified] = await verifyAll(project, [{ args, ...faults }]);
  if (verified === undefined) throw new Error("nothing was verified");
  return verified;
}
