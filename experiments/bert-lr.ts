/** Three learning rates for a tiny BERT on spam: the sweep of `make train`. */
import { choice, derived, extend } from "lockstep";
import baseline from "./baseline.ts";
import { model } from "./presets/model.ts";

export default extend(baseline, model["bert-tiny"], {
  description: "Spam or real mail, from the first 63 tokens of subject and body.",
  data: { sequenceLength: 64 },
  optimizer: { kind: "adamw", learningRate: choice(1e-4, 3e-4, 1e-3) },
  schedule: {
    kind: "linear",
    warmupSteps: derived((c) => Math.ceil(0.1 * (c.training.numSteps ?? 0))),
  },
  training: { numSteps: 450 }, // three passes over the 4,751 mails
});
