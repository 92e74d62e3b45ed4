/** The hooks (`onEvent`) that watch the runs of an experiment: its own, its task's, its project's. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { TaskData } from "../config/definition.ts";
import { ExpError } from "../core/errors.ts";
import type { NamedHook, OnEvent } from "../core/hooks.ts";
import { moduleError } from "./module-errors.ts";
import type { ModuleLoader } from "./module-loader.ts";
import { showValue } from "./problems.ts";

/** The settings of a project. Their hook is loaded where runs are planned; what else they hold is read and never run. */
const settingsFile = "lockstep.config.ts";

/**
 * What a module exports as `onEvent`, if it exports it. Refused before anything runs: a hook that cannot be called would be
 * missed only when the run is over.
 * @param from - The module, as it is told.
 * @throws {ExpError} `module` where it is no function.
 */
export function hookOf(
  exported: Readonly<Record<string, unknown>>,
  from: string,
): readonly NamedHook[] {
  const { onEvent } = exported;
  if (onEvent === undefined) return [];
  if (typeof onEvent === "function") return [{ from, onEvent: onEvent as OnEvent }]; // any function can be called
  throw new ExpError(
    "module",
    `${from}: onEvent must be a function, found ${described(onEvent)}.`,
    {
      hint: "Export a function that takes an event, or export it under another name.",
    },
  );
}

/** The hook of a task. */
export function taskHook({ name, onEvent }: TaskData): readonly NamedHook[] {
  return onEvent === undefined ? [] : [{ from: `task ${name}`, onEvent }];
}

/**
 * The hook that `lockstep.config.ts` exports; the module is evaluated only where it says `onEvent` at all.
 * @throws {ExpError} `module` where it cannot be loaded, or exports what is no function.
 */
export async function projectHook(
  projectDirectory: string,
  loader: Pick<ModuleLoader, "load">,
): Promise<readonly NamedHook[]> {
  const path = join(projectDirectory, settingsFile);
  if (!existsSync(path) || !/\bonEvent\b/u.test(readFileSync(path, "utf8"))) return [];
  const exported = await loader.load(path).catch((error: unknown) => {
    throw moduleError(error, path, projectDirectory);
  });
  return hookOf(exported, settingsFile);
}

function described(value: unknown): string {
  if (value instanceof Promise) return "a promise";
  return typeof value === "object" && value !== null ? "an object" : showValue(value);
}
