/** Figures of an evaluation through JSON and back. */
import { expect, test } from "vitest";
import { canonicalJson } from "../../../src/core/canonical-json.ts";
import { figuresFrom, figuresJson, figuresOf, figuresSchema } from "../../../src/train/figures.ts";
import { classificationMetrics, flatMetrics, textMetrics } from "../../../src/train/metrics.ts";

const throughJson = (figures: Parameters<typeof figuresJson>[0]) =>
  figuresFrom(figuresSchema.parse(JSON.parse(canonicalJson(figuresJson(figures)))), ["a", "b"]);

test("the figures of classes come back with every bit, and nothing of the examples is kept", () => {
  const matrix = [
    [7, 2],
    [1, 3],
  ];
  const metrics = classificationMetrics(matrix);
  const loss = 0.1 + 0.2;
  const values = flatMetrics("validation", { loss, metrics }, ["a", "b"]);
  const figures = figuresOf({
    kind: "classes",
    part: "validation",
    loss,
    matrix,
    metrics,
    values,
    predicted: new Int32Array(13),
    probabilities: new Float32Array(26),
  });
  expect(throughJson(figures)).toEqual(figures);
  expect(Object.keys(figures)).not.toContain("predicted");
});

test("those of a text too, also where the perplexity is no finite number", () => {
  const facts = { loss: 1000 / 3, accuracy: 1 / 3 };
  for (const loss of [facts.loss, 2000]) {
    const values = textMetrics("validation", { ...facts, loss });
    const figures = { kind: "text", part: "validation", loss, values, numTokens: 9 } as const;
    expect(throughJson(figures)).toEqual(figures);
  }
  expect(textMetrics("validation", { ...facts, loss: 2000 })["validation.perplexity"]).toBe(
    Infinity,
  );
});
