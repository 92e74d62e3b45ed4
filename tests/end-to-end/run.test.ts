import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  createProject,
  document,
  exp,
  publishedRuns,
  tinyProject,
  type Project,
} from "./project.ts";
import { expInSameProcess } from "./same-process.ts";

function sha256(file: string): string {
  return createHash("sha256").update(readFileSync(file)).digest("hex");
}

function json(project: Project, ...path: string[]): Record<string, unknown> {
  return JSON.parse(readFileSync(join(project.directory, ...path), "utf8")) as Record<
    string,
    unknown
  >;
}

test("a run is published with every file of its directory, and found finished the second time", async () => {
  const project = createProject(tinyProject);
  const first = await exp(project, ["experiments/tiny.ts", "--json"]);
  expect(first.stderr).not.toMatch(/^\s+at /mu);
  expect(first.status).toBe(0);
  const [run] = document(first).runs;
  expect(document(first)).toMatchObject({ experiment: "tiny", runs: [{ status: "finished" }] });
  expect(run?.directory).toBe(`runs/${run?.runKey.slice(0, 16)}`);
  const directory = run?.directory ?? "";
  expect(readdirSync(join(project.directory, directory)).toSorted()).toEqual([
    "MODEL_CARD.md",
    "REPRODUCE.md",
    "attempt.json",
    "checkpoints",
    "config.json",
    "environment.json",
    "identity.json",
    "logs",
    "manifest.json",
    "model",
    "provenance.json",
    "results",
    "uncommitted.diff",
  ]);
  expect(readdirSync(join(project.directory, directory, "logs")).toSorted()).toEqual([
    "events.jsonl",
    "metrics.jsonl",
    "tensorboard",
    "trace.jsonl",
    "train.log",
  ]);
  expect(readdirSync(join(project.directory, directory, "checkpoints")).toSorted()).toEqual([
    "best.safetensors",
    "last.safetensors",
  ]);
  expect(sha256(join(project.directory, directory, "identity.json"))).toBe(run?.configHash);
  const identities = json(project, directory, "manifest.json")["identities"];
  expect(identities).toMatchObject({ runKey: run?.runKey, groupHash: run?.groupHash });
  expect(identities).toMatchObject({
    traceDigest: sha256(join(project.directory, directory, "logs/trace.jsonl")),
  });
  expect(run?.metrics["test.accuracy"]).toBeGreaterThan(0.9);

  const second = await exp(project, ["experiments/tiny.ts", "--json"]);
  expect(second.status).toBe(0);
  expect(document(second)).toEqual(document(first));
  expect(second.stderr).toContain("already finished");
  expect(readdirSync(join(project.directory, "runs/.attempts"))).toEqual([]);
});

