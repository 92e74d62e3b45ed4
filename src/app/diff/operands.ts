/** What the words of `exp diff A B` name. */
import { resolve } from "node:path";
import { ExpError } from "../../core/errors.ts";
import { isRunPrefix, wrongDigitsHint } from "../../core/run-name.ts";
import type { ConfigSide } from "../../diff/configs.ts";
import type { SideFacts } from "../../diff/report.ts";
import { pathStatus } from "../../resolve/path-status.ts";
import { configFacts, originIn } from "../evaluate/config-facts.ts";
import { planSide, runSide, type SideContext } from "./config-sides.ts";
import { findConfig } from "./find-config.ts";
import { findPreset } from "./preset-side.ts";
import type { SourceTree } from "./source-sides.ts";

/** A module that is still to be resolved. */
export interface ModuleOperand {
  readonly kind: "module";
  readonly word: string;
  readonly facts: SideFacts;
  readonly tree: SourceTree;
  readonly file: string;
}

/** What has no source: a run, a config, a plan, a preset. */
export interface ConfigOperand {
  readonly kind: "config" | "preset";
  readonly word: string;
  readonly facts: SideFacts;
  readonly side: ConfigSide;
}

/** One side of a comparison of two. */
export type Operand = ModuleOperand | ConfigOperand;

/** How the words are written. */
export const usage =
  "exp diff main..HEAD, or exp diff A B with experiments, main:experiments/x.ts, runs, config hashes, plans or presets (model=bert-tiny).";

/**
 * What a word names: a file, `revision:file`, the digits of a run or config, a preset.
 * @throws {ExpError} `usage` for a word that names nothing, or several things.
 */
export async function operandOf(word: string, context: SideContext): Promise<Operand> {
  const { workingDirectory } = context;
  if (pathStatus(resolve(workingDirectory, word))?.isFile() === true) {
    if (word.endsWith(".json")) {
      const facts = { kind: "plan", name: word } as const;
      return { kind: "config", word, facts, side: planSide(word, context) };
    }
    const facts = { kind: "experiment", name: word } as const;
    return { kind: "module", word, facts, tree: { kind: "working tree" }, file: word };
  }
  const colon = word.indexOf(":");
  if (colon > 0) {
    const [name, file] = [word.slice(0, colon), word.slice(colon + 1)];
    const facts = { kind: "experiment", name: file, revision: name } as const;
    return { kind: "module", word, facts, tree: { kind: "revision", name }, file };
  }
  if (isRunPrefix(word)) return configOperand(word, context);
  const preset = await findPreset(word, workingDirectory);
  if (preset !== undefined) {
    const facts = { kind: "preset", name: preset.name } as const;
    return { kind: "preset", word, facts, side: preset.side };
  }
  throw new ExpError("usage", `${word} is no file, run, config, plan, preset or revision:file.`, {
    hint: wrongDigitsHint(word) ?? usage,
  });
}

async function configOperand(word: string, context: SideContext): Promise<ConfigOperand> {
  const found = await findConfig(word, context);
  if (found.kind === "run") {
    const { runKey, manifest } = found.published;
    const { configHash } = manifest.identities;
    const facts = { kind: "run", name: word, runKey, configHash } as const;
    return { kind: "config", word, facts, side: runSide(runKey, context) };
  }
  const { resolution, run } = found;
  const { configHash } = run;
  const facts = { kind: "config", name: resolution.experiment, configHash } as const;
  const side: ConfigSide = {
    runs: [{ ...configFacts(run), axisValues: {} }], // one config, whatever sweep it is a point of
    originOf: (_, path) => originIn(resolution, run, path),
  };
  return { kind: "config", word, facts, side };
}
