/** The recorded inputs of an experiment: what it asks for, and looking external values up. */
import { markerData, type InputMarker } from "../config/markers.ts";
import { canonicalJson } from "../core/canonical-json.ts";
import { ExpError, isExpError, type ConfigIssue } from "../core/errors.ts";
import type { JsonObject, JsonValue } from "../core/json.ts";
import { formatPath } from "../core/path.ts";
import { readVariable } from "../core/variables.ts";
import { nearest } from "../core/suggest.ts";
import { thrownText } from "../core/thrown.ts";
import { sealAmbient } from "../random/seal.ts";
import { configError } from "../resolve/config-error.ts";
import { describeInputs } from "../resolve/inputs.ts";
import { pinnedDigest, readLock, writeLock, type PinnedInput } from "../resolve/inputs-lock.ts";
import { projectLocation } from "../resolve/locations.ts";
import { surveyExperiment, type ResolveRequest, type Survey } from "../resolve/resolve.ts";

type Request = Omit<ResolveRequest, "seal">;
type ExternalMarker = Extract<InputMarker, { readonly kind: "external" }>;

/** What an experiment takes from outside of its modules. */
export interface InputList {
  readonly experiment: string;
  /** Environment variables and external values: `kind`, `name`, `path`, `from`, `value`, `file`, `line`, `column`. */
  readonly inputs: readonly JsonObject[];
  readonly secrets: readonly {
    readonly name: string;
    readonly path: string;
    /** Whether the variable is set; the value is nobody's business. */
    readonly isSet: boolean;
  }[];
  /** Keys of the lock that this experiment does not ask for. */
  readonly unused: readonly string[];
}

/**
 * Lists the inputs of an experiment, also of one whose config is wrong because they are missing.
 * @throws {ExpError} as loading an experiment does; `config` for a damaged lock, and for wrong overrides.
 */
export async function listInputs(request: Request): Promise<InputList> {
  const survey = await surveyInputs(request);
  const { experiment, inputs } = survey;
  const asked = new Set(externalMarkers(survey).map(({ key }) => key));
  const lock = readLock(experiment.projectDirectory);
  return {
    experiment: experiment.name,
    inputs: describeInputs(inputs, experiment.projectDirectory),
    secrets: secretsOfSurvey(survey),
    unused: [...lock.keys()].filter((key) => !asked.has(key)).toSorted(),
  };
}

/** What modules lack may be an input that is still to come; what was typed is wrong now. */
async function surveyInputs(request: Request): Promise<Survey> {
  const survey = await surveyExperiment({ ...request, seal: sealAmbient });
  const { experiment, resolved, sources } = survey;
  if (resolved.problems.length === 0 || request.overrides.length === 0) return survey;
  const { name, projectDirectory } = experiment;
  const error = await configError(resolved, { experiment: name, projectDirectory, sources });
  const issues = error.issues.filter(({ origin }) => origin?.kind === "commandLine");
  if (issues.length === 0) return survey;
  const count = issues.length === 1 ? "1 override is" : `${issues.length} overrides are`;
  throw new ExpError("config", `${name}: ${count} wrong.`, { issues });
}

function externalMarkers({ inputs }: Survey): readonly ExternalMarker[] {
  return inputs.flatMap(({ marker }) => (marker.kind === "external" ? [marker] : []));
}

/** From what was written, not from configs: a wrong experiment has none. */
function secretsOfSurvey({ resolved }: Survey): InputList["secrets"] {
  const found = new Map<string, InputList["secrets"][number]>();
  for (const { path, value } of resolved.assignments.all) {
    if (path.at(-1) !== "$secret" || typeof value !== "string" || markerData(value)) continue;
    const place = formatPath(path.slice(0, -1));
    const isSet = (readVariable(process.env, value) ?? "") !== "";
    found.set(`${place} ${value}`, { name: value, path: place, isSet });
  }
  return [...found.values()];
}

export interface UpdateRequest extends Request {
  /** Which values to look up; all of the experiment's where there are none. */
  readonly keys: readonly string[];
  /** For each look-up. */
  readonly timeoutMs: number;
}

/** What became of one external value. */
export interface UpdatedInput {
  readonly key: string;
  readonly change: "added" | "changed" | "unchanged";
  readonly value: JsonValue;
  readonly before?: JsonValue;
}

