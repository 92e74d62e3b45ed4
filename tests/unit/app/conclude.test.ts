/** The verdicts of executions that were compared: of a whole run, and of a part. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { compareExecution } from "../../../src/app/verify/compare-execution.ts";
import { concluded, type Conclusion } from "../../../src/app/verify/conclude.ts";
import { asStopped, type AgainEnd } from "../../../src/app/verify/execute-again.ts";
import type { StoredRun } from "../../../src/app/verify/stored-run.ts";
import { originalReader } from "../../../src/app/verify/locate.ts";
import { otherFile, type Verification } from "../../../src/app/verify/verdict.ts";
import { ExpError } from "../../../src/core/errors.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import { errorMessage } from "../../../src/engine/protocol.ts";
import type { Manifest } from "../../../src/store/manifest.ts";
import { temporaryFolder } from "../store/helpers.ts";

function manifestOf(files: Readonly<Record<string, string>>, weightsDigest?: string): Manifest {
  const list = Object.entries(files).map(([path, sha256]) => ({ path, sha256, bytes: 1 }));
  return { files: list, identities: { weightsDigest } } as never; // what verdicts read of it
}

/** A run with these results. */
function storedRun(metrics: JsonObject, manifest = manifestOf({})): StoredRun {
  const directory = temporaryFolder();
  mkdirSync(join(directory, "results"));
  writeFileSync(join(directory, "results/metrics.json"), JSON.stringify({ metrics }));
  return { published: { directory, manifest }, run: { environmentClass: "wasm/2" } } as never;
}

const retraced = (metrics: JsonObject, files: Readonly<Record<string, string>> = {}): AgainEnd => ({
  kind: "retraced",
  here: "wasm/2",
  manifest: manifestOf(files),
  metrics,
});

const stopped: AgainEnd = {
  kind: "ended",
  here: "wasm/2",
  error: errorMessage(new ExpError("interrupted", "Stopped.")),
};
const failed: AgainEnd = { ...stopped, error: errorMessage(new Error("it failed")) };

const before = [{ step: 1, "validation.accuracy": 0.9 }];

function verdictOf(
  end: AgainEnd,
  { now = 0.9, tolerance }: { now?: number; tolerance?: number },
): Verification {
  const comparison = compareExecution({ trace: [], metrics: before }, undefined);
  comparison.takeMetrics({ step: 1, "validation.accuracy": now });
  const conclusion: Conclusion = {
    end,
    comparison,
    exact: undefined,
    recorded: { trace: [], metrics: before },
    start: undefined,
    isDense: false,
    tolerance: tolerance === undefined ? undefined : { value: tolerance, from: "command line" },
  };
  return concluded(storedRun({ accuracy: 0.9, loss: 0.5 }), conclusion);
}

test("figures in another order are the same figures, where another file differs", () => {
  const end = retraced({ loss: 0.5, accuracy: 0.9 }, { "results/predictions.jsonl": "x" });
  expect(verdictOf(end, {})).toMatchObject({
    verdict: "metrics-equal",
    divergence: { field: "results/predictions.jsonl" },
  });
});

test("a part that was compared may lie within a tolerance, and is told as a part", () => {
  const within = { verdict: "within tolerance", part: "1 of 1 rows of metrics" };
  expect(verdictOf(stopped, { now: 0.9001, tolerance: 0.001 })).toMatchObject(within);
  expect(verdictOf(stopped, { now: 0.91, tolerance: 0.001 }).verdict).toBe("diverged");
  expect(verdictOf(stopped, { now: 0.9001 }).verdict).toBe("diverged");
  expect(verdictOf(failed, { now: 0.9001, tolerance: 0.001 }).verdict).toBe("diverged");
});

