/** A run that was killed while it wrote a row is shown up to that row, and the row is told. */
import { appendFileSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { showRun, type ShownRun } from "../../../../src/app/lookups/show-run.ts";
import { detailLines } from "../../../../src/cli/run-details.ts";
import { createTerminal } from "../../../../src/cli/terminal.ts";
import { currentProcess } from "../../../../src/store/process-facts.ts";
import { openStore } from "../../../../src/store/store.ts";
import { temporaryFolder } from "../../store/helpers.ts";
import { attemptOptions, begin, runEvents, sampleKey } from "../../store/sample-run.ts";

const name = sampleKey(1).slice(0, 16);
const log = `.attempts/${name}/1/logs/metrics.jsonl`;

/** A store with one attempt of three steps, by a process that is dead or alive. */
function attempted(processStart: string | null): string {
  const folder = temporaryFolder();
  const store = openStore(folder, { process: { ...currentProcess(), processStart } });
  const attempt = begin(store, attemptOptions(1));
  for (const event of runEvents(3).slice(0, -1)) attempt.record(event);
  if (processStart === "0") attempt.fail(new Error("stopped"));
  return folder;
}

function show(folder: string): ShownRun {
  return showRun({ runsDirectory: folder, workingDirectory: folder, environment: {} }, name);
}

function shownText(shown: ShownRun): string {
  const terminal = createTerminal({ write: () => true }, { NO_COLOR: "1" });
  return detailLines({ ...shown, directory: "runs/x" }, terminal).join("\n");
}

test("half a row at the end of a killed run's log is left out and told", () => {
  const folder = attempted("0");
  expect(show(folder).leftOut).toBeUndefined();
  const cut = '{"epoch":1,"step":4,"train.lo';
  appendFileSync(join(folder, log), cut);
  const shown = show(folder);
  expect(shown.curves.get("train.loss")?.steps).toEqual([1, 2, 3]);
  expect(shown.leftOut).toEqual({
    path: "logs/metrics.jsonl",
    line: 4,
    numCharacters: cut.length,
  });
  expect(shownText(shown)).toContain(
    "logs/metrics.jsonl:4 is cut off or damaged, and left out with what follows it (29 characters)",
  );
});

test("a damaged row in the middle ends what is shown, and the rest is told", () => {
  const folder = attempted("0");
  const lines = readFileSync(join(folder, log), "utf8").split("\n");
  writeFileSync(join(folder, log), [lines[0], "\0\0\0", ...lines.slice(2)].join("\n"));
  const shown = show(folder);
  expect(shown.curves.get("train.loss")?.steps).toEqual([1]);
  expect(shown.leftOut).toMatchObject({ line: 2 });
});

test("a row that a living process is just writing is nothing to be told", () => {
  const folder = attempted(currentProcess().processStart);
  appendFileSync(join(folder, log), '{"epoch":1,"step":4');
  const shown = show(folder);
  expect(shown.run.status).toBe("running");
  expect(shown.leftOut).toBeUndefined();
});
