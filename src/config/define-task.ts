/** `defineTask`: a schema and a `run` function become a task, with the functions that write its configs. */
import { dirname, isAbsolute, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { z } from "zod";
import { ExpError } from "../core/errors.ts";
import { formatPlace, type Callable } from "../core/stack-frames.ts";
import type { OnEvent } from "../core/hooks.ts";
import type { RunFunction } from "../core/task.ts";
import { aliasProblem, deprecatedProblem } from "./alias-problem.ts";
import { callSite, type CallSite } from "./call-site.ts";
import { callingFiles } from "./calling-files.ts";
import { schemaIssues } from "./check-schema.ts";
import { createTask } from "./create-task.ts";
import type { TaskData } from "./definition.ts";
import { describeValue, isFunction, misuse } from "./misuse.ts";
import { isSchema } from "./schema-walk.ts";
import type { Pure, Task, TaskOptions } from "./task-types.ts";

/**
 * A task from a schema and a `run` function.
 * @throws {ExpError} `config` at once, not at the first run: for a schema that is not JSON in, JSON out (all faults
 *   with their paths), for an alias or a former name of a path that the schema does not know, and for wrong arguments.
 * @example
 * const sum = defineTask({ name: "sum", schema: z.strictObject({ a: z.number() }), run });
 * export const { defineConfig, extend } = sum;
 */
export function defineTask<C, I = C>(options: TaskOptions<C, I> & Pure<C, I>): Task<C, I> {
  const call = callSite(defineTask);
  const code = options.code ?? defaultCode(defineTask, call);
  return createTask(checkedTaskData({ ...options, code }, call));
}

/**
 * The modules that belong to a task whose author lists none: all that the call came through, so that what a helper was
 * handed counts too.
 * @param above - The function that users call.
 * @param call - Where it was called: the only module left where that lies in a package.
 */
export function defaultCode(above: Callable, call: CallSite): readonly string[] {
  const files = callingFiles(above);
  return files.length > 0 ? files : [call.file];
}

/** What `defineTask` takes, with the types of the schema erased. */
export interface ErasedTaskOptions {
  readonly name: string;
  readonly version?: number;
  readonly schema: unknown;
  readonly run: RunFunction<never>;
  readonly listDataFiles?: TaskData["listDataFiles"];
  readonly preflight?: TaskData["preflight"];
  readonly openModel?: TaskData["openModel"];
  readonly rules?: TaskData["rules"];
  readonly aliases?: TaskData["aliases"];
  readonly deprecated?: TaskData["deprecated"];
  readonly code?: readonly (string | URL)[];
  readonly environment?: TaskData["environment"];
  readonly tolerance?: number | undefined;
  readonly onEvent?: OnEvent | undefined;
  readonly sealsItself?: boolean;
}

/**
 * The data of a task after all checks that types cannot make, or that untyped callers got past.
 * @param call - Where the task is defined, for errors, and as the default of its code.
 */
export function checkedTaskData(options: ErasedTaskOptions, call: CallSite): TaskData {
  const { name, version = 1, listDataFiles, preflight } = options;
  if (typeof name !== "string" || !/^[A-Za-z][A-Za-z0-9._-]*$/.test(name)) {
    const found = describeValue(name);
    throw misuse(call, `a task's name is letters, digits, ".", "_" and "-", found ${found}.`);
  }
  const place = `task ${name}`;
  if (!Number.isSafeInteger(version) || version < 1) {
    throw misuse(call, `${place}: version is an integer from 1, found ${describeValue(version)}.`);
  }
  requireFunction(options.run, `${place}: run`, call);
  if (listDataFiles) requireFunction(listDataFiles, `${place}: listDataFiles`, call);
  if (preflight) requireFunction(preflight, `${place}: preflight`, call);
  if (options.onEvent !== undefined) requireFunction(options.onEvent, `${place}: onEvent`, call);
  const schema = checkedSchema(options.schema, place, call);
  return {
    name,
    version,
    schema,
    run: options.run,
    ...(listDataFiles && { listDataFiles }),
    ...(preflight && { preflight }),
    ...(options.openModel && { openModel: options.openModel }),
    rules: checkedRules(options.rules ?? {}, place, call),
    aliases: checkedPaths(options.aliases ?? {}, schema, { problemOf: aliasProblem, call }),
    deprecated: checkedPaths(options.deprecated ?? {}, schema, {
      problemOf: deprecatedProblem,
      call,
    }),
    code: Object.freeze((options.code ?? [call.file]).map((file) => codePath(file, call))),
    call,
    ...(options.environment && { environment: options.environment }),
    ...(options.tolerance !== undefined && {
      tolerance: checkedTolerance(options.tolerance, place, call),
    }),
    ...(options.onEvent !== undefined && { onEvent: options.onEvent }),
    ...(options.sealsItself === true && { sealsItself: true }),
  };
}

function checkedTolerance(tolerance: unknown, place: string, call: CallSite): number {
  if (typeof tolerance === "number" && tolerance >= 0 && tolerance < Infinity) return tolerance;
  const found = describeValue(tolerance);
  throw misuse(call, `${place}: tolerance is a number from 0, found ${found}.`);
}

function checkedSchema(schema: unknown, place: string, call: CallSite): z.ZodType {
  if (!isZodType(schema)) {
    const found = describeValue(schema);
    throw misuse(call, `${place}: schema is a schema of zod 4, found ${found}.`);
  }
  const issues = schemaIssues(schema);
  if (issues.length === 0) return schema;
  const summary = `${formatPlace(call)}: the schema of ${place} cannot describe a config.`;
  throw new ExpError("config", summary, { issues });
}

function isZodType(value: unknown): value is z.ZodType {
  return isSchema(value) && "safeParse" in value;
}

function checkedRules(rules: TaskData["rules"], place: string, call: CallSite): TaskData["rules"] {
  for (const [claim, check] of Object.entries(rules)) {
    requireFunction(check, `${place}: rule ${JSON.stringify(claim)}`, call);
  }
  return Object.freeze({ ...rules });
}

interface PathCheck {
  readonly problemOf: typeof aliasProblem;
  readonly call: CallSite;
}

function checkedPaths(
  paths: Readonly<Record<string, string>>,
  schema: z.ZodType,
  { problemOf, call }: PathCheck,
): Readonly<Record<string, string>> {
  for (const [name, path] of Object.entries(paths)) {
    const problem = problemOf(name, path, schema);
    if (problem !== undefined) throw misuse(call, problem);
  }
  return Object.freeze({ ...paths });
}

function codePath(file: string | URL, call: CallSite): string {
  const text = String(file);
  if (text.startsWith("file:")) return fileURLToPath(text);
  return isAbsolute(text) ? text : resolve(dirname(call.file), text);
}

function requireFunction(value: unknown, what: string, call: CallSite): void {
  if (isFunction(value)) return;
  throw misuse(call, `${what} is a function, found ${describeValue(value)}.`);
}
