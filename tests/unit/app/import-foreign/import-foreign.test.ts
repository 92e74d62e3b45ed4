/** Runs of other tools in the store: looked at like one's own, and never taken for them. */
import { appendFileSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { expect, test } from "vitest";
import { exportRuns } from "../../../../src/app/export/export-runs.ts";
import { createFigureLimit } from "../../../../src/app/import-foreign/found-runs.ts";
import { readTensorboardRuns } from "../../../../src/app/import-foreign/tensorboard.ts";
import { findRuns } from "../../../../src/app/lookups/find-runs.ts";
import { listRuns } from "../../../../src/app/lookups/list-runs.ts";
import { showRun } from "../../../../src/app/lookups/show-run.ts";
import { removeRuns, restoreFromTrash } from "../../../../src/app/manage/remove-runs.ts";
import { findNamedRun } from "../../../../src/app/stopped-run.ts";
import { openStore } from "../../../../src/store/store.ts";
import {
  createScalarsEvents,
  sessionEndEvent,
  sessionStartEvent,
  versionEvent,
} from "../../../../src/track/tensorboard/events.ts";
import { maskedCrc32c } from "../../../../src/track/tensorboard/crc32c.ts";
import { outcomes, project } from "./project.ts";

const table = `trial,experiment,config.model.width,lr,note,metrics.accuracy,loss,status
a,sweep,16,1e-05,"two
lines",0.875,nan,FINISHED
b,sweep,32,0.10,007,0.9125,-inf,FAILED
`;
const choice = { id: "trial", metrics: ["loss"] };

test("a table becomes foreign runs that look-ups see, with their values as what they are", async () => {
  const { context, take } = project({ "old.csv": table });
  expect(outcomes(await take("csv", "old.csv", choice))).toEqual(["a imported", "b imported"]);
  const { runs } = listRuns({ ...context, filter: "status = foreign and model.width > 16" });
  expect(runs).toHaveLength(1);
  const [run] = runs;
  expect(Object.fromEntries(run?.config ?? [])).toEqual({
    lr: 0.1,
    "model.width": 32,
    note: "007",
  });
  expect(run?.facts["experiment"]).toBe("sweep");
  expect(run?.metrics.get("loss")?.final).toBe(-Infinity);
  expect(run?.reason).toMatch(/^imported from csv \(.*old\.csv: b\), there FAILED$/u);
  const found = findRuns({ ...context, text: "87.5%", limit: 5, everyStep: false });
  expect(found.matches.map(({ found: one, value }) => [one.status, value])).toEqual([
    ["foreign", 0.875],
  ]);
  const shown = showRun(context, found.matches[0]?.run ?? "");
  expect(shown.run.config.get("lr")).toBe(0.00001);
  expect(shown.run.metrics.get("loss")?.final).toBeNaN();
});

test("importing again leaves what is equal, adds what is new, and keeps the older version of what changed", async () => {
  const { context, take, at } = project({ "old.csv": table });
  await take("csv", "old.csv", choice);
  const [replaced] = listRuns({ ...context, filter: 'config.note = "007"' }).runs;
  const name = replaced?.name ?? "";
  expect(outcomes(await take("csv", "old.csv", choice))).toEqual(["a present", "b present"]);
  appendFileSync(at("old.csv"), "c,sweep,64,1,x,0.5,1,FINISHED\n");
  writeFileSync(at("old.csv"), readFileSync(at("old.csv"), "utf8").replace("0.9125", "0.925"));
  expect(outcomes(await take("csv", "old.csv", choice))).toEqual([
    "a present",
    "b replaced",
    "c imported",
  ]);
  expect(listRuns(context).runs).toHaveLength(3);
  expect(showRun(context, name).run.metrics.get("accuracy")?.final).toBe(0.925);
  const [entry] = openStore(at("runs")).trash();
  expect(entry?.path).toMatch(new RegExp(`^\\.foreign/csv-[0-9a-f]{12}/${name}$`, "u"));
});

test("rows by step become a curve, and one line a run what exp export wrote", async () => {
  const { context, take } = project({
    "steps.csv": "run,step,metrics.loss,metrics.step\nr,2,0.5,1\nr,1,NaN,\n",
    "out/runs.csv": "run,runKey,experiment,codeHash,config.a.b,metrics.f1\nx,00,e,11,2,0.75\n",
    "out/curves.csv":
      "run,experiment,metric,step,epoch,value\nx,e,loss,10,0.5,3\nx,e,f1,10,0.5,0.7\n",
  });
  await take("csv", "steps.csv");
  await take("csv", "out/runs.csv");
  const [steps] = listRuns({ ...context, filter: "experiment = steps" }).runs;
  const { curves } = showRun(context, steps?.name ?? "");
  expect(curves.get("loss")).toEqual({ steps: [1, 2], values: [Number.NaN, 0.5] });
  expect(curves.get("metric.step")).toEqual({ steps: [2], values: [1] });
  const [own] = listRuns({ ...context, filter: "experiment = e" }).runs;
  expect(Object.fromEntries(own?.config ?? [])).toEqual({ "a.b": 2 });
  expect(own?.metrics.get("f1")).toMatchObject({ final: 0.75, last: 0.7 });
  expect(showRun(context, own?.name ?? "").curves.get("loss")?.values).toEqual([3]);
});

test("what cannot be read in a table is told with its rows, and nothing is imported", async () => {
  const { context, take } = project({
    "bad.csv": "run,metrics.f1\na,0.5\na,0.6\nb,high\n,1\nc\n",
    "none.csv": "name,f1\na,1\n",
    "empty.csv": "",
    "twice.csv": "run,a,a\n",
  });
  await expect(take("csv", "bad.csv")).rejects.toThrow(
    /4 rows of 5 cannot be read:\n {2}bad\.csv:3: the run "a" once more, and no column step\n.*:4: metric f1 is "high", no number\n.*:5: no name of a run\n.*:6: 1 cells; the header has 2/u,
  );
  await expect(take("csv", "none.csv")).rejects.toThrow("No column says which run a row is of.");
  await expect(take("csv", "none.csv", { id: "run" })).rejects.toThrow('There is no column "run".');
  await expect(take("csv", "empty.csv")).rejects.toThrow("is empty");
  await expect(take("csv", "twice.csv")).rejects.toThrow('Two columns are called "a".');
  await expect(take("csv", "missing.csv")).rejects.toThrow("there is nothing; expected a file");
  expect(listRuns(context).runs).toEqual([]);
});

/** An event of the old kind: `simple_value`. */
function oldScalar(tag: string, step: number, value: number): Uint8Array {
  const number = Buffer.alloc(4);
  number.writeFloatLE(value);
  const field = [10, tag.length, ...Buffer.from(tag), 0x15, ...number];
  const summary = [10, field.length, ...field];
  const data = Uint8Array.from([0x10, step, 0x2a, summary.length, ...summary]);
  const head = Buffer.alloc(12);
  head.writeBigUInt64LE(BigInt(data.length));
  head.writeUInt32LE(maskedCrc32c(head.subarray(0, 8)), 8);
  const tail = Buffer.alloc(4);
  tail.writeUInt32LE(maskedCrc32c(data));
  return Buffer.concat([head, data, tail]);
}

const start = 1_700_000_000_000;
const scalarsEvent = createScalarsEvents();
const whole = Buffer.concat([
  versionEvent(start),
  sessionStartEvent(start, {
    settings: new Map<string, string | number | boolean>([
      ["optimizer.kind", "adam"],
      ["lr", 0.25],
      ["nesterov", true],
    ]),
    groupName: "g",
    startedMs: start,
  }),
  scalarsEvent(start, 1, [{ tag: "loss", value: 0.5, isFirst: true }]),
  oldScalar("f1", 1, 0.25),
  scalarsEvent(start + 5000, 300, [{ tag: "loss", value: Number.NaN, isFirst: false }]),
  sessionEndEvent(start + 9000, "success"),
]);

test("event files become runs by their folders, with scalars of both kinds and hyperparameters", async () => {
  const { context, take, at } = project({
    "logs/a/b/events.out.tfevents.1.host": whole,
    "logs/c/events.out.tfevents.1.host": Buffer.concat([whole, whole.subarray(0, 30)]),
  });
  symlinkSync(at("logs/a"), at("logs/again"));
  const imported = await take("tensorboard", "logs");
  expect(outcomes(imported)).toEqual(["a/b imported", "c imported"]);
  expect(imported.warnings).toEqual([]); // a last record that is cut off is usual
  const { run, curves } = showRun(context, imported.runs[1]?.name ?? "");
  expect(Object.fromEntries(run.config)).toEqual({
    "optimizer.kind": "adam",
    lr: 0.25,
    nesterov: true,
  });
  expect(curves.get("loss")).toEqual({ steps: [1, 300], values: [0.5, Number.NaN] });
  expect(curves.get("f1")).toEqual({ steps: [1], values: [0.25] });
  expect(run.facts).toMatchObject({ experiment: "logs", started: start, duration: 9 });
  expect(run.reason).toContain("there success");
});

test("a damaged record is told and left out, a damaged length ends the file", async () => {
  const damaged = (at: number): Buffer => {
    const bytes = Buffer.from(whole);
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    return bytes;
  };
  const { take, at } = project({
    "logs/a/tfevents": damaged(14),
    "logs/b/tfevents": damaged(0),
    "empty/x": "",
  });
  const { runs, warnings } = await take("tensorboard", "logs");
  expect(warnings).toEqual([
    `${at("logs/a/tfevents")}: byte 0: the checksum of a record does not fit; it is left out`,
    `${at("logs/b/tfevents")}: byte 0: the checksum of a length does not fit; the rest is left out`,
    `${at("logs/b")}: none of its events can be read; it is left out.`,
  ]);
  expect(outcomes({ runs, warnings })).toEqual(["a imported"]);
  await expect(take("tensorboard", "empty")).rejects.toThrow("holds no event file");
});

test("event files with more figures than fit into memory are refused, with what to do", () => {
  const { at } = project({
    "logs/a/events.out.tfevents.1.host": whole,
    "logs/b/events.out.tfevents.1.host": whole,
  });
  const numFigures = (maximum: number): (() => unknown) => {
    const count = createFigureLimit("Import its folders one by one.", maximum);
    return () => readTensorboardRuns(at("logs"), count);
  };
  expect(numFigures(12)).not.toThrow();
  expect(numFigures(11)).toThrow("The source holds more than 11 figures.");
});

test("foreign runs are refused where a run is executed, checked by fsck, and go to the trash and back", async () => {
  const { context, take, at } = project({ "old.csv": table });
  const name = (await take("csv", "old.csv", choice)).runs[0]?.name ?? "";
  const store = openStore(at("runs"));
  const refusal = `The run ${name} was imported from csv: it has figures, but no code`;
  expect(() => store.findByPrefix(name)).toThrow(refusal);
  expect(() => findNamedRun(name, at("runs"))).toThrow(refusal);
  expect(store.check({ isRepairing: false }).findings).toEqual([]);
  const { signal } = new AbortController();
  const out = { to: "tensorboard", out: at("boards"), words: [name], signal };
  expect(await exportRuns({ ...context, ...out })).toMatchObject({
    runs: [{ result: { error: { message: expect.stringContaining("another tool measured it") } } }],
  });
  const { entries } = removeRuns(context, [name]);
  expect(listRuns(context).runs.map((run) => run.name)).not.toContain(name);
  restoreFromTrash(
    context,
    entries.map(({ number }) => String(number)),
  );
  const directory = listRuns({ ...context, filter: `run = ${name}` }).runs[0]?.directory ?? "";
  writeFileSync(at(`runs/${directory}/config.json`), "{}");
  expect(store.check({ isRepairing: true }).findings).toMatchObject([
    { code: "damaged-foreign-run", path: directory, isRepaired: true },
  ]);
  expect(readdirSync(at(`runs/${dirname(directory)}`))).toHaveLength(1);
  expect(outcomes(await take("csv", "old.csv", choice))).toEqual(["a imported", "b present"]);
});
