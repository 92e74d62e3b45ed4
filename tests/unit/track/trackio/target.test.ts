/** Lines in the inbox of Trackio: each with an id that follows from what it says. */
import { readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { openStore } from "../../../../src/store/store.ts";
import { exportRun } from "../../../../src/track/target.ts";
import { createTrackioTarget, trackioFolder } from "../../../../src/track/trackio/target.ts";
import { temporaryFolder } from "../../store/helpers.ts";
import { attemptOptions, begin, documents, runEvents } from "../../store/sample-run.ts";
import { exportTools, viewOf, viewTools } from "../helpers.ts";

type Line = Readonly<Record<string, unknown>>;

/** As Trackio does: reads all lines and deletes the files. */
function take(folder: string): readonly Line[] {
  const inbox = join(folder, "inbox");
  const names = readdirSync(inbox, { recursive: true, encoding: "utf8" }).toSorted();
  const files = names.filter((name) => name.endsWith(".jsonl"));
  const lines = files.flatMap((name) =>
    readFileSync(join(inbox, name), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as Line),
  );
  for (const name of readdirSync(inbox)) rmSync(join(inbox, name), { recursive: true });
  return lines;
}

test("a run that goes on is sent part by part, its end with the config and the result", async () => {
  const [store, folder] = [temporaryFolder(), temporaryFolder()];
  const { files, now } = viewTools;
  const target = createTrackioTarget({ files, now, folder, project: undefined });
  const attempt = begin(openStore(store), attemptOptions(1));
  const send = async (directory: string) =>
    exportRun(exportTools(), target, viewOf(store, directory));
  attempt.record({ kind: "metrics", step: 1, epoch: 1, values: { time: 5, __x: 1, f1: NaN } });
  await send(attempt.directory);
  const first = take(folder);
  const { name, runKey } = viewOf(store, attempt.directory);
  expect(first).toMatchObject([
    {
      v: 1,
      kind: "metric",
      run_id: name,
      step: 1,
      config: null,
      metrics: { epoch: 1, "metric.time": 5, "metric.__x": 1, f1: "NaN" },
    },
    { metrics: {}, config: { lockstep: { runKey, status: "running" } } },
  ]);
  expect(await send(attempt.directory)).toMatchObject({ numRows: 0, isComplete: false });
  for (const event of runEvents(3).slice(2)) attempt.record(event);
  attempt.finish();
  const { run } = attempt.publish(documents);
  const report = await send(run.directory);
  expect(report).toMatchObject({ isComplete: true, wasComplete: false });
  const later = take(folder);
  expect(later.at(-1)).toMatchObject({ config: { lockstep: { status: "finished" } } });
  expect(later.at(-1)?.["metrics"]).toHaveProperty(["result/validation.accuracy"]);
  const ids = [...first, ...later].map((line) => line["log_id"]);
  expect(new Set(ids).size).toBe(ids.length);
  expect(await send(run.directory)).toMatchObject({ wasComplete: true, numRows: 0 });
  expect(readdirSync(join(folder, "inbox"))).toEqual([]);
  rmSync(join(store, ".annotations"), { recursive: true });
  await send(run.directory);
  expect(ids).toEqual(expect.arrayContaining(take(folder).map((line) => line["log_id"])));
});

test("the folder is the one that Trackio uses", () => {
  expect(trackioFolder({ TRACKIO_DIR: "/t", HF_HOME: "/h" })).toBe("/t");
  expect(trackioFolder({ HF_HOME: "/h" })).toBe("/h/trackio");
  expect(trackioFolder({ XDG_CACHE_HOME: "/c" })).toBe("/c/huggingface/trackio");
});
