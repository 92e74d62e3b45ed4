/** Models to choose from: `model["bert-tiny"]` in code, `model=bert-tiny` on the command line. */
import { presets } from "lockstep";

export const model = presets("model", {
  /** Half a million weights beside the embeddings; minutes on two cores. */
  "bert-tiny": {
    kind: "bert",
    numLayers: 2,
    hiddenSize: 128,
    numHeads: 2,
    feedForwardSize: 512,
  },
  /** About 4.5 times the arithmetic of `bert-tiny`, for more data. */
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
