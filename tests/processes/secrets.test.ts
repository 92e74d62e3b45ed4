import { execFileSync } from "node:child_process";
import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  createProject,
  exp,
  publishedRuns,
  repository,
  type Finished,
  type Project,
} from "../end-to-end/project.ts";
import { filesBelow } from "../files-below.ts";

const planted = "S3CR3T-p/anted+äöü";
/** Its beginning, so that a part of it that was left behind is found too. */
const mark = "S3CR3T";

const task = `import { defineTask, readSecret, secretField } from "lockstep";
import { z } from "zod";

export const leaky = defineTask({
  name: "leaky",
  schema: z.strictObject({
    seed: z.int().default(0),
    label: z.string().default("none"),
    fail: z.boolean().default(false),
    token: secretField(),
  }),
  run: async ({ config, log, checkpoint }) => {
    const token = readSecret(config.token);
    log("token " + token);
    log(JSON.stringify({ token }) + " " + Buffer.from("user:" + token).toString("base64"));
    log(encodeURIComponent(token));
    console.log("out", token);
    console.error("err", { token });
    process.emitWarning("careful with " + token);
    log.metrics(1, { ["seen " + token]: 1 });
    await checkpoint.save({ step: 1, state: { token } });
    if (config.fail) throw new Error("refused: " + token, { cause: token });
    return { ["used." + token]: token.length, length: token.length };
  },
});
`;
const experiment = `import { choice, env, secret } from "lockstep";
import { leaky } from "../tasks/leaky.ts";

export default leaky.defineConfig({
  label: env("LABEL", "plain"),
  fail: choice(false, true),
  token: secret("PLANTED"),
});
`;