test("the same experiment gives the same bits elsewhere: another folder, time zone and locale", async () => {
  const here = createProject(tinyProject);
  const there = createProject(tinyProject, "Prüfung mit Leerzeichen");
  const environment = { TZ: "Asia/Kathmandu", LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8" };
  const [first, second] = await Promise.all([
    exp(here, ["experiments/tiny.ts", "--json"]),
    exp(there, ["experiments/tiny.ts", "--json"], { environment }),
  ]);
  expect(second.status).toBe(0);
  expect(document(second)).toEqual(document(first));
  const directory = document(first).runs[0]?.directory ?? "";
  const manifest = (project: Project): string =>
    readFileSync(join(project.directory, directory, "manifest.json"), "utf8");
  expect(manifest(there)).toBe(manifest(here));
  expect(manifest(here)).toMatch(/"weightsDigest": "[0-9a-f]{64}"/u);
});

test("an override on an axis replaces it, and several values make a sweep that is ranked", async () => {
  const swept = `import { choice, extend } from "lockstep";
import tiny from "./tiny.ts";

export default extend(tiny, { optimizer: { learningRate: choice(1e-5, 1e-2) } });
`;
  const project = createProject({ ...tinyProject, "experiments/sweep.ts": swept });
  const one = await expInSameProcess(project, [
    "experiments/sweep.ts",
    "--json",
    "optimizer.learningRate=1e-2",
  ]);
  expect(document(one).runs).toHaveLength(1);
  const all = await expInSameProcess(project, ["experiments/sweep.ts", "seed=range(1,3)"]);
  expect(all.status).toBe(0);
  expect(all.stdout).toMatch(/^rank\s+optimizer\.learningRate\s+seed\s+validation\.accuracy/mu);
  expect(all.stdout).toMatch(
    /^\s+1\s+0\.01\s+\d\.\d{4} ± \d\.\d{4}\s+\d\.\d{4} ± \d\.\d{4}\s+2 of 2 runs/mu,
  );
  expect(all.stderr).toContain("already finished"); // seed 1 at 1e-2 is the run of before
  expect(publishedRuns(project)).toHaveLength(4);
  for (const name of publishedRuns(project)) expect(all.stdout).toContain(`runs/${name}`);
});

test("seed 0 is a seed like any other", async () => {
  const project = createProject(tinyProject);
  const zero = document(
    await expInSameProcess(project, ["experiments/tiny.ts", "--json", "seed=0,1"]),
  );
  const again = createProject(tinyProject);
  const repeated = document(
    await expInSameProcess(again, ["experiments/tiny.ts", "--json", "seed=0,1"]),
  );
  expect(repeated).toEqual(zero);
  const digest = (index: number): unknown => {
    const identities = json(project, zero.runs[index]?.directory ?? "", "manifest.json")[
      "identities"
    ];
    return (identities as Record<string, unknown>)["weightsDigest"];
  };
  expect(digest(0)).not.toBe(digest(1));
});

test("plan prints the hashes and loads no TensorFlow.js", async () => {
  const spy = `const { writeFileSync } = require("node:fs");
process.on("exit", () => writeFileSync(process.env.SPY, Object.keys(require.cache).join("\\n")));
`;
  const project = createProject({ ...tinyProject, "spy.cjs": spy });
  const report = join(project.directory, "loaded.txt");
  const environment = {
    NODE_OPTIONS: `--require ${join(project.directory, "spy.cjs")}`,
    SPY: report,
  };
  const plan = await exp(project, ["plan", "experiments/tiny.ts", "seed=1,2"], { environment });
  expect(plan.status).toBe(0);
  expect(plan.stdout).toMatch(/^codeHash\s+[0-9a-f]{64}$/mu);
  expect(plan.stdout).toMatch(/^dataHash\s+[0-9a-f]{64}$/mu);
  expect(plan.stdout).toMatch(/^environmentClass\s+wasm\/\d+$/mu);
  expect(
    plan.stdout.match(/^\s+\d\s+\d\s+[0-9a-f]{16}\s+[0-9a-f]{16}\s+[0-9a-f]{16}\s+planned$/gmu),
  ).toHaveLength(2);
  const loaded = readFileSync(report, "utf8");
  expect(loaded).toContain("/src/cli/main.ts");
  expect(loaded).not.toMatch(/@tensorflow|tfjs/u);
  expect(existsSync(join(project.directory, "runs/.attempts"))).toBe(false);
});

test("hooks of experiment and project see every event, and what they throw is a warning", async () => {
  const hooked = `import { writeFileSync } from "node:fs";
import tiny from "./tiny.ts";

const kinds = new Set<string>();
export const onEvent = (event: { kind: string }) => {
  kinds.add(event.kind);
  if (event.kind === "result") {
    writeFileSync("kinds.txt", [...kinds].join(" "));
    throw new Error("the dog ate it");
  }
};
export default tiny;
`;
  const settings = `import { appendFileSync } from "node:fs";

export default { lint: { rules: { "unused-key": false } } };
export const onEvent = async ({ kind }: { kind: string }, { directory }: { directory: string }) => {
  if (kind === "finished") await new Promise((resolve) => setTimeout(resolve, 300)); // is waited for
  if (kind === "started" || kind === "finished") appendFileSync("turns.txt", kind + " " + directory + "\\n");
};
`;
  const project = createProject({
    ...tinyProject,
    "experiments/hooked.ts": hooked,
    "lockstep.config.ts": settings,
  });
  const hookedRun = await expInSameProcess(project, ["experiments/hooked.ts", "--json"]);
  expect(hookedRun.status).toBe(0);
  expect(hookedRun.stderr).toContain(
    "warning: onEvent of experiments/hooked.ts threw at result: the dog ate it",
  );
  const kinds = readFileSync(join(project.directory, "kinds.txt"), "utf8").split(" ");
  expect(kinds).toEqual(
    expect.arrayContaining(["ready", "progress", "trace", "metrics", "checkpoint", "result"]),
  );
  const turns = readFileSync(join(project.directory, "turns.txt"), "utf8");
  expect(turns).toMatch(/^started .+\/\.attempts\/.+\nfinished .+\/runs\/[0-9a-f]{16}\n$/u);
  const plain = document(await expInSameProcess(project, ["experiments/tiny.ts", "--json"]));
  expect(plain.runs[0]?.runKey).toBe(document(hookedRun).runs[0]?.runKey); // hooks are no identity
});
