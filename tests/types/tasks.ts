/** Tasks of one's own and the `command` task: what the editor knows inside of them; checked by compiling. */
import { z } from "zod";
import { choice, range } from "../../src/config/axes.ts";
import { defineTask } from "../../src/config/define-task.ts";
import { derived } from "../../src/config/deferred.ts";
import type { ConfigOf } from "../../src/config/task-types.ts";
import type { HostTensors, Metrics } from "../../src/core/run-events.ts";
import type { RunContext } from "../../src/core/task.ts";
import { command } from "../../src/command/task.ts";
import { envelopeFields } from "../../schemas/envelope.ts";
import type { Tracking } from "../../src/index.ts";

const schema = z.strictObject({
  ...envelopeFields,
  numSteps: z.int(),
  rate: z.number().default(1),
});

/** An async function: everything that it is given has its type by the place it stands in. */
export const calling = defineTask({
  name: "calling",
  schema,
  run: async ({ config, rng, log, checkpoint, signal, runDirectory, previousDirectory }) => {
    const numSteps: number = config.numSteps;
    const saved = await checkpoint.latest<{ sum: number }>();
    const [step, sum, tensors]: [number, number, HostTensors] =
      saved === undefined ? [0, 0, new Map()] : [saved.step, saved.state.sum, saved.tensors];
    const noise: Float32Array = rng.stream("noise").normal(3, { step, mean: 1 });
    const order: Uint32Array = rng.stream("order").permutation(3, { step });
    log(`${numSteps} ${runDirectory} ${previousDirectory ?? ""}`);
    log.warning("careful");
    log.metrics(step, { "train.loss": noise[0] ?? 0 }, { epoch: 1 });
    log.progress(step, numSteps, { loss: 1 });
    await checkpoint.save({ step, state: { sum, list: [...order] }, tensors, names: ["last"] });
    await checkpoint.save({ step, names: ["best", "step-10"], keep: 2 });
    signal.throwIfAborted();
    return { sum, rate: config.rate };
  },
});

/** Nothing need be given back; events may be yielded; untyped state is JSON. */
export const others = [
  defineTask({ name: "nothing", schema, run: async ({ log }) => log("done") }),
  defineTask({ name: "none", schema, run: async () => undefined }),
  defineTask({
    name: "yielding",
    schema,
    run: async function* ({ config, log, checkpoint }) {
      const saved = await checkpoint.latest();
      log(JSON.stringify(saved?.state["sum"]));
      yield { kind: "log", level: "info", text: String(config.numSteps) };
    },
  }),
];

type Run = (context: RunContext<ConfigOf<typeof calling>>) => unknown;

export const misuses: readonly Run[] = [
  // @ts-expect-error an unknown field of the config
  ({ config }) => config.numStep,
  // @ts-expect-error numbers without their step would be the same each time
  ({ rng }) => rng.stream("noise").normal(3),
  // @ts-expect-error whole numbers need a bound
  ({ rng }) => rng.stream("noise").integers(3, { step: 1 }),
  // @ts-expect-error figures are numbers
  ({ log }) => log.metrics(1, { name: "bert" }),
  // @ts-expect-error figures come with their step
  ({ log }) => log.metrics({ loss: 1 }),
  // @ts-expect-error a log line is a text
  ({ log }) => log(5),
  // @ts-expect-error a checkpoint has a step
  ({ checkpoint }) => checkpoint.save({ state: {} }),
  // @ts-expect-error what JSON cannot say
  ({ checkpoint }) => checkpoint.save({ step: 1, state: { now: new Map() } }),
  // @ts-expect-error not a name of a checkpoint
  ({ checkpoint }) => checkpoint.save({ step: 1, names: ["newest"] }),
  // @ts-expect-error there may be no checkpoint
  async ({ checkpoint }) => (await checkpoint.latest()).step,
];

export const wrongResults = [
  // @ts-expect-error a text is no result
  defineTask({ name: "text", schema, run: async () => "0.9" }),
  // @ts-expect-error figures are numbers
  defineTask({ name: "figures", schema, run: async () => ({ accuracy: "0.9" }) }),
  // @ts-expect-error a run is asynchronous
  defineTask({ name: "now", schema, run: (): Metrics => ({ accuracy: 0.9 }) }),
];

export const sweep = command.defineConfig(
  {
    seed: range(1, 4),
    command: ["python3", "{files[0]}"],
    files: ["./train.py"],
    parameters: {
      lr: choice(1e-3, 1e-4),
      model: { width: choice(1, 2), sizes: [1, 2], name: null },
      steps: derived((c) => c.threads * 10),
    },
    environment: { OWN: choice("a", "b") },
  },
  command.rule("threads", (c) => c.threads < 4),
);

export const longer = command.extend(sweep, {
  parameters: { steps: 100, model: { depth: 2 } },
  timeoutSeconds: choice(10, null),
});

export const wrongCommands = [
  // @ts-expect-error one text is no list of arguments
  command.defineConfig({ command: "python3 train.py" }),
  // @ts-expect-error an unknown key
  command.extend(sweep, { comand: ["python3"] }),
  // @ts-expect-error a variable is a text
  command.extend(sweep, { environment: { THREADS: 1 } }),
  // @ts-expect-error parameters are JSON
  command.extend(sweep, { parameters: { when: new Date() } }),
];

/** The tools that show runs: by name, or with what is said of them. */
export const tools: Tracking = ["tensorboard", { kind: "mlflow", url: "http://127.0.0.1:5000" }];

export const tracked = [
  calling.defineConfig({ numSteps: 1, tracking: tools }),
  calling.defineConfig({
    numSteps: 1,
    tracking: [
      "wandb",
      { kind: "wandb", directory: "boards" },
      "hf",
      { kind: "csv", to: "tables" },
    ],
  }),
  // @ts-expect-error no tool is called so
  calling.defineConfig({ numSteps: 1, tracking: ["mlfow"] }),
  // @ts-expect-error a field of another tool
  calling.defineConfig({ numSteps: 1, tracking: [{ kind: "wandb", url: "http://127.0.0.1" }] }),
  // @ts-expect-error a list, also of one
  calling.defineConfig({ numSteps: 1, tracking: "mlflow" }),
];
