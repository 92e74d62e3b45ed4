/**
 * The built-in training task, and `training.with(...)`, which adds kinds of models, data sources and optimizers to it.
 * Importing it loads schemas and no kernels: TensorFlow.js comes when a run starts.
 */
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { dataSchemas } from "../../schemas/data.ts";
import { modelSchemas } from "../../schemas/model.ts";
import { optimizerSchemas } from "../../schemas/optimizer.ts";
import {
  learning,
  trainingFields,
  trainingSchema,
  type TrainingConfig,
  type TrainingInput,
} from "../../schemas/training.ts";
import { callSite, type CallSite } from "../config/call-site.ts";
import { createTask } from "../config/create-task.ts";
import { checkedTaskData, defaultCode } from "../config/define-task.ts";
import { brandTask, type TaskData } from "../config/definition.ts";
import type { Task } from "../config/task-types.ts";
import { loadLater } from "../core/load-later.ts";
import type { ListDataFiles, Preflight, RunFunction } from "../core/task.ts";
import type { OpenModel } from "../core/trained-model.ts";
import { joinMembers } from "./join-members.ts";
import type { TrainingMembers } from "./members.ts";
import { trainingRules } from "./rules.ts";

type MemberSchema = (typeof modelSchemas | typeof dataSchemas | typeof optimizerSchemas)[number];
type Listed<T> = T extends readonly (infer Item)[] ? Item : never;
type OutputOf<T> = T extends { readonly schema: z.core.$ZodType<infer Output> } ? Output : never;
type InputOf<T> = T extends { readonly schema: z.core.$ZodType<unknown, infer Input> }
  ? Input
  : never;

/** `T` with further members of the unions named in `Added`. */
type Widened<T, Added> = {
  [K in keyof T]: K extends keyof Added ? T[K] | Added[K] : T[K];
};

/** The resolved config of a training task with more kinds. */
export type ConfigWith<C, Members extends TrainingMembers> = Widened<
  C,
  {
    model: OutputOf<Listed<Members["models"]>>;
    data: OutputOf<Listed<Members["dataSources"]>>;
    optimizer: OutputOf<Listed<Members["optimizers"]>>;
  }
>;

/** What may be written for a training task with more kinds. */
export type InputWith<I, Members extends TrainingMembers> = Widened<
  I,
  {
    model: InputOf<Listed<Members["models"]>>;
    data: InputOf<Listed<Members["dataSources"]>>;
    optimizer: InputOf<Listed<Members["optimizers"]>>;
  }
>;

/** The training task: a task that can be given more kinds. */
export interface TrainingTask<C, I> extends Task<C, I> {
  /**
   * The same task with more kinds to choose from; its own kinds stay. The modules of the project that the call came
   * through, with all that they import, become part of the code identity.
   * @throws {ExpError} `config` for a kind that is taken, or a schema that does not say its kind.
   * @example const { defineConfig, extend } = training.with({ models: [cnn] });
   */
  readonly with: <const Members extends TrainingMembers>(
    members: Members,
  ) => TrainingTask<ConfigWith<C, Members>, InputWith<I, Members>>;
}

/** The built-in training task. */
export const training: TrainingTask<TrainingConfig, TrainingInput> = createTrainingTask(
  {},
  { call: { file: fileURLToPath(import.meta.url), line: 1, column: 1 }, code: [] },
);

/** Where a task is made, and the modules that belong to it beside the training loop. */
interface Origin {
  readonly call: CallSite;
  readonly code: readonly string[];
}

function createTrainingTask<C, I>(members: TrainingMembers, origin: Origin): TrainingTask<C, I> {
  const data = trainingTaskData(members, origin);
  const add: TrainingTask<C, I>["with"] = (added) => {
    const call = callSite(add);
    const code = [...new Set([...origin.code, ...defaultCode(add, call)])];
    const { tolerance = members.tolerance, onEvent = members.onEvent } = added;
    const joined = joinMembers(members, added, call);
    return createTrainingTask(
      { ...joined, ...(tolerance !== undefined && { tolerance }), ...(onEvent && { onEvent }) },
      { call, code },
    );
  };
  return Object.freeze(brandTask({ ...createTask<C, I>(data), with: add }, data));
}

function trainingTaskData(members: TrainingMembers, { call, code }: Origin): TaskData {
  return checkedTaskData(
    {
      name: "training",
      schema: schemaWith(members),
      run: runWith(members),
      listDataFiles: listDataFilesWith(members),
      preflight: preflightWith(members),
      openModel: openModelWith(members),
      rules: trainingRules,
      aliases: { lr: "optimizer.learningRate" },
      tolerance: members.tolerance,
      onEvent: members.onEvent,
      code: [moduleBeside("run-training"), ...code],
      sealsItself: true,
    },
    call,
  );
}

function schemaWith({
  models = [],
  dataSources = [],
  optimizers = [],
}: TrainingMembers): z.ZodType {
  if (models.length + dataSources.length + optimizers.length === 0) return trainingSchema;
  return z.strictObject({
    ...trainingFields,
    model: union(modelSchemas, models),
    data: union(dataSchemas, dataSources),
    optimizer: union(optimizerSchemas, optimizers).meta(learning),
  });
}

function union(
  builtIn: readonly [MemberSchema, ...MemberSchema[]],
  added: readonly { readonly schema: z.core.$ZodType }[],
): z.ZodType {
  const schemas = added.map(({ schema }) => schema as MemberSchema); // `joinMembers` checked the kind
  return z.discriminatedUnion("kind", [...builtIn, ...schemas]);
}

function runWith(members: TrainingMembers): RunFunction<TrainingConfig> {
  return async function* (context) {
    const { trainWith } = await loadLater(
      import.meta.url,
      "./run-training",
      () => import("./run-training.ts"),
    );
    yield* trainWith(members, context);
  };
}

function preflightWith(members: TrainingMembers): Preflight<TrainingConfig> {
  return async (context) => {
    const { preflightTraining } = await loadLater(
      import.meta.url,
      "./preflight",
      () => import("./preflight.ts"),
    );
    return preflightTraining(members, context);
  };
}

function openModelWith(members: TrainingMembers): OpenModel<TrainingConfig> {
  return async (request) => {
    const { openTrainedModel } = await loadLater(
      import.meta.url,
      "./opened-model",
      () => import("./opened-model.ts"),
    );
    return openTrainedModel(members, request);
  };
}

function listDataFilesWith({ dataSources = [] }: TrainingMembers): ListDataFiles<TrainingConfig> {
  return async (config, projectDirectory) => {
    const { builtInDataSources, listFiles } = await loadLater(
      import.meta.url,
      "../data/dataset",
      () => import("../data/dataset.ts"),
    );
    return listFiles(config, projectDirectory, [...builtInDataSources, ...dataSources]);
  };
}

/** The file of a module of this folder: TypeScript in the repository, CommonJS in the package. */
function moduleBeside(name: string): URL {
  const extension = import.meta.url.split(".").at(-1) ?? "";
  return new URL(`./${name}.${extension}`, import.meta.url);
}
