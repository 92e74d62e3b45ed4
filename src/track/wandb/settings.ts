/** What the variables of W&B say about where and whether runs are written. */
import { ExpError } from "../../core/errors.ts";

/** What is asked for. */
export interface WandbSettings {
  /** As it is named, perhaps relative. */
  readonly folder: string | undefined;
  readonly project: string | undefined;
  readonly entity: string | undefined;
  readonly isOnline: boolean;
}

/**
 * The settings that `wandb` reads too.
 * @throws {ExpError} `usage` where `WANDB_MODE` turns W&B off, or is none of its words.
 */
export function wandbSettings(
  variables: Readonly<Record<string, string | undefined>>,
): WandbSettings {
  const named = (name: string): string | undefined =>
    (variables[name] ?? "") === "" ? undefined : variables[name];
  const mode = named("WANDB_MODE") ?? "offline";
  if (mode === "disabled") {
    throw new ExpError("usage", "WANDB_MODE is disabled, so nothing is written for W&B.", {
      hint: "WANDB_MODE=offline exp export … writes it.",
    });
  }
  if (!["online", "offline", "shared"].includes(mode)) {
    throw new ExpError("usage", `WANDB_MODE is ${JSON.stringify(mode)}.`, {
      hint: "It is online, offline or disabled.",
    });
  }
  return {
    folder: named("WANDB_DIR"),
    project: named("WANDB_PROJECT"),
    entity: named("WANDB_ENTITY"),
    isOnline: mode !== "offline",
  };
}
