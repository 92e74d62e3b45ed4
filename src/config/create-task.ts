/** The functions of a task. They are closures over its data, so that they work when taken off the task. */
import { callSite, type CallSite } from "./call-site.ts";
import { aliasProblem, deprecatedProblem } from "./alias-problem.ts";
import { orStandIn } from "./collect-misuses.ts";
import {
  brandTask,
  createDefinition,
  createLayer,
  type LayerData,
  type TaskData,
} from "./definition.ts";
import type { Fragment } from "./marker-types.ts";
import { describeValue, isFunction, misuse } from "./misuse.ts";
import { createPresets, createProfiles } from "./create-presets.ts";
import { baseData, patchLayer, recordLayers } from "./record-layers.ts";
import type { Combinators } from "./space-types.ts";
import { concat, filter, product, repeat, variants, when, zip } from "./spaces.ts";
import type { Definition, Task } from "./task-types.ts";

/** The task that users hold, from its data. */
export function createTask<C, I>(task: TaskData): Task<C, I> {
  // The same functions for every task: they need only its types.
  const combinators: Combinators<C, I> = { variants, zip, product, concat, when, filter, repeat };
  const functions: Task<C, I> = {
    ...definitionFunctions(task),
    ...layerFunctions(task),
    ...combinators,
  };
  return Object.freeze(brandTask(functions, task));
}

type DefinitionFunctions<C, I> = Pick<Task<C, I>, "defineConfig" | "extend">;
type LayerFunctions<C, I> = Pick<
  Task<C, I>,
  "fragment" | "presets" | "profiles" | "rule" | "alias" | "deprecated"
>;

function definitionFunctions<C, I>(task: TaskData): DefinitionFunctions<C, I> {
  const define = (call: CallSite, record: () => readonly LayerData[]): Definition<C, I> =>
    orStandIn(
      () => createDefinition({ task, layers: Object.freeze(record()), call }),
      () => createDefinition({ task, layers: [], call }),
    );
  const defineConfig: Task<C, I>["defineConfig"] = (config, ...layers) => {
    const call = callSite(defineConfig);
    return define(call, () => [
      patchLayer(config, { label: "defineConfig", call, argument: 0 }),
      ...recordLayers(layers, { label: "defineConfig", call, argument: 1 }),
    ]);
  };
  const extend: Task<C, I>["extend"] = (base, ...layers) => {
    const call = callSite(extend);
    return define(call, () => [
      ...baseData(base, task, call).layers,
      ...recordLayers(layers, { label: "extend", call, argument: 1 }),
    ]);
  };
  return { defineConfig, extend };
}

function layerFunctions<C, I>(task: TaskData): LayerFunctions<C, I> {
  const fragment: Task<C, I>["fragment"] = (patch) => {
    const context = { label: "fragment", call: callSite(fragment), argument: 0 };
    return orStandIn(
      () => createLayer(patchLayer(patch, context)),
      () => createLayer(patchLayer({}, context)),
    );
  };
  const presets: Task<C, I>["presets"] = (path, group) =>
    createPresets<keyof typeof group, Fragment<C, I>>(task, path, {
      group,
      call: callSite(presets),
    });
  const profiles: Task<C, I>["profiles"] = (name, group) =>
    createProfiles<keyof typeof group, Fragment<C, I>>(task, name, {
      group,
      call: callSite(profiles),
    });
  const rule: Task<C, I>["rule"] = (claim, check) => {
    const call = callSite(rule);
    return orStandIn(
      () => createLayer(ruleData(claim, check, call)),
      () => createLayer({ kind: "rule", name: "noted", check: () => true, call }),
    );
  };
  const alias: Task<C, I>["alias"] = (name, path) => {
    const call = callSite(alias);
    const problem = aliasProblem(name, path, task.schema);
    if (problem !== undefined && !(typeof name === "string" && typeof path === "string")) {
      throw misuse(call, problem);
    }
    // What is wrong with it is said when the definition is resolved, beside all else that is wrong.
    const refused = problem === undefined ? {} : { problem };
    return createLayer({ kind: "alias", alias: name, path, task: task.name, call, ...refused });
  };
  return { fragment, presets, profiles, rule, alias, deprecated: deprecatedFunction(task) };
}

function ruleData(name: unknown, check: unknown, call: CallSite): LayerData {
  if (typeof name !== "string" || name === "") {
    throw misuse(call, `rule() takes a claim first, found ${describeValue(name)}.`);
  }
  if (!isFunction(check)) {
    throw misuse(call, `rule() takes a function second, found ${describeValue(check)}.`);
  }
  return { kind: "rule", name, check: check as (config: unknown) => boolean, call };
}

function deprecatedFunction<C, I>(task: TaskData): Task<C, I>["deprecated"] {
  const deprecated: Task<C, I>["deprecated"] = (from, to) => {
    const call = callSite(deprecated);
    const problem = deprecatedProblem(from, to, task.schema);
    if (problem !== undefined && !(typeof from === "string" && typeof to === "string")) {
      throw misuse(call, problem);
    }
    const refused = problem === undefined ? {} : { problem };
    return createLayer({ kind: "deprecated", from, to, task: task.name, call, ...refused });
  };
  return deprecated;
}
