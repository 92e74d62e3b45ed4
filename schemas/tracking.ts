/** The tools that show runs while they go on, as `tracking` of every task names them. */
import { z } from "zod";
import { field } from "../src/core/marks.ts";

/** A label that the tools take as it stands. */
const toolName = z.string().min(1).max(250);

/** An address as it may stand in a config, which is stored and sent: nobody's password is in it. */
const serverAddress = z
  .string()
  .max(2_000)
  .regex(
    /^https?:\/\/[^\s/@?#]+(?:\/[^\s@?#]*)?$/u,
    "an address that begins with http:// or https://, without user and password: those are MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD",
  );

const mlflow = z.strictObject({
  kind: z.literal("mlflow"),
  /** Address of the server; without it that of `MLFLOW_TRACKING_URI`. */
  url: serverAddress.optional(),
  /** Its experiment; without it `MLFLOW_EXPERIMENT_NAME`, else the name of the experiment's file. */
  experiment: toolName.optional(),
  /** The weights are sent too, when the run ends. */
  checkpoints: z.boolean().default(false),
});

/** A folder, relative to the file that names it. */
const folder = z
  .string()
  .min(1)
  .optional()
  .meta(field({ location: {} }));

const wandb = z.strictObject({
  kind: z.literal("wandb"),
  /** Its project; without it `WANDB_PROJECT`, else the name of the experiment's file. */
  project: toolName.optional(),
  /** The folder in which `wandb/` lies; without it `WANDB_DIR`, else the project's. */
  directory: folder,
});

const trackio = z.strictObject({
  kind: z.literal("trackio"),
  /** Its project; without it the name of the experiment's file. */
  project: toolName.optional(),
  /** Trackio's own folder; without it `TRACKIO_DIR`, else the one that Trackio uses. */
  directory: folder,
});

const csv = z.strictObject({
  kind: z.literal("csv"),
  /** The folder of `runs.csv` and `curves.csv`; without it `tables` beside the folder of the runs. */
  to: folder,
});

const parquet = z.strictObject({
  kind: z.literal("parquet"),
  /** The folder of `runs.parquet` and `curves.parquet`; without it `tables` beside the folder of the runs. */
  to: folder,
});

const hf = z.strictObject({
  kind: z.literal("hf"),
  /** The folder of the models' folders; without it `models` beside the folder of the runs. */
  to: folder,
});

/** A tool by its name alone, which its own variables say the rest of, or with what is said of it here. */
export const trackingTool = z.union([
  z.enum(["tensorboard", "mlflow", "wandb", "trackio", "csv", "parquet", "hf"]),
  z.discriminatedUnion("kind", [mlflow, wandb, trackio, csv, parquet, hf]),
]);

/** The field of the envelope. */
export const trackingTools = z
  .array(trackingTool)
  .max(20)
  .meta(field({ mark: "operation" }));

/** A field that may be left out is left out, not set to `undefined`. */
type WithoutUndefined<T> = T extends object ? { [K in keyof T]: Exclude<T[K], undefined> } : T;

/** What `tracking` may be: also that of `lockstep.config.ts`, which holds for all experiments that name no tools. */
export type Tracking = WithoutUndefined<z.input<typeof trackingTool>>[];
