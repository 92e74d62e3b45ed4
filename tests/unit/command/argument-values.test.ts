import { expect, test } from "vitest";
import { insertValues } from "../../../src/command/argument-values.ts";
import { formatError, isExpError } from "../../../src/core/errors.ts";

const values = {
  config: "/run/config.json",
  runDirectory: "/run",
  seed: 7,
  files: ["/project/train.py"],
  parameters: { lr: 1e-3, text: "{seed}", model: { sizes: [1, 2] }, "odd key": true },
};

test("names in braces become paths and values; texts stand as they are, the rest as JSON", () => {
  const command = ["{files[0]}", "--lr={parameters.lr}", "{parameters.model}", "{seed}-{config}"];
  expect(insertValues(command, values)).toEqual([
    "/project/train.py",
    "--lr=0.001",
    '{"sizes":[1,2]}',
    "7-/run/config.json",
  ]);
  expect(insertValues(["{parameters.model.sizes[1]}", "{parameters.text}"], values)).toEqual([
    "2",
    "{seed}",
  ]);
});

test("all other braces are the program's own", () => {
  const command = ["{", "{}", '{"a":{"b":1}}', "${HOME}", "{other}", "{seedling}", "x{1,2}"];
  expect(insertValues(command, values)).toEqual(command);
});

test("names without a value are refused together, with what there is", () => {
  const text = (): string => {
    try {
      return insertValues(["a", "{files[1]}", "{parameters.lrr} {parameters}"], values).join(" ");
    } catch (error) {
      return isExpError(error) ? formatError(error) : String(error);
    }
  };
  expect(text()).toContain("command[1]: {files[1]} names no value");
  expect(text()).toContain("Did you mean {parameters.lr}?");
});
