import { readFileSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import {
  createProject,
  publishedRuns,
  repository,
  type Finished,
  type Project,
} from "./project.ts";
import { expInSameProcess as exp } from "./same-process.ts";

const task = `import { z } from "zod";
import { defineTask, envelopeFields } from "lockstep";

const walk = defineTask({
  name: "walk",
  schema: z.strictObject({
    ...envelopeFields,
    steps: z.int().min(1).default(4),
    rate: z.number().default(0.1),
    momentum: z.number().default(0),
    width: z.int().default(8),
    heads: z.int().default(2),
  }),
  rules: { "heads divide the width": (c) => c.width % c.heads === 0 },
  run: async ({ config }) => ({ "validation.accuracy": config.rate * config.steps }),
});
export const { defineConfig, extend, filter, product, repeat, variants, when, zip } = walk;
`;

const sweep = `import { choice, linspace, logRange } from "lockstep";
import { defineConfig, extend, filter, product, repeat, variants, when, zip } from "./task.ts";

export default extend(
  defineConfig({ seed: 5, steps: 3 }),
  zip({
    rate: logRange(1e-3, 1e-1, 3),
    steps: choice(10, 20, 30),
  }),
  variants("size", {
    small: { width: 4 },
    large: product({ width: choice(8, 12) }, { heads: choice(2, 3, 4) }).filter((c) => c.heads > 2),
  }),
  filter((c) => c.width % c.heads === 0),
  when((c) => c.width > 8, { momentum: linspace(0, 0.9, 2) }),
  repeat(2),
);
`;

const unequal = sweep.replace("choice(10, 20, 30)", "choice(10, 20)");

function createWalk(experiments: Readonly<Record<string, string>>): Project {
  const project = createProject({ "experiments/task.ts": task, ...experiments });
  const zod = join(project.directory, "node_modules/zod");
  symlinkSync(join(repository, "node_modules/zod"), zod, "dir");
  return project;
}

interface PlanDocument {
  readonly runs: readonly {
    readonly configHash: string;
    readonly axes: Readonly<Record<string, unknown>>;
  }[];
}

function planned(finished: Finished): PlanDocument["runs"] {
  expect(finished.stderr).toBe("");
  expect(finished.status).toBe(0);
  return (JSON.parse(finished.stdout) as PlanDocument).runs;
}

/** The values of a run's axes; canonical JSON has lost their order. */
function line(axes: Readonly<Record<string, unknown>>): string {
  const names = ["rate", "steps", "size", "width", "heads", "momentum", "seed"];
  return names.flatMap((name) => (name in axes ? [String(axes[name])] : [])).join(" ");
}

test("a sweep of combinators is planned in its order, pinned by the command line, and each run reproduced", async () => {
  const project = createWalk({ "experiments/sweep.ts": sweep });
  const plan = (...given: string[]): Promise<Finished> =>
    exp(project, ["plan", "experiments/sweep.ts", "--json", ...given]);
  const [whole, pinned, table] = await Promise.all([
    plan(),
    plan("steps=7", "size=large", "width=12", "zip(heads=[3,4], momentum=[0.1,0.2])", "repeat(1)"),
    exp(project, ["plan", "experiments/sweep.ts", "rate=1"]),
  ]);
  expect(
    planned(whole)
      .map(({ axes }) => line(axes))
      .slice(0, 13),
  ).toEqual([
    "0.001 10 small 4 2 0 0",
    "0.001 10 small 4 2 0 1",
    "0.001 10 large 8 4 0 0",
    "0.001 10 large 8 4 0 1",
    "0.001 10 large 12 3 0 0",
    "0.001 10 large 12 3 0 1",
    "0.001 10 large 12 3 0.9 0",
    "0.001 10 large 12 3 0.9 1",
    "0.001 10 large 12 4 0 0",
    "0.001 10 large 12 4 0 1",
    "0.001 10 large 12 4 0.9 0",
    "0.001 10 large 12 4 0.9 1",
    "0.01 20 small 4 2 0 0",
  ]);
  expect(planned(whole)).toHaveLength(36);
  expect(planned(pinned).map(({ axes }) => axes)).toEqual(
    [0.001, 0.01, 0.1].flatMap((rate) => [
      { rate, size: "large", seed: 0, heads: 3, momentum: 0.1 },
      { rate, size: "large", seed: 0, heads: 4, momentum: 0.2 },
    ]),
  );
  expect(table.stdout).toMatch(/^run +steps +size +width +heads +momentum +seed +runKey/mu);

  const ran = await exp(project, [
    "experiments/sweep.ts",
    "rate=0.01",
    "steps=20",
    "size=large",
    "width=12",
    "heads=3",
    "repeat([7])",
    "--json",
  ]);
  expect(ran.status).toBe(0);
  const [name] = publishedRuns(project);
  const read = (file: string): string =>
    readFileSync(join(project.directory, "runs", name ?? "", file), "utf8");
  const { values } = JSON.parse(read("provenance.json")) as { values: Record<string, unknown[]> };
  expect(values["width"]?.slice(1)).toEqual([
    { layer: "command line", value: 12, argument: "width=12" },
  ]);
  expect(values["rate"]?.[0]).toMatchObject({
    layer: "zip",
    file: "experiments/sweep.ts",
    line: 7,
    column: 5,
  });
  expect(values["momentum"]).toMatchObject([{ layer: "when", by: "linspace", line: 15 }]);
  const command = /node_modules\/\.bin\/exp plan --runs-dir reproduced (.*)/u.exec(
    read("REPRODUCE.md"),
  )?.[1];
  expect(command).toContain(`--only ${name} experiments/sweep.ts`);
  const words = (command ?? "").split(" ").map((word) => word.replaceAll("'", ""));
  const again = await exp(project, ["plan", "--json", ...words]);
  const published = JSON.parse(read("manifest.json")) as { identities: { configHash: string } };
  expect(planned(again).map(({ configHash }) => configHash)).toEqual([
    published.identities.configHash,
  ]);
});

test("one run is named by its key, whatever its branches are", async () => {
  const project = createWalk({
    "experiments/branches.ts": `import { choice, concat } from "lockstep";
import { defineConfig, extend } from "./task.ts";
export default extend(defineConfig({}), concat({ rate: choice(1, 2) }, { momentum: choice(0, 0.5) }));
`,
  });
  const file = "experiments/branches.ts";
  const whole = JSON.parse((await exp(project, ["plan", file, "--json"])).stdout) as {
    runs: { runKey: string; configHash: string }[];
  };
  const key = whole.runs[2]?.runKey.slice(0, 16) ?? "";
  const ran = await exp(project, [file, "--only", key]);
  expect(ran.stderr).toMatch(/^branches: 1 run on/u);
  expect(publishedRuns(project)).toEqual([key]);
  const document = join(project.directory, "runs", key, "REPRODUCE.md");
  expect(readFileSync(document, "utf8")).toContain(`--only ${key} experiments/branches.ts\n`);
  const [workers, other, short, saved] = await Promise.all([
    exp(project, [file, "--only", key, "--jobs", "1"]),
    exp(project, ["plan", file, "steps=5", "--only", key]),
    exp(project, ["plan", file, "--only", "abc"]),
    exp(project, ["run", "plan.json", "--only", key]),
  ]);
  expect([workers.status, other.status, short.status, saved.status]).toEqual([0, 2, 2, 2]);
  expect(other.stderr).toMatch(
    /^branches: none of the 4 runs has the key [0-9a-f]{16}\.\nConfig, code, .*: [0-9a-f]{16}, /u,
  );
  expect(short.stderr).toContain('8 to 64 digits of a run key, found "abc"');
  expect(saved.stderr).toContain(`--only ${key} cannot change it`);
});

test("what is wrong with a combinator is said with its line, or its argument", async () => {
  const project = createWalk({
    "experiments/unequal.ts": unequal,
    "experiments/empty.ts": sweep.replace("c.width % c.heads === 0", "c.rate > 1"),
  });
  const [first, second, third] = await Promise.all([
    exp(project, ["plan", "experiments/unequal.ts"]),
    exp(project, ["plan", "experiments/empty.ts"]),
    exp(project, ["plan", "experiments/empty.ts", "size=smal", "zip(rate=[1,2], steps=[1])"]),
  ]);
  expect([first.status, second.status, third.status]).toEqual([2, 2, 2]);
  expect(first.stderr).toContain("experiments/unequal.ts:6:3");
  expect(first.stderr).toContain(
    "zip() takes axes with equally many values: rate has 3, steps has 2.",
  );
  expect(second.stderr).toMatch(
    /experiments\/empty\.ts:14:3: filter\(\): all \d+ runs are left out/u,
  );
  expect(third.stderr).toContain(
    'size=smal  size: has no variant "smal"; there are small, large. Did you mean small?',
  );
  expect(third.stderr).toContain(
    "zip(): takes axes with equally many values: rate has 2, steps has 1",
  );
});
