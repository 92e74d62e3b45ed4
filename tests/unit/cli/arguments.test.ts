import { expect, test } from "vitest";
import { parseArguments } from "../../../src/cli/arguments.ts";
import { commands } from "../../../src/cli/command-list.ts";
import { isExpError } from "../../../src/core/errors.ts";

async function refusal(args: readonly string[]): Promise<string> {
  try {
    await parseArguments(args, "1.2.3");
  } catch (error) {
    if (isExpError(error)) return `${error.code}: ${error.message} ${error.hint ?? ""}`;
    throw error;
  }
  throw new Error("nothing was refused");
}

async function textOf(args: readonly string[]): Promise<string> {
  const line = await parseArguments(args, "1.2.3");
  if (line.kind === "text") return line.text;
  throw new Error("a command was found");
}

test("a file with overrides is a run, by its name too", async () => {
  const read = {
    kind: "command",
    name: "run",
    invocation: {
      operands: ["a/b.ts", "seed=7", "lr=1e-3,2e-3"],
      options: { onError: "continue" },
      json: false,
    },
  };
  const words = ["a/b.ts", "seed=7", "lr=1e-3,2e-3"];
  expect(await parseArguments(words, "1")).toMatchObject(read);
  expect(await parseArguments(["run", ...words], "1")).toMatchObject(read);
});

test("flags may stand anywhere", async () => {
  const args = ["--json", "--runs-dir", "out", "a.ts", "seed=1", "--on-error", "stop", "-m"];
  const line = await parseArguments(args, "1");
  expect(line).toMatchObject({
    name: "run",
    invocation: {
      operands: ["a.ts", "seed=1"],
      options: { onError: "stop", multirun: true },
      json: true,
      runsDirectory: "out",
    },
  });
});

test("a command takes the same flags, before and after its name", async () => {
  const invocation = { operands: ["a.ts", "seed=1"], json: true, runsDirectory: "out" };
  for (const args of [
    ["plan", "a.ts", "seed=1", "--json", "--runs-dir=out", "-m"],
    ["--json", "--runs-dir", "out", "plan", "a.ts", "seed=1"],
  ]) {
    expect(await parseArguments(args, "1")).toMatchObject({ name: "plan", invocation });
  }
});

test("flags with values may stand before the file", async () => {
  for (const flags of [
    ["--jobs", "2"],
    ["-j", "2"],
    ["--on-error", "stop"],
    ["--only", "0123abcd"],
  ]) {
    const line = await parseArguments([...flags, "a.ts"], "1");
    expect(line).toMatchObject({ name: "run", invocation: { operands: ["a.ts"] } });
  }
});

test("an override may hold equals signs and tildes, and be spelt like a flag", async () => {
  const words = ["a.ts", "name=a=b", "~tags", "--optimizer.learningRate=3e-4", "--tags+=x"];
  const line = await parseArguments(words, "1");
  expect(line).toMatchObject({
    invocation: {
      operands: ["a.ts", "name=a=b", "~tags", "optimizer.learningRate=3e-4", "tags+=x"],
    },
  });
});

test("what follows -- is never a flag", async () => {
  const line = await parseArguments(["plan", "a.ts", "--", "--json=x"], "1");
  expect(line).toMatchObject({ invocation: { operands: ["a.ts", "--json=x"], json: false } });
});

test("an unknown flag is refused by name with the nearest one", async () => {
  expect(await refusal(["a.ts", "--jsn"])).toMatch(
    /^usage: exp: unknown option '--jsn'\s+\(Did you mean --json\?\) See exp --help\./u,
  );
});

test("an unknown flag of a command is refused too, and says how values are set", async () => {
  expect(await refusal(["plan", "a.ts", "--seed", "7"])).toBe(
    "usage: exp: unknown option '--seed'. " +
      "Values are set as path=value or --path=value. See exp plan --help.",
  );
});

test("a wrong policy lists the right ones", async () => {
  expect(await refusal(["a.ts", "--on-error", "retry"])).toMatch(
    /Allowed choices are stop, continue/u,
  );
});

test("an empty flag is refused with what it expects", async () => {
  for (const args of [["--save="], ["--save", ""]]) {
    expect(await refusal(["plan", "a.ts", ...args])).toBe(
      "usage: exp: --save is empty: expected <plan.json>. See exp plan --help.",
    );
  }
});

test("a missing file is said", async () => {
  expect(await refusal([])).toBe("usage: exp: an experiment file is missing. See exp --help.");
  expect(await refusal(["plan"])).toMatch(/^usage: exp: missing required argument 'file'/u);
  expect(await refusal(["--fast"])).toMatch(/^usage: exp: --fast names no experiment/u);
});

test("a word that is no file is taken for a misspelt command", async () => {
  expect(await refusal(["plam", "a.ts"])).toBe(
    "usage: exp: plam is neither a command nor an experiment file. Did you mean exp plan? See exp --help.",
  );
});

test("help and version are text", async () => {
  for (const args of [["--help"], ["-h"], ["help"], ["a.ts", "--help"]]) {
    expect(await textOf(args)).toMatch(/^Usage: exp <file>[^]*75 stopped by a signal/u);
  }
  expect(await textOf(["--version"])).toBe("1.2.3\n");
  expect(await textOf(["help", "plan"])).toMatch(/^Usage: exp plan /u);
  expect(await textOf(["plan", "-h"])).toMatch(/^Usage: exp plan /u);
});

test("every command loads and describes itself", async () => {
  expect(commands.length).toBeGreaterThan(1);
  for (const { name } of commands) {
    expect(await textOf([name, "--help"])).toMatch(new RegExp(`^Usage: exp ${name} `, "u"));
  }
});

test("tags with a minus are words of exp tag, and no flags", async () => {
  const operandsOf = async (...words: string[]): Promise<unknown> => {
    const line = await parseArguments(["tag", ...words], "1");
    return line.kind === "command" ? [...line.invocation.operands, line.invocation.json] : line;
  };
  expect(await operandsOf("-mnist", "031a6508", "--json", "+x", "-hard")).toEqual([
    "031a6508",
    "+x",
    "-mnist",
    "-hard",
    true,
  ]);
  expect(await operandsOf("031a6508", "-a", "--", "-h")).toEqual(["031a6508", "-a", "-h", false]);
  expect(await refusal(["tag", "031a6508", "--draft"])).toContain("unknown option '--draft'");
  expect(await textOf(["tag", "-h"])).toContain("exp tag");
});
