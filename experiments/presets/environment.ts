/**
 * One experiment in three places, with what differs between them: `environment=dev`, `staging` or `prod` on the command
 * line; several in order, as in `environment=[staging,verbose]`.
 */
import { append, env, profiles } from "lockstep";

export const environment = profiles("environment", {
  /** A laptop: little data, small batches, runs that nobody keeps. */
  dev: {
    tags: append("dev"),
    runsDirectory: "../../runs/dev", // relative to this file
    data: { maxSamples: 1_000 },
    training: { batchSize: 16 },
    logging: { interval: 1 },
  },
  /** As in production, but beside it, and where the variable says: what a place decides enters as a recorded input. */
  staging: {
    tags: append("staging"),
    runsDirectory: env("LOCKSTEP_STAGING_RUNS", "../../runs/staging"),
    training: { batchSize: 32, gradientAccumulationSteps: 2 }, // half the memory for the same step of 64 examples
    checkpointing: { interval: 100 },
  },
  /** Everything that may be switched on is: clipping, early stopping, checkpoints to go on from. */
  prod: {
    tags: append("prod"),
    backend: "wasm",
    training: {
      batchSize: 64,
      maxGradNorm: 1,
      earlyStopping: { patience: 5 },
    },
    checkpointing: { interval: 50, keep: 5 },
  },
  /** Each step in the log. */
  verbose: { logging: { interval: 1 } },
});
