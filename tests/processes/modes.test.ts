/** A trained model in use: `mode=evaluate` and `mode=predict` on the command line, and everything from a user's script. */
import { cpSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { execa } from "execa";
import { expect, test } from "vitest";
import {
  createProject,
  document,
  exp,
  publishedRuns,
  repository,
  tinyProject,
  type Project,
} from "../end-to-end/project.ts";

const tsx = join(repository, "node_modules/tsx/dist/loader.mjs");

/** Runs a script of the project as its author would, and gives back the JSON that it prints last. */
async function script(project: Project, file: string): Promise<Record<string, unknown>> {
  const environment = { LOCKSTEP_RUNS: "", NO_COLOR: "1" };
  const { stdout } = await execa(process.execPath, ["--import", tsx, file], {
    cwd: project.directory,
    env: environment,
  });
  return JSON.parse(stdout.split("\n").at(-1) ?? "") as Record<string, unknown>;
}

function read(project: Project, ...path: string[]): string {
  return readFileSync(join(project.directory, ...path), "utf8");
}

function predictions(project: Project, directory: string): readonly Record<string, unknown>[] {
  const lines = read(project, directory, "results/predictions.jsonl").trim().split("\n");
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>);
}

const usingModels = `import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { loadModel, openStore, run } from "lockstep";
import tiny from "./experiments/tiny.ts";

const texts = ["good film", "bad thing at all", "great great"];
const [trained] = (await openStore()).list().filter(({ config }) => config().mode === "train");
const predicted = await run(tiny, {
  overrides: ["mode=predict", "checkpoint=" + trained.runKey.slice(0, 8), "data.predict=new.tsv"],
});
const answers = {};
for (const [name, source] of Object.entries({
  prefix: trained.runKey.slice(0, 9),
  folder: trained.directory,
  file: trained.directory + "/checkpoints/best.safetensors",
  run: trained,
})) {
  const model = await loadModel(source, { inputs: "text" });
  const [first, ...others] = await Promise.all([model.predict(texts), model.predict(texts.slice(1))]);
  answers[name] = { labels: model.labels, step: model.step, backend: model.backend, first, later: others[0] };
  model.dispose();
}
const rows = await (await loadModel(trained)).predict([["good film", "?"], ["great great"]]);
const errorOf = (promise) => promise.then(() => "none", (error) => error.message.split("\\n").slice(0, 2).join(" "));
const model = await loadModel(trained);
const onNative = trained.directory + "-native";
cpSync(trained.directory, onNative, { recursive: true });
const manifest = readFileSync(onNative + "/manifest.json", "utf8");
writeFileSync(onNative + "/manifest.json", manifest.replace(/"wasm\\/\\d+"/, '"native/2/tensorflow-2.21.0-0/cpu/threads-2"'));
const ofNative = await loadModel(onNative);
const elsewhere = { backend: ofNative.backend, predicted: await ofNative.predict(texts) };
process.env["LOCKSTEP_CACHE"] = "/no-such-folder";
const errors = {
  native: await errorOf(loadModel(onNative, { backend: "native" })),
  form: await errorOf(model.predict(["a", 7, { words: "b" }])),
  kind: await errorOf(loadModel(trained, { inputs: "pixels" })),
  train: await errorOf(run(tiny, { overrides: ["checkpoint=" + trained.runKey] })),
  lacking: await errorOf(run(tiny, { overrides: ["mode=evaluate"] })),
  jobs: await errorOf(run(tiny, { jobs: 2 })),
};
let numEvents = 0;
const overrides = ["mode=evaluate", "checkpoint=" + trained.runKey, "seed=8,9"];
const pooled = await run("experiments/tiny.ts", { jobs: 2, overrides, onEvent: () => void numEvents++ });
console.log(JSON.stringify({ trained: trained.directory, status: predicted.runs[0].status, directory: predicted.runs[0].directory, answers, elsewhere, rows, errors, numEvents, pooled: pooled.runs.map(({ status, metrics }) => [status, metrics]) }));
`;

