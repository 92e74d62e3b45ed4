/** A task for these tests, small but with a union, a list, a record and an optional part. */
import { z } from "zod";
import { defineTask } from "../../../src/config/define-task.ts";
import { field } from "../../../src/core/marks.ts";
import type { RunEvent } from "../../../src/core/run-events.ts";
import { isExpError } from "../../../src/core/errors.ts";

export const sumSchema = z.strictObject({
  seed: z
    .int()
    .default(0)
    .meta(field({ mark: "seed" })),
  model: z
    .discriminatedUnion("kind", [
      z.strictObject({ kind: z.literal("linear"), width: z.int() }),
      z.strictObject({
        kind: z.literal("deep"),
        layers: z.array(z.strictObject({ size: z.int() })),
      }),
    ])
    .prefault({ kind: "linear", width: 1 })
    .meta(field({ unit: "parts" })),
  training: z.strictObject({ numSteps: z.int(), note: z.string().optional() }),
  weights: z.record(z.string(), z.number()).default({}),
});

/** A run that does nothing. */
export async function* run(): AsyncGenerator<RunEvent> {
  await Promise.resolve();
  yield { kind: "log", level: "info", text: "done" };
}

export const sum = defineTask({ name: "sum", schema: sumSchema, run });

/** The message of the `config` error that `body` throws, without the folder of this file, and its hint. */
export function misuseOf(body: () => unknown): string {
  try {
    body();
  } catch (error) {
    if (!isExpError(error) || error.code !== "config") throw error;
    const message = error.message.replace(/^.*\/(?=[\w-]+\.test\.ts:)/, "");
    return [
      message,
      ...error.issues.map(({ path, message: text }) => `${path.join(".")}: ${text}`),
      ...(error.hint === undefined ? [] : [error.hint]),
    ].join("\n");
  }
  return "no error";
}

/** A value under the type that a caller without types would give it. */
export function untyped(value: unknown): never {
  return value as never;
}
