/** `tracking` of `lockstep.config.ts`: below all that an experiment writes, shown with its line, in no hash. */
import { expect, test } from "vitest";
import { ExpError, formatError } from "../../../src/core/errors.ts";
import { provenance } from "../../../src/resolve/provenance.ts";
import {
  resolveExperiment,
  type Resolution,
  type ResolvedRun,
} from "../../../src/resolve/resolve.ts";
import { createProject } from "./support/project.ts";

const task = `
import { z } from "zod";
import { defineTask, field } from "lockstep";
const tool = z.enum(["mlflow", "wandb"]);
export const task = defineTask({
  name: "toy",
  schema: z.strictObject({
    rate: z.number().default(1),
    tracking: z.array(tool).optional().meta(field({ mark: "operation" })),
  }),
  run: async function* run() {},
} as never) as any;
`;
const experiment = (patch: string): string =>
  `import { task } from "../task.ts";\nexport default task.defineConfig(${patch});\n`;

function resolved(settings: string, patch: string, taskModule = task): Promise<Resolution> {
  const folder = createProject({
    "task.ts": taskModule,
    "experiments/a.ts": experiment(patch),
    ...(settings === "" ? {} : { "lockstep.config.ts": settings }),
  });
  const request = { file: "experiments/a.ts", overrides: [], workingDirectory: folder };
  return resolveExperiment(request);
}

async function onlyRun(...words: Parameters<typeof resolved>): Promise<ResolvedRun> {
  const [run] = (await resolved(...words)).runs;
  if (run === undefined) throw new Error("no run");
  return run;
}

const settings = 'export const other = 1;\nexport const tracking = ["mlflow"];\n';

test("it holds where an experiment names no tools, and moves no hash", async () => {
  const without = await onlyRun("", "{ rate: 2 }");
  const run = await onlyRun(settings, "{ rate: 2 }");
  expect(without.config).toEqual({ rate: 2 });
  expect(run.config).toEqual({ rate: 2, tracking: ["mlflow"] });
  expect(run.configHash).toBe(without.configHash);
  expect(run.groupHash).toBe(without.groupHash);
});

test("the experiment's own wins, an empty list too", async () => {
  expect((await onlyRun(settings, '{ tracking: ["wandb"] }')).config).toMatchObject({
    tracking: ["wandb"],
  });
  expect((await onlyRun(settings, "{ tracking: [] }")).config).toMatchObject({ tracking: [] });
});

test("its origin is the line of the settings", async () => {
  const resolution = await resolved(settings, "{}");
  const [run] = resolution.runs;
  const text = JSON.stringify(run && (await provenance(run, resolution)));
  expect(text).toContain('"file":"lockstep.config.ts","line":2,"column":14');
});

test("a wrong one is refused with its line; a task without the field has none", async () => {
  const wrong = resolved('\nexport const tracking = ["mlfow"];', "{}").catch(
    (error: unknown) => error,
  );
  const error = await wrong;
  expect(error).toBeInstanceOf(ExpError);
  expect(formatError(error as ExpError)).toMatch(
    /lockstep\.config\.ts:2:14.*tracking\[0\].*Did you mean "mlflow"\?/su,
  );
  const plain = task.replace(/tracking:.*\n/u, "");
  expect((await onlyRun(settings, "{}", plain)).config).toEqual({ rate: 1 });
});