test("what a run trained evaluates, predicts and is loaded from code, all with its own bits", async () => {
  const project = createProject({
    ...tinyProject,
    "new.tsv": "good film\nbad thing at all\ngreat great\n",
    "script.ts": usingModels,
  });
  const sweep = document(await exp(project, ["experiments/tiny.ts", "lr=1e-2,1e-3", "--json"]));
  const [first, second] = sweep.runs;
  const checkpoint = `checkpoint=${first?.runKey.slice(0, 8)},./${second?.directory}`;
  const args = ["experiments/tiny.ts", "mode=evaluate", checkpoint, "lr=1e-2,1e-3"];
  const evaluated = await exp(project, [...args, "--json"]);
  expect(evaluated.status, evaluated.stderr).toBe(0);
  // How fast the model learned says nothing about an evaluation: two checkpoints, two runs.
  const evaluations = document(evaluated).runs;
  expect(evaluations.map(({ metrics }) => metrics)).toEqual(
    sweep.runs.map(({ metrics }) => metrics),
  );
  evaluations.forEach(({ directory }, index) => {
    expect(read(project, directory, "results/predictions.jsonl")).toBe(
      read(project, sweep.runs[index]?.directory ?? "", "results/predictions.jsonl"),
    );
  });
  const [evaluation] = evaluations;
  expect(read(project, evaluation?.directory ?? "", "REPRODUCE.md")).toContain(
    `mode=evaluate lr=1e-2,1e-3 checkpoint=${first?.directory}`,
  );
  const card = read(project, evaluation?.directory ?? "", "MODEL_CARD.md");
  expect(card).toContain(`the model of \`${first?.directory}\`, saved after step`);

  const told = await script(project, "script.ts");
  expect(told["status"]).toBe("finished");
  const expected = predictions(
    project,
    String(told["directory"]).slice(project.directory.length),
  ).map(({ predicted, probabilities }) => ({ label: predicted, probabilities }));
  expect(expected).toHaveLength(3);
  const answers = told["answers"] as Record<string, unknown>;
  expect(Object.keys(answers)).toEqual(["prefix", "folder", "file", "run"]);
  for (const answer of Object.values(answers)) {
    expect(answer).toMatchObject({
      labels: ["no", "yes"],
      backend: "wasm",
      first: expected,
      later: expected.slice(1),
    });
  }
  const same = [
    "finished",
    expect.objectContaining({ "test.accuracy": expect.any(Number) as number }),
  ];
  expect(told["pooled"]).toEqual([same, same]);
  expect(told["numEvents"]).toBeGreaterThan(0);
  expect(told["rows"]).toEqual([expected[0], expected[2]]);
  // A compiled backend needs a process that was started for it, so another one computes, and is told.
  expect(told["elsewhere"]).toEqual({ backend: "wasm", predicted: expected });
  expect(told["errors"]).toEqual({
    native: "The backend native is not installed on this machine.",
    form: "2 of 3 inputs cannot be read:   input 1: expected a text, or a row with a text at 0, found the number 7",
    kind: expect.stringContaining("reads texts, not pixels") as string,
    train: "tiny: the config has 1 problem.",
    lacking: "tiny: the config has 1 problem.",
    jobs: "jobs needs an experiment's file: workers cannot load a definition.",
  });
});

test("an evaluation of what was trained on is refused before anything runs; other data is measured", async () => {
  const project = createProject({
    ...tinyProject,
    "others.tsv": tinyProject["reviews.tsv"].replaceAll("film", "play"),
  });
  const [run] = document(await exp(project, ["experiments/tiny.ts", "--json"])).runs;
  const args = ["experiments/tiny.ts", "mode=evaluate", `checkpoint=${run?.runKey.slice(0, 8)}`];
  const refused = await exp(project, [...args, "data.split.seed=7"]);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toMatch(
    /was trained on \d+ of \d+ validation examples and \d+ of \d+ test examples of this config\.\n.*data\.split\.seed: the checkpoint was trained with 0 \(found 7\)/u,
  );
  expect(publishedRuns(project)).toHaveLength(1);
  const other = await exp(project, [
    ...args,
    "data.path=others.tsv",
    "data.split.seed=7",
    "--json",
  ]);
  expect(document(other).runs[0]?.status, other.stderr).toBe("finished");
});

