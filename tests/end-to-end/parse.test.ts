/** `exp parse`: how the command line reads a value. */
import { expect, test } from "vitest";
import { createProject, exp } from "./project.ts";
import { expInSameProcess } from "./same-process.ts";

test("values and whole arguments, for people and for programs", async () => {
  const project = createProject({});
  const [text, json, argument, wrong] = await Promise.all([
    expInSameProcess(project, ["parse", "range(1,4)"]),
    expInSameProcess(project, ["parse", "--json", "[1,1.0,'a',{1:x}]"]),
    expInSameProcess(project, ["parse", "--override", "--json", "tags+=a"]),
    expInSameProcess(project, ["parse", "[1,2"]),
  ]);
  expect([text, json, argument, wrong].map(({ status }) => status)).toEqual([0, 0, 0, 2]);
  expect(text.stdout).toContain("in a config   3 runs: 1  2  3\n");
  expect(json.stdout).toBe(
    '[1,{"$float":"1.0"},{"$quoted":"a","quote":"single"},{"$dict":[[1,"x"]]}]\n',
  );
  expect(JSON.parse(argument.stdout)).toMatchObject({ $override: { type: "APPEND", key: "tags" } });
  expect(wrong.stdout).toBe("");
  expect(wrong.stderr).toBe(
    'value, column 1: this bracket has no end: expected "]".\n  [1,2\n  ^\n',
  );
});

test("every line of standard input has its answer, also behind a wrong one", async () => {
  const input = ["1", "", "a b\t", "[1", "é", `[${"1,".repeat(200_000)}]`, "'last'"].join("\n");
  const finished = await exp(createProject({}), ["parse", "-"], { input });
  expect(finished.status).toBe(2);
  const answers = finished.stdout.trimEnd().split("\n");
  expect(answers).toHaveLength(7);
  expect(answers.map((line) => line.slice(0, 30))).toEqual([
    "1",
    '{"error":{"code":"usage","colu',
    '"a b"',
    '{"error":{"code":"usage","colu',
    '"é"',
    "[1,1,1,1,1,1,1,1,1,1,1,1,1,1,1",
    '{"$quoted":"last","quote":"sin',
  ]);
  expect(JSON.parse(answers[3] ?? "")).toEqual({
    error: {
      code: "usage",
      message: 'this bracket has no end: expected "]".',
      position: 0,
      column: 1,
    },
  });
});
