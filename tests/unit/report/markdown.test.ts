import * as fc from "fast-check";
import { expect, test } from "vitest";
import { codeBlock, codeText, numberText, plainText, table } from "../../../src/report/markdown.ts";
import { hostileNames } from "./sample-facts.ts";

test("names that are harmless stay readable", () => {
  expect(plainText("bert-lr 3e-4 (Größe 2)")).toBe("bert-lr 3e-4 (Größe 2)");
  expect(codeText("model.hiddenSizes[0]")).toBe("`model.hiddenSizes[0]`");
});

test("markup, HTML, links and control characters become text", () => {
  expect(plainText("<b>*x*</b> [a](b) `c` | ~d~")).toBe(
    String.raw`\<b\>\*x\*\</b\> \[a\](b) \`c\` \| \~d\~`,
  );
  expect(plainText("see https://evil.example or www.evil.example")).toBe(
    String.raw`see https:\//evil.example or www\.evil.example`,
  );
  expect(plainText("a\n# b\u001b[31m\u202e")).toBe(String.raw`a \# b \[31m`);
});

test("code is fenced by more backticks than it holds", () => {
  expect(codeText("a`b``c")).toBe("```a`b``c```");
  expect(codeText("`a`")).toBe("`` `a` ``");
  expect(codeText("")).toBe("`  `");
  expect(codeBlock("sh", ["echo '````'"])).toBe("`````sh\necho '````'\n`````");
});

test("no name leaves its line or its cell", () => {
  const name = fc.oneof(fc.string({ unit: "grapheme" }), fc.constantFrom(...hostileNames));
  fc.assert(
    fc.property(name, (text) => {
      for (const cell of [plainText(text), codeText(text)]) {
        expect(cell).not.toMatch(/[\n\r\u2028\u2029\u0085]/);
        const row = table(["a", "b"], [[cell, "x"]]).split("\n");
        expect(row).toHaveLength(3);
        expect(row[2]?.split(/(?<!\\)\|/)).toHaveLength(4);
      }
    }),
  );
});

test("numbers keep every digit, and what is not finite is no figure", () => {
  expect(numberText(0.1 + 0.2)).toBe("0.30000000000000004");
  expect([NaN, Infinity, -Infinity].map(numberText)).toEqual([
    "not finite",
    "not finite",
    "not finite",
  ]);
});

test("a column is one of numbers only where every cell is a number", () => {
  const marks = (...cells: string[]): string | undefined =>
    table(
      ["a"],
      cells.map((cell) => [cell]),
    ).split("\n")[1];
  expect(marks("1", "-0.5", "1e-7", "1e+300", "not finite")).toBe("| ---: |");
  for (const cells of [["1", "x"], [""], ["`1`"], ["1 2"], ["0x1"], []]) {
    expect(marks(...cells)).toBe("| :--- |");
  }
});
