/** What must hold between the sizes of a transformer and its data. */
import { ExpError, type ConfigIssue } from "../core/errors.ts";

/** The sizes of a config that depend on each other or on the data. */
interface Sizes {
  readonly hiddenSize: number;
  readonly numHeads: number;
  readonly contextLength: number;
}

/**
 * Refuses heads that do not divide the width, and sequences that are longer than the model has positions.
 * @throws {ExpError} `config` with both where both are wrong.
 */
export function checkSizes(config: Sizes, input: { readonly sequenceLength: number }): void {
  const issues: ConfigIssue[] = [];
  if (config.hiddenSize % config.numHeads !== 0) {
    issues.push({
      path: ["model", "hiddenSize"],
      message: `Expected a multiple of model.numHeads, which is ${config.numHeads}.`,
      value: String(config.hiddenSize),
    });
  }
  if (input.sequenceLength > config.contextLength) {
    issues.push({
      path: ["data", "sequenceLength"],
      message: `The model has positions for ${config.contextLength} tokens only (model.contextLength).`,
      value: String(input.sequenceLength),
    });
  }
  if (issues.length > 0) throw modelMismatch(issues, "Change one of the two values.");
}

/** The error of a model that does not fit the data. */
export function modelMismatch(issues: readonly ConfigIssue[], hint: string): ExpError {
  return new ExpError("config", "The model does not fit the data.", { issues, hint });
}
