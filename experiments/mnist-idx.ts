/**
 * The experiment `mnist` on the IDX files in which MNIST is handed out. They are not part of the repository:
 * `pnpm exp experiments/mnist-idx.ts data.path=<folder of the two files>`. One pair of files is split into all parts.
 */
import { extend, required } from "lockstep";
import mnist from "./mnist.ts";

export default extend(mnist, {
  data: {
    kind: "idx",
    split: { test: 0.2 }, // and a tenth for validation, which is the default
    path: required(), // the folder of the files
    files: {
      train: { images: "t10k-images-idx3-ubyte.gz", labels: "t10k-labels-idx1-ubyte.gz" },
    },
  },
});
