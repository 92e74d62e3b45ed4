/** `exp freeze`: the module that is written, what it resolves to, and what is refused. */
import { existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  createProject,
  exp,
  publishedRuns,
  repository,
  type Project,
} from "../end-to-end/project.ts";

const task = `
import { defineTask, envelopeFields, field, secretField } from "lockstep";
import { z } from "zod";
export const line = defineTask({
  name: "line",
  schema: z.strictObject({
    ...envelopeFields,
    slope: z.number(),
    file: z.string().meta(field({ mark: "location", location: {} })),
    token: secretField().optional(),
    steps: z.array(z.strictObject({ size: z.int(), rate: z.number().default(0.5) })).default([]),
  }),
  run: ({ config }) => Promise.resolve({ height: config.slope }),
});
`;
const base = `import { line } from "../line.ts";
export default line.defineConfig({ slope: 1, file: "../points.tsv" });
`;
const sweep = `import { choice, secret } from "lockstep";
import { line } from "../line.ts";
import base from "./base.ts";
export default line.extend(base, {
  description: "A \\"line\\" */",
  slope: choice(1, 2e-9),
  steps: [{ size: 1 }, { size: 2 }],
  token: secret("HF_TOKEN"),
});
`;

function project(): Project {
  const made = createProject({
    "line.ts": task,
    "points.tsv": "1\n",
    "experiments/base.ts": base,
    "experiments/sweep.ts": sweep,
  });
  symlinkSync(
    join(repository, "node_modules/zod"),
    join(made.directory, "node_modules/zod"),
    "dir",
  );
  return made;
}

interface PlannedRuns {
  readonly runs: readonly { readonly configHash: string; readonly runKey: string }[];
}

async function planned(at: Project, file: string): Promise<PlannedRuns["runs"]> {
  const plan = await exp(at, ["plan", file, "--json"]);
  expect(plan.status, plan.stderr).toBe(0);
  return (JSON.parse(plan.stdout) as PlannedRuns).runs;
}

test("a point of a sweep becomes a module of its own with the same hash and the same run", async () => {
  const at = project();
  const points = await planned(at, "experiments/sweep.ts");
  const hash = points[1]?.configHash ?? "";
  const frozen = await exp(at, ["freeze", hash.slice(0, 12), "--to", "deep/er/published.ts"]);
  expect(frozen.status, frozen.stderr).toBe(0);
  expect(frozen.stdout).toBe(
    `deep/er/published.ts makes the config of experiments/sweep.ts: ${hash.slice(0, 16)}\n`,
  );
  const text = readFileSync(join(at.directory, "deep/er/published.ts"), "utf8");
  expect(text.replace(hash, "HASH")).toMatchInlineSnapshot(`
    "/**
     * Frozen from experiments/sweep.ts: all values stand here, so that no parent, preset or
     * default changes them.
     *
     * Config HASH
     */
    import { secret } from "lockstep";
    import { line } from "../../line.ts";

    export default line.defineConfig({
      description: 'A "line" */',
      tags: [],
      mode: "train",
      seed: 0,
      backend: "auto",
      ambientRandomness: "forbidden",
      slope: 2e-9,
      file: "../../points.tsv",
      token: secret("HF_TOKEN"),
      steps: [
        { size: 1, rate: 0.5 },
        { size: 2, rate: 0.5 },
      ],
    });
    "
  `);
  expect(readdirSync(join(at.directory, "deep/er"))).toEqual(["published.ts"]);
  expect((await planned(at, "deep/er/published.ts")).map(({ runKey }) => runKey)).toEqual([
    points[1]?.runKey,
  ]);
}, 60_000);

