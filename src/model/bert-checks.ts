/** What must hold between BERT's config and the data, checked before anything is built. */
import type { BertConfig } from "../../schemas/model.ts";
import { ExpError, type ConfigIssue } from "../core/errors.ts";
import type { ModelFacts, ModelInput } from "./model.ts";

/**
 * The facts about the text that the model is built for.
 * @throws {ExpError} `config` with all that does not fit.
 */
export function checkBert(
  config: BertConfig,
  facts: ModelFacts,
): Extract<ModelInput, { readonly kind: "tokens" }> {
  const { input } = facts;
  if (input.kind !== "tokens") {
    const message = "bert reads text, and the data has numeric features.";
    throw mismatch(
      [{ path: ["model", "kind"], message, value: '"bert"' }],
      "Choose model.kind=mlp for features.",
    );
  }
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
  if (issues.length > 0) throw mismatch(issues, "Change one of the two values.");
  return input;
}

function mismatch(issues: readonly ConfigIssue[], hint: string): ExpError {
  return new ExpError("config", "The model does not fit the data.", { issues, hint });
}
