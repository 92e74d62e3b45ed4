import { expect, test } from "vitest";
import { unreadValues } from "../../../src/app/unread-values.ts";
import { trackReads } from "../../../src/core/tracked-reads.ts";

const config = {
  logging: { interval: 10 },
  model: { kind: "mine", width: 8, shade: 2 },
  optimizer: { learningRate: 0.1 },
};
const identity = { format: "lockstep/config/1", config: { model: config.model } };
const run = { identityText: JSON.stringify(identity) };

test("of the training task, what is not in the identity is not told", () => {
  const reads = trackReads(config);
  const { model } = reads.config as typeof config;
  expect([model.kind, model.width]).toEqual(["mine", 8]);
  expect(unreadValues(reads, run, { sealsItself: true })).toEqual(["model.shade"]);
});

test("of any other task everything is told that was not read", () => {
  const reads = trackReads(config);
  const { model } = reads.config as typeof config;
  expect([model.kind, model.width, model.shade]).toEqual(["mine", 8, 2]);
  expect(unreadValues(reads, run, {})).toEqual(["logging.interval", "optimizer.learningRate"]);
});
