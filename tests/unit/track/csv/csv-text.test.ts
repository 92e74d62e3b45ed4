/** CSV that readers take back as it was. */
import { expect, test } from "vitest";
import { csvHeader, csvLine, unguarded } from "../../../../src/track/csv/csv-text.ts";

test("what a reader could take for something else stands in quotes", () => {
  const cells = ["a,b", 'say "x"', "two\nlines", " blank", "", undefined, "plain; text", "x\0y"];
  expect(csvLine(cells)).toBe('"a,b","say ""x""","two\nlines"," blank","",,plain; text,x\uFFFDy\n');
});

test("numbers have all their digits, and those that are not finite their names", () => {
  expect(csvLine([0.1 + 0.2, 1e-7, -0, NaN, Infinity, -Infinity, true])).toBe(
    "0.30000000000000004,1e-7,0,NaN,Infinity,-Infinity,true\n",
  );
});

test("names of columns are fields too", () => {
  expect(csvHeader([{ name: 'config.data["a,b"]', kind: "text" }])).toBe(
    '"config.data[""a,b""]"\n',
  );
});

test("what a spreadsheet would take for a formula is a text with an apostrophe; numbers stay", () => {
  const formulas = ["=1+1", "+x", "-x", "@SUM(A1)", "\uff1dx", "'=x", "-1e", "--1"];
  expect(csvLine(formulas)).toBe(`'${formulas.join(",'")}\n`);
  const others = ["-1", "+1.5e-3", "-Infinity", "a=b", "'quoted'", "1-1", ".5", -2];
  expect(csvLine(others)).toBe(`${others.join(",")}\n`);
  for (const text of [...formulas, ...others.map(String)]) {
    expect(unguarded(csvLine([text]).slice(0, -1))).toBe(text);
  }
});

test("escape sequences do not reach a terminal", () => {
  expect(csvLine(["\u001b[31mred\u0007", "\u009b2J", "a\tb"])).toBe(
    "\uFFFD[31mred\uFFFD,\uFFFD2J,a\tb\n",
  );
});
