import { expect, test } from "vitest";
import type { FieldInfo } from "../../../src/app/field-facts.ts";
import { quantityText } from "../../../src/cli/field-text.ts";
import { fieldLines } from "../../../src/cli/list-text.ts";
import { createTerminal, width } from "../../../src/cli/terminal.ts";

const field: FieldInfo = {
  path: "model.activation",
  shape: "scalar",
  type: "a text",
  values: ["relu", "gelu", "hyperbolic tangent"],
  default: "a default that is longer than a column",
  isRequired: false,
  mark: "identity",
  doc: `What follows each hidden layer${" and so on".repeat(20)}. A second sentence.`,
  onlyIn: { path: "model.kind", kinds: ["mlp"] },
};

function lines(columns: number | undefined): readonly string[] {
  const screen = {
    isTTY: columns !== undefined,
    write: () => undefined,
    ...(columns && { columns }),
  };
  return fieldLines([field], createTerminal(screen, { NO_COLOR: "1" }));
}

test("a list of fields fits its screen; what would have little room gets a line of its own", () => {
  expect(lines(120).slice(0, 2)).toEqual([
    "path              type                            default           what",
    'model.activation  "relu" | "gelu" | "hyperbolic…  "a default that…  (mlp) What follows each hidden layer and so on and …',
  ]);
  const narrow = lines(80);
  expect(narrow[2]).toMatch(/^ {4}\(mlp\) What follows each hidden layer .*…$/u);
  expect(Math.max(...narrow.slice(0, 3).map(width))).toBe(80);
});

test("in a file the first sentence is whole", () => {
  expect(lines(undefined)[1]).toMatch(/and so on\.$/u);
});

test.each([
  [1, "steps", "1 step"],
  [0, "steps", "0 steps"],
  [45, "steps", "45 steps"],
  [1, undefined, "1"],
  [null, "steps", "null"],
])("%j in %s is written %j", (value, unit, text) => {
  expect(quantityText(value, unit)).toBe(text);
});
