/** Values as TypeScript: what is read back is the value, and prettier finds nothing to change. */
import { runInNewContext } from "node:vm";
import * as fc from "fast-check";
import { format } from "prettier";
import { expect, test } from "vitest";
import type { JsonValue } from "../../../../src/core/json.ts";
import { printFields, printValue } from "../../../../src/diff/edit/print-value.ts";
import { equalJson } from "../../../../src/diff/value/equal.ts";

const text = fc.oneof(
  fc.string({ maxLength: 90 }),
  fc.string({ unit: fc.constantFrom('"', "'", "\\", "\n", "a", "\u2028", "${") }),
);
const { value } = fc.letrec<{ value: JsonValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<JsonValue[]>(null, true, false),
    fc.double({ noNaN: true, noDefaultInfinity: true }),
    fc.integer({ min: -2000, max: 2000 }),
    text,
    fc.array(fc.integer(), { maxLength: 30 }),
    fc.array(tie("value"), { maxLength: 5 }),
    fc.dictionary(
      fc.constantFrom("a", "size", "learningRate", "a b", "1", "über", "x-y"),
      tie("value"),
    ),
  ),
}));
const record = fc.dictionary(fc.constantFrom("a", "size", "learningRate", "a b"), value, {
  minKeys: 1,
});

test("a printed value is read back as it was, whatever it holds", () => {
  fc.assert(
    fc.property(value, (one) => {
      const printed = printValue(one, { indent: 0, column: 0, width: 80 });
      const read = JSON.parse(String(runInNewContext(`JSON.stringify(${printed})`))) as JsonValue;
      expect(equalJson(read, one)).toBe(true);
    }),
  );
});

test.each([80, 100])("prettier with lines of %i characters changes nothing", async (width) => {
  await fc.assert(
    fc.asyncProperty(record, async (one) => {
      const printed = `f(${printFields(one, { indent: 0, column: 2, width })});\n`;
      expect(await format(printed, { parser: "typescript", printWidth: width })).toBe(printed);
    }),
    { numRuns: 80 },
  );
});

test("a reference to a secret becomes a call", () => {
  const printed = printValue(
    { token: { $secret: "HF_TOKEN" } },
    { indent: 0, column: 0, width: 80 },
  );
  expect(printed).toBe('{ token: secret("HF_TOKEN") }');
});
