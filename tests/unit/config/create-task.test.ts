import { expect, test } from "vitest";
import { z } from "zod";
import { defineTask } from "../../../src/config/define-task.ts";
import {
  definitionData,
  layerData,
  presetGroupData,
  taskData,
} from "../../../src/config/definition.ts";
import { required } from "../../../src/config/deferred.ts";
import { isPlainObject } from "../../../src/core/json.ts";
import { misuseOf, run, sum, untyped } from "./sum-task.ts";

const { defineConfig, extend, fragment, presets, profiles, rule, alias } = sum; // taken off: nothing needs `this`
const model = presets("model", {
  small: { kind: "linear", width: 1 },
  "very-deep": { kind: "deep", layers: [{ size: 2 }] },
});
const baseline = defineConfig({ training: { numSteps: 3 } });

test("a definition records its layers in order, with where and in which argument each was written", () => {
  const part = fragment({ seed: 4 });
  const check = rule("small", (c) => c.seed < 10);
  const definition = extend(
    baseline,
    model["very-deep"],
    { seed: 2 },
    part,
    check,
    alias("steps", "training.numSteps"),
    { seed: 5 },
  );
  const data = definitionData(definition);
  expect(data?.task).toBe(taskData(sum));
  const inThisFile = { file: import.meta.filename };
  expect(data?.layers).toMatchObject([
    {
      kind: "patch",
      label: "defineConfig",
      patch: { training: { numSteps: 3 } },
      call: inThisFile,
      literal: { argument: 0, keys: [], path: [] },
    },
    {
      kind: "patch",
      label: 'preset model["very-deep"]',
      patch: { model: { kind: "deep", layers: [{ size: 2 }] } },
      literal: { argument: 1, keys: ["very-deep"], path: ["model"] },
    },
    { kind: "patch", label: "extend", patch: { seed: 2 }, literal: { argument: 2 } },
    { kind: "patch", label: "fragment", patch: { seed: 4 }, literal: { argument: 0 } },
    { kind: "rule", name: "small", call: inThisFile },
    { kind: "alias", alias: "steps", path: "training.numSteps", call: inThisFile },
    { kind: "patch", label: "extend", patch: { seed: 5 }, literal: { argument: 6 } },
  ]);
  const [config, preset, own] = data?.layers ?? [];
  expect(config?.call.line).toBeLessThan(own?.call.line ?? 0);
  expect(preset?.call.line).toBeLessThan(config?.call.line ?? 0);
});

test("extending leaves the base as it was, and an empty extension records an empty change", () => {
  const before = definitionData(baseline)?.layers;
  const child = definitionData(extend(baseline, {}));
  expect(definitionData(baseline)?.layers).toBe(before);
  expect(child?.layers.slice(0, 1)).toEqual(before);
  expect(definitionData(extend(baseline))?.layers).toEqual(before);
  expect(Object.isFrozen(child) && Object.isFrozen(child?.layers)).toBe(true);
});

test("defineConfig takes further layers", () => {
  const data = definitionData(
    defineConfig({ training: { numSteps: 1 } }, model.small, { seed: 1 }),
  );
  expect(data?.layers.map((layer) => "label" in layer && layer.label)).toEqual([
    "defineConfig",
    'preset model["small"]',
    "defineConfig",
  ]);
});

test("a literal that is changed after it was handed over does not change the definition", () => {
  const shared = { training: { numSteps: 1 } };
  const definition = defineConfig(shared);
  shared.training.numSteps = 2;
  expect(definitionData(definition)?.layers[0]).toMatchObject({
    patch: { training: { numSteps: 1 } },
  });
});

test("definitions and layers are no plain data, and a spread copy is neither", () => {
  for (const value of [baseline, model.small, fragment({})]) {
    expect(isPlainObject(value)).toBe(false);
    expect(Object.isFrozen(value)).toBe(true);
  }
  expect(definitionData({ ...baseline })).toBeUndefined();
  expect(layerData(undefined)).toBeUndefined();
});

test("a group of presets lists its names and says its path", () => {
  expect(Object.keys(model)).toEqual(["small", "very-deep"]);
  const names = ["small", "very-deep"];
  expect(presetGroupData(model)).toEqual({ kind: "presets", task: "sum", path: "model", names });
});