function leakyProject(): Project {
  const project = createProject({
    "experiments/leaky.ts": experiment,
    "tasks/leaky.ts": task,
    ".gitignore": "runs\nnode_modules\n",
    "notes.txt": "nothing\n",
  });
  symlinkSync(join(repository, "node_modules/zod"), join(project.directory, "node_modules/zod"));
  const git = (...args: string[]): unknown => execFileSync("git", args, { cwd: project.directory });
  git("init", "-q");
  git("add", ".");
  git("-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "start");
  project.write("notes.txt", `nothing but ${planted}\n`);
  return project;
}

const environment = { PLANTED: planted };

/** Where the planted secret can be read, in plain or as programs commonly write it. */
function leaks(project: Project, outputs: readonly Finished[]): readonly string[] {
  const bytes = Buffer.from(planted);
  const forms = [
    mark,
    encodeURIComponent(planted),
    bytes.toString("hex"),
    bytes.toString("base64").slice(0, 20),
    Buffer.from(`user:${planted}`).toString("base64").slice(7, 27),
  ];
  const texts = outputs.flatMap(
    ({ stdout, stderr }) =>
      [
        ["standard output", stdout],
        ["standard error", stderr],
      ] as const,
  );
  const files = filesBelow(join(project.directory, "runs")).map(
    (file) => [file, readFileSync(file, "latin1")] as const,
  );
  expect(files.length).toBeGreaterThan(20);
  return [...texts, ...files].flatMap(([place, text]) =>
    forms.filter((form) => text.includes(form)).map((form) => `${place}: ${form}`),
  );
}

test("a planted secret is nowhere: not in runs, logs, plans, hashes, errors, or on the terminal", async () => {
  const project = leakyProject();
  const plan = await exp(project, ["plan", "experiments/leaky.ts", "--json"], { environment });
  const run = await exp(project, ["experiments/leaky.ts", "--json"], { environment });
  expect(run.status).toBe(1);
  expect(run.stderr).toContain("refused: [secret PLANTED]");
  expect(run.stderr).toContain("err { token: '[secret PLANTED]' }");
  expect(run.stderr).toContain("careful with [secret PLANTED]");
  const [published = ""] = publishedRuns(project);
  const read = (name: string): string =>
    readFileSync(join(project.directory, "runs", published, name), "utf8");
  expect(read("logs/train.log")).toContain("token [secret PLANTED]");
  expect(read("results/metrics.json")).toContain('"used.[secret PLANTED]": ');
  expect(read("uncommitted.diff")).toContain("+nothing but [secret PLANTED]");
  expect(read("config.json")).toContain('"$secret": "PLANTED"');
  expect(read("identity.json")).not.toContain("PLANTED");
  expect(read("REPRODUCE.md")).toContain("PLANTED");
  expect(JSON.parse(read("provenance.json"))).toMatchObject({
    inputs: [
      {
        kind: "env",
        name: "LABEL",
        path: "label",
        from: "fallback",
        value: "plain",
        file: "experiments/leaky.ts",
        line: 5,
      },
    ],
  });
  expect(leaks(project, [plan, run])).toEqual([]);
});

test("a secret that a task writes into its run itself is not published, and the file is gone", async () => {
  const writing = `import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { defineTask, readSecret, secret, secretField } from "lockstep";
import { z } from "zod";
const schema = z.strictObject({ seed: z.int().default(0), place: z.string(), fail: z.boolean().default(false), token: secretField() });
const writing = defineTask({ name: "writing", schema, run: async ({ config, runDirectory }) => {
  writeFileSync(join(runDirectory, config.place), "token: " + readSecret(config.token));
  if (config.fail) throw new Error("on purpose");
} });
export default writing.defineConfig({ place: "results/x.txt", token: secret("PLANTED") });
`;
  const project = createProject({ "experiments/writing.ts": writing });
  symlinkSync(join(repository, "node_modules/zod"), join(project.directory, "node_modules/zod"));
  const outputs = [
    await exp(project, ["experiments/writing.ts"], { environment }),
    await exp(project, ["experiments/writing.ts", "place=files/x.bin", "--jobs", "2"], {
      environment,
    }),
    await exp(project, ["experiments/writing.ts", "fail=true"], { environment }),
  ];
  expect(outputs.map(({ status }) => status)).toEqual([1, 1, 1]);
  expect(outputs[0]?.stderr).toContain(
    "wrote a secret into a file of the run: results/x.txt (PLANTED).",
  );
  expect(outputs[1]?.stderr).toContain("files/x.bin (PLANTED). What held it was removed");
  expect(outputs[2]?.stderr).toContain("on purpose");
  expect(publishedRuns(project)).toEqual([]);
  expect(leaks(project, outputs)).toEqual([]);
});

const program = `
const { appendFileSync, writeFileSync } = require("node:fs");
const { LOCKSTEP_METRICS, LOCKSTEP_RUN_DIRECTORY, TOKEN } = process.env;
console.log("token " + TOKEN + " " + Buffer.from("user:" + TOKEN).toString("base64"));
console.log("x".repeat(3990) + TOKEN);
console.error("x".repeat(190) + TOKEN);
console.log("metrics: " + JSON.stringify({ ["by " + TOKEN]: 1 }));
appendFileSync(LOCKSTEP_METRICS, JSON.stringify({ length: TOKEN.length }) + "\\n" + TOKEN + "\\n");
if (process.argv[2] === "file") writeFileSync(LOCKSTEP_RUN_DIRECTORY + "/files/token.txt", TOKEN);
if (process.argv[2] === "fail") process.exit(1);
`;
const programExperiment = `import { choice, command, secret } from "lockstep";

export default command.defineConfig({
  command: ["node", "{files[0]}", "{parameters.what}"],
  files: ["./program.cjs"],
  parameters: { what: choice("nothing", "file", "fail", "ended") },
  environment: { TOKEN: secret("PLANTED"), PLAIN: "text" },
});
`;

test("a program gets a secret in its environment, and what it does with it is nowhere", async () => {
  const project = createProject({
    "experiments/program.cjs": program,
    "experiments/program.ts": programExperiment,
  });
  const file = "experiments/program.ts";
  const outputs = [
    await exp(project, ["resolve", file, "parameters.what=ended"], { environment }),
    await exp(project, ["explain", file, "environment.TOKEN", "--run", "1"], { environment }),
    await exp(project, ["check", file], { environment }),
    await exp(project, [file], { environment }),
  ];
  const [resolved, explained, , ran] = outputs;
  expect(JSON.parse(resolved?.stdout ?? "")).toMatchObject({
    environment: { TOKEN: { $secret: "PLANTED" }, PLAIN: "text" },
  });
  expect(explained?.stdout).toContain('environment.TOKEN.$secret = "PLANTED"');
  expect(ran?.status).toBe(1);
  expect(ran?.stderr).toContain("wrote a secret into a file of the run: files/token.txt (PLANTED)");
  const [published = "", ...others] = publishedRuns(project);
  expect(others).toHaveLength(1);
  const read = (name: string): string =>
    readFileSync(join(project.directory, "runs", published, name), "utf8");
  expect(read("logs/train.log")).toContain("token [secret PLANTED]");
  expect(read("results/metrics.json")).toContain('"by [secret PLANTED]": ');
  expect(JSON.parse(read("results/metrics.json"))).toMatchObject({
    metrics: { length: planted.length },
  });
  expect(read("identity.json")).toContain('"PLAIN":"text"');
  expect(read("identity.json")).not.toContain("PLANTED");
  expect(read("REPRODUCE.md")).toContain("PLANTED");
  expect(leaks(project, outputs)).toEqual([]);
  const missing = await exp(project, [file], { environment: { PLANTED: "" } });
  expect(missing.stderr).toContain("environment.TOKEN: The environment variable PLANTED, which");
  const typed = await exp(project, ["resolve", file, `environment.TOKEN={$secret:"a ${planted}"}`]);
  expect(typed.stderr).toContain("environment.TOKEN: is a secret: write secret(");
  expect(leaks(project, [missing, typed])).toEqual([]);
});

test("what was typed in place of a secret is not repeated, and a missing variable is told before anything runs", async () => {
  const project = leakyProject();
  const typed = await exp(project, ["experiments/leaky.ts", `token=${planted}`, "--json"]);
  expect(typed.status).toBe(2);
  expect(typed.stderr).toMatch(
    /command line: token=\[redacted\]\s+token: is a secret: write secret\("NAME"\)/,
  );
  const missing = await exp(project, ["experiments/leaky.ts", "fail=true"], {
    environment: { PLANTED: "" },
  });
  expect(missing.status).toBe(2);
  expect(missing.stderr).toContain(
    "The environment variable PLANTED, which holds a secret, is not set",
  );
  const copied = await exp(project, ["experiments/leaky.ts"], {
    environment: { ...environment, LABEL: planted },
  });
  expect(copied.status).toBe(2);
  expect(copied.stderr).toMatch(
    /experiments\/leaky\.ts:5:\d+\s+label: holds the value of the secret PLANTED/,
  );
  for (const { stdout, stderr } of [typed, missing, copied]) {
    expect(stdout + stderr).not.toContain(mark);
  }
  expect(publishedRuns(project)).toEqual([]);
});
