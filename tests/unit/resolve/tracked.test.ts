import { expect, test } from "vitest";
import { formatPath } from "../../../src/core/path.ts";
import { createSchemaView } from "../../../src/resolve/schema-view.ts";
import { AbsentRead, trackedConfig } from "../../../src/resolve/tracked.ts";
import { base, configOf, smallSchema, untyped, type SmallConfig } from "./support/small-task.ts";

function track(): { readonly config: SmallConfig; readonly reads: string[] } {
  const reads: string[] = [];
  const config = trackedConfig(structuredClone(configOf(base)), createSchemaView(smallSchema), {
    fill: () => undefined,
    read: (path) => reads.push(formatPath(path)),
  });
  return { config: config as SmallConfig, reads };
}

test("reading is noticed where a scalar is reached", () => {
  const { config, reads } = track();
  expect(config.training.batchSize + (config.hiddenSizes[1] ?? 0)).toBe(24);
  expect(reads).toEqual(["training.batchSize", "hiddenSizes[1]"]);
});

test("a view behaves as the plain value does", () => {
  const { config } = track();
  expect(JSON.parse(JSON.stringify(config))).toEqual(configOf(base));
  expect({ ...config.training }).toEqual(configOf(base).training);
  expect(config.hiddenSizes.map((size) => size / 2)).toEqual([16, 8]);
  expect([...config.hiddenSizes]).toEqual([32, 16]);
  expect(Array.isArray(config.hiddenSizes)).toBe(true);
  expect("numEpochs" in config.training).toBe(false);
  expect(config.optimizer).toBe(config.optimizer);
  expect(Object.prototype.hasOwnProperty.call(config.optimizer, "kind")).toBe(true);
});

test("an absent optional field is undefined, any other absent path an error", () => {
  const { config, reads } = track();
  expect(config.training.numEpochs).toBeUndefined();
  expect(reads).toEqual(["training.numEpochs"]);
  expect(() => untyped(config.optimizer)["momentum"]).toThrow(AbsentRead);
  expect(() => untyped(config)["trainin"]).toThrow("trainin is not set");
});

test("nothing can be changed through a view", () => {
  const { config } = track();
  expect(() => config.hiddenSizes.push(1)).toThrow("only read");
  expect(() => Reflect.deleteProperty(config, "seed")).toThrow("only read");
  expect(() => Object.defineProperty(config, "seed", { value: 1 })).toThrow("only read");
});
