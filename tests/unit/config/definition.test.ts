import { expect, test } from "vitest";
import {
  brandPresets,
  createDefinition,
  createLayer,
  definitionData,
  layerData,
  presetGroupData,
  taskData,
} from "../../../src/config/definition.ts";
import { sum } from "./sum-task.ts";

const task = taskData(sum);
const call = { file: "/lab/a.ts", line: 1, column: 1 };

test("each kind of object gives its own data and no other's", () => {
  const definition = createDefinition({ task: task as NonNullable<typeof task>, layers: [] });
  const layer = createLayer({ kind: "alias", alias: "a", path: "seed", task: "sum", call });
  const group = brandPresets({}, { kind: "presets", task: "sum", path: "model", names: [] });
  const readers = [taskData, definitionData, layerData, presetGroupData];
  const found = [sum, definition, layer, group].map((value) =>
    readers.map((read) => read(value) !== undefined),
  );
  expect(found).toEqual([0, 1, 2, 3].map((own) => readers.map((_, index) => index === own)));
});

test.each([undefined, null, 1, "task", {}, [], () => 1])("%s has no data", (value) => {
  const readers = [taskData, definitionData, layerData, presetGroupData];
  expect(readers.map((read) => read(value))).toEqual(readers.map(() => undefined));
});

test("what another copy of the module made is read too", () => {
  const data = { task, layers: [] };
  const foreign = Object.defineProperty({}, Symbol.for("lockstep.definition/1"), { value: data });
  expect(definitionData(foreign)).toBe(data);
});

test("an inherited brand does not count", () => {
  const definition = createDefinition({ task: task as NonNullable<typeof task>, layers: [] });
  expect(definitionData(Object.create(definition))).toBeUndefined();
});
