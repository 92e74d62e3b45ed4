/** What the command line can do to a config, by the real `exp`: operators, references, presets and profiles. */
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createProject, document, repository, tinyProject } from "./project.ts";
import { expInSameProcess as exp } from "./same-process.ts";

const project = {
  ...tinyProject,
  "experiments/presets/model.ts": `import { choice, presets } from "lockstep";
export const model = presets("model", {
  wide: { hiddenSize: 32 },
  regularised: { dropoutRate: 0.3 },
  swept: { dropoutRate: choice(0, 0.2) },
});
export const earlyStopping = presets("training.earlyStopping", { patient: { patience: 9 } });
`,
  "experiments/presets/run.ts": `import { append, profiles } from "lockstep";
export const run = profiles("run", {
  dryrun: { tags: append("dry"), training: { numSteps: 2 } },
  fullrun: {},
});
`,
};

test("a run says by which arguments its config came about", async () => {
  const here = createProject(project);
  const given = [
    "run=dryrun",
    "model=[wide,regularised]",
    "training.earlyStopping=patient",
    "tags+=[quick,7]",
    "tags-=dry",
    "name=${optimizer.kind}-${seed}",
    "training.evaluationInterval=${training.numSteps}",
    "~training.maxGradNorm",
    "selection:={metric:validation.loss,direction:min}",
  ];
  const finished = await exp(here, ["experiments/tiny.ts", ...given, "--json"]);
  expect(finished.stderr).not.toContain("problem");
  expect(finished.status).toBe(0);
  const [run] = document(finished).runs;
  const read = (name: string): Record<string, Record<string, unknown>> =>
    JSON.parse(readFileSync(join(here.directory, run?.directory ?? "", name), "utf8")) as never;
  expect(read("config.json")).toMatchObject({
    name: "adamw-1",
    tags: ["quick", "7"],
    model: { hiddenSize: 32, dropoutRate: 0.3, numLayers: 1 },
    training: {
      numSteps: 2,
      evaluationInterval: 2,
      maxGradNorm: null,
      earlyStopping: { patience: 9, minDelta: 0 },
    },
    selection: { metric: "validation.loss", direction: "min" },
  });
  const values = read("provenance.json")["values"] as Record<string, { argument?: string }[]>;
  const argumentsFor = (path: string): unknown =>
    values[path]?.flatMap(({ argument }) => argument ?? []);
  expect(argumentsFor("tags")).toEqual(["tags+=[quick,7]", "tags-=dry"]);
  expect(argumentsFor("name")).toEqual(["name=${optimizer.kind}-${seed}"]);
  expect(argumentsFor("training.maxGradNorm")).toEqual(["~training.maxGradNorm"]);
  expect(values["training.numSteps"]?.at(-1)).toMatchObject({
    layer: 'profile run["dryrun"]',
    file: "experiments/presets/run.ts",
    line: 3,
    value: 2,
  });
});

test("presets and profiles are swept, and every wrong argument is answered at once", async () => {
  const here = createProject(project);
  const sweep = ["run=dryrun,fullrun", "model=[wide,regularised],swept", "--json"];
  const planned = await exp(here, ["plan", "experiments/tiny.ts", ...sweep]);
  const runs = document(planned).runs as unknown as { axes: Record<string, unknown> }[];
  expect(runs.map(({ axes }) => axes)).toEqual(
    ["dryrun", "fullrun"].flatMap((run) => [
      { run, model: ["wide", "regularised"], "model.dropoutRate": 0.3 },
      { run, model: "swept", "model.dropoutRate": 0 },
      { run, model: "swept", "model.dropoutRate": 0.2 },
    ]),
  );
  const wrong = [
    "run=drrun",
    "model=wid",
    "learningRate=1",
    "optimizer.momentum=0.5",
    "tags-=x",
    "~model",
    "seed=${sede}",
  ];
  const refused = await exp(here, ["plan", "experiments/tiny.ts", ...wrong]);
  expect(refused.status).toBe(2);
  for (const line of [
    'run=drrun: names no profile of run: "drrun"; there are dryrun, fullrun. Did you mean dryrun?',
    'model: has no preset "wid"; there are wide, regularised, swept. Did you mean wide?',
    "learningRate: is not a known field. Did you mean optimizer.learningRate?",
    'optimizer.momentum: is a field of kind "sgd", not of kind "adamw"',
    'tags: has no item "x"; it is empty',
    "~model  model: is required: an object with kind",
    "seed: refers to sede in ${sede}, which is no path of the config. Did you mean seed?",
  ])
    expect(refused.stderr).toContain(line);
});

test("the repository's experiments take every profile", async () => {
  const runsDirectory = mkdtempSync(join(tmpdir(), "lockstep-profiles-"));
  onTestFinished(() => rmSync(runsDirectory, { recursive: true, force: true }));
  const here = { directory: repository, write: (): void => {} };
  const given = ["run=dryrun,fastrun,fullrun", "environment=dev,[staging,verbose],prod"];
  const options = ["--json", "--runs-dir", runsDirectory];
  const environment = { LOCKSTEP_STAGING_RUNS: "../../runs/elsewhere" };
  for (const [file, count] of [
    ["experiments/mnist.ts", 9],
    ["experiments/bert-lr.ts", 27],
  ] as const) {
    expect(existsSync(join(repository, file))).toBe(true);
    const planned = await exp(here, ["plan", file, ...given, ...options], { environment });
    const runs = document(planned).runs as unknown as { config: Record<string, unknown> }[];
    expect(runs).toHaveLength(count);
    const places = new Set(runs.map(({ config }) => config["runsDirectory"]));
    expect(places).toEqual(new Set(["runs/dev", "runs/elsewhere", undefined]));
  }
});
