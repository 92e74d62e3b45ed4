/** Runs in the inbox of Trackio, taken in by Trackio itself. */
import { rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore } from "../../src/store/store.ts";
import { exportRun } from "../../src/track/target.ts";
import { createTrackioTarget } from "../../src/track/trackio/target.ts";
import { temporaryFolder } from "../unit/store/helpers.ts";
import {
  attemptOptions,
  begin,
  documents,
  publishRun,
  runEvents,
} from "../unit/store/sample-run.ts";
import { exportTools, viewOf, viewTools } from "../unit/track/helpers.ts";
import { hasModule, readWithPython } from "./python.ts";
import { hostileName } from "./runs.ts";

interface Seen {
  readonly taken: number;
  readonly runs: Readonly<
    Record<
      string,
      {
        readonly logs: readonly Readonly<Record<string, unknown>>[];
        readonly config: Readonly<Record<string, unknown>>;
      }
    >
  >;
}

test.skipIf(!hasModule("trackio"))(
  "curves, config, hashes and result, once however often they are sent",
  async () => {
    const [store, folder] = [temporaryFolder(), temporaryFolder()];
    const { files, now } = viewTools;
    const target = createTrackioTarget({ files, now, folder, project: "spam" });
    const view = viewOf(store, publishRun(openStore(store), 1, runEvents(3)));
    const attempt = begin(openStore(store), {
      ...attemptOptions(2, { config: { name: hostileName } }),
      experiment: hostileName,
    });
    attempt.record({
      kind: "metrics",
      step: 1,
      epoch: 1,
      values: { a: NaN, time: -Infinity, "<b>": 1e-300 },
    });
    for (const event of runEvents(0)) attempt.record(event);
    attempt.finish();
    const hostile = viewOf(store, attempt.publish(documents).run.directory);
    for (const one of [view, hostile]) await exportRun(exportTools(), target, one);
    const read = (): Seen => readWithPython("read_trackio.py", folder, "spam") as Seen;
    const { taken, runs } = read();
    expect(taken).toBeGreaterThan(3);
    const name = Object.keys(runs).find((run) => run.endsWith(view.name.slice(0, 8))) ?? "";
    const { logs = [], config = {} } = runs[name] ?? {};
    const losses = logs.flatMap((log) =>
      "train.loss" in log ? [[log["step"], log["train.loss"]]] : [],
    );
    expect(losses.map(([step]) => step)).toEqual([1, 2, 3]);
    expect(logs.at(-1)).toMatchObject({
      "result/validation.accuracy": view.results?.metrics["validation.accuracy"],
    });
    expect(config).toMatchObject({
      ...view.config,
      lockstep: { runKey: view.runKey, status: "finished" },
    });
    const [, seen] = Object.entries(runs).find(([run]) => run.includes("</script>")) ?? [];
    const odd = seen?.logs.find((log) => "a" in log);
    expect(odd).toMatchObject({ a: "nan", "metric.time": "-inf", "<b>": 1e-300 });
    // Without the cursors all is sent again, and Trackio has each line once.
    rmSync(join(store, ".annotations"), { recursive: true });
    await exportRun(exportTools(), target, view);
    expect(read()).toEqual({ taken: expect.any(Number), runs });
    expect(await exportRun(exportTools(), target, view)).toMatchObject({ wasComplete: true });
    expect(read().taken).toBe(0);
  },
);