test("presets of a nested field are written at its path, profiles at the root", () => {
  const { long } = presets("training.numSteps", { long: 900 });
  expect(layerData(long)).toMatchObject({
    label: 'preset training.numSteps["long"]',
    patch: { training: { numSteps: 900 } },
    literal: { argument: 1, keys: ["long"], path: ["training", "numSteps"] },
  });
  const run = profiles("run", { dryrun: { seed: 1, training: { numSteps: 2 } }, fullrun: {} });
  expect(layerData(run.dryrun)).toMatchObject({
    label: 'profile run["dryrun"]',
    patch: { seed: 1, training: { numSteps: 2 } },
    literal: { argument: 1, keys: ["dryrun"], path: [] },
  });
  expect(presetGroupData(run)).toEqual({
    kind: "profiles",
    task: "sum",
    path: "run",
    names: ["dryrun", "fullrun"],
  });
});

const other = defineTask({ name: "other", schema: z.strictObject({ seed: z.int() }), run });

test.each([
  [
    "steps",
    "training.steps",
    "alias steps leads to training.steps, which the schema does not know",
  ],
  ["seed", "training.numSteps", "alias seed is already a path of the schema."],
])("a wrong alias is recorded with what is wrong: %s", (name, path, problem) => {
  const layer = layerData(alias(name, untyped(path)));
  expect(layer).toMatchObject({ kind: "alias", alias: name, path });
  expect(layer?.kind === "alias" && layer.problem).toContain(problem);
});

test.each<[() => unknown, string]>([
  [
    () => extend(untyped(undefined), {}),
    "extend(): argument 1 is undefined, expected the definition to build on.\nCheck the import",
  ],
  [
    () => extend(untyped({ seed: 1 }), {}),
    "extend(): argument 1 is an object, expected the definition",
  ],
  [
    () => extend(untyped(other.defineConfig({ seed: 1 })), {}),
    "extend() of task sum cannot build on a definition of task other.",
  ],
  [
    () => extend(baseline, untyped((model as Record<string, unknown>)["smal"])),
    "extend(): argument 2 is undefined, expected an object of changes.\nIs there a fragment or preset of that name?",
  ],
  [
    () => extend(baseline, {}, untyped(model)),
    'extend(): argument 3 is an object, expected an object of changes.\nIt is a whole group of presets for model: name one, such as ["small"].',
  ],
  [
    () => extend(baseline, untyped(baseline)),
    "argument 2 is a definition, expected an object of changes.\nA definition can only be the base",
  ],
  [
    () => extend(baseline, untyped([{ seed: 1 }])),
    "argument 2 is a list, expected an object of changes.",
  ],
  [() => extend(baseline, untyped("wide")), 'argument 2 is the string "wide"'],
  [() => extend(baseline, untyped(required())), "argument 2 is the marker required()"],
  [
    () => defineConfig(untyped(null)),
    "defineConfig(): argument 1 is null, expected an object of changes.",
  ],
  [() => fragment(untyped(() => 1)), "fragment(): argument 1 is a function"],
  [() => fragment(untyped(model.small)), "fragment(): argument 1 is a fragment"],
  [
    () => presets(untyped("modle"), {}),
    "presets(): task sum has no field modle. Did you mean model?",
  ],
  [
    () => presets("model", untyped([])),
    "presets() takes an object of named values, found an empty list.",
  ],
  [() => presets("model", { "": { width: 1 } }), 'presets(): "" cannot be the name of a preset.'],
  [
    () => presets(untyped("model.layers[0]"), {}),
    "presets(): task sum has no field model.layers[0]. Did you mean model.layers?",
  ],
  [
    () => profiles(untyped("seed"), {}),
    "profiles(): seed is a field of task sum, so seed=… could mean either.",
  ],
  [
    () => profiles("a.b", {}),
    'profiles() takes a name such as "run" first, found the string "a.b".',
  ],
  [() => profiles("run", untyped(1)), "profiles() takes an object of named changes, found 1."],
  [
    () => profiles("run", { short: untyped(7) }),
    "profiles(): short is 7, expected an object of changes.",
  ],
  [() => profiles("run", { "": {} }), 'profiles(): "" cannot be the name of a profile.'],
  [
    () => extend(baseline, untyped(profiles("run", { short: {} }))),
    'It is a whole group of profiles run: name one, such as ["short"].',
  ],
  [() => rule("", () => true), 'rule() takes a claim first, found the string "".'],
  [() => rule("x", untyped(true)), "rule() takes a function second, found true."],
])("misuse %# is refused at its call", (body, message) => {
  const error = misuseOf(body);
  expect(error).toMatch(/^create-task\.test\.ts:\d+:\d+: /);
  expect(error).toContain(message);
});
