/** The config of the built-in training task: every path that an experiment may set. */
import { z } from "zod";
import { field } from "../src/core/marks.ts";
import { dataSchemas } from "./data.ts";
import { envelopeFields } from "./envelope.ts";
import { modelSchemas } from "./model.ts";
import { optimizerSchemas } from "./optimizer.ts";
import { scheduleSchemas } from "./schedule.ts";
import { tokenizerSchemas } from "./tokenizer.ts";

/** For fields that say how a model learns: an evaluation or prediction is the same whatever they are. */
export const learning = field({ onlyInModes: ["train"] });

const earlyStoppingSchema = z.strictObject({
  /** Evaluations without an improvement before the run ends. */
  patience: z
    .int()
    .min(1)
    .meta(field({ unit: "evaluations" })),
  /** Smallest change of the selection metric that counts as an improvement. */
  minDelta: z.number().min(0).default(0),
});

const movingAverageSchema = z.strictObject({
  /** Share of the average that a step keeps; the rest is the step's weights. */
  decay: z.number().gt(0).lt(1).default(0.999),
  /** The average begins with the weights of this step; until then it is what each step gives. */
  startStep: z
    .int()
    .min(1)
    .default(1)
    .meta(field({ unit: "steps" })),
});

const loopSchema = z
  .strictObject({
    /** Optimizer steps. */
    numSteps: z
      .int()
      .min(1)
      .max(1_000_000_000)
      .optional()
      .meta(field({ unit: "steps", onlyInModes: ["train"] })),
    /** Passes over the training part. */
    numEpochs: z
      .int()
      .min(1)
      .max(1_000_000)
      .optional()
      .meta(field({ unit: "epochs", onlyInModes: ["train"] })),
    /** Examples of one forward and backward pass. An optimizer step sees `gradientAccumulationSteps` times as many. */
    batchSize: z
      .int()
      .min(1)
      .max(1_000_000)
      .meta(field({ unit: "examples" })),
    /** Passes whose gradients one optimizer step adds up: 4 passes of 8 examples give the step of 1 pass of 32. */
    gradientAccumulationSteps: z.int().min(1).max(1_000_000).default(1).meta(learning),
    /**
     * Computes each layer of a transformer once more in the backward pass instead of keeping all that it computed: less
     * memory, the time of one more forward pass, the same bits.
     */
    gradientCheckpointing: z
      .boolean()
      .default(false)
      .meta(field({ mark: "operation", onlyInModes: ["train"] })),
    /** Gradients whose global L2 norm is larger are scaled down to it; `null` leaves them. */
    maxGradNorm: z.number().gt(0).nullable().default(null).meta(learning),
    /** Measures and keeps an average of the weights over the steps; `null` the weights of the last step. */
    exponentialMovingAverage: movingAverageSchema
      .nullable()
      .default(null)
      .meta(field({ omitFromIdentity: null, onlyInModes: ["train"] })),
    /** Share of each label that is spread evenly over all classes. */
    labelSmoothing: z.number().min(0).lt(1).default(0).meta(learning),
    /** Leave out the last batch of an epoch when it is not full. */
    dropLastBatch: z.boolean().default(false).meta(learning),
    /** Ends the run when the selection metric stops improving; `null` never does. */
    earlyStopping: earlyStoppingSchema.nullable().default(null).meta(learning),
    /** Optimizer steps between two evaluations; `null` evaluates after each epoch. The end is always evaluated. */
    evaluationInterval: z
      .int()
      .min(1)
      .nullable()
      .default(null)
      .meta(field({ unit: "steps", onlyInModes: ["train"] })),
  })
  .meta(field({ exactlyOneOf: [["numSteps", "numEpochs"]] }));

const selectionSchema = z.strictObject({
  /** Chooses the best checkpoint, the best run and the order of tables. Never a test metric. */
  metric: z
    .string()
    .regex(
      /^validation\.[a-zA-Z0-9_.]+$/,
      "a metric of the validation part, such as validation.accuracy",
    )
    .default("validation.accuracy"),
  /** Which values are better: `min` for `validation.loss`, `max` for all others. */
  direction: z.enum(["max", "min"]).default("max"),
});

/** How text is written. */
export const samplingSchema = z.strictObject({
  /** What the text begins with; it is not repeated in what was written. */
  prompt: z.string().min(1).max(100_000).default("\n"),
  /** Characters to write. */
  length: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(500)
    .meta(field({ unit: "characters" })),
  /** Divides the logits: below 1 the likely is likelier still, 0 always takes the likeliest. */
  temperature: z.number().min(0).max(100).default(1),
  /** Choose among so many likeliest characters; `null` among all. */
  topK: z.int().min(1).nullable().default(null),
  /** Texts to write, each with numbers of its own. */
  numSamples: z.int().min(1).max(1_000).default(1),
});
export interface SamplingConfig extends z.output<typeof samplingSchema> {}

const loggingSchema = z.strictObject({
  /** Optimizer steps between two lines of the training log. */
  interval: z
    .int()
    .min(1)
    .default(10)
    .meta(field({ unit: "steps" })),
});

const checkpointingSchema = z.strictObject({
  /** Optimizer steps between two numbered checkpoints; `null` keeps only `best` and `last`. */
  interval: z
    .int()
    .min(1)
    .nullable()
    .default(null)
    .meta(field({ unit: "steps" })),
  /** Numbered checkpoints that are kept, newest first. */
  keep: z.int().min(1).default(2),
});

/** The parts of the training schema that `training.with(...)` rebuilds with more members. */
export const trainingFields = {
  ...envelopeFields,
  /** Where the examples come from, and how they are split. */
  data: z.discriminatedUnion("kind", dataSchemas),
  /** Needed for text, refused for anything else. */
  tokenizer: z.discriminatedUnion("kind", tokenizerSchemas).optional(),
  /** What is trained. */
  model: z.discriminatedUnion("kind", modelSchemas),
  /** The update rule. */
  optimizer: z.discriminatedUnion("kind", optimizerSchemas).meta(learning),
  /** How the learning rate moves over the steps. */
  schedule: z
    .discriminatedUnion("kind", scheduleSchemas)
    .prefault({ kind: "constant" })
    .meta(learning),
  /** How long, and in which batches. */
  training: loopSchema,
  /** Which checkpoint and which run is best. */
  selection: selectionSchema.prefault({}).meta(learning),
  /** Text that the best model writes when training is done, and in `mode=predict`; for characters only. */
  sampling: samplingSchema.optional(),
  /** What is written while a run goes on. */
  logging: loggingSchema.prefault({}).meta(field({ mark: "operation" })),
  /** Which checkpoints are kept. */
  checkpointing: checkpointingSchema.prefault({}).meta(field({ mark: "operation" })),
};

export const trainingSchema = z.strictObject(trainingFields);
export interface TrainingConfig extends z.output<typeof trainingSchema> {}
export interface TrainingInput extends z.input<typeof trainingSchema> {}
