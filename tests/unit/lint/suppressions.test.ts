/** Comments that suppress findings, and those that only mean to. */
import { expect, test } from "vitest";
import { applyEdits } from "../../../src/lint/apply-edits.ts";
import { look, told } from "./look.ts";

const head = 'import { defineConfig } from "lockstep";\n';

function withLine(line: string, before = ""): string {
  return `${head}export default defineConfig({\n${before}${line}\n});\n`;
}

test("a comment beside or above suppresses with its reason, several rules too", () => {
  const beside = withLine("  seed: Date.now(), // lint-ignore ambient-clock: a demonstration");
  const above = withLine(
    "  seed: Date.now() * Math.random(),",
    "  // lint-ignore ambient-clock, ambient-randomness: a demonstration\n  // of both\n",
  );
  const block = withLine("  seed: Date.now(),", "  /* lint-ignore ambient-clock: why not */\n");
  for (const text of [beside, above, block]) expect(told({ "x.ts": text })).toEqual([]);
  const { suppressed } = look({ "x.ts": above });
  expect(suppressed.map(({ rule, reason }) => [rule, reason])).toEqual([
    ["ambient-clock", "a demonstration"],
    ["ambient-randomness", "a demonstration"],
  ]);
});

test("without a reason, for another rule, or for another line it suppresses nothing", () => {
  const bare = withLine("  seed: Date.now(), // lint-ignore ambient-clock");
  expect(told({ "x.ts": bare })).toEqual(["x.ts:3 ambient-clock", "x.ts:3 suppression-reason"]);
  const odd = withLine("  seed: Date.now(), // lint-ignore ambient-clok: a demonstration");
  expect(told({ "x.ts": odd })).toEqual(["x.ts:3 ambient-clock", "x.ts:3 suppression-reason"]);
  const nameless = withLine("  seed: Date.now(), // lint-ignore: a demonstration");
  expect(told({ "x.ts": nameless })).toEqual(["x.ts:3 ambient-clock", "x.ts:3 suppression-reason"]);
  const early = withLine(
    "  name: 'a',\n  seed: Date.now(),",
    "  // lint-ignore ambient-clock: no\n",
  );
  expect(told({ "x.ts": early })).toEqual(["x.ts:3 unused-suppression", "x.ts:5 ambient-clock"]);
});

test("what is not needed is told, unless its rule was not asked", () => {
  const text = withLine("  seed: 1, // lint-ignore ambient-clock: a demonstration");
  expect(told({ "x.ts": text })).toEqual(["x.ts:3 unused-suppression"]);
  expect(told({ "x.ts": text }, ["unused-suppression"])).toEqual([]);
  expect(told({ "x.ts": text }, ["ambient-clock", "unused-suppression"])).toHaveLength(1);
});

test("a text and a regular expression that look like one are none", () => {
  const text = withLine('  name: "// lint-ignore ambient-clock: no",\n  tags: [`// lint-ignore`],');
  expect(told({ "x.ts": `${text}const pattern = /\\/\\/ lint-ignore x/u;\n` })).toEqual([]);
});

test("taking an unused one away leaves the rest as it is", () => {
  const own = withLine("  seed: 1,", "  // lint-ignore ambient-clock: a demonstration\n");
  const beside = withLine("  seed: 1, // lint-ignore ambient-clock: a demonstration");
  for (const text of [own, beside]) {
    const [finding] = look({ "x.ts": text }).findings;
    expect(applyEdits(text, finding?.edits ?? [])).toBe(withLine("  seed: 1,"));
  }
});

test("edits that overlap are left for the next time", () => {
  const edit = (start: number, end: number, text: string) => ({ file: "x.ts", start, end, text });
  expect(applyEdits("abcdef", [edit(4, 5, ""), edit(0, 2, "x"), edit(1, 3, "y")])).toBe("xcdf");
  expect(applyEdits("abc", [])).toBe("abc");
});
