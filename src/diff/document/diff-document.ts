/** The document of `exp diff --json`, as a schema that refuses unknown fields. */
import { z } from "zod";
import type { JsonValue } from "../../core/json.ts";
import type { SideFacts } from "../report.ts";
import type { ChangedThing } from "../source/change.ts";
import type { Operation } from "../value/operations.ts";

/** A change of one value: its operation, the path as a text, and what is known about it. */
export type ChangeDocument = Operation & {
  readonly text: string;
  readonly class: "result" | "handling";
  readonly origin?: string;
  readonly numRuns?: number;
};

export interface AxisDocument {
  readonly name: string;
  readonly before?: readonly JsonValue[];
  readonly after?: readonly JsonValue[];
  readonly instead?: JsonValue;
}

/** One experiment: what it resolves to differently, or why that is not known. */
export type ExperimentDocument =
  | {
      readonly name: string;
      readonly numRuns: { readonly before: number; readonly after: number };
      readonly numCompared: number;
      readonly axes: readonly AxisDocument[];
      readonly changes: readonly ChangeDocument[];
    }
  | { readonly name: string; readonly problem: string; readonly isOnBothSides: boolean };

export interface WrittenDocument {
  readonly text: string;
  readonly file: string;
  readonly line: number;
}

/** One thing that sources say differently. */
export interface SourceChangeDocument {
  readonly path: string;
  readonly thing: ChangedThing;
  readonly before?: WrittenDocument;
  readonly after?: WrittenDocument;
  readonly unknown?: string;
}

export interface DefinitionDocument {
  readonly name: string;
  readonly status: "added" | "removed" | "renamed" | "changed";
  readonly formerName?: string;
  readonly at: { readonly file: string; readonly line: number };
  readonly changes: readonly SourceChangeDocument[];
  readonly reaches: readonly string[];
}

export interface DiffDocument {
  readonly format: "lockstep/diff/1";
  readonly before: string;
  readonly after: string;
  readonly isSame: boolean;
  readonly sides?: { readonly before: SideFacts; readonly after: SideFacts };
  readonly sources?: {
    readonly definitions: readonly DefinitionDocument[];
    readonly experiments: {
      readonly count: number;
      readonly added: readonly string[];
      readonly removed: readonly string[];
    };
  };
  readonly experiments?: readonly ExperimentDocument[];
}

const anyJson: z.ZodType<JsonValue> = z.json();

/** How many of something. */
export const count: z.ZodInt = z.int().min(0);

const line = z.int().min(1);
const texts = z.array(z.string());
const path = z.array(z.union([z.string(), z.int().min(0)]));

const place = {
  path,
  text: z.string(),
  item: z.strictObject({ field: z.string(), name: z.string() }).exactOptional(),
  class: z.enum(["result", "handling"]),
  origin: z.string().exactOptional(),
  numRuns: z.int().min(1).exactOptional(),
};

const change = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("add"), ...place, value: anyJson }),
  z.strictObject({ kind: z.literal("remove"), ...place, value: anyJson }),
  z.strictObject({ kind: z.literal("replace"), ...place, before: anyJson, value: anyJson }),
  z.strictObject({ kind: z.literal("move"), ...place, to: count }),
]);

const axis = z.strictObject({
  name: z.string(),
  before: z.array(anyJson).exactOptional(),
  after: z.array(anyJson).exactOptional(),
  instead: anyJson.exactOptional(),
});

const experiment = z.union([
  z.strictObject({
    name: z.string(),
    numRuns: z.strictObject({ before: count, after: count }),
    numCompared: count,
    axes: z.array(axis),
    changes: z.array(change),
  }),
  z.strictObject({ name: z.string(), problem: z.string(), isOnBothSides: z.boolean() }),
]);

const written = z.strictObject({ text: z.string(), file: z.string(), line });

const sourceChange = z.strictObject({
  path: z.string(),
  thing: z.enum(["value", "axis", "derived", "layer", "code", "unknown"]),
  before: written.exactOptional(),
  after: written.exactOptional(),
  unknown: z.string().exactOptional(),
});

const definition = z.strictObject({
  name: z.string(),
  status: z.enum(["added", "removed", "renamed", "changed"]),
  formerName: z.string().exactOptional(),
  at: z.strictObject({ file: z.string(), line }),
  changes: z.array(sourceChange),
  reaches: texts,
});

const sources = z.strictObject({
  definitions: z.array(definition),
  experiments: z.strictObject({ count, added: texts, removed: texts }),
});

const hash = z.string().regex(/^[0-9a-f]{64}$/u);

const side = z.strictObject({
  kind: z.enum(["experiment", "run", "config", "plan", "preset", "revision", "working tree"]),
  name: z.string(),
  revision: z.string().exactOptional(),
  runKey: hash.exactOptional(),
  configHash: hash.exactOptional(),
});

/** The schema of that document. */
export const diffDocument: z.ZodType<DiffDocument> = z.strictObject({
  format: z.literal("lockstep/diff/1"),
  before: z.string(),
  after: z.string(),
  isSame: z.boolean(),
  sides: z.strictObject({ before: side, after: side }).exactOptional(),
  sources: sources.exactOptional(),
  experiments: z.array(experiment).exactOptional(),
});
