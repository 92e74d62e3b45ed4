/** Offline runs of W&B read back by its own reader. No server was there to send them to. */
import { join } from "node:path";
import { expect, test } from "vitest";
import type { RunEvent } from "../../src/core/run-events.ts";
import { openStore } from "../../src/store/store.ts";
import { exportRun } from "../../src/track/target.ts";
import { createWandbTarget } from "../../src/track/wandb/target.ts";
import { temporaryFolder } from "../unit/store/helpers.ts";
import { attemptOptions, begin, publishRun, runEvents } from "../unit/store/sample-run.ts";
import { exportTools, viewOf, viewTools } from "../unit/track/helpers.ts";
import { readWithPython } from "./python.ts";
import { hostileMetric, hostileName } from "./runs.ts";

interface Item {
  readonly item: Readonly<Record<string, unknown>>;
}

interface Seen {
  readonly records: readonly { readonly type: string; readonly history?: Item }[];
  readonly summary: Readonly<Record<string, unknown>>;
}

async function seen(store: string, directory: string): Promise<Seen> {
  const { files, now } = viewTools;
  const folder = temporaryFolder();
  const names = { project: undefined, entity: undefined, isOnline: false };
  const target = createWandbTarget({ files, now, folder, ...names });
  const view = viewOf(store, directory);
  const { shownAt = "" } = await exportRun(exportTools(), target, view);
  return readWithPython("read_wandb.py", join(shownAt, `run-${view.name}.wandb`)) as Seen;
}

test("config, hashes, every row over many blocks, the result and the end", async () => {
  const store = temporaryFolder();
  const rows = Array.from({ length: 2000 }, (_, index): RunEvent => {
    return {
      kind: "metrics",
      step: index + 1,
      epoch: 1,
      values: { "train.loss": 1 / (index + 1) },
    };
  });
  const directory = publishRun(openStore(store), 1, [...rows, ...runEvents(0)]);
  const { records, summary } = await seen(store, directory);
  const { runKey, identities } = viewOf(store, directory);
  expect(summary).toMatchObject({
    project: "bert-lr",
    state: "finished",
    exit_code: 0,
    config: { model: { kind: "mlp" }, lockstep: { runKey, configHash: identities.configHash } },
    summary: { "train.loss": 1 / 2000, "result/validation.accuracy": 0.5 },
  });
  const read = records.flatMap(({ history }) => (history === undefined ? [] : [history.item]));
  expect(read.map((item) => [item["_step"], item["train.loss"]])).toEqual(
    rows.map((_, index) => [index + 1, 1 / (index + 1)]),
  );
});

test("a run that goes on has no end; hostile names and what is not finite", async () => {
  const store = temporaryFolder();
  const options = attemptOptions(5, { config: { name: hostileName, long: "x".repeat(100_000) } });
  const attempt = begin(openStore(store), { ...options, experiment: hostileName });
  const values = { a: NaN, [hostileMetric]: -Infinity, "a.b": 1e-300 };
  attempt.record({ kind: "metrics", step: 0, epoch: 0, values });
  const { records, summary } = await seen(store, attempt.directory);
  expect(records.map(({ type }) => type)).toEqual(["header", "run", "history", "summary"]);
  expect(summary["name"]).toContain("</script>");
  expect(records[2]?.history?.item).toMatchObject({
    a: "NaN",
    [hostileMetric]: "-Infinity",
    "a.b": 1e-300,
  });
});
