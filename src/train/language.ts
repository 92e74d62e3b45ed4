/**
 * The functions of the built-in training task under their own names. They are no wrappers: an error or an origin names
 * the call in the experiment, not one in here.
 */
import type { TrainingConfig, TrainingInput } from "../../schemas/training.ts";
import type { Task } from "../config/task-types.ts";
import { training } from "./task.ts";

type TrainingLanguage = Task<TrainingConfig, TrainingInput>;

/** An experiment from a whole config of the training task; further layers as in `extend`. */
export const defineConfig: TrainingLanguage["defineConfig"] = training.defineConfig;

/** An experiment that changes another: objects merge, lists and scalars replace, later layers win. */
export const extend: TrainingLanguage["extend"] = training.extend;

/** A reusable part of a training config. */
export const fragment: TrainingLanguage["fragment"] = training.fragment;

/** Named alternatives for one field, at any depth: `presets("model", { "bert-tiny": {…} })`, used as `model["bert-tiny"]`. */
export const presets: TrainingLanguage["presets"] = training.presets;

/** Named changes of any part of a config: `profiles("run", { dryrun: {…} })`, used as `run.dryrun` or `run=dryrun`. */
export const profiles: TrainingLanguage["profiles"] = training.profiles;

/** A check across fields, kept by everything that extends the definition: `rule("claim", (c) => …)`. */
export const rule: TrainingLanguage["rule"] = training.rule;

/** A short name for a path on the command line: `alias("wd", "optimizer.weightDecay")`. */
export const alias: TrainingLanguage["alias"] = training.alias;

/** A former name of a path: `deprecated("train.lr", "optimizer.learningRate")`. */
export const deprecated: TrainingLanguage["deprecated"] = training.deprecated;
