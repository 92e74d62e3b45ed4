/** The digits of `mnist` with a multi-layer perceptron, which sees pixels in no order at all. */
import { extend, replace } from "lockstep";
import mnist from "./mnist.ts";

export default extend(mnist, {
  model: replace({
    kind: "mlp",
    hiddenSizes: [256, 128],
    activation: "relu",
    dropoutRate: 0.2, // 7,000 images are few: without it, the last epochs only learn them by heart
  }),
  optimizer: { learningRate: 2e-3 },
  training: { numEpochs: 10, batchSize: 64 },
});
