/** Documents of comparisons that somebody else wrote, read so that nothing but what their schemas allow comes in. */
import { z } from "zod";
import { ExpError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { parsePath } from "../../core/path.ts";
import type { ConfigChange } from "../configs.ts";
import type { DiffReport, ExperimentDiff } from "../report.ts";
import type { SourceChange } from "../source/change.ts";
import { ciDocument, type CiDocument } from "./ci-document.ts";
import {
  diffDocument,
  type ChangeDocument,
  type DefinitionDocument,
  type DiffDocument,
  type ExperimentDocument,
  type SourceChangeDocument,
} from "./diff-document.ts";

const schemas = { diff: diffDocument, ci: ciDocument };

/** The JSON Schema of a document, draft 2020-12. */
export function documentSchema(name: "diff" | "ci"): JsonObject {
  const made = JSON.parse(JSON.stringify(z.toJSONSchema(schemas[name]))) as JsonObject;
  return { title: `lockstep/${name}/1`, ...made };
}

/**
 * A value as the document of `exp diff --json`.
 * @param place - Of the document, for the error.
 * @throws {ExpError} `usage` with all that is wrong with it.
 */
export function readDiffDocument(value: unknown, place: string): DiffDocument {
  return read(diffDocument, value, place);
}

/**
 * A value as the document of `exp ci`.
 * @param place - Of the document, for the error.
 * @throws {ExpError} `usage` with all that is wrong with it.
 */
export function readCiDocument(value: unknown, place: string): CiDocument {
  return read(ciDocument, value, place);
}

const maxIssues = 20;

function read<Document>(schema: z.ZodType<Document>, value: unknown, place: string): Document {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issues = result.error.issues.slice(0, maxIssues).map(({ path, message }) => ({
    path: path.map((part) => (typeof part === "symbol" ? String(part) : part)),
    message,
  }));
  const { format } = Object(value) as { readonly format?: unknown };
  const found = typeof format === "string" ? `, its format is ${JSON.stringify(format)}` : "";
  throw new ExpError("usage", `${place} is not what this version of exp writes${found}.`, {
    issues,
    hint: "Write it anew with the same version of Lockstep.",
  });
}

/** The report that a document was made from. */
export function reportIn(document: DiffDocument): DiffReport {
  const { before, after, sides, sources, experiments } = document;
  return {
    before,
    after,
    ...(sides !== undefined && { sides }),
    ...(sources !== undefined && {
      sources: {
        definitions: sources.definitions.map(definitionIn),
        experiments: { ...sources.experiments, common: [] },
      },
    }),
    ...(experiments !== undefined && { experiments: experiments.map(experimentIn) }),
  };
}

function definitionIn({
  changes,
  ...rest
}: DefinitionDocument): NonNullable<DiffReport["sources"]>["definitions"][number] {
  return { ...rest, changes: changes.map(sourceChangeIn) };
}

function sourceChangeIn({ path, before, after, ...rest }: SourceChangeDocument): SourceChange {
  const written = ({
    text,
    file,
    line,
  }: NonNullable<SourceChangeDocument["before"]>): NonNullable<SourceChange["before"]> => ({
    text,
    at: { file, line },
  });
  return {
    ...rest,
    path: path === "" ? [] : (parsePath(path) ?? [path]),
    ...(before !== undefined && { before: written(before) }),
    ...(after !== undefined && { after: written(after) }),
  };
}

function experimentIn(experiment: ExperimentDocument): ExperimentDiff {
  const { name } = experiment;
  if ("problem" in experiment) {
    const { problem, isOnBothSides } = experiment;
    return { name, problem, ...(isOnBothSides && { isOnBothSides }) };
  }
  const { numRuns, axes, numCompared, changes } = experiment;
  return { name, diff: { numRuns, axes, numCompared, changes: changes.map(changeIn) } };
}

function changeIn(document: ChangeDocument): ConfigChange {
  // The path as a text is for people who read the JSON; shown is the path itself.
  const { class: kind, origin, numRuns, text: _, ...operation } = document;
  return {
    operation,
    class: kind,
    ...(origin !== undefined && { origin }),
    ...(numRuns !== undefined && { numRuns }),
  };
}
