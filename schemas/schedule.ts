/** How the learning rate moves over the optimizer steps. Every schedule can begin with a linear warm-up. */
import { z } from "zod";
import { field } from "../src/core/marks.ts";
import { named } from "../src/core/named.ts";

const warmup = {
  /** Steps over which the rate rises from 0 to its full value. */
  warmupSteps: z
    .int()
    .min(0)
    .optional()
    .meta(field({ unit: "steps" })),
  /** The same as a share of all steps, rounded up. */
  warmupFraction: z.number().min(0).max(1).optional(),
};
const oneWarmup = field({ atMostOneOf: [["warmupSteps", "warmupFraction"]] });

const constantFields = z
  .strictObject({
    /** The full rate at every step after the warm-up. */
    kind: z.literal("constant"),
    ...warmup,
  })
  .meta(oneWarmup);
export interface ConstantConfig extends z.output<typeof constantFields> {}
export interface ConstantInput extends z.input<typeof constantFields> {}

const linearFields = z
  .strictObject({
    /** Falls to 0 in a straight line. */
    kind: z.literal("linear"),
    ...warmup,
  })
  .meta(oneWarmup);
export interface LinearConfig extends z.output<typeof linearFields> {}
export interface LinearInput extends z.input<typeof linearFields> {}

const cosineFields = z
  .strictObject({
    /** Follows a cosine; half a cycle falls to 0 (Loshchilov & Hutter, 2017). */
    kind: z.literal("cosine"),
    ...warmup,
    /** Periods of the cosine between warm-up and end. */
    numCycles: z.number().gt(0).max(1_000).default(0.5),
  })
  .meta(oneWarmup);
export interface CosineConfig extends z.output<typeof cosineFields> {}
export interface CosineInput extends z.input<typeof cosineFields> {}

const constantSchema = named<ConstantConfig, ConstantInput>(constantFields);
const linearSchema = named<LinearConfig, LinearInput>(linearFields);
const cosineSchema = named<CosineConfig, CosineInput>(cosineFields);

export const scheduleSchemas = [constantSchema, linearSchema, cosineSchema] as const;
