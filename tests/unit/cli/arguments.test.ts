import { expect, test } from "vitest";
import { parseArguments } from "../../../src/cli/arguments.ts";
import { isExpError } from "../../../src/core/errors.ts";

function refusal(args: readonly string[]): string {
  try {
    parseArguments(args, "1.2.3");
  } catch (error) {
    if (isExpError(error)) return `${error.code}: ${error.message} ${error.hint ?? ""}`;
    throw error;
  }
  throw new Error("nothing was refused");
}

test("a file with overrides is a run", () => {
  expect(parseArguments(["a/b.ts", "seed=7", "lr=1e-3,2e-3"], "1")).toEqual({
    kind: "run",
    file: "a/b.ts",
    overrides: ["seed=7", "lr=1e-3,2e-3"],
    json: false,
    onError: "continue",
  });
});

test("flags may stand anywhere", () => {
  expect(
    parseArguments(
      ["--json", "a.ts", "seed=1", "--on-error", "stop", "--runs-dir", "out", "-m"],
      "1",
    ),
  ).toEqual({
    kind: "run",
    file: "a.ts",
    overrides: ["seed=1"],
    json: true,
    onError: "stop",
    runsDirectory: "out",
  });
});

test("plan takes the same file, overrides and output", () => {
  expect(parseArguments(["plan", "a.ts", "seed=1", "--json", "--runs-dir=out"], "1")).toEqual({
    kind: "plan",
    file: "a.ts",
    overrides: ["seed=1"],
    json: true,
    runsDirectory: "out",
  });
});

test("an override may hold equals signs and tildes", () => {
  const line = parseArguments(["a.ts", "name=a=b", "~tags"], "1");
  expect(line).toMatchObject({ overrides: ["name=a=b", "~tags"] });
});

test("an unknown flag is refused by name with the nearest one", () => {
  expect(refusal(["a.ts", "--jsn"])).toMatchInlineSnapshot(`
    "usage: exp: unknown option '--jsn'
    (Did you mean --json?) See exp --help."
  `);
});

test("an unknown flag of a command is refused too", () => {
  expect(refusal(["plan", "a.ts", "--fast"])).toBe(
    "usage: exp: unknown option '--fast' See exp --help.",
  );
});

test("a wrong policy lists the right ones", () => {
  expect(refusal(["a.ts", "--on-error", "retry"])).toMatch(/Allowed choices are stop, continue/u);
});

test("a missing file is said", () => {
  expect(refusal([])).toMatch(/^usage: exp: missing required argument 'file'/u);
  expect(refusal(["plan"])).toMatch(/^usage: exp: missing required argument 'file'/u);
});

test("a word that is no file is taken for a misspelt command", () => {
  expect(refusal(["plam", "a.ts"])).toBe(
    "usage: exp: plam is neither a command nor an experiment file. Did you mean exp plan? See exp --help.",
  );
});

test("help and version are text", () => {
  const help = parseArguments(["--help"], "1.2.3");
  expect(help.kind === "text" && help.text).toMatch(/Usage: exp/u);
  expect(help.kind === "text" && help.text).toMatch(/75 stopped by a signal/u);
  expect(parseArguments(["--version"], "1.2.3")).toEqual({ kind: "text", text: "1.2.3\n" });
  expect(parseArguments(["help", "plan"], "1").kind).toBe("text");
});
