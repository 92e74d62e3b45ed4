import { expect, test } from "vitest";
import { parseMetricRow } from "../../../src/command/metric-rows.ts";

test("a row has a step, an epoch and figures; without a step it is of the whole run", () => {
  expect(parseMetricRow('{"step":3,"epoch":0.5,"train.loss":1e-3,"numSteps":9}')).toEqual({
    step: 3,
    epoch: 0.5,
    numSteps: 9,
    values: { "train.loss": 0.001 },
  });
  expect(parseMetricRow('{"test.accuracy":1}')).toMatchObject({ step: undefined, epoch: 0 });
});

test("NaN and infinities are taken as Python and as Lockstep write them", () => {
  const row = parseMetricRow('{"step": 1, "a": NaN, "b": -Infinity, "c NaN": "Infinity", "d": 1}');
  expect(row).toMatchObject({ values: { a: NaN, b: -Infinity, "c NaN": Infinity, d: 1 } });
});

test.each([
  ["loss 0.3", "it is not a JSON object"],
  ["[1]", "it is not a JSON object"],
  ["", "it is not a JSON object"],
  ['{"step":1', "it is not a JSON object"],
  ['{"step":-1}', "its step is not a whole number from 0"],
  ['{"step":1.5}', "its step is not a whole number from 0"],
  ['{"step":"1"}', "its step is not a whole number from 0"],
  ['{"step":1,"epoch":NaN}', "its epoch is not a number"],
  ['{"step":1,"numSteps":"all"}', "its numSteps is not a whole number"],
  ['{"step":1,"loss":"low"}', '"loss" is not a number'],
  ['{"step":1,"loss":{"a":1}}', '"loss" is not a number'],
])("%s is no row, and says why", (line, reason) => {
  expect(parseMetricRow(line)).toBe(reason);
});
