/** Foreign code in our process: what it prints, throws to nobody, or ends. */
import { symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  createProject,
  document,
  exp,
  repository,
  tinyProject,
  type Project,
} from "../end-to-end/project.ts";

const task = `import { defineTask } from "lockstep";
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

console.log("module");
export const numeric = defineTask({
  name: "numeric",
  schema: z.strictObject({ how: z.string(), seed: z.int().default(0) }),
  listDataFiles: async ({ how }, folder) => [{ name: "data", path: folder + "/data-" + how + ".txt" }],
  run: async function* ({ config, projectDirectory }) {
    console.log("task");
    yield { kind: "ready", numSteps: 1, numParameters: 0, facts: {} };
    if (config.how === "stray") void Promise.reject(new Error("nobody waits"));
    if (config.how === "timer") setTimeout(() => { throw new Error("too late"); }, 1);
    await sleep(20);
    const text = readFileSync(projectDirectory + "/data-" + config.how + ".txt", "utf8");
    if (config.how === "slow") { console.error("slow is reading"); await sleep(1500); }
    yield { kind: "result", step: 1, metrics: { length: text.length }, details: {} };
  },
});
`;

function taskProject(): Project {
  const project = createProject({
    "tasks/numeric.ts": task,
    "experiments/numeric.ts": `import { numeric } from "../tasks/numeric.ts";

export default numeric.defineConfig({ how: "well" });
`,
    ...Object.fromEntries(
      ["well", "stray", "timer", "slow"].map((name) => [`data-${name}.txt`, name]),
    ),
  });
  symlinkSync(
    join(repository, "node_modules/zod"),
    join(project.directory, "node_modules/zod"),
    "dir",
  );
  return project;
}

test("what modules and tasks print never mixes with the document of --json", async () => {
  const finished = await exp(taskProject(), ["experiments/numeric.ts", "--json"]);
  expect(document(finished).runs).toHaveLength(1);
  expect(finished.stderr).toContain("module\n");
  expect(finished.stderr).toContain("task\n");
});

test.each(["stray", "timer"])(
  "an error that nobody waits for fails its run alone (%s)",
  async (how) => {
    const finished = await exp(taskProject(), [
      "experiments/numeric.ts",
      `how=${how},well`,
      "--json",
    ]);
    expect(finished.stderr).not.toMatch(/^\s+at /mu);
    expect(document(finished).runs.map(({ status }) => status)).toEqual(["failed", "finished"]);
    expect(document(finished).runs[0]?.error?.message).toMatch(/nobody waits|too late/u);
    expect(finished.status).toBe(1);
  },
);

const leaving = `import { existsSync } from "node:fs";
import { defineTask } from "lockstep";
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";

let numThrown = 0;

/** Once the run is published, its attempt has moved away. */
function afterwards(directory, body) {
  const timer = setInterval(() => {
    if (existsSync(directory)) return;
    clearInterval(timer);
    numThrown++;
    body();
  }, 20);
}

export const leaving = defineTask({
  name: "leaving",
  schema: z.strictObject({ how: z.string(), seed: z.int().default(0) }),
  run: async ({ config: { how }, runDirectory }) => {
    if (how === "throws later") afterwards(runDirectory, () => { throw new Error("too late"); });
    if (how === "rejects later") afterwards(runDirectory, () => void Promise.reject(new Error("later still")));
    if (how === "exits") process.exit(0);
    if (how === "hides it") try { process.exit(7); } catch {}
    while (how === "waits" && numThrown < 2) await sleep(20);
    return { x: 1 };
  },
});
`;

function leavingProject(): Project {
  const project = createProject({
    "tasks/leaving.ts": leaving,
    "experiments/leaving.ts": `import { leaving } from "../tasks/leaving.ts";

export default leaving.defineConfig({ how: "waits" });
`,
  });
  symlinkSync(
    join(repository, "node_modules/zod"),
    join(project.directory, "node_modules/zod"),
    "dir",
  );
  return project;
}

