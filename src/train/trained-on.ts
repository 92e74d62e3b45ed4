/**
 * Which examples a model was trained on, kept beside its weights: whatever split, seed or files a later evaluation names,
 * no example that was trained on is measured as if the model had never seen it.
 */
import { isDeepStrictEqual } from "node:util";
import { ExpError, type ConfigIssue } from "../core/errors.ts";
import { isPlainObject, type JsonObject, type JsonValue } from "../core/json.ts";
import type { Dataset, Examples } from "../data/dataset.ts";

/** What a run keeps of the examples that it trained on. */
export interface TrainedOn {
  /** What divided them, by the path of the field: `split.seed`, `maxSamples`. */
  readonly settings: JsonObject;
  /** The first 16 hex digits of each content's SHA-256. */
  readonly digests: ReadonlySet<string>;
}

/** 64 bits: among a million examples, one is taken for another with a chance of 1 in 10⁷. */
const numDigits = 16;

/** As plain data: the digests sorted, 8 bytes each, in base64. */
export function trainedOnJson(dataset: Pick<Dataset, "parts">, data: unknown): JsonObject {
  const digests = [...digestsOf(dataset.parts.train)].toSorted();
  return {
    settings: splitSettings(data),
    digests: Buffer.from(digests.join(""), "hex").toString("base64"),
  };
}

/** What `trainedOnJson` wrote; `undefined` for anything else. */
export function readTrainedOn(json: unknown): TrainedOn | undefined {
  if (!isPlainObject(json)) return undefined;
  const { settings, digests } = json;
  if (!isPlainObject(settings) || typeof digests !== "string") return undefined;
  const bytes = Buffer.from(digests, "base64").toString("hex");
  if (bytes.length % numDigits !== 0) return undefined;
  const found = new Set<string>();
  for (let at = 0; at < bytes.length; at += numDigits) found.add(bytes.slice(at, at + numDigits));
  return { settings: settings as JsonObject, digests: found }; // parsed JSON
}

/** What is measured, and with which model. */
export interface MeasuredData {
  readonly parts: Dataset["parts"];
  /** `data` of the config. */
  readonly data: unknown;
  /** The name of the checkpoint, for messages. */
  readonly name: string;
  readonly trainedOn: TrainedOn | undefined;
}

/**
 * Refuses to measure what was trained on. Examples that this data has in its training part as well are left alone: files of
 * their own may share contents, as they did when the model was trained, and the facts of the data say how many.
 * @throws {ExpError} `config` with what divides the examples now and what did then; `data` where the run did not keep what
 *   it trained on.
 */
export function refuseTrainedOn({ parts, data, name, trainedOn }: MeasuredData): void {
  if (trainedOn === undefined) throw unknown(name);
  const present = digestsOf(parts.train);
  const counts = (["validation", "test"] as const).flatMap((part) => {
    const isSeen = (digest: string): boolean =>
      trainedOn.digests.has(digest) && !present.has(digest);
    const all = listDigests(parts[part]);
    const numSeen = all.filter(isSeen).length;
    const what = parts[part].text === undefined ? "examples" : "stretches of text";
    return numSeen === 0 ? [] : [`${numSeen} of ${all.length} ${part} ${what}`];
  });
  if (counts.length === 0) return;
  const issues = settingIssues(splitSettings(data), trainedOn.settings);
  const message = `The checkpoint ${name} was trained on ${counts.join(" and ")} of this config.`;
  const hint =
    issues.length > 0
      ? "Give the config the values of the checkpoint's run, or measure data that it was not trained on."
      : "The files are divided in another way than its run divided them: name those that it was not trained on.";
  throw new ExpError("config", message, { issues, hint });
}

function unknown(name: string): ExpError {
  return new ExpError(
    "data",
    `The checkpoint ${name} does not say which examples it was trained on, so nothing can be measured with it.`,
    { hint: "An earlier version of Lockstep wrote it: train it again. It can still predict." },
  );
}

function digestsOf(examples: Examples): ReadonlySet<string> {
  return new Set(listDigests(examples));
}

/** Windows of a text overlap: the stretches that it is made of stand for them. */
function listDigests(examples: Examples): readonly string[] {
  const { text } = examples;
  if (text !== undefined) return text.stretches.map((digest) => digest.slice(0, numDigits));
  return Array.from({ length: examples.size }, (_, index) =>
    examples.digest(index).slice(0, numDigits),
  );
}

/** The fields of `data` that decide in which part an example lies; sources of a user's own may lack them. */
function splitSettings(data: unknown): Record<string, JsonValue> {
  if (!isPlainObject(data)) return {};
  const { split, maxSamples } = data as JsonObject; // of a resolved config
  const ofSplit = isPlainObject(split) ? Object.entries(split) : [];
  const named = ofSplit.map(([key, value]) => [`split.${key}`, value]);
  return Object.fromEntries([
    ...named,
    ...(maxSamples === undefined ? [] : [["maxSamples", maxSamples]]),
  ]) as Record<string, JsonValue>;
}

function settingIssues(own: JsonObject, trained: JsonObject): readonly ConfigIssue[] {
  const names = [...new Set([...Object.keys(own), ...Object.keys(trained)])];
  return names
    .filter((name) => !isDeepStrictEqual(own[name], trained[name]))
    .map((name) => ({
      path: ["data", ...name.split(".")],
      message: `the checkpoint was trained with ${shown(trained[name])}`,
      value: shown(own[name]),
    }));
}

function shown(value: JsonValue | undefined): string {
  return value === undefined ? "nothing" : JSON.stringify(value);
}
