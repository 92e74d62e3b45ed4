/** The files of a new project. */

export interface NewProject {
  /** A name that npm accepts. */
  readonly name: string;
  /** Where Lockstep is installed from, as package.json writes it. */
  readonly lockstep: string;
}

/** The text of each file of a new project, by its path. */
export function projectFiles(project: NewProject): Readonly<Record<string, string>> {
  return {
    "package.json": packageJson(project),
    "tsconfig.json": tsconfig,
    ".gitignore": "node_modules/\nruns/*\n",
    "README.md": readme(project),
    "data/reviews.tsv": reviews(),
    "experiments/first.ts": first,
    "experiments/sweep.ts": sweep,
    "experiments/presets/model.ts": presets,
  };
}

/** Versions that Lockstep itself is checked with. */
const typescriptVersion = "6.0.3";
const nodeTypesVersion = "20.19.25";

function packageJson({ name, lockstep }: NewProject): string {
  const manifest = {
    name,
    private: true,
    type: "module",
    scripts: { exp: "exp", types: "tsc" },
    dependencies: { lockstep },
    devDependencies: { "@types/node": nodeTypesVersion, typescript: typescriptVersion },
  };
  return `${JSON.stringify(manifest, undefined, 2)}\n`;
}

const tsconfig = `{
  "compilerOptions": {
    "target": "es2023",
    "lib": ["es2023"],
    "types": ["node"],
    "module": "nodenext",
    "strict": true,
    "noUncheckedIndexedAccess": true,
    "exactOptionalPropertyTypes": true,
    "verbatimModuleSyntax": true,
    "erasableSyntaxOnly": true,
    "allowImportingTsExtensions": true,
    "skipLibCheck": true,
    "noEmit": true
  },
  "include": ["experiments"]
}
`;

const first = `/** Tells praise from blame in one sentence: a small model that trains in seconds. */
import { defineConfig } from "lockstep";

export default defineConfig({
  data: {
    kind: "delimited",
    path: "../data/reviews.tsv", // one "sentence<TAB>label" a line
    sequenceLength: 12,
    split: { validation: 0.2, test: 0.2 },
  },
  tokenizer: { kind: "words", vocabSize: 200 },
  model: {
    kind: "bert",
    numLayers: 1,
    hiddenSize: 16,
    numHeads: 2,
    feedForwardSize: 32,
    pooling: "mean",
  },
  optimizer: { kind: "adamw", learningRate: 1e-2 },
  training: { numEpochs: 4, batchSize: 16 },
});
`;

const sweep = `/** A wider model at three learning rates, with a warm-up over the first tenth of each run. */
import { choice, extend } from "lockstep";
import first from "./first.ts";
import { model } from "./presets/model.ts";

export default extend(first, model.wide, {
  optimizer: { learningRate: choice(1e-3, 3e-3, 1e-2) },
  schedule: { kind: "linear", warmupFraction: 0.1 },
});
`;

const presets = `/** Sizes of model to choose from: \`model.wide\` in code, \`model=wide\` on the command line. */
import { presets } from "lockstep";

export const model = presets("model", {
  /** Twice as wide as the first experiment. */
  wide: { kind: "bert", numLayers: 1, hiddenSize: 32, numHeads: 2, feedForwardSize: 64 },
  /** Two layers instead of one. */
  deep: { kind: "bert", numLayers: 2, hiddenSize: 16, numHeads: 2, feedForwardSize: 32 },
});
`;

function readme({ name }: NewProject): string {
  return `# ${name}

Experiments with Lockstep. Each file in \`experiments/\` is one experiment; \`experiments/presets/\` holds parts to choose from.

| command                                           | what it does                                          |
| ------------------------------------------------- | ----------------------------------------------------- |
| \`npx exp experiments/first.ts\`                    | trains; the run is kept in \`runs/\`                    |
| \`npx exp experiments/first.ts lr=1e-3 model=wide\` | the same with other values                            |
| \`npx exp experiments/sweep.ts\`                    | three runs, best first                                |
| \`npx exp plan experiments/sweep.ts\`               | what would run, and what is finished already          |
| \`npx exp explain experiments/sweep.ts lr\`         | where a value comes from                              |
| \`npx exp help optimizer\`                          | what can be set there                                 |
| \`npx exp list\`                                    | experiments and presets                               |
| \`npx tsc\`                                         | checks all experiments; your editor does it while you type |

\`package.json\` takes Lockstep from the folder that made this project; change \`dependencies.lockstep\` to use another one.
`;
}

const nouns = ["story", "acting", "music", "ending", "dialogue", "pace"];
const words = {
  praise: ["wonderful", "clever", "moving", "charming", "brilliant"],
  blame: ["dull", "clumsy", "tedious", "shallow", "lifeless"],
};

/** 300 sentences that a small model learns, and that nobody wrote about a real film. */
function reviews(): string {
  const rows = nouns.flatMap((noun, index) =>
    Object.entries(words).flatMap(([label, adjectives]) =>
      adjectives.flatMap((adjective, place) =>
        adjectives.map((other, next) => {
          const second = nouns[(index + place + next + 1) % nouns.length] ?? noun;
          return `the ${noun} is ${adjective} and the ${second} is ${other}\t${label}`;
        }),
      ),
    ),
  );
  return `${rows.join("\n")}\n`;
}
