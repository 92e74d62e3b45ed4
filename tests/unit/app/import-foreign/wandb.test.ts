/** Runs of W&B from its files: what we exported comes back equal, damage is told, other kinds of data are passed over. */
import { readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { framedRecords } from "../../../../src/app/import-foreign/record-frames.ts";
import { listRuns } from "../../../../src/app/lookups/list-runs.ts";
import { showRun } from "../../../../src/app/lookups/show-run.ts";
import { openStore } from "../../../../src/store/store.ts";
import { exportRun } from "../../../../src/track/target.ts";
import { bytesField, message, wholeField } from "../../../../src/track/tensorboard/protobuf.ts";
import { createRecordLog } from "../../../../src/track/wandb/record-log.ts";
import { createWandbTarget } from "../../../../src/track/wandb/target.ts";
import { temporaryFolder } from "../../store/helpers.ts";
import { publishRun, runEvents } from "../../store/sample-run.ts";
import { exportTools, viewOf, viewTools } from "../../track/helpers.ts";
import { outcomes, project, type Project } from "./project.ts";

function first({ context }: Project): ReturnType<typeof showRun> {
  return showRun(context, listRuns(context).runs[0]?.name ?? "");
}

function file(...records: readonly Uint8Array[]): Buffer {
  const log = createRecordLog();
  return Buffer.concat([log.start, ...records.map((record) => log.next(record))]);
}

/** An item by its path, which newer versions write part by part. */
function item(field: number, path: string | readonly string[], json: string): Uint8Array {
  const keys =
    typeof path === "string" ? [bytesField(1, path)] : path.map((key) => bytesField(2, key));
  return bytesField(field, message(...keys, bytesField(16, json)));
}

function run(...items: readonly Uint8Array[]): Uint8Array {
  const start = bytesField(17, wholeField(1, 1_700_000_000));
  const facts = [
    bytesField(1, "abc"),
    bytesField(3, "spam"),
    bytesField(8, "<b>\u001b[31m"),
    bytesField(10, "x y"),
  ];
  return message(
    wholeField(1, 1),
    bytesField(17, message(...facts, bytesField(4, message(...items)), start)),
  );
}

function history(step: number, ...items: readonly Uint8Array[]): Uint8Array {
  return bytesField(2, message(...items, bytesField(2, wholeField(1, step))));
}

test("what exp export wrote comes back with the same config, figures and curves", async () => {
  const store = temporaryFolder();
  const view = viewOf(store, publishRun(openStore(store), 1, runEvents(3)));
  const place = project({});
  const { files, now } = viewTools;
  const options = { project: "p", entity: undefined, isOnline: false };
  const target = createWandbTarget({ files, now, folder: place.at("out"), ...options });
  await exportRun(exportTools(), target, view);
  expect(outcomes(await place.take("wandb", "out"))).toEqual([`${view.name} imported`]);
  const imported = first(place);
  expect(Object.fromEntries(imported.run.config)).toEqual(Object.fromEntries(view.values));
  const original = showRun({ ...place.context, runsDirectory: store }, view.name);
  const finals = (shown: typeof imported): unknown =>
    new Map(
      [...shown.run.metrics].flatMap(([name, { final }]) =>
        final === undefined ? [] : [[name, final]],
      ),
    );
  expect(finals(imported)).toEqual(finals(original));
  expect(imported.curves).toEqual(original.curves);
  expect(imported.run.facts).toMatchObject({ experiment: original.run.facts["experiment"] });
  expect(imported.run.reason).toContain("there finished");
});

test("nested values, changes of the config, what is not finite; pictures and texts are no figures", async () => {
  const place = project({
    "wandb/offline-run-1-abc/run-abc.wandb": file(
      run(
        item(1, "lr", "0.1"),
        item(1, "_wandb", "{}"),
        item(1, "limit", "Infinity"),
        item(1, "a", '{"b":[1]}'),
      ),
      bytesField(5, message(item(1, "lr", "0.2"), item(2, "limit", ""))),
      history(
        1,
        item(1, ["nest", "x"], "1"),
        item(1, "loss", "NaN"),
        item(1, "epoch", "0.5"),
        item(1, ["_step"], "1"),
      ),
      history(
        2,
        item(1, ["h", "_type"], '"histogram"'),
        item(1, ["h", "count"], "3"),
        item(1, "text", '"7"'),
      ),
      history(
        3,
        item(1, "loss", "-Infinity"),
        item(1, "old", '{"y":2,"z":{"_type":"image-file","size":9}}'),
      ),
      bytesField(3, message(item(1, ["best", "acc"], "0.99"), item(1, ["_wandb", "runtime"], "3"))),
    ),
  });
  symlinkSync("offline-run-1-abc", place.at("wandb/latest-run"));
  const imported = await place.take("wandb", ".");
  expect(imported).toMatchObject({ warnings: [], runs: [{ id: "abc", title: "<b>\u001b[31m" }] });
  const { run: shown, curves } = first(place);
  expect(Object.fromEntries(shown.config)).toEqual({ lr: 0.2, "a.b": [1] });
  expect(shown.tags).toEqual(["x y"]);
  expect(shown.reason).toContain("there no end");
  expect([...curves.keys()].toSorted()).toEqual(["loss", "nest.x", "old.y"]);
  expect(curves.get("loss")).toEqual({ steps: [1, 3], values: [Number.NaN, -Infinity] });
  expect(shown.metrics.get("best.acc")?.final).toBe(0.99);
  expect(readFileSync(place.at(`runs/${shown.directory}/logs/metrics.jsonl`), "utf8")).toContain(
    '"epoch":0.5',
  );
});

test("a run that was resumed is one run, and importing it again adds what came later", async () => {
  const exit = bytesField(18, wholeField(1, 0));
  const place = project({
    "w/run-1/run-abc.wandb": file(run(), history(1, item(1, "f1", "1")), exit),
  });
  await place.take("wandb", "w");
  expect(first(place).run.reason).toContain("there finished");
  const later = file(run(item(1, "lr", "1")), history(2, item(1, "f1", "2")));
  const again = project({ "w/run-2/run-abc.wandb": later });
  symlinkSync(again.at("w/run-2"), place.at("w/linked"));
  expect(outcomes(await place.take("wandb", "w"))).toEqual(["abc present"]);
  writeFileSync(place.at("w/run-1/zz.wandb"), later);
  expect(outcomes(await place.take("wandb", "w"))).toEqual(["abc replaced"]);
  const { run: shown, curves } = first(place);
  expect(curves.get("f1")).toEqual({ steps: [1, 2], values: [1, 2] });
  expect(shown.reason).toContain("there no end");
});

test("damage is told with its place; what is whole before and behind it is read", async () => {
  const rows = Array.from({ length: 3000 }, (_, step) =>
    history(step, item(1, "f1", String(step))),
  );
  const whole = file(run(), ...rows);
  const damaged = Buffer.from(whole);
  damaged[40_000] = (damaged[40_000] ?? 0) ^ 1;
  const place = project({
    "a/x.wandb": damaged,
    "cut.wandb": whole.subarray(0, 50_001),
    "none.wandb": "text",
  });
  const { warnings } = await place.take("wandb", "a/x.wandb");
  expect(warnings).toEqual([
    expect.stringMatching(
      /x\.wandb: byte (?:39|40)\d\d\d: damaged; the rest of its 32768 bytes is left out$/u,
    ),
  ]);
  const { steps } = first(place).curves.get("f1") ?? { steps: [] };
  expect([steps[0], steps.at(-1)]).toEqual([0, 2999]);
  expect(steps.length).toBeLessThan(3000);
  const cut = await place.take("wandb", "cut.wandb");
  expect(cut.warnings).toEqual([
    `${place.at("cut.wandb")}: it ends in the middle of a record, which is left out`,
  ]);
  await expect(place.take("wandb", "none.wandb")).rejects.toThrow(/none\.wandb is no file of W&B/u);
  await expect(place.take("wandb", "runs")).rejects.toThrow("holds no .wandb file");
});

test("config.yaml and wandb-summary.json beside help out where the file says nothing", async () => {
  const place = project({
    "r/run-abc.wandb": file(history(1, item(1, "f1", "1"))),
    "r/files/config.yaml":
      "wandb_version: 1\n_wandb:\n  value: {}\nlr:\n  desc: null\n  value: 0.5\nm:\n  value:\n    k: [1]\n",
    "r/files/wandb-summary.json": '{"f1": 2, "_step": 1, "n": {"x": "NaN"}}',
  });
  await place.take("wandb", "r");
  const { run: shown } = first(place);
  expect(Object.fromEntries(shown.config)).toEqual({ lr: 0.5, "m.k": [1] });
  expect(shown.metrics.get("f1")?.final).toBe(2);
  expect(shown.metrics.get("n.x")?.final).toBeNaN();
});

test("frames of every length are read as they were written", () => {
  for (const length of [0, 1, 32_748, 32_754, 32_755, 32_761, 32_762, 70_000]) {
    const records = [Buffer.alloc(length, 7), Buffer.from("end")];
    const read = framedRecords(file(...records));
    expect(read?.problems).toEqual([]);
    expect(read?.records.map((record) => Buffer.from(record))).toEqual(records);
  }
});
