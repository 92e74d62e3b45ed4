import { expect, test } from "vitest";
import { z } from "zod";
import { definitionData, taskData } from "../../../src/config/definition.ts";
import { taskVariant } from "../../../src/config/extend-task.ts";
import { fieldFacts } from "../../../src/core/marks.ts";
import { misuseOf, run, sum, sumSchema, untyped } from "./sum-task.ts";

const cubic = z.strictObject({ kind: z.literal("cubic"), degree: z.int().default(3) });
const config = { training: { numSteps: 1 } };

test("the variant's schema takes the new member and all that the base takes", () => {
  const schema = taskData(taskVariant(sum, { members: { model: [cubic] }, run }))?.schema;
  expect(schema?.parse({ ...config, model: { kind: "cubic" } })).toMatchObject({
    model: { kind: "cubic", degree: 3 },
  });
  expect(schema?.parse(config)).toEqual(sumSchema.parse(config));
  expect(schema?.safeParse({ ...config, model: { kind: "cubic", width: 1 } }).success).toBe(false);
  expect(schema?.safeParse({ ...config, extra: 1 }).success).toBe(false);
  expect(sumSchema.safeParse({ ...config, model: { kind: "cubic" } }).success).toBe(false);
});

test("metadata of what was rebuilt stays", () => {
  const data = taskData(taskVariant(sum, { members: { model: [cubic] }, run }));
  const schema = data?.schema as typeof sumSchema | undefined;
  expect(fieldFacts(schema?.shape.model.meta())).toEqual({ unit: "parts" });
});

test("name, version, rules and aliases are kept, code is added", () => {
  const variant = taskVariant(sum, {
    members: { model: [cubic] },
    run,
    rules: { even: (c) => c.seed % 2 === 0 },
    aliases: { degree: "model.degree" },
    code: ["/lab/cubic.ts"],
  });
  expect(taskData(variant)).toMatchObject({
    name: "sum",
    version: 1,
    aliases: { degree: "model.degree" },
    code: [...(taskData(sum)?.code ?? []), "/lab/cubic.ts"],
  });
  expect(Object.keys(taskData(variant)?.rules ?? {})).toEqual(["even"]);
});

test("the variant builds on definitions and parts of its base, and the result is the variant's", () => {
  const variant = taskVariant(sum, { members: { model: [cubic] }, run });
  const base = sum.defineConfig(config);
  const child = variant.extend(base, sum.fragment({ seed: 1 }), { model: { kind: "cubic" } });
  expect(definitionData(child)?.task).toBe(taskData(variant));
  expect(definitionData(child)?.layers).toHaveLength(3);
});

test("a variant can be extended again", () => {
  const first = taskVariant(sum, { members: { model: [cubic] }, run });
  const quartic = z.strictObject({ kind: z.literal("quartic") });
  const second = taskVariant(first, { members: { model: [quartic] }, run });
  for (const kind of ["cubic", "quartic", "linear"]) {
    const input = { ...config, model: kind === "linear" ? { kind, width: 1 } : { kind } };
    expect(taskData(second)?.schema.safeParse(input).success).toBe(true);
  }
});

test.each<[() => unknown, string]>([
  [
    () => taskVariant(untyped({}), { members: {}, run }),
    "expected a task to build on, found an object.",
  ],
  [
    () => taskVariant(sum, { members: untyped({ modle: [cubic] }), run }),
    "the task has no field modle",
  ],
  [
    () => taskVariant(sum, { members: untyped({ model: cubic }), run }),
    "model: expected a list of schemas",
  ],
  [
    () => taskVariant(sum, { members: untyped({ model: [3] }), run }),
    "a member is a z.strictObject with a literal kind, found 3.",
  ],
  [
    () => taskVariant(sum, { members: untyped({ model: [z.strictObject({})] }), run }),
    "a member is a z.strictObject",
  ],
  [
    () => taskVariant(sum, { members: untyped({ training: [cubic] }), run }),
    "training has no union on `kind`",
  ],
  [
    () => taskVariant(sum, { members: { model: [cubic, cubic] }, run }),
    "model: there is already a kind cubic.",
  ],
  [
    () =>
      taskVariant(sum, { members: { model: [cubic.extend({ kind: z.literal("deep") })] }, run }),
    "there is already a kind deep.",
  ],
  [
    () =>
      taskVariant(sum, {
        members: { model: [z.strictObject({ kind: z.literal("x"), d: z.date() })] },
        run,
      }),
    "model.d: JSON has no dates",
  ],
  [
    () => taskVariant(sum, { members: { model: [cubic] }, run: untyped(1) }),
    "task sum: run is a function, found 1.",
  ],
])("misuse %# is refused at its call", (body, message) => {
  const error = misuseOf(body);
  expect(error).toMatch(/^extend-task\.test\.ts:\d+:\d+: /);
  expect(error).toContain(message);
});
