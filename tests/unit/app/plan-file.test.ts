import { expect, test } from "vitest";
import type { FrozenPlan } from "../../../src/app/frozen-plan.ts";
import { formatPlan, parsePlan } from "../../../src/app/plan-file.ts";
import { canonicalJson } from "../../../src/core/canonical-json.ts";
import { sha256 } from "../../../src/core/hash.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import { runKey } from "../../../src/core/run-key.ts";
import type { PlannedRun } from "../../../src/resolve/plan.ts";

function plannedRun(index: number): PlannedRun {
  const rate = index / 10;
  const config = { seed: index, optimizer: { kind: "sgd", rate }, layers: [1, 2] };
  const identityText = canonicalJson({ config, format: "lockstep/config/1" });
  const parts = {
    configHash: sha256(identityText),
    codeHash: "c".repeat(64),
    dataHash: "d".repeat(64),
    environmentClass: "wasm/1",
  };
  const identities = { ...parts, groupHash: "a".repeat(64), runKey: runKey(parts) };
  return {
    index,
    name: "toy",
    axisValues: { seed: index },
    config,
    identityText,
    backend: "wasm",
    ...identities,
  };
}

function frozen(numRuns: number): FrozenPlan {
  const runs = Array.from({ length: numRuns }, (_, index) => plannedRun(index));
  const code = {
    codeHash: "c".repeat(64),
    snapshot: "e".repeat(64),
    sources: "0".repeat(16),
    packages: [],
    lockstep: { version: "1.0.0", integrity: null },
  };
  const facts: Partial<FrozenPlan> = {
    plan: {
      format: "lockstep/plan/1",
      experiment: "toy",
      task: { name: "task", version: 1 },
      runs,
    },
    file: "experiments/toy.ts",
    overrides: ["seed=range(0,2)"],
    code,
    inputs: [],
    git: { git: { kind: "none", reason: "no git" }, uncommittedDiff: new Uint8Array() },
    diff: "f".repeat(64),
    provenanceOf: (run) =>
      Promise.resolve({ values: { seed: [{ value: run.index }], kind: ["shared"] } }),
  };
  return facts as FrozenPlan; // all that a file is written from
}

/** The document with another value, and a digest that fits it. */
function forged(text: string, change: (document: Record<string, unknown>) => void): string {
  const { sha256: _digest, ...document } = JSON.parse(text) as Record<string, unknown>;
  change(document);
  return JSON.stringify({ ...document, sha256: sha256(JSON.stringify(document)) });
}

test("a plan is read as it was saved, every run and its provenance", async () => {
  const plan = frozen(3);
  const saved = parsePlan(await formatPlan(plan, "runs"), "p.json");
  expect(saved.runs.map(({ run }) => run)).toEqual(plan.plan.runs);
  expect(saved.runs[2]?.provenance).toEqual({ values: { seed: [{ value: 2 }], kind: ["shared"] } });
  expect(saved).toMatchObject({
    experiment: "toy",
    file: "experiments/toy.ts",
    runsDirectory: "runs",
    code: plan.code,
  });
  expect(saved.runs.every(({ run }) => Object.isFrozen(run.config["optimizer"]))).toBe(true);
});

test("the same plan has the same bytes, one line a run", async () => {
  const [first, second] = [await formatPlan(frozen(4), null), await formatPlan(frozen(4), null)];
  expect(second).toBe(first);
  const lines = first.split("\n");
  expect(lines.slice(lines.indexOf('"runs": [') + 1, -3)).toHaveLength(4);
});

test("10,000 runs take less than 1 kB each, and share what is equal once they are read", async () => {
  const text = await formatPlan(frozen(10_000), "runs");
  expect(text.length).toBeLessThan(10_000_000);
  const { runs } = parsePlan(text, "p.json");
  expect(runs).toHaveLength(10_000);
  expect(runs[9_999]?.run.config["layers"]).toBe(runs[0]?.run.config["layers"]);
});

test("any change of a value is seen; other spaces are none", async () => {
  const text = await formatPlan(frozen(2), "runs");
  expect(parsePlan(JSON.stringify(JSON.parse(text), null, 2), "p.json").runs).toHaveLength(2);
  const numbers = [...text.matchAll(/\d(?=[,}\]])/gu)].map(({ index }) => index);
  expect(numbers.length).toBeGreaterThan(10);
  for (const at of numbers) {
    const edited = text.slice(0, at) + String((Number(text[at]) + 1) % 10) + text.slice(at + 1);
    expect(() => parsePlan(edited, "p.json")).toThrow(
      /p\.json (was changed|is not a JSON document)/u,
    );
  }
});

test("a digest that fits does not make up for identities that do not", async () => {
  const text = await formatPlan(frozen(2), "runs");
  const planted = forged(text, (document) => {
    (document["first"] as Record<string, JsonObject>)["identity"] = { config: { seed: 7 } };
  });
  expect(() => parsePlan(planted, "p.json")).toThrow(
    "p.json says of run 1 what does not fit together.",
  );
  const swapped = forged(text, (document) => {
    (document["first"] as Record<string, unknown>)["environmentClass"] = "cpu/1/20/x64";
  });
  expect(() => parsePlan(swapped, "p.json")).toThrow("does not fit together");
});

test("what is no plan is refused by what it is", () => {
  expect(() => parsePlan("{", "x.json")).toThrow("x.json is not a JSON document.");
  expect(() => parsePlan("[]", "x.json")).toThrow("x.json is not a JSON document.");
  expect(() => parsePlan("{}", "x.json")).toThrow("x.json is not a plan: its format is none");
});