const ownModel = `import { defineModel, training } from "lockstep";
import { constant, dense } from "lockstep/operations";
import { parameter } from "lockstep/operations/tensor";
import { z } from "zod";

const line = defineModel({
  kind: "line",
  schema: z.strictObject({ kind: z.literal("line") }),
  build: (_config, { numClasses, input }) => ({
    kind: "line",
    parameters: [
      { name: "weight", shape: [numClasses, input.sequenceLength], decay: true, initialise: () => new Float32Array(numClasses * input.sequenceLength) },
      { name: "bias", shape: [numClasses], decay: false, initialise: () => new Float32Array(numClasses) },
    ],
    forward: (parameters, batch) => {
      const numbers = constant(Float32Array.from(batch.tokens), [batch.size, batch.sequenceLength]);
      const [weight, bias] = [parameter(parameters, "weight"), parameter(parameters, "bias")];
      return dense(numbers, { weight, bias, isInputConstant: true });
    },
  }),
});
export const task = training.with({ models: [line] });
`;

const usingOwnModel = `import { fileURLToPath } from "node:url";
import { loadModel, resolve, run } from "lockstep";
import { task } from "./models/line.ts";

const definition = task.defineConfig({
  data: { kind: "delimited", path: "./reviews.tsv", sequenceLength: 8, split: { validation: 0.2, test: 0.2 } },
  tokenizer: { kind: "words", vocabSize: 200 },
  model: { kind: "line" },
  optimizer: { kind: "sgd", learningRate: 0.001 },
  training: { numEpochs: 1, batchSize: 32 },
});
const { runs, experiment } = await run(definition);
const [{ directory, status, error }] = runs;
const errorOf = (promise) => promise.then(() => "none", (error) => error.message + " " + error.hint);
const model = await loadModel(directory, { task });
const [prediction] = await model.predict(["good film"]);
console.log(JSON.stringify({ experiment, status, error: error?.message, directory, prediction, without: await errorOf(loadModel(directory)) }));
`;

test("a model of one's own is loaded with its task; lost and damaged files are told", async () => {
  const project = createProject({
    ...tinyProject,
    "models/line.ts": ownModel,
    "own.ts": usingOwnModel,
  });
  symlinkSync(
    join(repository, "node_modules/zod"),
    join(project.directory, "node_modules/zod"),
    "dir",
  );
  const told = await script(project, "own.ts");
  expect(told).toMatchObject({ experiment: "own", status: "finished" });
  const { label, probabilities } = told["prediction"] as { label: string; probabilities: number[] };
  expect(["no", "yes"]).toContain(label);
  expect(probabilities[0]).toBeCloseTo(1 - (probabilities[1] ?? NaN), 6);
  expect(told["without"]).toContain("does not know the config of this run");
  expect(told["without"]).toContain("loadModel(run, { task })");

  const directory = String(told["directory"]);
  const [broken, alone] = [`${directory}-broken`, join(project.directory, "alone")];
  cpSync(directory, broken, { recursive: true });
  const weights = join(broken, "checkpoints/best.safetensors");
  const bytes = readFileSync(weights);
  bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
  writeFileSync(weights, bytes);
  cpSync(join(directory, "checkpoints"), join(alone, "checkpoints"), { recursive: true });
  cpSync(directory, `${directory}-lost`, { recursive: true });
  rmSync(join(`${directory}-lost`, "model"), { recursive: true });
  project.write(
    "errors.ts",
    `import { loadModel } from "lockstep";
import { task } from "./models/line.ts";
const errorOf = (path) => loadModel(path, { task }).then(() => "none", (error) => error.code + ": " + error.message);
const paths = ${JSON.stringify([broken, join(alone, "checkpoints/best.safetensors"), `${directory}-lost`])};
console.log(JSON.stringify({ errors: await Promise.all(paths.map(errorOf)) }));
`,
  );
  const { errors } = await script(project, "errors.ts");
  expect(errors).toEqual([
    expect.stringMatching(
      /^store: .*best\.safetensors is damaged: its bytes are not those/,
    ) as string,
    expect.stringMatching(/^data: .*lies without its run: config\.json is missing/) as string,
    expect.stringMatching(/^data: .*classes and the form of its input are missing/) as string,
  ]);
});
