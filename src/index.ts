/** The whole public surface of `import … from "lockstep"`. Nothing here loads TensorFlow.js, a compiler or a parser. */
export { choice, linspace, logRange, range } from "./config/axes.ts";
export { append, prepend, remove, replace } from "./config/changes.ts";
export { defineTask } from "./config/define-task.ts";
export { derived, required } from "./config/deferred.ts";
export { env, external, type FetchContext } from "./config/inputs.ts";
export { readSecret, secret } from "./config/secret.ts";
export type { Layer } from "./config/patch-types.ts";
export type { Space } from "./config/space-types.ts";
export type { ConfigOf, Definition, InputOf, Task, TaskOptions } from "./config/task-types.ts";
export type { LintSettings, ProjectSettings } from "./lint/settings.ts";
export { ExpError, type ConfigIssue, type ErrorCode, type Origin } from "./core/errors.ts";
export type { JsonObject, JsonValue } from "./core/json.ts";
export { field, type FieldFacts, type Mark } from "./core/marks.ts";
export { named } from "./core/named.ts";
export { secretField } from "./core/secret-field.ts";
export type { Secret } from "./core/secret-reference.ts";
export type { HostTensor, HostTensors, Metrics, RunEvent } from "./core/run-events.ts";
export type { DataFile, RunContext, RunFunction } from "./core/task.ts";
export type {
  CheckpointContent,
  SavedCheckpoint,
  TaskCheckpoints,
  TaskLog,
  TaskRandom,
  TaskStream,
} from "./core/task-services.ts";
export type { Prediction, TrainedModel, WritingOptions } from "./core/trained-model.ts";
export type { HookEvent, HookRun, OnEvent, RunTurn } from "./core/hooks.ts";
export {
  loadModel,
  type LoadedModel,
  type LoadModelOptions,
  type ModelInputs,
} from "./app/api/load-model.ts";
export { openStore, type RunStore, type StoredRun } from "./app/api/open-store.ts";
export {
  plan,
  type ExperimentPlan,
  type ExperimentPlanRun,
  type PlanOptions,
} from "./app/api/plan.ts";
export { resolve, type ResolvedExperiment, type ResolvedExperimentRun } from "./app/api/resolve.ts";
export {
  run,
  type Execution,
  type ExecutionSettings,
  type ExperimentOutcome,
  type RunOptions,
} from "./app/api/run.ts";
export type { SourceOptions } from "./app/api/source.ts";
export type {
  BestOptions,
  CompareOptions,
  FindOptions,
  FoundMetric,
  FoundNumber,
  FoundRun,
  RunRanking,
  RunsOptions,
  StoreComparison,
} from "./app/api/store-queries.ts";
export { defineDataSource } from "./data/data-source.ts";
export { defineModel } from "./model/model.ts";
export {
  alias,
  defineConfig,
  deprecated,
  extend,
  fragment,
  presets,
  profiles,
  rule,
  concat,
  filter,
  product,
  repeat,
  variants,
  when,
  zip,
} from "./train/language.ts";
export { defineOptimizer } from "./train/members.ts";
export { training } from "./train/task.ts";
export type { TrainingConfig, TrainingInput } from "../schemas/training.ts";
export { command } from "./command/task.ts";
export type { CommandConfig, CommandInput } from "../schemas/command.ts";
export { envelopeFields } from "../schemas/envelope.ts";
export type { Tracking } from "../schemas/tracking.ts";
