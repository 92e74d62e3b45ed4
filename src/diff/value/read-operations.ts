/** Operations from JSON that somebody hands over: a list of them, or the changes of one experiment in a report. */
import { ExpError } from "../../core/errors.ts";
import { isPlainObject, type JsonValue } from "../../core/json.ts";
import type { Path } from "../../core/path.ts";
import type { AxisChange } from "../configs.ts";
import type { Operation } from "./operations.ts";

/** What is to be done to an experiment. */
export interface WantedChanges {
  readonly operations: readonly Operation[];
  /** Empty for a plain list of operations. */
  readonly axes: readonly AxisChange[];
}

/**
 * Reads `exp diff --json`, or a list of operations.
 * @param experiment - Relative to the project: which one of a report of several is meant.
 * @throws {ExpError} `usage`, with everything that is wrong.
 */
export function readOperations(document: unknown, experiment: string): WantedChanges {
  if (Array.isArray(document)) return { operations: checked(document), axes: [] };
  if (!isPlainObject(document) || document["format"] !== "lockstep/diff/1") {
    throw new ExpError(
      "usage",
      "The diff is neither a document of exp diff --json nor a list of operations.",
      {
        hint: 'exp diff A B --json prints one; an operation is {"kind":"replace","path":["seed"],"before":0,"value":1}.',
      },
    );
  }
  const { experiments } = document;
  if (!Array.isArray(experiments)) {
    throw new ExpError(
      "usage",
      "The diff was made with --static: it says nothing of resolved values.",
      {
        hint: "Make it again without --static.",
      },
    );
  }
  return changesOf(chosen(experiments.filter(isPlainObject), experiment));
}

function chosen(
  all: readonly Record<string, unknown>[],
  experiment: string,
): Record<string, unknown> {
  const [only, ...others] = all;
  const named = others.length === 0 ? only : all.find(({ name }) => name === experiment);
  if (named !== undefined) return named;
  const names = all.map(({ name }) => String(name)).join(", ");
  throw new ExpError("usage", `The diff is of other experiments than ${experiment}: ${names}.`, {
    hint: "Name the module that it is of, or make a diff of two experiments.",
  });
}

function changesOf({ name, problem, changes, axes }: Record<string, unknown>): WantedChanges {
  if (!Array.isArray(changes) || !Array.isArray(axes)) {
    const why = typeof problem === "string" ? `: ${problem}` : ".";
    throw new ExpError("usage", `The diff has no values of ${String(name)}${why}`);
  }
  return { operations: checked(changes), axes: axes.map(axisOf) };
}

function axisOf(value: unknown): AxisChange {
  const { name, before, after, instead } = isPlainObject(value) ? value : {};
  const list = (one: unknown): readonly JsonValue[] | undefined =>
    Array.isArray(one) ? (one as JsonValue[]) : undefined; // of parsed JSON
  const [old, now] = [list(before), list(after)];
  return {
    name: typeof name === "string" ? name : "",
    ...(old !== undefined && { before: old }),
    ...(now !== undefined && { after: now }),
    ...(instead !== undefined && { instead: instead as JsonValue }), // of parsed JSON
  };
}

/** All that is wrong is told, each with its place in the list. */
function checked(list: readonly unknown[]): readonly Operation[] {
  const read = list.map((item, index) => operationOf(item, `[${String(index)}]`));
  const problems = read.filter((one) => typeof one === "string");
  if (problems.length === 0) return read.filter((one) => typeof one !== "string");
  throw new ExpError("usage", `The operations are wrong: ${problems.join("; ")}.`);
}

function operationOf(item: unknown, place: string): Operation | string {
  if (!isPlainObject(item)) return `${place} is no object`;
  const { kind, path, value, before, to, numRuns } = item;
  if (!isPath(path)) return `${place}.path is no list of names and indices`;
  if (typeof numRuns === "number") {
    return `${place} holds in ${String(numRuns)} of the runs of a sweep only`;
  }
  switch (kind) {
    case "add":
    case "remove":
      if (value === undefined) return `${place}.value is missing`;
      return { kind, path, value: value as JsonValue }; // of parsed JSON, as the others
    case "replace":
      if (value === undefined || before === undefined) return `${place} lacks before or value`;
      return { kind, path, before: before as JsonValue, value: value as JsonValue };
    case "move":
      if (typeof to !== "number" || !Number.isSafeInteger(to) || to < 0)
        return `${place}.to is no index`;
      return { kind, path, to };
    default:
      return `${place}.kind is none of add, remove, replace, move`;
  }
}

function isPath(value: unknown): value is Path {
  return (
    Array.isArray(value) &&
    value.every(
      (part: unknown) =>
        typeof part === "string" ||
        (typeof part === "number" && Number.isSafeInteger(part) && part >= 0),
    )
  );
}