test.each([[], ["--jobs", "1"]])(
  "what a run leaves behind is no other run's failure, and process.exit is its own (%j)",
  async (...jobs) => {
    const how = "how=throws later,rejects later,exits,hides it,waits";
    const finished = await exp(leavingProject(), [
      "experiments/leaving.ts",
      how,
      "--json",
      ...jobs,
    ]);
    const { runs } = document(finished);
    expect(runs.map(({ status }) => status)).toEqual([
      "finished",
      "finished",
      "failed",
      "failed",
      "finished",
    ]);
    expect(runs[2]?.error?.message).toBe("The task called process.exit(0).");
    expect(runs[3]?.error?.message).toBe("The task called process.exit(7).");
    for (const [index, text] of ["too late", "later still"].entries()) {
      const key = runs[index]?.runKey.slice(0, 16);
      expect(finished.stderr).toContain(
        `after the run ${key} was over, an error came that nobody waited for: ${text}`,
      );
    }
    expect(finished.stderr).not.toMatch(/^\s+at /mu);
    expect(finished.status).toBe(1);
  },
);

test("an error that comes after the last run is one line, and the results stay", async () => {
  const args = ["experiments/leaving.ts", "how=throws later", "--json"];
  const finished = await exp(leavingProject(), args);
  expect(document(finished).runs.map(({ status }) => status)).toEqual(["finished"]);
  expect(finished.stderr).toMatch(
    /^(?:warning: after the run|After the end).* an error came that nobody waited for: too late$/mu,
  );
  expect(finished.stderr).not.toMatch(/^\s+at /mu);
  expect(finished.status).toBe(0);
});

test.each([
  ["process.exit(0);", /ended before exp was done/u],
  ["await new Promise(() => {});", /ended before exp was done/u],
  [
    'void Promise.reject(new Error("lost"));\nawait new Promise((r) => setTimeout(r, 50));',
    /lost/u,
  ],
])("a module that ends or stalls the process is an error: %s", async (line, message) => {
  const project = createProject({
    ...tinyProject,
    "experiments/odd.ts": `import tiny from "./tiny.ts";\n${line}\nexport default tiny;\n`,
  });
  const finished = await exp(project, ["experiments/odd.ts", "--json"]);
  expect(finished.status).toBe(2);
  expect(finished.stderr).toMatch(message);
  expect(finished.stderr).not.toMatch(/^\s+at /mu);
  expect(JSON.parse(finished.stdout)).toMatchObject({ error: { code: "module" } });
});

test("runs that read other files have other keys, whatever field chooses the files", async () => {
  const project = taskProject();
  const swept = document(await exp(project, ["experiments/numeric.ts", "how=well,slow", "--json"]));
  const alone = document(await exp(project, ["experiments/numeric.ts", "how=slow", "--json"]));
  expect(alone.runs[0]?.runKey).toBe(swept.runs[1]?.runKey);
  writeFileSync(join(project.directory, "data-slow.txt"), "changed");
  const again = document(await exp(project, ["experiments/numeric.ts", "how=slow", "--json"]));
  expect(again.runs[0]?.runKey).not.toBe(alone.runs[0]?.runKey);
});

test("data that changes while a run reads it is never published under the planned hash", async () => {
  const project = taskProject();
  const finished = await exp(project, ["experiments/numeric.ts", "how=slow", "--json"], {
    onStderr: (text) => {
      if (text.includes("slow is reading"))
        writeFileSync(join(project.directory, "data-slow.txt"), "other");
    },
  });
  expect(finished.status).toBe(2);
  expect(document(finished).runs[0]).toMatchObject({ status: "failed", error: { code: "data" } });
});

test("a sweep over places of data and over backends keeps every run", async () => {
  const project = createProject({
    ...tinyProject,
    "other/reviews.tsv": tinyProject["reviews.tsv"].replace("good", "nice"),
  });
  const args = [
    "plan",
    "experiments/tiny.ts",
    "data.path=reviews.tsv,other/reviews.tsv",
    "backend=wasm,cpu",
  ];
  const plan = await exp(project, [...args, "--json"]);
  expect(document(plan).runs).toHaveLength(4);
  expect(new Set(document(plan).runs.map(({ runKey }) => runKey)).size).toBe(4);
});

test("a damaged run fails alone, with its folder named", async () => {
  const project = createProject(tinyProject);
  const first = document(await exp(project, ["experiments/tiny.ts", "--json"]));
  const directory = join(project.directory, first.runs[0]?.directory ?? "");
  writeFileSync(join(directory, "manifest.json"), "{}");
  const finished = await exp(project, ["experiments/tiny.ts", "seed=1,2", "--json"]);
  expect(document(finished).runs.map(({ status }) => status)).toEqual(["failed", "finished"]);
  expect(finished.stderr).toContain(first.runs[0]?.directory);
});