test("checkpoints of a task without a digest of its weights are compared, where both kept them", () => {
  const files = { "checkpoints/last.safetensors": "a", "checkpoints/step-000010.safetensors": "b" };
  const { published } = storedRun({}, manifestOf(files));
  const other = (now: Readonly<Record<string, string>>): string | undefined =>
    otherFile(published, { manifest: manifestOf(now) }, 9)?.field;
  expect(other({ "checkpoints/last.safetensors": "a" })).toBeUndefined();
  expect(other({ "checkpoints/last.safetensors": "c" })).toBe("checkpoints/last.safetensors");
  const { published: ours } = storedRun({}, manifestOf(files, "w"));
  const same = manifestOf({ "checkpoints/last.safetensors": "c" }, "w");
  expect(otherFile(ours, { manifest: same }, 9)).toBeUndefined();
});

const header: JsonObject = { tensors: ["weight", "gradient/weight"] };

/** A row of a run whose update of step 40 was another, as its next loss shows; all tensors where it is dense. */
function traceRow(step: number, { isDense, isOther }: Record<"isDense" | "isOther", boolean>) {
  const mark = (since: number): string => (isOther && step >= since ? "x" : "w");
  const checksums = isDense ? { checksums: [`${mark(40)}${step}`, `g${mark(41)}${step}`] } : {};
  return { step, loss: mark(41), ...checksums };
}

const steps = Array.from({ length: 60 }, (_, index) => index + 1);
const stored = steps.map((step) =>
  traceRow(step, { isDense: step < 3 || step === 50, isOther: false }),
);
const recorded = { trace: [header, ...stored], metrics: [] };

test("an execution that was over before it heard that it is to end has not diverged in the rows that were passed over", () => {
  const comparison = compareExecution(recorded);
  for (const row of recorded.trace.slice(0, 6)) comparison.takeTrace(row);
  const whole = retraced({ accuracy: 0.9, loss: 0.5 });
  if (whole.kind === "lost") throw new Error("it was retraced");
  const conclusion = {
    comparison,
    exact: undefined,
    recorded,
    start: undefined,
    isDense: false,
    tolerance: undefined,
  };
  const published = storedRun({ accuracy: 0.9, loss: 0.5 });
  expect(concluded(published, { ...conclusion, end: whole }).verdict).toBe("diverged"); // rows are missing
  expect(concluded(published, { ...conclusion, end: asStopped(whole) })).toMatchObject({
    verdict: "bitwise",
    part: "steps 1 to 5 of 60",
    comparedSteps: 5,
  });
});

/** A run's execution with all tensors, compared up to its step 50, and the original beside it. */
function denseVerdict(original: "comes out" | "is other"): Verification {
  const comparison = compareExecution(recorded);
  comparison.takeTrace(header);
  for (const step of steps.slice(0, 50)) {
    comparison.takeTrace(traceRow(step, { isDense: true, isOther: true }));
  }
  const open = new Map(comparison.openRows().map((row) => [row["step"] ?? null, row]));
  const reader = originalReader({ recorded, open, found: { step: 41 }, from: undefined });
  reader.take(header);
  const isOther = original === "is other";
  for (const step of steps) if (reader.take(traceRow(step, { isDense: true, isOther }))) break;
  const exact = reader.result();
  const conclusion = { end: stopped, comparison, exact, recorded, start: undefined };
  return concluded(storedRun({}), { ...conclusion, isDense: true, tolerance: undefined });
}

test("where the original was executed beside it, the coverage is that of both, and contradicts no tensor that is named", () => {
  expect(denseVerdict("comes out")).toMatchObject({
    divergence: { step: 40, field: "parameters", tensor: "weight", tensorStep: 40 },
    comparedSteps: 50,
    coverage: [
      "compared 50 of 60 steps with the run's own rows, which tell all tensors at 3 of them",
      "the original was executed once more beside it, both with all tensors at every step: they were compared from step 3 to step 40, where the tensor is named",
    ],
  });
  expect(denseVerdict("is other")).toMatchObject({
    divergence: { step: 41, field: "loss", tensor: "gradient/weight", tensorStep: 50 },
    coverage: [
      "compared 50 of 60 steps; all tensors at 3 of them",
      "the run's own rows tell no tensors between step 2 and step 41: the tensor is named at step 50",
      "executed once more by its own code, the original does not come out either (step 41), so its tensors at step 41 are not known",
    ],
  });
});
