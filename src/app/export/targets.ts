/** The tools that runs are sent to one by one, by the words that `--to` has for them. */
import { loadLater } from "../../core/load-later.ts";
import type { RequestTools } from "../../track/mlflow/client.ts";
import type { ViewTools } from "../../track/run-view.ts";
import type { Target } from "../../track/target.ts";
import { patientRequests } from "./patient-requests.ts";

/** What a target is made with. */
export interface TargetOptions extends ViewTools {
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Where files go, absolute; throws `usage` where none is named and there is no default. */
  readonly folder: (byDefault?: string) => string;
  readonly server: ServerChoice;
  /** The command that sends what is missing of a run; told where something of it did not arrive. */
  readonly command?: (runName: string) => string;
  /** How requests get out. Default: patiently, since somebody waits for the end. */
  readonly requests?: RequestTools;
  /** Told what is waited for, where that takes seconds. */
  readonly onWait?: ((text: string) => void) | undefined;
}

/** What is said of a server that runs are sent to. */
export interface ServerChoice {
  /** Without it, the server that the tool's own variables name. */
  readonly url?: string | undefined;
  /** Of MLflow; the project of W&B and Trackio. */
  readonly experiment?: string | undefined;
  /** The weights are sent too. */
  readonly checkpoints?: boolean | undefined;
}

const targets = {
  tensorboard: async ({ files, now, folder }: TargetOptions): Promise<Target> => {
    const { createTensorboardTarget } = await loadLater(
      import.meta.url,
      "../../track/tensorboard/target",
      () => import("../../track/tensorboard/target.ts"),
    );
    return createTensorboardTarget({ files, now, folder: folder() });
  },
  hf: async ({ files, folder }: TargetOptions): Promise<Target> => {
    const { createHuggingFaceTarget } = await loadLater(
      import.meta.url,
      "../../track/huggingface/target",
      () => import("../../track/huggingface/target.ts"),
    );
    return createHuggingFaceTarget({ files, folder: folder() });
  },
  mlflow: async (options: TargetOptions): Promise<Target> => {
    const { files, now, environment, server, command } = options;
    const [{ createMlflowTarget }, { mlflowAccess, mlflowExperiment }] = await Promise.all([
      loadLater(
        import.meta.url,
        "../../track/mlflow/target",
        () => import("../../track/mlflow/target.ts"),
      ),
      loadLater(
        import.meta.url,
        "../../track/mlflow/settings",
        () => import("../../track/mlflow/settings.ts"),
      ),
    ]);
    return createMlflowTarget({
      access: mlflowAccess(environment, server.url),
      experiment: mlflowExperiment(environment, server.experiment),
      artifacts: { checkpoints: server.checkpoints === true },
      command,
      files,
      now,
      tools: options.requests ?? patientRequests(options.onWait),
    });
  },
  trackio: async ({ files, now, environment, folder, server }: TargetOptions): Promise<Target> => {
    const { createTrackioTarget, trackioFolder } = await loadLater(
      import.meta.url,
      "../../track/trackio/target",
      () => import("../../track/trackio/target.ts"),
    );
    const place = folder(trackioFolder(environment));
    return createTrackioTarget({ files, now, folder: place, project: server.experiment });
  },
  wandb: async ({ files, now, environment, folder, server }: TargetOptions): Promise<Target> => {
    const [{ createWandbTarget }, { wandbSettings }] = await Promise.all([
      loadLater(
        import.meta.url,
        "../../track/wandb/target",
        () => import("../../track/wandb/target.ts"),
      ),
      loadLater(
        import.meta.url,
        "../../track/wandb/settings",
        () => import("../../track/wandb/settings.ts"),
      ),
    ]);
    const settings = wandbSettings(environment);
    const project = server.experiment ?? settings.project;
    return createWandbTarget({
      ...settings,
      files,
      now,
      folder: folder(settings.folder),
      project,
    });
  },
};

/** A word of `--to` that means one of them. */
export type TargetKind = keyof typeof targets;

/** All of them. */
export const targetKinds: readonly string[] = Object.keys(targets);

/** Tells whether a word means one of them. */
export function isTargetKind(word: string): word is TargetKind {
  return Object.hasOwn(targets, word);
}

/**
 * The target of a word.
 * @throws {ExpError} `usage` where what it needs was not given.
 */
export function createTarget(kind: TargetKind, options: TargetOptions): Promise<Target> {
  return targets[kind](options);
}
