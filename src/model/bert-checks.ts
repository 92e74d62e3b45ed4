/** What must hold between BERT's config and the data, checked before anything is built. */
import type { BertConfig } from "../../schemas/model.ts";
import type { ModelFacts, ModelInput } from "./model.ts";
import { checkSizes, modelMismatch } from "./transformer-checks.ts";

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
    const [message, other] =
      input.kind === "language"
        ? ["bert tells classes of texts, and the data has none.", "gpt for characters"]
        : ["bert reads text, and the data has numeric features.", "mlp for features"];
    const issue = { path: ["model", "kind"], message, value: '"bert"' };
    throw modelMismatch([issue], `Choose model.kind=${other}.`);
  }
  checkSizes(config, input);
  return input;
}
