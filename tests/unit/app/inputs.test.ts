import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { listInputs, updateInputs } from "../../../src/app/inputs.ts";
import { formatError, isExpError } from "../../../src/core/errors.ts";
import { createProject, taskModule, writeFiles } from "../resolve/support/project.ts";

const experiment = `import { env, external } from "lockstep";
import { defineConfig } from "../task.ts";
import { answers } from "../answers.ts";

export default defineConfig({
  seed: env("SEED", 3),
  rate: external("rate", () => answers.rate),
  steps: external("steps", async () => answers.steps),
});
`;
const answers = (text: string): string => `export const answers: any = ${text};\n`;

function inputsProject(text: string): string {
  return createProject({
    "task.ts": taskModule,
    "answers.ts": answers(text),
    "experiments/inputs.ts": experiment,
  });
}

const request = (workingDirectory: string) => ({
  file: "experiments/inputs.ts",
  overrides: [],
  workingDirectory,
  environment: {},
});

function update(folder: string, keys: readonly string[] = [], timeoutMs = 5_000) {
  return updateInputs({ ...request(folder), keys, timeoutMs });
}

async function failureOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (isExpError(error)) return formatError(error);
    throw error;
  }
  return "no error";
}

test("values are looked up once, pinned, and told when they change", async () => {
  const folder = inputsProject("{ rate: 0.5, steps: 7 }");
  const before = await listInputs(request(folder));
  expect(before.inputs.map(({ name, from, line }) => [name, from, line])).toEqual([
    ["SEED", "fallback", 6],
    ["rate", "absent", 7],
    ["steps", "absent", 8],
  ]);
  expect((await update(folder)).map(({ key, change, value }) => [key, change, value])).toEqual([
    ["rate", "added", 0.5],
    ["steps", "added", 7],
  ]);
  const lock = readFileSync(join(folder, "inputs.lock.json"), "utf8");
  expect(JSON.parse(lock)).toMatchObject({
    format: "lockstep/inputs/1",
    inputs: { rate: { value: 0.5, source: "experiments/inputs.ts" } },
  });
  writeFiles(folder, { "answers.ts": answers("{ rate: 0.25, steps: 8 }") });
  const pinned = await listInputs(request(folder));
  expect(pinned.inputs.map(({ name, value }) => [name, value])).toContainEqual(["rate", 0.5]);
  expect(await update(folder, ["steps"])).toEqual([
    { key: "steps", change: "changed", value: 8, before: 7 },
  ]);
  expect((await update(folder, ["steps"]))[0]?.change).toBe("unchanged");
});

test("keys that nobody asks for are told", async () => {
  const folder = inputsProject("{ rate: 1, steps: 1 }");
  await update(folder);
  writeFiles(folder, {
    "experiments/inputs.ts": experiment.replace(/ {2}steps: .*\n/, ""),
  });
  expect((await listInputs(request(folder))).unused).toEqual(["steps"]);
  expect(await failureOf(update(folder, ["rtae"]))).toMatch(
    /^inputs asks for no external value rtae\.\nDid you mean rate\?$/,
  );
});

test("wrong overrides are told, though what modules lack is not", async () => {
  const folder = inputsProject("{ rate: 1, steps: 1 }");
  const overrides = ["sede=3", "steps=many", "seed=2"];
  const told =
    /^inputs: 2 overrides are wrong\.\n.*sede: is not a known field.*Did you mean seed\?\n.*steps: must be a whole number/;
  expect(await failureOf(listInputs({ ...request(folder), overrides }))).toMatch(told);
  const wrong = { ...request(folder), overrides, keys: [], timeoutMs: 5_000 };
  expect(await failureOf(updateInputs(wrong))).toMatch(told);
  expect(existsSync(join(folder, "inputs.lock.json"))).toBe(false);
  const { inputs } = await listInputs({ ...request(folder), overrides: ["seed=2"] });
  expect(inputs.map(({ name, from }) => [name, from])).toContainEqual(["rate", "absent"]);
});

test("look-ups that throw, never end or give no data are all told, and nothing is pinned", async () => {
  const throwing = inputsProject(
    "{ get rate() { throw new TypeError('fetch failed'); }, steps: { when: new Date(0) } }",
  );
  expect(await failureOf(update(throwing))).toMatch(
    /^inputs: 2 of 2 external values could not be looked up\.\n {2}experiments\/inputs\.ts:7:\d+: external\("rate"\): the look-up threw TypeError: fetch failed\n {2}experiments\/inputs\.ts:8:\d+: external\("steps"\): the look-up gave what is no plain data: when .*\ninputs\.lock\.json is as it was\.$/,
  );
  expect(existsSync(join(throwing, "inputs.lock.json"))).toBe(false);
  const waiting = inputsProject("{ rate: 1, steps: new Promise(() => {}) }");
  expect(await failureOf(update(waiting, [], 50))).toContain("took longer than 0.05 seconds");
  const empty = inputsProject("{ rate: 1, steps: undefined }");
  expect(await failureOf(update(empty))).toContain("no plain data");
});
