import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  createProject,
  document,
  exp,
  publishedRuns,
  reviews,
  tinyExperiment,
  tinyProject,
  type Finished,
  type Project,
} from "../end-to-end/project.ts";

/** What every refusal has in common: its status, one screen, no stack, nothing published. */
function expectRefusal(finished: Finished, project: Project): void {
  expect(finished.stderr).not.toMatch(/^\s+at .+:\d+:\d+\)?$/mu);
  expect(finished.stderr.trimEnd().split("\n").length).toBeLessThanOrEqual(24);
  expect(finished.stderr.trim()).not.toBe("");
  expect(finished.status).toBe(2);
  expect(publishedRuns(project)).toEqual([]);
}

async function refuse(
  args: readonly string[],
  files: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  const project = createProject({ ...tinyProject, ...files });
  const finished = await exp(project, args);
  expectRefusal(finished, project);
  return finished;
}

const changed = (from: string, to: string): string => {
  expect(tinyExperiment).toContain(from);
  return tinyExperiment.replace(from, to);
};

test("an unknown flag", async () => {
  const { stderr } = await refuse(["experiments/tiny.ts", "--jsn"]);
  expect(stderr).toContain("unknown option '--jsn'");
});

test("an unknown path names the nearest", async () => {
  const { stderr } = await refuse(["experiments/tiny.ts", "optimizer.learninRate=1"]);
  expect(stderr).toContain("optimizer.learninRate");
  expect(stderr).toContain("Did you mean optimizer.learningRate?");
});

test("a wrong type says what was found, where, and what was expected", async () => {
  const { stderr } = await refuse(["experiments/tiny.ts", "training.batchSize=many"]);
  expect(stderr).toMatch(
    /command line: training\.batchSize=many\s+training\.batchSize: .*found.*many/u,
  );
});

test("all issues of a module come at once, each with the line of its key", async () => {
  const wrong = tinyExperiment
    .replace("numLayers: 1", "numLayer: 1")
    .replace("learningRate: 1e-2", 'learningRate: "fast"')
    .replace("batchSize: 16", "batchSize: 0");
  const { stderr } = await refuse(["experiments/wrong.ts"], { "experiments/wrong.ts": wrong });
  expect(stderr).toMatch(
    /experiments\/wrong\.ts:7:\d+\s+model\.numLayer: .*Did you mean .*numLayers\?/u,
  );
  expect(stderr).toMatch(/experiments\/wrong\.ts:8:\d+\s+optimizer\.learningRate: /u);
  expect(stderr).toMatch(/experiments\/wrong\.ts:10:\d+\s+training\.batchSize: /u);
});

test("what is no data at all is listed with everything else, each with its line", async () => {
  const odd = `import { alias, extend } from "lockstep";
import tiny from "./tiny.ts";

const odd: any = {
  training: { batchSize: NaN },
  tags: [new Date(0)],
  seed: 10n,
  name: undefined,
  description: () => 1,
};
export default extend(tiny, odd, alias("rate", "optimizer.rate" as any), { optimizer: { learninRate: 1 } } as any);
`;
  const { stderr } = await refuse(["experiments/odd.ts"], { "experiments/odd.ts": odd });
  expect(stderr).toContain("the config has 7 problems");
  expect(stderr).toContain("alias rate leads to optimizer.rate");
  for (const [line, path] of [
    [5, "training.batchSize"],
    [6, "tags[0]"],
    [7, "seed"],
    [8, "name"],
    [9, "description"],
    [11, "optimizer.learninRate"],
  ]) {
    expect(stderr).toMatch(
      new RegExp(
        `experiments/odd\\.ts:${line}:\\d+  ${String(path).replace(/[.[\]]/gu, "\\$&")}: `,
        "u",
      ),
    );
  }
});

test("a missing file names its neighbours", async () => {
  const { stderr } = await refuse(["experiments/tyni.ts"]);
  expect(stderr).toContain("experiments/tyni.ts");
  expect(stderr).toContain("tiny.ts");
});

