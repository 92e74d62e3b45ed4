/** Experiments evaluated for the rules over resolved values: nothing is hashed from disk, nothing runs. */
import { realpathSync } from "node:fs";
import { join, relative, sep } from "node:path";
import {
  definitionData,
  type DefinitionData,
  type PatchLayerData,
} from "../../config/definition.ts";
import { markerData } from "../../config/markers.ts";
import { canonicalJson } from "../../core/canonical-json.ts";
import { isPlainObject } from "../../core/json.ts";
import { formatPath, type Path } from "../../core/path.ts";
import type { EvaluatedExperiment, EvaluatedLayer, Write } from "../../lint/evaluated.ts";
import { withoutPath } from "../../lint/without-path.ts";
import { sealAmbient } from "../../random/seal.ts";
import { shortNames } from "../../resolve/aliases.ts";
import { standIns } from "./stand-ins.ts";
import { createInputReader } from "../../resolve/inputs.ts";
import { readLock } from "../../resolve/inputs-lock.ts";
import { visitPatch } from "../../resolve/layers.ts";
import { findProjectDirectory } from "../../resolve/load.ts";
import { moduleError } from "../../resolve/module-errors.ts";
import { createModuleLoader, type ModuleLoader } from "../../resolve/module-loader.ts";
import { resolveDefinition, type ResolvedDefinition } from "../../resolve/resolve-definition.ts";
import { unionView, viewsAt } from "../../resolve/schema-queries.ts";
import { createSchemaView } from "../../resolve/schema-view.ts";

/** Where experiments are evaluated. */
export interface EvaluationScope {
  /** Absolute, links resolved: what paths of modules are relative to. */
  readonly root: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** Paths that no finished run read, of configs with these hashes. */
  readonly unreadPaths: (configHashes: () => readonly string[]) => readonly string[];
}

/** An experiment and what it resolves to. */
export interface Evaluated extends EvaluatedExperiment {
  /** Equal for equal configs of all runs, whatever the source says. */
  readonly fingerprint: () => string;
  /** A rule asked what it resolves to, and it cannot be resolved as it stands. */
  readonly wasIncomplete: () => boolean;
}

/** What could be evaluated, and what could not. */
export interface Evaluation {
  readonly experiments: readonly Evaluated[];
  readonly failures: readonly { readonly file: string; readonly error: unknown }[];
}

/** @param files - Of the experiments, relative to the root. */
export async function evaluateExperiments(
  files: readonly string[],
  scope: EvaluationScope,
): Promise<Evaluation> {
  const loaders = new Map<string, ModuleLoader>();
  const experiments: Evaluated[] = [];
  const failures: { file: string; error: unknown }[] = [];
  for (const file of files) {
    const path = realpathSync(join(scope.root, file));
    const project = findProjectDirectory(path);
    const loader = loaders.get(project) ?? createModuleLoader(project, sealAmbient);
    loaders.set(project, loader);
    try {
      const exported = await loader.load(path);
      const definition = definitionData(exported["default"]);
      if (definition !== undefined)
        experiments.push(evaluated({ file, project, definition }, scope));
    } catch (error) {
      failures.push({ file, error: moduleError(error, path, project) });
    }
  }
  return { experiments, failures };
}

interface Subject {
  readonly file: string;
  /** Absolute. */
  readonly project: string;
  readonly definition: DefinitionData;
}

function evaluated(subject: Subject, scope: EvaluationScope): Evaluated {
  const { file, definition } = subject;
  const view = createSchemaView(definition.task.schema);
  const patches = definition.layers.filter((layer) => layer.kind === "patch");
  let isAsked = false;
  const resolved = once(() => resolveSealed(subject, scope));
  const fingerprint = once(() => fingerprintOf(resolved()));
  const resolvedWith = (layers: DefinitionData["layers"]): ResolvedDefinition =>
    resolveSealed({ ...subject, definition: { ...definition, layers } }, scope);
  const resolvedText = (layers: DefinitionData["layers"]): string =>
    fingerprintOf(resolvedWith(layers));
  // As it stands, or with one and another value for what only the command line gives.
  const complete = once(() => {
    if (resolved().problems.length === 0) return [{ added: [], text: fingerprint }];
    return standIns(resolved(), view, patches.at(-1)).flatMap((added) => {
      const whole = resolvedWith([...definition.layers, added]);
      return whole.problems.length > 0
        ? []
        : [{ added: [added], text: once(() => fingerprintOf(whole)) }];
    });
  });
  const canBeJudged = (): boolean => complete().length > 0;
  return {
    file,
    layers: patches.map((data) => layerOf(data, scope.root)),
    aliasedPaths: [...shortNames(definition).values()],
    isDiscriminator: (path) =>
      viewsAt(view, path.slice(0, -1)).some(
        (holder) => unionView(holder)?.discriminator === path.at(-1),
      ),
    isSameWithout: (index, path) => {
      const [layer] = patches.slice(index);
      const patch = layer && withoutPath(layer.patch, path);
      isAsked = true;
      if (patch === undefined || !canBeJudged()) return false;
      const layers = definition.layers.map((one) => (one === layer ? { ...layer, patch } : one));
      return complete().every(({ added, text }) => resolvedText([...layers, ...added]) === text());
    },
    unreadPaths: () => scope.unreadPaths(() => resolved().runs.map(({ configHash }) => configHash)),
    fingerprint,
    wasIncomplete: () => isAsked && !canBeJudged(),
  };
}

function resolveSealed(
  { project, definition }: Subject,
  { environment }: EvaluationScope,
): ResolvedDefinition {
  const unseal = sealAmbient({ projectDirectory: project });
  try {
    return resolveDefinition({
      definition,
      overrides: [],
      combinators: [],
      presets: new Map(),
      folders: { projectDirectory: project, workingDirectory: project },
      inputs: createInputReader({ environment, lock: once(() => readLock(project)) }),
    });
  } finally {
    unseal();
  }
}

/** Of one that cannot be resolved, its problems: an edit that changes those changed what it says. */
function fingerprintOf({ runs, problems }: ResolvedDefinition): string {
  const configs = runs.map(({ config, axisValues }) => [config, axisValues]);
  const told = problems.map(({ path, message }) => [formatPath(path), message]);
  return canonicalJson([configs, told]);
}

function layerOf(data: PatchLayerData, root: string): EvaluatedLayer {
  const writes: Write[] = [];
  visitPatch(data.patch, [], (path, value) => writes.push(writeOf(path, value)));
  const file = relative(root, data.call.file).split(sep).join("/");
  const isLiteral = data.label === "extend" || data.label === "defineConfig";
  return { data, file, isLiteral, writes };
}

function writeOf(path: Path, value: unknown): Write {
  const isPlain = isPlainValue(value);
  return { path, isPlain, text: isPlain ? canonicalJson(value) : "" };
}

function isPlainValue(value: unknown): boolean {
  if (markerData(value) !== undefined) return false;
  if (Array.isArray(value)) return value.every(isPlainValue);
  if (isPlainObject(value)) return Object.values(value).every(isPlainValue);
  return value === null || ["string", "number", "boolean"].includes(typeof value);
}

function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
