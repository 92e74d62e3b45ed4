/**
 * How the learning rate moves over the optimizer steps. Every schedule can begin with a warm-up; progress through the
 * schedule is counted from its end.
 */
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

const fraction = z.number().min(0).lt(1);
const lowest = {
  /** Where the rate falls to, as a share of the full rate. */
  minimumFraction: fraction.default(0).meta(field({ omitFromIdentity: 0 })),
};

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
    /** Falls in a straight line. */
    kind: z.literal("linear"),
    ...warmup,
    ...lowest,
  })
  .meta(oneWarmup);
export interface LinearConfig extends z.output<typeof linearFields> {}
export interface LinearInput extends z.input<typeof linearFields> {}

const cosineFields = z
  .strictObject({
    /** Follows a cosine; half a cycle falls to the lowest rate (Loshchilov & Hutter, 2017). */
    kind: z.literal("cosine"),
    ...warmup,
    /** Periods of the cosine between warm-up and end: it falls for half of each and rises again for the other half. */
    numCycles: z.number().gt(0).max(1_000).default(0.5),
    ...lowest,
  })
  .meta(oneWarmup);
export interface CosineConfig extends z.output<typeof cosineFields> {}
export interface CosineInput extends z.input<typeof cosineFields> {}

const cosineRestartsFields = z
  .strictObject({
    /** Falls along half a cosine again and again, and begins each time at the full rate (SGDR; Loshchilov & Hutter, 2017). */
    kind: z.literal("cosineRestarts"),
    ...warmup,
    /** How often it falls between warm-up and end. */
    numCycles: z.int().min(1).max(1_000),
    /** How much longer each fall takes than the one before. */
    cycleGrowth: z.number().min(1).max(100).default(1),
    ...lowest,
  })
  .meta(oneWarmup);
export interface CosineRestartsConfig extends z.output<typeof cosineRestartsFields> {}
export interface CosineRestartsInput extends z.input<typeof cosineRestartsFields> {}

const polynomialFields = z
  .strictObject({
    /** Falls as a power of what is left of the run. */
    kind: z.literal("polynomial"),
    ...warmup,
    /** The exponent: 1 is a straight line, 2 falls fast first and slowly towards the end. */
    power: z.number().gt(0).max(100).default(2),
    ...lowest,
  })
  .meta(oneWarmup);
export interface PolynomialConfig extends z.output<typeof polynomialFields> {}
export interface PolynomialInput extends z.input<typeof polynomialFields> {}

const stepFields = z
  .strictObject({
    /** Falls by a factor, at equal intervals or at given steps. */
    kind: z.literal("step"),
    ...warmup,
    /** Steps between two falls, counted from the end of the warm-up. */
    interval: z
      .int()
      .min(1)
      .optional()
      .meta(field({ unit: "steps" })),
    /** Steps of the run after each of which it falls, from the first to the last. */
    milestones: z
      .array(z.int().min(1))
      .min(1)
      .max(10_000)
      .optional()
      .meta(field({ unit: "steps" })),
    /** What is left of the rate after a fall. */
    factor: z.number().gt(0).lt(1).default(0.1),
  })
  .meta(
    field({
      atMostOneOf: [["warmupSteps", "warmupFraction"]],
      exactlyOneOf: [["interval", "milestones"]],
    }),
  );
export interface StepConfig extends z.output<typeof stepFields> {}
export interface StepInput extends z.input<typeof stepFields> {}

const oneCycleFields = z
  .strictObject({
    /** Rises once and falls once, below where it began (Smith & Topin, 2018). The warm-up is its rise: 30 % of all steps. */
    kind: z.literal("oneCycle"),
    ...warmup,
    /** The rate of the first step, as a share of the full rate. */
    initialFraction: fraction.default(0.04),
    /** The rate of the last step, as a share of the full rate. */
    minimumFraction: fraction.default(4e-6),
    /** The form of rise and fall. */
    annealing: z.enum(["cosine", "linear"]).default("cosine"),
  })
  .meta(oneWarmup);
export interface OneCycleConfig extends z.output<typeof oneCycleFields> {}
export interface OneCycleInput extends z.input<typeof oneCycleFields> {}

const constantSchema = named<ConstantConfig, ConstantInput>(constantFields);
const linearSchema = named<LinearConfig, LinearInput>(linearFields);
const cosineSchema = named<CosineConfig, CosineInput>(cosineFields);
const cosineRestartsSchema = named<CosineRestartsConfig, CosineRestartsInput>(cosineRestartsFields);
const polynomialSchema = named<PolynomialConfig, PolynomialInput>(polynomialFields);
const stepSchema = named<StepConfig, StepInput>(stepFields);
const oneCycleSchema = named<OneCycleConfig, OneCycleInput>(oneCycleFields);

export const scheduleSchemas = [
  constantSchema,
  linearSchema,
  cosineSchema,
  cosineRestartsSchema,
  polynomialSchema,
  stepSchema,
  oneCycleSchema,
] as const;