test("a module that throws, and one that does not parse", async () => {
  const thrown = await refuse(["experiments/throws.ts"], {
    "experiments/throws.ts": 'import "lockstep";\nthrow new Error("no luck");\n',
  });
  expect(thrown.stderr).toContain("no luck");
  expect(thrown.stderr).toMatch(/experiments\/throws\.ts:2/u);
  const broken = await refuse(["experiments/broken.ts"], {
    "experiments/broken.ts": "export default {\n",
  });
  expect(broken.stderr).toMatch(/experiments\/broken\.ts:2/u);
});

test("a module without an experiment", async () => {
  const { stderr } = await refuse(["experiments/none.ts"], {
    "experiments/none.ts": "export const a = 1;\n",
  });
  expect(stderr).toMatch(/default/u);
});

test("a module that ends the process, and one that waits for what never comes", async () => {
  const endless = "await new Promise(() => {});\nexport default 1;";
  for (const [text, place] of [
    ["process.exit(0);", "experiments/ends.ts:1:9: "],
    [endless, ""],
  ] as const) {
    const { stderr } = await refuse(["plan", "experiments/ends.ts"], {
      "experiments/ends.ts": `${text}\n`,
    });
    expect(stderr).toContain(`${place}The process was ended before exp was done.`);
  }
});

test("ambient randomness while a module is evaluated", async () => {
  const { stderr } = await refuse(["experiments/random.ts"], {
    "experiments/random.ts": changed("seed: 1", "seed: Math.floor(Math.random() * 10)"),
  });
  expect(stderr).toMatch(/Math\.random/u);
  expect(stderr).toMatch(/experiments\/random\.ts:4/u);
});

test("a missing data file", async () => {
  const { stderr } = await refuse(["experiments/tiny.ts", "data.path=nowhere.tsv"]);
  expect(stderr).toContain("nowhere.tsv");
});

/** Input that only the run itself finds wrong: the same exit status, an attempt that is kept, nothing published. */
async function fail(
  args: readonly string[],
  files: Readonly<Record<string, string>>,
): Promise<{ readonly finished: Finished; readonly project: Project }> {
  const project = createProject({ ...tinyProject, ...files });
  const finished = await exp(project, args);
  expectRefusal(finished, project);
  return { finished, project };
}

test("a broken row of a TSV names file and row", async () => {
  const rows = reviews(60).split("\n");
  rows[41] = "no label here";
  const { finished } = await fail(["experiments/tiny.ts"], { "reviews.tsv": rows.join("\n") });
  expect(finished.stderr).toMatch(/reviews\.tsv:42|reviews\.tsv.*row 42/u);
});

test("an empty class is named", async () => {
  const labelled = changed(
    "sequenceLength: 8",
    'sequenceLength: 8, labels: ["yes", "no", "maybe"]',
  );
  const { finished } = await fail(["experiments/labelled.ts"], {
    "experiments/labelled.ts": labelled,
  });
  expect(finished.stderr).toContain("maybe");
});

test("a sequence longer than the model allows is refused before anything runs", async () => {
  const { stderr } = await refuse(["experiments/tiny.ts", "data.sequenceLength=64"]);
  expect(stderr).toMatch(/contextLength|64/u);
});

test("a loss that is not a number fails the run at its step and keeps the last good checkpoint", async () => {
  const project = createProject(tinyProject);
  const finished = await exp(project, [
    "experiments/tiny.ts",
    "--json",
    "optimizer.kind=sgd",
    "optimizer.learningRate=1000",
    "training.maxGradNorm=null",
    "training.numEpochs=20",
  ]);
  expect(finished.stderr).not.toMatch(/^\s+at /mu);
  expect(finished.status).toBe(1);
  const [run] = document(finished).runs;
  expect(run).toMatchObject({ status: "failed", metrics: {}, error: { code: "diverged" } });
  expect(run?.error?.message).toMatch(/step \d+/u);
  const attempt = join(project.directory, run?.directory ?? "");
  expect(readdirSync(join(attempt, "checkpoints"))).toContain("last.safetensors");
  expect(JSON.parse(readFileSync(join(attempt, "failure.json"), "utf8"))).toMatchObject({
    code: "diverged",
  });
  expect(publishedRuns(project)).toEqual([]);
});

