/** Runs that MLflow's own client and wandb wrote, imported from their files. */
import { mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { importForeign, type ForeignKind } from "../../src/app/import-foreign/import-foreign.ts";
import { listRuns } from "../../src/app/lookups/list-runs.ts";
import { showRun } from "../../src/app/lookups/show-run.ts";
import { readWithPython } from "./python.ts";

interface Imported {
  readonly shown: ReturnType<typeof showRun>;
  readonly warnings: readonly string[];
}

/** The one run that a tool wrote. */
async function imported(kind: ForeignKind, folder: string, source: string): Promise<Imported> {
  const directory = join(folder, "runs");
  const columns = { metrics: [] };
  const request = { kind, source, workingDirectory: folder, directory, columns, environment: {} };
  const { warnings } = await importForeign(request);
  const context = { workingDirectory: folder, runsDirectory: "runs", environment: {} };
  const { runs } = listRuns(context);
  expect(runs).toHaveLength(1);
  expect((await importForeign(request)).runs.map(({ outcome }) => outcome)).toEqual(["present"]);
  return { shown: showRun(context, runs[0]?.name ?? ""), warnings };
}

const config = {
  lr: 0.00001,
  "optimizer.kind": "adam",
  "optimizer.beta": 0.9,
  layers: [1, 2],
  isDeep: true,
  long: "x".repeat(5900),
  api_key: "[redacted]",
};
const steps = [0, 1, 2];
const loss = { steps, values: [1, 1 / 2, 1 / 3] };
const odd = { steps, values: [Number.NaN, Infinity, -Infinity] };

test.each([
  ["a folder", "file://", "mlruns"],
  ["a database", "sqlite:///", "mlflow.db"],
])(
  "%s of MLflow",
  async (_what, scheme, name) => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), "lockstep-mlflow-")));
    readWithPython("write_runs.py", "mlflow", `${scheme}${join(folder, name)}`);
    const { shown, warnings } = await imported("mlflow", folder, name);
    const { run, curves } = shown;
    expect(Object.fromEntries(run.config)).toEqual(config);
    expect([run.facts["experiment"], run.tags]).toEqual(["spam / or not", ["team=a b"]]);
    expect(run.reason).toMatch(
      /^imported from mlflow .*<b>first<\/b>, [0-9a-f]{32}\), there FINISHED$/u,
    );
    expect(Object.fromEntries(curves)).toEqual({
      "train/loss": loss,
      odd,
      bare: { steps: [0, 1], values: [0.5, 0.25] },
      again: { steps: [4, 4], values: [1, 2] },
    });
    expect(run.metrics.get("odd")?.final).toBe(-Infinity);
    expect(warnings.map((text) => text.replace(/:.*/su, ""))).toEqual(["bare", "api_key"]);
  },
  240_000,
);

test("an offline run of W&B", async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "lockstep-wandb-")));
  readWithPython("write_runs.py", "wandb", folder);
  const { shown, warnings } = await imported("wandb", folder, "wandb");
  const { run, curves } = shown;
  expect(Object.fromEntries(run.config)).toEqual({ ...config, late: 5 });
  expect([run.facts["experiment"], run.tags]).toEqual(["spam", ["a b"]]);
  expect(run.reason).toMatch(/^imported from wandb .*<b>first<\/b>, \w+\), there finished$/u);
  expect(Object.fromEntries(curves)).toEqual({
    "train/loss": loss,
    odd,
    "nest.x": { steps, values: steps },
  });
  expect(run.metrics.get("best")?.final).toBe(0.99);
  expect(warnings).toHaveLength(1);
}, 240_000);
