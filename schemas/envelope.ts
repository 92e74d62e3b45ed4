/** Fields that every task has around its own: labels, seeds, and how a run is executed. */
import { z } from "zod";
import { field } from "../src/core/marks.ts";
import { trackingTools } from "./tracking.ts";

const seedNumber = z.int().min(0).max(Number.MAX_SAFE_INTEGER);

/** A label that is safe in file names, tables and terminals. */
const label = z.string().max(200);

/** `noise`, `augmentation/flip`: what a stream is asked for by. Those that have a field here are set there. */
const purposeOfOnesOwn = z
  .string()
  .max(200)
  .regex(/^[^/]+(?:\/[^/]+)*$/u, "names joined by single slashes, as rng.stream() takes them")
  .refine((purpose) => !ownFields.has(purpose), {
    error: ({ input }) => `its own field is seeds.${String(input)}`,
  });

const ownFields: ReadonlySet<string> = new Set([
  "dataOrder",
  "initialization",
  "dropout",
  "augmentation",
  "sampling",
]);

const seedsSchema = z
  .strictObject({
    /** Order in which training examples are visited. */
    dataOrder: seedNumber.optional(),
    /** First values of the parameters. */
    initialization: seedNumber.optional(),
    /** Dropout masks. */
    dropout: seedNumber.optional(),
    /** Changes of examples while training: every stream whose purpose is `augmentation` or begins with `augmentation/`. */
    augmentation: seedNumber.optional(),
    /** Characters that a language model writes. */
    sampling: seedNumber.optional(),
    /** Purposes of one's own, by the name that `rng.stream()` is given; of several that fit, the longest holds. */
    own: z.record(purposeOfOnesOwn, seedNumber).optional(),
  })
  .meta(field({ mark: "seed" }));

/** Spread into a task's own `z.strictObject`. */
export const envelopeFields = {
  /** Shown in tables beside the experiment's name. */
  name: label.optional().meta(field({ mark: "label" })),
  /** What this experiment is for. */
  description: z
    .string()
    .max(10_000)
    .optional()
    .meta(field({ mark: "label" })),
  /** Words to find runs by. */
  tags: z
    .array(label)
    .default([])
    .meta(field({ mark: "label" })),
  /** What to do with the model: train one, measure one that is trained, or let it predict. */
  mode: z.enum(["train", "evaluate", "predict"]).default("train"),
  /** Root of every random number of the run; 0 is a seed like any other. */
  seed: seedNumber.default(0).meta(field({ mark: "seed" })),
  /** A seed of its own for one purpose, instead of one derived from `seed`. */
  seeds: seedsSchema.optional().meta(field({ mark: "seed" })),
  /**
   * The trained model that `evaluate` and `predict` use: a run (8 or more digits of its key, or its folder), of which the
   * best checkpoint is taken, or a .safetensors file in a run. Its bytes count in `dataHash`.
   */
  checkpoint: z
    .string()
    .min(1)
    .optional()
    .meta(field({ mark: "location", location: { orRun: true } })),
  /**
   * Where the arithmetic runs; `auto` takes `wasm`, whose bits are equal on every machine, and the plan records which.
   * `native` and `cuda` are installed with `exp backend install`.
   */
  backend: z
    .enum(["auto", "wasm", "native", "cuda", "cpu"])
    .default("auto")
    .meta(field({ mark: "operation" })),
  /**
   * Threads that compute a run; without it `LOCKSTEP_THREADS` decides, else all cores that the process may use (on `native`
   * one for a small model). Results do not depend on it; on `native` and `cuda` their last bits do.
   */
  threads: z
    .int()
    .min(1)
    .max(1_024)
    .optional()
    .meta(field({ mark: "operation", unit: "threads" })),
  /** What `Math.random` does while the task runs: throw, or draw from a generator derived from `seed`. */
  ambientRandomness: z.enum(["forbidden", "seeded"]).default("forbidden"),
  /**
   * Tools that show runs while they go on; without it `tracking` of `lockstep.config.ts`, else TensorBoard's files in the
   * run's own folder. An empty list means none. Results do not depend on it.
   */
  tracking: trackingTools.optional(),
  /** Folder of the runs, instead of `runs/` beside the nearest package.json. */
  runsDirectory: z
    .string()
    .min(1)
    .optional()
    .meta(field({ mark: "operation", location: {} })),
};
