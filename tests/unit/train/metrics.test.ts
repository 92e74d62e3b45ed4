import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  classificationMetrics,
  confusionMatrix,
  flatMetricNames,
  flatMetrics,
  metricLabels,
} from "../../../src/train/metrics.ts";

describe("published examples", () => {
  test("the matrix of scikit-learn's confusion_matrix page", () => {
    // confusion_matrix([2, 0, 2, 2, 0, 1], [0, 0, 2, 2, 0, 2])
    expect(confusionMatrix([2, 0, 2, 2, 0, 1], [0, 0, 2, 2, 0, 2], 3)).toEqual([
      [2, 0, 0],
      [0, 0, 1],
      [1, 0, 2],
    ]);
  });

  test("the macro figures of scikit-learn's precision, recall and F1 pages", () => {
    // precision_score / recall_score / f1_score([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1], average="macro")
    const metrics = classificationMetrics(
      confusionMatrix([0, 1, 2, 0, 1, 2], [0, 2, 1, 0, 0, 1], 3),
    );
    expect(metrics.precision).toBeCloseTo(2 / 9, 15); // 0.22…
    expect(metrics.recall).toBeCloseTo(1 / 3, 15); // 0.33…
    expect(metrics.f1).toBeCloseTo(0.8 / 3, 15); // 0.26…
    expect(metrics.accuracy).toBeCloseTo(2 / 6, 15);
  });

  test("the table of scikit-learn's classification_report page", () => {
    // classification_report([0, 1, 2, 2, 2], [0, 0, 2, 2, 1]): 0.50 1.00 0.67 / 0.00 0.00 0.00 / 1.00 0.67 0.80
    const { classes, accuracy, precision, recall, f1 } = classificationMetrics(
      confusionMatrix([0, 1, 2, 2, 2], [0, 0, 2, 2, 1], 3),
    );
    const rounded = classes.map((each) => [each.precision, each.recall, each.f1].map(round));
    expect(rounded).toEqual([
      [0.5, 1, 0.67],
      [0, 0, 0],
      [1, 0.67, 0.8],
    ]);
    expect(classes.map((each) => each.support)).toEqual([1, 1, 3]);
    expect([accuracy, precision, recall, f1].map(round)).toEqual([0.6, 0.5, 0.56, 0.49]);
  });
});

test("a class that is neither present nor predicted counts as 0 in the macro averages", () => {
  const metrics = classificationMetrics(confusionMatrix([0, 1], [0, 1], 3));
  expect(metrics.classes[2]).toEqual({ precision: 0, recall: 0, f1: 0, support: 0 });
  expect(metrics.f1).toBeCloseTo(2 / 3, 15);
});

test("without examples every figure is 0", () => {
  const { accuracy, precision, recall, f1 } = classificationMetrics(confusionMatrix([], [], 2));
  expect([accuracy, precision, recall, f1]).toEqual([0, 0, 0, 0]);
});

test("a class outside the range is our own mistake, not a silent column", () => {
  expect(() => confusionMatrix([0], [2], 2)).toThrow("internal:");
  expect(() => confusionMatrix([-1], [0], 2)).toThrow("internal:");
  expect(() => confusionMatrix([0, 1], [0], 2)).toThrow("internal: 2 labels for 1 predictions");
});

test("accuracy is the support-weighted mean of recall, and F1 the harmonic mean of its parts", () => {
  const pairs = fc.array(fc.tuple(fc.nat(3), fc.nat(3)), { minLength: 1, maxLength: 60 });
  fc.assert(
    fc.property(pairs, (examples) => {
      const labels = examples.map(([label]) => label);
      const predicted = examples.map(([, prediction]) => prediction);
      const { accuracy, classes } = classificationMetrics(confusionMatrix(labels, predicted, 4));
      const weighted = classes.reduce((sum, each) => sum + each.recall * each.support, 0);
      expect(weighted / examples.length).toBeCloseTo(accuracy, 12);
      for (const { precision, recall, f1 } of classes) {
        const harmonic = recall === 0 ? 0 : (2 * precision * recall) / (precision + recall);
        expect(f1).toBeCloseTo(harmonic, 12);
      }
    }),
  );
});

test("flat names list the part first and the class last", () => {
  const metrics = classificationMetrics(confusionMatrix([0, 1], [0, 1], 2));
  expect(flatMetrics("test", { loss: 0.25, metrics }, ["ham", "spam"])).toEqual({
    "test.accuracy": 1,
    "test.loss": 0.25,
    "test.precision": 1,
    "test.precision.ham": 1,
    "test.precision.spam": 1,
    "test.recall": 1,
    "test.recall.ham": 1,
    "test.recall.spam": 1,
    "test.f1": 1,
    "test.f1.ham": 1,
    "test.f1.spam": 1,
  });
  expect(flatMetricNames("validation", ["a"])).toEqual([
    "validation.accuracy",
    "validation.loss",
    "validation.precision",
    "validation.precision.a",
    "validation.recall",
    "validation.recall.a",
    "validation.f1",
    "validation.f1.a",
  ]);
});

test("labels become distinct words", () => {
  expect(metricLabels(["real mail", "real_mail", "1.5", "", "é", "__proto__"])).toEqual([
    "real_mail",
    "real_mail_2",
    "1_5",
    "_",
    "__2",
    "__proto__",
  ]);
});

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