/**
 * Looks external values up and pins them. The lock is written only where all of them came.
 * @throws {ExpError} `usage` for a key that the experiment does not ask for; `environment`, with an issue each, for
 *   look-ups that throw, take too long, or give what is no plain data.
 */
export async function updateInputs(request: UpdateRequest): Promise<readonly UpdatedInput[]> {
  const updated = new Map<string, UpdatedInput>();
  for (;;) {
    const survey = await surveyInputs(request);
    const wanted = wantedMarkers(survey, request.keys).filter(({ key }) => !updated.has(key));
    if (wanted.length === 0) return [...updated.values()];
    // Values that were missing may have hidden that others are asked for, so it is looked again.
    for (const one of await lookUpAll(wanted, survey, request)) updated.set(one.key, one);
  }
}

function wantedMarkers(survey: Survey, keys: readonly string[]): readonly ExternalMarker[] {
  const byKey = new Map(
    externalMarkers(survey)
      .toReversed()
      .map((marker) => [marker.key, marker]),
  );
  const known = [...byKey.keys()].toReversed();
  for (const key of keys) {
    if (byKey.has(key)) continue;
    const meant = nearest(key, known);
    const all = known.length === 0 ? "It asks for none." : `It asks for ${known.join(", ")}.`;
    throw new ExpError("usage", `${survey.experiment.name} asks for no external value ${key}.`, {
      hint: meant === undefined ? all : `Did you mean ${meant}?`,
    });
  }
  return known.flatMap((key) => {
    const marker = byKey.get(key);
    return marker !== undefined && (keys.length === 0 || keys.includes(key)) ? [marker] : [];
  });
}

async function lookUpAll(
  markers: readonly ExternalMarker[],
  { experiment }: Survey,
  { timeoutMs }: UpdateRequest,
): Promise<readonly UpdatedInput[]> {
  const { projectDirectory } = experiment;
  const issues: ConfigIssue[] = [];
  const found = new Map<string, PinnedInput>();
  for (const marker of markers) {
    const { file, line, column } = marker.call;
    const source = projectLocation(file, projectDirectory);
    try {
      const value = await lookUp(marker, timeoutMs);
      found.set(marker.key, { value, sha256: pinnedDigest(value), source });
    } catch (error) {
      const message = isExpError(error) ? error.message : `threw ${thrownText(error)}`;
      const origin = { kind: "source", file: source, line, column, isKey: true } as const;
      issues.push({
        path: [],
        message: `external("${marker.key}"): the look-up ${message}`,
        origin,
      });
    }
  }
  if (issues.length > 0) {
    const what = `${issues.length} of ${markers.length} external values could not be looked up`;
    const hint = "inputs.lock.json is as it was.";
    throw new ExpError("environment", `${experiment.name}: ${what}.`, { issues, hint });
  }
  const before = readLock(projectDirectory);
  writeLock(projectDirectory, new Map([...before, ...found]));
  return [...found].map(([key, { value }]) => changeOf(key, value, before.get(key)));
}

function changeOf(key: string, value: JsonValue, before: PinnedInput | undefined): UpdatedInput {
  if (before === undefined) return { key, value, change: "added" };
  const isSame = canonicalJson(before.value) === canonicalJson(value);
  return { key, value, before: before.value, change: isSame ? "unchanged" : "changed" };
}

/** The value as JSON, from a function that may never come back. */
async function lookUp(marker: ExternalMarker, timeoutMs: number): Promise<JsonValue> {
  const controller = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const text = `took longer than ${timeoutMs / 1000} seconds`;
      reject(new ExpError("environment", text));
      controller.abort(new ExpError("environment", text));
    }, timeoutMs);
  });
  try {
    const value = await Promise.race([marker.fetch({ signal: controller.signal }), late]);
    return plainData(value);
  } finally {
    clearTimeout(timer);
  }
}

function plainData(value: unknown): JsonValue {
  try {
    return JSON.parse(canonicalJson(value)) as JsonValue;
  } catch (error) {
    if (!isExpError(error)) throw error;
    const [issue] = error.issues;
    const reason =
      issue === undefined ? error.message : `${formatPath(issue.path)} ${issue.message}`;
    throw new ExpError("environment", `gave what is no plain data: ${reason.trim()}`, {
      cause: error,
    });
  }
}
