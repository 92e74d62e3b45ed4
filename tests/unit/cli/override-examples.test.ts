import { expect, test } from "vitest";
import { parseOverride } from "../../../src/config/override.ts";
import { markerData } from "../../../src/config/markers.ts";
import { noFieldDocs } from "../../../src/resolve/field-docs.ts";
import { listFields } from "../../../src/resolve/fields.ts";
import { createSchemaView } from "../../../src/resolve/schema-view.ts";
import { overrideExamples } from "../../../src/cli/override-examples.ts";
import { trainingSchema } from "../../../schemas/training.ts";

const fields = listFields(createSchemaView(trainingSchema), noFieldDocs);
const examples = fields.flatMap((field) =>
  overrideExamples(field.path, field).map((text) => ({ field, text })),
);

/** The values that an override gives, one by one where it is a sweep. */
function valuesOf(text: string): readonly unknown[] {
  const { value } = parseOverride(text, 0);
  const marker = markerData(value);
  return marker?.kind === "choice" ? marker.values : [value];
}

test("every example can be read, sets its field, and keeps to the field's limits", () => {
  expect(examples.length).toBeGreaterThan(60);
  const wrong = examples.filter(({ field, text }) =>
    valuesOf(text).some((value) => {
      if (field.values !== undefined) return !field.values.some((one) => one === value);
      if (typeof value !== "number") return false;
      const [, bound = "Infinity"] = /[<≤] (\S+?)(?:,|$)/u.exec(field.range ?? "") ?? [];
      const isWhole = Number.isInteger(value) || !field.type.startsWith("a whole number");
      return !isWhole || value > Number(bound);
    }),
  );
  expect(wrong).toEqual([]);
});

test("examples are what one would try", () => {
  const of = (path: string): readonly string[] =>
    examples.filter(({ field }) => field.path === path).map(({ text }) => text);
  expect(of("optimizer.learningRate")[0]).toBe("optimizer.learningRate=0.001");
  expect(of("training.batchSize")).toEqual(["training.batchSize=16", "training.batchSize=16,32"]);
  expect(of("optimizer.nesterov")).toEqual(["optimizer.nesterov=true", "optimizer.nesterov=false"]);
  expect(of("tags")).toEqual(["tags=[first,second]", "tags+=third"]);
  expect(of("training.earlyStopping")).toEqual(["training.earlyStopping=null"]);
});
