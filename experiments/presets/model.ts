/** Models to choose from: `model["bert-tiny"]` in code, `model=bert-tiny` on the command line. */
import { presets } from "lockstep";

export const model = presets("model", {
  /** An epoch of the spam mails, 149 steps, takes about 15 s on two cores. */
  "bert-tiny": {
    kind: "bert",
    numLayers: 2,
    hiddenSize: 64,
    numHeads: 2,
    feedForwardSize: 256,
  },
  /** About 18 times the arithmetic of `bert-tiny`, for more data or a faster backend. */
  "bert-small": {
    kind: "bert",
    numLayers: 4,
    hiddenSize: 192,
    numHeads: 4,
    feedForwardSize: 768,
  },
  /** More dropout, for any BERT: `model=[bert-tiny,regularised]`. */
  regularised: { dropoutRate: 0.3 },
});
