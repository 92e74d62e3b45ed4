import type { z } from "zod";
import { formatPath, parsePath, type Path } from "../core/path.ts";
import { nearest } from "../core/suggest.ts";
import { describeValue } from "./misuse.ts";
import { schemaHasPath, schemaPaths } from "./schema-walk.ts";

/**
 * What is wrong with a short name for a path, as a sentence, or `undefined` for a good one.
 * @param alias - A path text that the schema itself does not use.
 * @param path - A path that the schema knows.
 */
export function aliasProblem(
  alias: unknown,
  path: unknown,
  schema: z.core.$ZodType,
): string | undefined {
  const from = pathOf(alias);
  if (!from) return `an alias is a name such as "lr", found ${describeValue(alias)}.`;
  return targetProblem(`alias ${formatPath(from)}`, { from, path, schema });
}

/**
 * What is wrong with a former name of a path, as a sentence, or `undefined` for a good one.
 * @param former - A path text that the schema does not use any more.
 * @param path - A path that the schema knows.
 */
export function deprecatedProblem(
  former: unknown,
  path: unknown,
  schema: z.core.$ZodType,
): string | undefined {
  const from = pathOf(former);
  if (!from)
    return `a deprecated path is a text such as "train.lr", found ${describeValue(former)}.`;
  return targetProblem(`deprecated ${formatPath(from)}`, { from, path, schema });
}

interface Target {
  readonly from: Path;
  readonly path: unknown;
  readonly schema: z.core.$ZodType;
}

function targetProblem(name: string, { from, path, schema }: Target): string | undefined {
  if (schemaHasPath(schema, from)) return `${name} is already a path of the schema.`;
  const to = pathOf(path);
  if (!to) return `${name} leads to ${describeValue(path)}, which is not a path.`;
  if (schemaHasPath(schema, to)) return undefined;
  const meant = nearest(formatPath(to), schemaPaths(schema));
  const suggestion = meant === undefined ? "" : ` Did you mean ${meant}?`;
  return `${name} leads to ${formatPath(to)}, which the schema does not know.${suggestion}`;
}

function pathOf(text: unknown): Path | undefined {
  if (typeof text !== "string" || text === "") return undefined;
  return parsePath(text);
}
