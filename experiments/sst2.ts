/**
 * Tells praise from blame in single sentences of film reviews (Stanford Sentiment Treebank, two classes). The files,
 * one `sentence<TAB>label` a row without header, are not part of the repository:
 * `pnpm exp experiments/sst2.ts data.path=<folder of the three files>`.
 */
import { extend, required } from "lockstep";
import baseline from "./baseline.ts";
import { model } from "./presets/model.ts";

export default extend(baseline, model["bert-tiny"], {
  description: "Praise or blame in a sentence.",
  data: {
    kind: "delimited",
    path: required(), // the folder of the files
    files: { train: "train.tsv", validation: "dev.tsv", test: "test.tsv" },
    delimiter: "\t",
    quoting: "none", // the sentences hold single quotation marks of all kinds
    header: false,
    columns: { text: 0, label: 1 },
    labels: ["0", "1"],
    sequenceLength: 40, // 97 of 100 sentences fit
  },
  tokenizer: { minFrequency: 2 }, // a word seen once only teaches that sentence
  model: { dropoutRate: 0.2 },
  optimizer: { learningRate: 3e-4 },
  schedule: { kind: "linear", warmupFraction: 0.1 },
  training: { numEpochs: 5, evaluationInterval: null },
});
