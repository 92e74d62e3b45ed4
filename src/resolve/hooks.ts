/** The hooks (`onEvent`) that watch the runs of an experiment: its own and its task's. */
import type { TaskData } from "../config/definition.ts";
import { ExpError } from "../core/errors.ts";
import type { NamedHook, OnEvent } from "../core/hooks.ts";
import { showValue } from "./problems.ts";

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

function described(value: unknown): string {
  if (value instanceof Promise) return "a promise";
  return typeof value === "object" && value !== null ? "an object" : showValue(value);
}
