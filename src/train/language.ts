/**
 * The functions of the built-in training task under their own names. They are no wrappers: an error or an origin names
 * the call in the experiment, not one in here.
 */
import type { TrainingConfig, TrainingInput } from "../../schemas/training.ts";
import type { AnyCombinators } from "../config/space-types.ts";
import * as spaces from "../config/spaces.ts";
import type { Task } from "../config/task-types.ts";
import { training } from "./task.ts";

type TrainingLanguage = Task<TrainingConfig, TrainingInput>;
/** Combinators fit every task: they are typed by the call that they stand in, and by this task where there is none. */
type Combinators = AnyCombinators<TrainingConfig, TrainingInput>;

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

/** One run for each named change: `variants({ small: {…}, large: {…} })`, or `variants("size", {…})`. */
export const variants: Combinators["variants"] = spaces.variants;

/** All axes inside advance together: `zip({ seed: choice(1, 2), training: { batchSize: choice(8, 16) } })`. */
export const zip: Combinators["zip"] = spaces.zip;

/** All layers, one after the other, as one layer: every combination of their axes. */
export const product: Combinators["product"] = spaces.product;

/** The runs of the first layer, then those of the second, and so on. */
export const concat: Combinators["concat"] = spaces.concat;

/** Layers, axes included, only in runs whose config before them meets a condition. */
export const when: Combinators["when"] = spaces.when;

/** Only runs whose whole config meets a condition: `filter((c) => c.model.numHeads > 2)`. */
export const filter: Combinators["filter"] = spaces.filter;

/** The same with several seeds: `repeat(3)` has 0, 1 and 2. */
export const repeat: Combinators["repeat"] = spaces.repeat;