test("a failed run does not stop the others unless it is told to", async () => {
  const project = createProject(tinyProject);
  const args = [
    "experiments/tiny.ts",
    "optimizer={kind:sgd,learningRate:1000},{kind:sgd,learningRate:0.01}",
    "training.maxGradNorm=null",
    "training.numEpochs=20",
  ];
  const stopped = await exp(project, [...args, "--json", "--on-error", "stop"]);
  expect(document(stopped).runs.map((run) => run.status)).toEqual(["failed", "planned"]);
  expect(stopped.status).toBe(1);
  const continued = await exp(project, args);
  expect(continued.status).toBe(1);
  expect(continued.stdout).toMatch(/^\s+1 .*finished/mu);
  expect(continued.stdout).toMatch(/^\s+- .*failed/mu);
});

const long = ["experiments/tiny.ts", "training.numEpochs=2000"];

test("Ctrl-C stops after a checkpoint with status 75, and the same command goes on", async () => {
  const project = createProject(tinyProject);
  let isSent = false;
  const stopped = await exp(project, long, {
    onStderr: (text, child) => {
      if (isSent || !text.includes("step ")) return;
      isSent = true;
      child.kill("SIGINT");
    },
  });
  expect(stopped.status).toBe(75);
  expect(stopped.stderr).not.toMatch(/^\s+at /mu);
  expect(stopped.stdout).toMatch(/stopped/u);
  expect(publishedRuns(project)).toEqual([]);
  const [key = ""] = readdirSync(join(project.directory, "runs/.attempts"));
  expect(
    existsSync(join(project.directory, "runs/.attempts", key, "1/checkpoints/last.safetensors")),
  ).toBe(true);
  const short = await exp(project, ["experiments/tiny.ts", "--json"]);
  expect(short.status).toBe(0);
});

test("a second start while the first is running is refused and disturbs nothing", async () => {
  const project = createProject(tinyProject);
  let second: Promise<Finished> | undefined;
  const first = await exp(project, ["experiments/tiny.ts", "training.numEpochs=60"], {
    onStderr: (text) => {
      if (!text.includes("started")) return;
      second ??= exp(project, ["experiments/tiny.ts", "training.numEpochs=60"]);
    },
  });
  const refused = await second;
  expect(refused?.status).toBe(1);
  expect(refused?.stderr).toMatch(/being executed by process \d+/u);
  expect(first.status).toBe(0);
  expect(publishedRuns(project)).toHaveLength(1);
});

test("a run that is killed leaves nothing published, and the next start trains it anew", async () => {
  const project = createProject(tinyProject);
  const killed = await exp(project, long, {
    onStderr: (text, child) => {
      if (text.includes("step ")) child.kill("SIGKILL");
    },
  });
  expect(killed.status).toBe(null);
  expect(publishedRuns(project)).toEqual([]);
  const plan = await exp(project, ["plan", ...long, "--json"]);
  expect(JSON.parse(plan.stdout)).toMatchObject({ runs: [{ status: "lost" }] });
  const again = await exp(project, ["experiments/tiny.ts", "--json"]);
  expect(document(again).runs[0]?.status).toBe("finished");
});

test("a module is strict code, as every ES module is: an undeclared name is no new variable", async () => {
  const { stderr } = await refuse(["plan", "experiments/tiny.ts"], {
    "experiments/tiny.ts": `const size: number = 3;\n  misspelt = size;\n${tinyExperiment}`,
  });
  expect(stderr).toContain("experiments/tiny.ts:2:3: ReferenceError: misspelt is not defined");
});
