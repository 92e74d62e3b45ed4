/**
 * Saved plans: one JSON document whose first run is written out, and of every other run what is different from it. So
 * 10,000 runs take about 1 kB each, and a plan that was read shares in memory what its runs share.
 */
import { canonicalJson } from "../core/canonical-json.ts";
import { ExpError } from "../core/errors.ts";
import { sha256 } from "../core/hash.ts";
import { runKey } from "../core/run-key.ts";
import { scrubValue } from "../core/secrets.ts";
import { isPlainObject, parseJson, type JsonObject, type JsonValue } from "../core/json.ts";
import { deepFreeze } from "../core/freeze.ts";
import type { PlannedRun } from "../resolve/plan.ts";
import type { CapturedGit } from "../store/environment-git.ts";
import type { FrozenCode, FrozenPlan } from "./frozen-plan.ts";
import type { KnownInput } from "./plan-experiment.ts";
import { applyChanges, changesBetween, type JsonChange } from "./json-changes.ts";

const format = "lockstep/plan/1";

/** A saved plan as it was read; types, so that they are JSON data. */
export type SavedPlan = {
  readonly experiment: string;
  readonly task: { readonly name: string; readonly version: number };
  /** The experiment's module, relative to the project. */
  readonly file: string;
  readonly overrides: readonly string[];
  /** Folder of the runs relative to the project; `null` where it was named on the command line or in the environment. */
  readonly runsDirectory: string | null;
  readonly code: FrozenCode;
  readonly inputs: readonly KnownInput[];
  readonly git: CapturedGit["git"];
  /** SHA-256 of the uncommitted diff in the store. */
  readonly diff: string;
  readonly runs: readonly SavedRun[];
};

/** A run and the content of its `provenance.json`. */
export type SavedRun = { readonly run: PlannedRun; readonly provenance: JsonObject };

/** The head of the file, and each run as changes of the first. */
type PlanDocument = Omit<SavedPlan, "runs"> & {
  readonly format: typeof format;
  readonly first: JsonObject;
  readonly runs: readonly (readonly JsonChange[])[];
};

/**
 * The text of a plan file.
 * @param runsDirectory - As `SavedPlan` has it.
 */
export async function formatPlan(
  frozen: FrozenPlan,
  runsDirectory: string | null,
): Promise<string> {
  const { plan, file, overrides, code, inputs, git, diff } = frozen;
  let first: JsonObject | undefined;
  const runs: (readonly JsonChange[])[] = [];
  for (const run of plan.runs) {
    const document = runDocument(run, await frozen.provenanceOf(run));
    first ??= document;
    runs.push(changesBetween(first, document));
  }
  const { experiment, task } = plan;
  const head = {
    experiment,
    task,
    file,
    overrides,
    runsDirectory,
    code,
    inputs,
    git: git.git,
    diff,
  };
  return printDocument(scrubValue({ format, ...head, first: first ?? {}, runs }));
}

/** Identities are written as data, so that runs can share them; the text has one form only. */
function runDocument(run: PlannedRun, provenance: JsonObject): JsonObject {
  const { index: _, name: _name, identityText, ...rest } = run;
  return { ...rest, identity: JSON.parse(identityText) as JsonValue, provenance };
}

/** One line for each part and each run, so that version control shows what changed. */
function printDocument(document: PlanDocument): string {
  const digest = sha256(JSON.stringify(document));
  const { runs, ...head } = document;
  const lines = Object.entries({ ...head, sha256: digest }).map(
    ([key, value]) => `${JSON.stringify(key)}: ${JSON.stringify(value)},\n`,
  );
  return `{\n${lines.join("")}"runs": [\n${runs.map((changes) => JSON.stringify(changes)).join(",\n")}\n]\n}\n`;
}

/**
 * Reads a plan file.
 * @param shown - Its name, for messages.
 * @throws {ExpError} `usage` for a text that is no plan, is of another version, or was changed since it was saved.
 */
export function parsePlan(text: string, shown: string): SavedPlan {
  const { first, runs, format: _, ...head } = checkedDocument(text, shown);
  const shared = deepFreeze(first);
  return {
    ...head,
    runs: runs.map((changes, index) => {
      const saved = savedRun(applyChanges(shared, changes), { index, name: head.experiment });
      if (saved !== undefined) return saved;
      throw refused(shown, `says of run ${index + 1} what does not fit together`);
    }),
  };
}

function checkedDocument(text: string, shown: string): PlanDocument {
  const parsed = parseJson(text);
  if (!isPlainObject(parsed)) throw refused(shown, "is not a JSON document");
  const { sha256: digest, ...document } = parsed;
  if (document["format"] !== format) {
    const found = JSON.stringify(document["format"]) ?? "none";
    throw refused(shown, `is not a plan: its format is ${found}, expected "${format}"`);
  }
  if (sha256(JSON.stringify(document)) !== digest) {
    throw refused(shown, "was changed since it was saved: its sha256 does not fit its content");
  }
  return document as object as PlanDocument; // its digest holds, so it is what `printDocument` wrote
}

type SavedFields = Omit<PlannedRun, "index" | "name" | "identityText">;

/** A run whose identities are those of its parts; anybody can compute a digest of a document. */
function savedRun(
  document: JsonObject,
  place: { readonly index: number; readonly name: string },
): SavedRun | undefined {
  const { identity, provenance, ...rest } = document;
  const identityText = canonicalJson(identity);
  const run = { ...place, ...(rest as SavedFields), identityText };
  if (sha256(identityText) !== run.configHash || runKey(run) !== run.runKey) return undefined;
  if (!isPlainObject(run.config) || !isPlainObject(provenance)) return undefined;
  return { run: deepFreeze(run), provenance };
}

function refused(shown: string, why: string): ExpError {
  return new ExpError("usage", `${shown} ${why}.`, {
    hint: "A plan is made by exp plan FILE --save plan.json, and run as it was saved.",
  });
}