test("a finished run is frozen beside its experiment, and a file that is there stays", async () => {
  const at = project();
  const run = await exp(at, ["experiments/base.ts"]);
  expect(run.status, run.stderr).toBe(0);
  const [key = ""] = publishedRuns(at);
  const frozen = await exp(at, ["freeze", key.slice(0, 8), "--json"]);
  expect(frozen.status, frozen.stderr).toBe(0);
  const { file, configHash, runKey } = JSON.parse(frozen.stdout) as Record<string, string>;
  expect(file).toBe(`experiments/base-${configHash?.slice(0, 8) ?? ""}.ts`);
  expect(runKey?.startsWith(key)).toBe(true);

  const again = await exp(at, ["freeze", configHash ?? "", "--to", file ?? ""]);
  expect(again.status).toBe(2);
  expect(again.stderr).toContain(`${file ?? ""} is there already.`);

  at.write(
    "line.ts",
    task.replace("slope: z.number(),", "slope: z.number(),\n    width: z.int().default(3),"),
  );
  const moved = await exp(at, ["freeze", key, "--force"]);
  expect(moved.status).toBe(2);
  expect(moved.stderr).toContain(
    "Today's task makes another config of these values: width ((none) → 3).",
  );
  expect(existsSync(join(at.directory, file ?? ""))).toBe(true);
}, 60_000);

test("digits that name nothing, or a task that cannot be imported, are refused", async () => {
  const at = project();
  at.write(
    "experiments/own.ts",
    task.replace("export const", "const") +
      'export default line.defineConfig({ slope: 7, file: "a" });\n',
  );
  const nothing = await exp(at, ["freeze", "0123456789"]);
  expect([nothing.status, nothing.stderr]).toEqual([
    2,
    expect.stringContaining("0123456789 begins neither a run's key nor a config hash."),
  ]);
  const [own] = await planned(at, "experiments/own.ts");
  const refused = await exp(at, ["freeze", own?.configHash ?? ""]);
  expect(refused.status).toBe(2);
  expect(refused.stderr).toContain("experiments/own.ts:15: line is not exported");
  expect(readdirSync(join(at.directory, "experiments"))).toEqual(["base.ts", "own.ts", "sweep.ts"]);
}, 60_000);

test("a diff of two experiments is applied to a third one, from standard input", async () => {
  const at = project();
  const own = (patch: string): string =>
    `import { line } from "../line.ts";\nimport base from "./base.ts";\n\nexport default line.extend(base, ${patch});\n`;
  at.write("experiments/old.ts", own("{ slope: 2 }"));
  at.write("experiments/new.ts", own("{ slope: 3, steps: [{ size: 1 }] }"));
  const mine = '{\n  // steep\n  slope: 2, // by eye\n  description: "mine",\n}';
  at.write("experiments/mine.ts", own(mine));
  const diff = await exp(at, ["diff", "experiments/old.ts", "experiments/new.ts", "--json"]);
  expect(diff.status, diff.stderr).toBe(0);

  const dry = await exp(at, ["apply", "-", "experiments/mine.ts", "--dry-run"], {
    input: diff.stdout,
  });
  expect(dry.status, dry.stderr).toBe(0);
  expect(dry.stdout).toMatchInlineSnapshot(`
    "--- a/experiments/mine.ts
    +++ b/experiments/mine.ts
    @@ -3,6 +3,7 @@
     
     export default line.extend(base, {
       // steep
    -  slope: 2, // by eye
    +  slope: 3, // by eye
       description: "mine",
    +  steps: [{ size: 1, rate: 0.5 }],
     });
    "
  `);
  expect(readFileSync(join(at.directory, "experiments/mine.ts"), "utf8")).toBe(own(mine));

  at.write("change.json", diff.stdout);
  const done = await exp(at, ["apply", "change.json", "experiments/mine.ts"]);
  expect([done.status, done.stdout, done.stderr]).toEqual([
    0,
    "experiments/mine.ts: 2 changes applied, and the config is the diff's new one\n",
    "",
  ]);
  const again = await exp(at, ["apply", "change.json", "experiments/mine.ts"]);
  expect(again.status).toBe(2);
  expect(again.stderr).toContain(
    "The change does not fit: slope is to be changed from 2, but 3 is there.",
  );
}, 60_000);
