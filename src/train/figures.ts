/** What an evaluation came to, without what it said of each example: what a run remembers of its best one. */
import { z } from "zod";
import type { JsonObject } from "../core/json.ts";
import type { ClassEvaluation, Evaluation, TextEvaluation } from "./evaluate.ts";
import { classificationMetrics, flatMetrics, textMetrics } from "./metrics.ts";

/** The figures of an evaluation. */
export type Figures = Omit<ClassEvaluation, "predicted" | "probabilities"> | TextEvaluation;

const count = z.int().min(0);

/** What `figuresJson` writes of an evaluation of the validation part: no more than what the rest follows from. */
export type SavedFigures =
  | {
      readonly kind: "classes";
      readonly loss: number;
      readonly confusionMatrix: readonly (readonly number[])[];
    }
  | {
      readonly kind: "text";
      readonly loss: number;
      readonly accuracy: number;
      readonly numTokens: number;
    };

/** The schema of that. */
export const figuresSchema: z.ZodType<SavedFigures> = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("classes"),
    loss: z.number(),
    confusionMatrix: z.array(z.array(count)),
  }),
  z.strictObject({
    kind: z.literal("text"),
    loss: z.number(),
    accuracy: z.number(),
    numTokens: count,
  }),
]);

/** The figures of an evaluation, which hold nothing of its examples. */
export function figuresOf(evaluation: Evaluation): Figures {
  if (evaluation.kind === "text") return evaluation;
  const { predicted: _, probabilities: __, ...figures } = evaluation;
  return figures;
}

/** Figures of the validation part as a checkpoint holds them. */
export function figuresJson(figures: Figures): JsonObject {
  const { kind, loss } = figures;
  if (kind === "classes") {
    return { kind, loss, confusionMatrix: figures.matrix.map((row) => [...row]) };
  }
  const { numTokens, values } = figures;
  return { kind, loss, accuracy: values["validation.accuracy"] ?? 0, numTokens };
}

/**
 * The figures that `figuresJson` wrote, with the same bits.
 * @param labelNames - The labels as words of metric names.
 */
export function figuresFrom(json: SavedFigures, labelNames: readonly string[]): Figures {
  const part = "validation";
  if (json.kind === "text") {
    const { kind, loss, accuracy, numTokens } = json;
    return { kind, part, loss, values: textMetrics(part, { loss, accuracy }), numTokens };
  }
  const { kind, loss, confusionMatrix: matrix } = json;
  const metrics = classificationMetrics(matrix);
  const values = flatMetrics(part, { loss, metrics }, labelNames);
  return { kind, part, loss, matrix, metrics, values };
}
