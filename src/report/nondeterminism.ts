/** What is known to give other bits, by backend and task: whoever repeats a run reads it before wondering. */

/** Which run it is about. */
export interface ExecutionKind {
  /** Name of the backend; the first part of an environment class. */
  readonly backend: string;
  /** Name of the task. */
  readonly task: string;
  /** Whether `Math.random` was seeded for the run instead of refused. */
  readonly isAmbientSeeded: boolean;
}

/** Of models and losses of one's own; operations of `tf.*` that are computed in JavaScript take these functions from us. */
const ofOwnCode =
  "Math.exp, log, sin and the like, where the code of a model of one's own calls them itself, are those of the Node.js version.";

const byBackend: Readonly<Record<string, readonly string[]>> = {
  wasm: [
    "Within the class none is known: the kernels are our own, take no arithmetic from the JavaScript engine, and give the same bits for any number of threads.",
    ofOwnCode,
  ],
  cpu: [
    "exp, log, sin and the like are those of the JavaScript engine, which may round otherwise in another version: the class names Node.js' major version and the architecture.",
  ],
  native: [
    "The order of sums follows the number of threads, which the class names.",
    "The library chooses kernels by the instructions and caches of the processor, and by whether oneDNN is on; another version of it may choose others. The class names them all.",
    ofOwnCode,
  ],
  cuda: [
    "The library chooses kernels by the GPU, its driver and the versions of CUDA's libraries, which the class names. Deterministic operations are asked for, TF32 and the choice by speed are switched off (the variables in environment.json); an operation that has no deterministic kernel is refused by the library.",
    "What has no kernel for GPUs is computed on the CPU, whose model and threads the class names too.",
    ofOwnCode,
    "This backend was not run on a GPU by those who wrote it.",
  ],
};

/**
 * The known sources of other bits, as sentences.
 * @returns At least one.
 */
export function knownSources({ backend, task, isAmbientSeeded }: ExecutionKind): readonly string[] {
  const own =
    task === "command"
      ? [
          "The program itself: hash seeds, threads and deterministic kernels are asked for by variables of the environment, and what it does with the clock, the network, its own threads and files that the config does not name is not seen.",
        ]
      : task === "training"
        ? []
        : [
            "The task's own code: what it reads besides its config, its data and its streams of random numbers (clock, network, other files, the order in which promises settle) is not seen.",
          ];
  const ambient = isAmbientSeeded
    ? [
        "Math.random is seeded and its state is kept in checkpoints; the order of its draws follows the order of calls.",
      ]
    : [];
  const arithmetic = task === "command" ? [] : (byBackend[backend] ?? []);
  return [...arithmetic, ...own, ...ambient];
}
