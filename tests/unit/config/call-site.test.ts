import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runInThisContext } from "node:vm";
import { expect, test } from "vitest";
import { callSite, type CallSite } from "../../../src/config/call-site.ts";

const root = join(import.meta.dirname, "../../..");

// Types vanish when this file is compiled, which shifts all that follows.
interface Padding {
  readonly first: number;
  readonly second: number;
}
const padding: Padding = { first: 1, second: 2 };

function marked(..._values: readonly unknown[]): CallSite {
  return callSite(marked);
}

/** Where a text stands in this file, as an editor counts. */
function placeOf(text: string): { readonly line: number; readonly column: number } {
  const before = readFileSync(import.meta.filename, "utf8").split(text, 1)[0] ?? "";
  const lines = before.split("\n");
  return { line: lines.length, column: (lines.at(-1) ?? "").length + 1 };
}

test("the place is file, line and column of the author's text", () => {
  const place = [padding satisfies Padding, marked("here")][1] as CallSite;
  expect(place).toEqual({ file: import.meta.filename, ...placeOf('marked("here")') });
});

test("calls between are left out, and each call has its own place", () => {
  function outer(): CallSite {
    const inner = (): CallSite => callSite(outer);
    return inner();
  }
  const [first, second] = [outer(), outer()];
  expect(first.line).toBe(second.line);
  expect(second.column - first.column).toBe("outer(), ".length);
});

test("the stack settings of the process stay as they were", () => {
  const before = { ...Object.getOwnPropertyDescriptors(Error) };
  marked();
  expect(Object.getOwnPropertyDescriptors(Error)).toEqual(before);
});

test("code without a file has the place that the engine knows", () => {
  const evaluate = runInThisContext("(mark) => mark()", { filename: "" }) as (
    mark: () => CallSite,
  ) => CallSite;
  expect(evaluate(() => marked()).line).toBeGreaterThan(0);
  expect(evaluate(marked)).toEqual({ file: "<unknown>", line: 1, column: 1 });
});

test("places are the author's under tsx, in a folder with a space and an umlaut", () => {
  const folder = mkdtempSync(join(tmpdir(), "call site ü "));
  try {
    writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
    const module = join(folder, "experiment.ts");
    const api = JSON.stringify(join(root, "src/config/call-site.ts"));
    writeFileSync(
      module,
      [
        `import { callSite, type CallSite } from ${api};`,
        "interface Vanishes {",
        "  readonly a: number;",
        "}",
        "const mark = (): CallSite => callSite(mark);",
        "const value: Vanishes = { a: 1 };",
        "process.stdout.write(JSON.stringify([value, mark()]));",
      ].join("\n"),
    );
    const load =
      'process.setSourceMapsEnabled(true); require("tsx/cjs/api").register(); require(process.argv[1]);';
    const output = execFileSync(process.execPath, ["-e", load, module], { cwd: root });
    expect(JSON.parse(output.toString())).toEqual([
      { a: 1 },
      { file: module, line: 7, column: 45 },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
