/** CSV that readers take back as it was. */
import { expect, test } from "vitest";
import { csvHeader, csvLine } from "../../../../src/track/csv/csv-text.ts";

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
