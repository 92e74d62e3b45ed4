/** Whatever evaluated code does to its process is a problem of that experiment alone. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { createEvaluator, type Evaluator } from "../../../../src/app/evaluate/evaluator.ts";
import { answerIn, readEvaluated } from "../../../../src/app/evaluate/messages.ts";

const run = { config: { slope: 1 }, identity: {}, axisValues: {}, configHash: "a".repeat(64) };
const good = { experiment: "fine", task: { name: "line", version: 1 }, runs: [run] };

/** A stand-in for `exp`: it does what the name of the file says. */
const program = `
const answer = JSON.stringify(${JSON.stringify(good)});
const done = (index, result) => process.send({ kind: "done", index, result });
process.on("message", ({ kind, index, job, protocol }) => {
  if (kind === "start") return process.send({ kind: "ready", protocol });
  if (kind === "end") return process.disconnect();
  if (kind !== "execute") return;
  if (job.kind === "origin") return done(index, { text: '{"origin":"experiments/fine.ts:' + job.run + '"}' });
  if (job.file === "hang.ts") for (;;) {}
  if (job.file === "exit.ts") { console.log("the cause is you: \\u001b[2J"); console.error("exit.ts:3: The process was ended before exp was done."); console.log("yes"); return process.exit(3); }
  if (job.file === "odd.ts") return done(index, { text: new Map() });
  if (job.file === "late.ts") setImmediate(() => process.exit(0));
  if (job.file === "noise.ts") process.send(new Map([["kind", "done"]]));
  done(index, { text: answer });
});
`;

function evaluatorOf(timeoutMs: number): Evaluator & { readonly lines: readonly string[] } {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const module = join(folder, "program.cjs");
  writeFileSync(module, program);
  const lines: string[] = [];
  const evaluator = createEvaluator({
    folder,
    environment: process.env,
    timeoutMs,
    onLine: (line) => lines.push(line),
    program: { module, args: [], nodeFlags: [], environment: process.env },
  });
  onTestFinished(() => evaluator.end());
  return { ...evaluator, lines };
}

test("a process that ends is told for its experiment, and the next one gets another", async () => {
  const evaluator = evaluatorOf(60_000);
  expect(await evaluator.evaluate("exit.ts")).toEqual({
    problem:
      'the process that evaluated it ended with status 3; it printed "exit.ts:3: The process was ended before exp was done."',
  });
  expect(evaluator.lines.toSorted()).toEqual([
    "exit.ts:3: The process was ended before exp was done.",
    "the cause is you: \u001b[2J",
    "yes",
  ]);
  expect(await evaluator.evaluate("noise.ts")).toMatchObject(good);
  // What is left over of one experiment ends the process while the next is on: that one is asked once more.
  expect(await evaluator.evaluate("late.ts")).toMatchObject(good);
  const fine = await evaluator.evaluate("fine.ts");
  if ("problem" in fine) throw new Error(fine.problem);
  const [first] = fine.runs;
  if (first === undefined) throw new Error("no run");
  expect(await fine.originOf(first, ["slope"])).toBe("experiments/fine.ts:0");
});

test("an experiment that hangs ends with its time limit", async () => {
  const evaluator = evaluatorOf(1_500);
  expect(await evaluator.evaluate("hang.ts")).toEqual({
    problem: "evaluating it took longer than 2 s",
  });
  expect(await evaluator.evaluate("fine.ts")).toMatchObject(good);
});

test("an answer that is none is a problem, whatever was sent", async () => {
  expect(await evaluatorOf(60_000).evaluate("odd.ts")).toEqual({
    problem: expect.stringContaining("an answer that is none") as string,
  });
  const odd = [
    { ...good, runs: [] },
    { ...good, runs: [{ ...run, configHash: "A" }] },
    { ...good, runs: [{ ...run, config: [] }] },
    { ...good, task: "line" },
    { runs: [run] },
  ];
  for (const answer of odd) {
    expect(readEvaluated(answerIn({ text: JSON.stringify(answer) }))).toHaveProperty("problem");
  }
  const deep = `{"experiment":${"[".repeat(100_000)}${"]".repeat(100_000)}}`;
  for (const text of [deep, "", "[]", 7, undefined]) {
    expect(answerIn({ text })).toHaveProperty("problem");
  }
});
