/** From a run to a model that predicts: its files are found and checked, and its task opens it. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { taskData, type TaskData } from "../config/definition.ts";
import { chooseBackend } from "../backend/choose.ts";
import { isCompiled } from "../backend/native/place.ts";
import { ExpError } from "../core/errors.ts";
import type { JsonObject } from "../core/json.ts";
import type { OpenedModel, OpenModel, WritingOptions } from "../core/trained-model.ts";
import { runFiles } from "../store/run-layout.ts";
import { openStore } from "../store/store.ts";
import { training } from "../train/task.ts";
import type { LoadedModel, LoadModelOptions, ModelInputs } from "./api/load-model.ts";
import { findCheckpoint, type CheckpointPlace } from "./checkpoint-place.ts";
import { fileStatus, readRunObject } from "./run-files.ts";
import { runsFolder } from "./runs-folder.ts";
import { readManifest, readTrainedModel } from "./trained-model.ts";

type NamedRun = string | URL | { readonly directory: string };

/**
 * Loads the model of a run; see `loadModel` of the public surface.
 * @throws {ExpError} as said there.
 */
export async function loadTrainedModel(
  run: NamedRun,
  options: LoadModelOptions<keyof ModelInputs>,
): Promise<LoadedModel<never>> {
  const { inputs, checkpoint: which, task: given } = options;
  const store = openStore(runsFolder(options.runsDirectory));
  const named = nameOf(run);
  const context = { store, folder: process.cwd(), ...(which === undefined ? {} : { which }) };
  const place = findCheckpoint(named, context);
  const facts = runFacts(place);
  const task = taskOf(facts.task, given);
  const openModel = task.openModel as OpenModel<JsonObject> | undefined; // for this task's configs
  if (openModel === undefined) {
    throw new ExpError("usage", `Runs of the task ${task.name} leave no model that can be loaded.`);
  }
  const config = checkedConfig(facts.config, task, given !== undefined);
  const trained = readTrainedModel(place);
  const backend = backendNamed(options.backend ?? facts.backend);
  const model = await openModel({ config, trained, backend });
  if (inputs !== undefined) checkKind(inputs, model, named);
  return {
    labels: model.labels,
    inputKind: model.inputKind,
    config,
    step: trained.step ?? 0,
    backend,
    predict: (values) => model.predict(values),
    sample: (writing = {}) => sampleOf(model, writing, named),
    dispose: () => model.dispose(),
  };
}

async function sampleOf(
  model: OpenedModel,
  options: WritingOptions,
  name: string,
): Promise<string> {
  if (model.sample !== undefined) return model.sample(options);
  throw new ExpError("usage", `The model of ${name} tells classes; it writes no text.`, {
    hint: 'Models of data.kind "characters" do.',
  });
}

function nameOf(run: NamedRun): string {
  if (run instanceof URL) return fileURLToPath(run);
  return typeof run === "string" ? run : run.directory;
}

interface RunFacts {
  readonly task: string;
  readonly backend: string;
  readonly config: JsonObject;
}

/** A run that is not finished has no manifest; its config and the built-in task are then all that is known. */
function runFacts({ run, name }: CheckpointPlace): RunFacts {
  if (run === undefined || fileStatus(join(run, runFiles.config)) === undefined) {
    throw new ExpError(
      "data",
      `The checkpoint ${name} lies without its run: config.json is missing.`,
      {
        hint: "Name the run itself, or keep the file inside of its run's folder checkpoints/.",
      },
    );
  }
  const config = readRunObject(run, runFiles.config);
  const manifest = readManifest(run);
  if (manifest === undefined) return { task: "training", backend: "auto", config };
  const [trainedOn = "auto"] = manifest.identities.environmentClass.split("/");
  // A compiled backend needs a process that was started for it, which the caller's is not.
  const backend = isCompiled(trainedOn) ? "auto" : trainedOn;
  return { task: manifest.task.name, backend, config };
}

/** Every backend under its own name; `auto` under that of the one it takes. */
function backendNamed(backend: string): string {
  return backend === "auto" ? chooseBackend(backend).backend : backend;
}

function taskOf(name: string, given: object | undefined): TaskData {
  const data = taskData(given);
  if (data !== undefined && data.name === name) return data;
  if (data !== undefined) {
    throw new ExpError("usage", `The run is one of the task ${name}, not of ${data.name}.`);
  }
  if (given !== undefined) {
    throw new ExpError("usage", "The option task is not a task.", {
      hint: "Give what defineTask() or training.with() gave back.",
    });
  }
  const builtIn = taskData(training);
  if (builtIn?.name === name) return builtIn;
  throw new ExpError("usage", `The run is one of the task ${name}, which is not built in.`, {
    hint: "Give the task: loadModel(run, { task }).",
  });
}

/** A model of a user's own is known to the task that was given it, and to no other. */
function checkedConfig(config: JsonObject, task: TaskData, isGiven: boolean): JsonObject {
  const parsed = task.schema.safeParse(config);
  if (parsed.success) return config;
  const issues = parsed.error.issues.map(({ path, message }) => ({
    path: path.filter((part) => typeof part !== "symbol"),
    message,
  }));
  const hint = isGiven
    ? "Is it the task that the run was made with?"
    : "Where the run was made with training.with(…), give that task: loadModel(run, { task }).";
  throw new ExpError("config", `The task ${task.name} does not know the config of this run.`, {
    issues,
    hint,
  });
}

function checkKind(inputs: keyof ModelInputs, { inputKind }: OpenedModel, name: string): void {
  const isText = inputs === "text" || inputs === "row";
  if (isText === (inputKind === "text")) return;
  const reads = inputKind === "text" ? "texts" : "numbers";
  throw new ExpError("usage", `The model of ${name} reads ${reads}, not ${inputs}.`);
}
