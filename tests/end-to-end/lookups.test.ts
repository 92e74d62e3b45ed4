/** Finding runs with the real command line. */
import { copyFileSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { writeMadeUpRuns, madeUpRun } from "../bench/made-up-runs.ts";
import { createProject, exp, repository, type Finished, type Project } from "./project.ts";
import { expInSameProcess } from "./same-process.ts";

const task = `import { choice, defineTask, envelopeFields } from "lockstep";
import { z } from "zod";
const own = defineTask({
  name: "own",
  schema: z.strictObject({ ...envelopeFields, width: z.int(), fails: z.boolean().default(false) }),
  run: async ({ config, log }) => {
    for (let step = 1; step <= 3; step++) log.metrics(step, { score: config.width / step });
    if (config.fails) throw new Error("it broke");
    return { score: config.width / 3 };
  },
});
export default own.defineConfig({ width: choice(1, 2, 4), tags: ["narrow"] });
`;

interface Listed {
  readonly matching: number;
  readonly total: number;
  readonly runs: readonly {
    readonly run: string;
    readonly status: string;
    readonly config: Record<string, unknown>;
  }[];
}

function json(finished: Finished): Listed {
  expect(finished.status, finished.stderr).toBe(0);
  return JSON.parse(finished.stdout) as Listed;
}

async function ranProject(): Promise<Project> {
  const project = createProject({ "experiments/own.ts": task });
  const zod = join(project.directory, "node_modules/zod");
  symlinkSync(join(repository, "node_modules/zod"), zod, "dir");
  expect((await expInSameProcess(project, ["experiments/own.ts"])).status).toBe(0);
  expect(
    (await expInSameProcess(project, ["experiments/own.ts", "width=8", "fails=true"])).status,
  ).toBe(1);
  return project;
}

test("runs are listed, filtered, ranked, found and compared, and each new one is seen", async () => {
  const project = await ranProject();
  const all = json(await expInSameProcess(project, ["runs", "--json"]));
  expect([all.matching, all.total]).toEqual([4, 4]);
  expect(all.runs.map(({ status }) => status).toSorted()).toEqual([
    "failed",
    "finished",
    "finished",
    "finished",
  ]);
  const columns = "width,status,reason";
  const failed = await expInSameProcess(project, ["runs", "status = failed", "--columns", columns]);
  expect(failed.stdout).toMatch(/^run +experiment +width +status +reason +started\n/u);
  expect(failed.stdout).toMatch(/own +8 +failed +it broke/u);
  expect(failed.stderr).toBe("1 of 4 runs matches.\n");
  const best = await expInSameProcess(project, [
    "best",
    "--metric",
    "score",
    "--direction",
    "max",
    "--json",
  ]);
  expect(JSON.parse(best.stdout)).toMatchObject({
    rankings: [{ numRuns: 3, runs: [{ config: { width: 4 } }, {}, {}] }],
  });
  const found = await expInSameProcess(project, ["find", "66.7%"]);
  expect(found.stdout).toMatch(/score\s+final\s+0\.6666666666666666/u);
  expect((await expInSameProcess(project, ["find", "0.123"])).status).toBe(1);
  const compared = await expInSameProcess(project, ["compare", "width = 1", "width = 4"]);
  expect(compared.stdout).toMatch(/width\s+1\s+4\n/u);
  expect(compared.stdout).not.toContain("fails");
  expect((await expInSameProcess(project, ["experiments/own.ts", "width=16"])).status).toBe(0);
  expect(
    json(await expInSameProcess(project, ["runs", "width > 4 and tags contains narrow", "--json"]))
      .matching,
  ).toBe(2);
  const sql = await expInSameProcess(project, [
    "sql",
    "select count(*) as n from runs where status = 'finished'",
    "--json",
  ]);
  expect(JSON.parse(sql.stdout)).toMatchObject({ columns: ["n"], rows: [[4]] });
});

test("a run is shown by its digits, its folder, and a file of its model under any name", async () => {
  const project = createProject({});
  writeMadeUpRuns(join(project.directory, "runs"), 0, 3);
  const { name } = madeUpRun(1);
  const manifest = join(project.directory, "runs", name, "manifest.json");
  const weights = join(project.directory, "weights.bin");
  writeFileSync(weights, `weights of ${name}`);
  const { createHash } = await import("node:crypto");
  const sha256 = createHash("sha256").update(readFileSync(weights)).digest("hex");
  writeFileSync(
    manifest,
    readFileSync(manifest, "utf8").replace(
      /("checkpoints\/best.safetensors",\s+"sha256": ")[0-9a-f]+/u,
      `$1${sha256}`,
    ),
  );
  for (const operand of [name.slice(0, 8), `runs/${name}`, `runs/${name}/logs/..`]) {
    const shown = await expInSameProcess(project, ["show", operand, "--json"]);
    expect(JSON.parse(shown.stdout), operand).toMatchObject({
      run: name,
      config: { "model.kind": "bert" },
    });
  }
  copyFileSync(weights, join(project.directory, "renamed.safetensors"));
  const ofFile = await expInSameProcess(project, ["show", "renamed.safetensors"]);
  expect(ofFile.stdout).toContain(
    `renamed.safetensors is checkpoints/best.safetensors of run ${name}.`,
  );
  writeFileSync(weights, "others");
  const unknown = await expInSameProcess(project, ["show", "weights.bin"]);
  expect(unknown.status).toBe(2);
  expect(unknown.stderr).toMatch(
    /No finished run in .* has a file with the bytes of weights\.bin/u,
  );
  const nobody = await expInSameProcess(project, ["show", "ffffffff"]);
  expect([nobody.status, nobody.stderr]).toEqual([
    2,
    expect.stringContaining("begins with ffffffff"),
  ]);
});

test("tags and notes are kept, shown and found, and an editor writes a note", async () => {
  const project = createProject({
    "editor.sh": `printf 'of two\\nlines\\n# left out\\n' > "$2"; test "$1" = -w\n`,
  });
  writeMadeUpRuns(join(project.directory, "runs"), 0, 3);
  const [one, other] = [madeUpRun(1).name, madeUpRun(2).name];
  const tagged = await expInSameProcess(project, [
    "tag",
    one.slice(0, 8),
    `run = ${other}`,
    "+paper",
    "-mnist",
  ]);
  expect([tagged.status, tagged.stdout]).toEqual([0, `${one}  paper\n${other}  paper\n`]);
  expect((await expInSameProcess(project, ["note", one, "about", "it"])).status).toBe(0);
  const environment = { VISUAL: "", EDITOR: "sh editor.sh -w" };
  const noted = await expInSameProcess(project, ["note", one, "--json"], { environment });
  expect(JSON.parse(noted.stdout)).toMatchObject({ run: one, text: "of two\nlines" });
  const unsaid = await expInSameProcess(project, ["note", one], {
    environment: { EDITOR: "false", VISUAL: "" },
  });
  expect([unsaid.status, unsaid.stderr]).toEqual([
    2,
    "The editor false ended with 1; nothing was kept.\n",
  ]);
  const shown = (await expInSameProcess(project, ["show", one])).stdout;
  expect(shown).toMatch(/tags +paper\n/u);
  expect(shown).toMatch(/notes\n.*about it\n.*of two\n +lines\n/u);
  const found = await expInSameProcess(project, [
    "runs",
    'tag = "paper" and note ~ lines',
    "--json",
  ]);
  expect(json(found).runs.map(({ run }) => run)).toEqual([one]);
});

test("runs are removed, found nowhere, put back, and gone for good once the trash is emptied", async () => {
  const project = createProject({});
  writeMadeUpRuns(join(project.directory, "runs"), 0, 3);
  const [one, other] = [madeUpRun(1).name, madeUpRun(2).name];
  const removed = await expInSameProcess(project, [
    "rm",
    one.slice(0, 8),
    `run = ${other}`,
    "--json",
  ]);
  expect(JSON.parse(removed.stdout)).toMatchObject({
    format: "lockstep/removed/1",
    entries: [
      { run: one, number: 1 },
      { run: other, directory: "runs/.trash/2" },
    ],
  });
  expect(json(await expInSameProcess(project, ["runs", "--json"])).total).toBe(1);
  const gone = await expInSameProcess(project, ["show", one]);
  expect([gone.status, gone.stderr]).toEqual([
    2,
    expect.stringContaining(`exp rm --restore ${one}`),
  ]);
  const listed = await expInSameProcess(project, ["rm", "--list"]);
  expect(listed.stdout).toMatch(new RegExp(`1 .* ${one} .*\\n2 .* ${other} `, "u"));
  expect((await expInSameProcess(project, ["rm", "--restore", one])).status).toBe(0);
  expect(json(await expInSameProcess(project, ["runs", "--json"])).total).toBe(2);
  const told = await expInSameProcess(project, ["gc", "--older-than", "0d"]);
  expect(told.stdout).toMatch(/trash +\.trash\/2/u);
  expect(told.stderr).toMatch(/^Would remove 1 thing, /u);
  const collected = await expInSameProcess(project, [
    "gc",
    "--older-than",
    "0d",
    "--yes",
    "--json",
  ]);
  expect(JSON.parse(collected.stdout)).toMatchObject({
    format: "lockstep/gc/1",
    removed: true,
    items: [{ kind: "trash", path: ".trash/2" }],
    failures: [],
  });
  expect((await expInSameProcess(project, ["rm", "--restore", other])).stderr).toMatch(
    /Nothing in the trash/u,
  );
});

test("wrong filters and statements end with 2 and say where; nothing is made where there are no runs", async () => {
  const project = createProject({});
  const none = await expInSameProcess(project, ["runs"]);
  expect([none.status, none.stdout, none.stderr]).toEqual([0, "", "No runs in runs yet.\n"]);
  writeMadeUpRuns(join(project.directory, "runs"), 0, 3);
  const wrong = await expInSameProcess(project, ["runs", "optmizer.kind = adamw"]);
  expect(wrong.status).toBe(2);
  expect(wrong.stderr).toContain(
    "column 1: no run has anything called optmizer.kind. Did you mean optimizer.kind?",
  );
  const document = await expInSameProcess(project, ["runs", "seed <", "--json"]);
  expect(JSON.parse(document.stdout)).toMatchObject({ error: { code: "usage" } });
  for (const statement of [
    "delete from runs",
    "select 1; drop table meta",
    "with a as (select 1) delete from stored_runs",
    "attach 'x' as y",
  ]) {
    const refused = await expInSameProcess(project, ["sql", statement]);
    expect([statement, refused.status]).toEqual([statement, 2]);
  }
  expect((await expInSameProcess(project, ["index", "check"])).stdout).toContain(
    "(3 runs) agrees with its files",
  );
});

test("looking runs up and keeping them in order loads no TensorFlow.js, no schemas and no parser", async () => {
  const project = createProject({
    "modules.cjs": `process.on("exit", () => {
      const loaded = Object.keys(require.cache).filter((path) => /tfjs|oxc-parser|\\/zod\\//.test(path));
      require("node:fs").writeFileSync("modules.json", JSON.stringify(loaded));
    });`,
  });
  writeMadeUpRuns(join(project.directory, "runs"), 0, 3);
  const nodeArguments = ["--require", "./modules.cjs"];
  for (const words of [
    ["runs", "seed < 3"],
    ["best"],
    ["find", "94.2%", "--steps"],
    ["compare", "seed = 1", "seed = 2"],
    ["show", madeUpRun(1).name],
    ["sql", "select count(*) from runs"],
    ["tag", madeUpRun(1).name, "+paper"],
    ["note", madeUpRun(1).name, "about", "it"],
    ["rm", madeUpRun(2).name],
    ["gc"],
  ]) {
    const { status } = await exp(project, words, { nodeArguments });
    expect(status, words.join(" ")).toBe(words[0] === "find" ? 1 : 0); // no run says 94.2%
    const loaded: unknown = JSON.parse(
      readFileSync(join(project.directory, "modules.json"), "utf8"),
    );
    expect(loaded, words.join(" ")).toEqual([]);
  }
});
