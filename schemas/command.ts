/** The config of the `command` task: a program of any kind, what it reads, and how its figures are taken back. */
import { z } from "zod";
import { field } from "../src/core/marks.ts";
import { secretField } from "../src/core/secret-field.ts";
import { envelopeFields } from "./envelope.ts";

const location = field({ mark: "location", location: {} });
const locations = field({ mark: "location" });
const operation = field({ mark: "operation" });

const metricsSchema = z.strictObject({
  /** Lines of standard output that begin so hold a JSON object of figures; `null` takes none from there. */
  prefix: z.string().min(1).nullable().default("metrics: "),
  /** What a line of figures that cannot be read does: a warning with its text, or the end of the run. */
  onInvalid: z.enum(["warn", "fail"]).default("warn"),
});

export const commandSchema = z.strictObject({
  ...envelopeFields,
  /**
   * Program and arguments; no shell reads them. `{config}`, `{runDirectory}`, `{seed}`, `{files[0]}` and
   * `{parameters.lr}` stand for paths and values.
   */
  command: z.array(z.string()).min(1),
  /** Programs and data that the program reads; their bytes are part of the identity. A folder means all files in it. */
  files: z.array(z.string().min(1).meta(location)).default([]).meta(locations),
  /** Where the program starts; the project's folder where nothing is said. */
  workingDirectory: z.string().min(1).default(".").meta(location),
  /** Whatever the program is to be told, as JSON: axes, derived values and overrides reach every path in it. */
  parameters: z.record(z.string(), z.json()).default({}),
  /** Environment variables of the program, over the inherited ones and those of Lockstep; a value may be a `secret(…)`. */
  environment: z
    .record(z.string().regex(/^[^=\0]+$/), z.union([z.string(), secretField()]))
    .default({}),
  /** Threads that numeric libraries may use. Their number changes the order of sums, so it is part of the identity. */
  threads: z.int().min(1).max(1024).default(1),
  /** How figures come back. */
  metrics: metricsSchema.prefault({}),
  /** How long the program may take, in seconds; `null` for as long as it likes. */
  timeoutSeconds: z.number().positive().max(2_000_000).nullable().default(null).meta(operation),
  /** How long the program may take to end after a signal, in seconds; then it is killed. */
  graceSeconds: z.number().min(0).max(86_400).default(10).meta(operation),
  /** The figure that ranks the runs of a sweep. */
  selection: z
    .strictObject({
      /** One that the program reports, such as `validation.accuracy`. */
      metric: z.string().min(1),
      /** Whether more or less of it is better. */
      direction: z.enum(["max", "min"]).default("max"),
    })
    .optional()
    .meta(operation),
});

/** A resolved config of the `command` task. */
export interface CommandConfig extends z.output<typeof commandSchema> {}

/** What may be written for the `command` task. */
export interface CommandInput extends z.input<typeof commandSchema> {}
