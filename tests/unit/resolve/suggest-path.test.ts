import { expect, test } from "vitest";
import { z } from "zod";
import { parsePath } from "../../../src/core/path.ts";
import { createSchemaView } from "../../../src/resolve/schema-view.ts";
import { suggestPath } from "../../../src/resolve/suggest-path.ts";

const member = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("bert"), numHeads: z.int(), dropoutRate: z.number() }),
  z.strictObject({ kind: z.literal("mlp"), hiddenSizes: z.array(z.int()) }),
]);
interface Node {
  readonly left?: Node | undefined;
  readonly label: string;
}
const node: z.ZodType<Node> = z.lazy(() =>
  z.strictObject({ left: node.optional(), label: z.string() }),
);
const schema = z.strictObject({
  model: member,
  teacher: z.strictObject({ model: member }).optional(),
  optimizer: z.strictObject({ learningRate: z.number(), weightDecay: z.number() }),
  schedule: z.strictObject({ warmupSteps: z.int(), warmupFraction: z.number() }),
  seeds: z.strictObject({ dropout: z.int() }),
  augment: z.array(z.strictObject({ probability: z.number() })),
  node,
});

test.each([
  ["optimizer.lerningRate", "optimizer.learningRate"],
  ["optimiser.learningRate", "optimizer.learningRate"],
  ["optimiser.lerningRate", "optimizer.learningRate"], // both parts are put right
  ["learningRate", "optimizer.learningRate"],
  ["lerningRate", "optimizer.learningRate"],
  ["training.weightDecay", "optimizer.weightDecay"],
  ["optimizer.lr", "optimizer.learningRate"],
  ["optimizer.wd", "optimizer.weightDecay"],
  ["rl", "lr"], // an alias
  ["hiddenSizes", "model.hiddenSizes or teacher.model.hiddenSizes"], // of any member of a union, at any depth
  ["teacher.numHeads", "model.numHeads or teacher.model.numHeads"],
  ["x.model.hiddenSizes", "model.hiddenSizes or teacher.model.hiddenSizes"],
  ["dropout", "seeds.dropout, model.dropoutRate or teacher.model.dropoutRate"],
  ["warmup", "schedule.warmupSteps or schedule.warmupFraction"],
  ["probability", "augment[0].probability"],
  ["label", "node.label, node.left.label or node.left.left.label"], // a schema that holds itself has an end
  ["zzz", undefined],
])("%s is answered with %s", (wrong, expected) => {
  expect(suggestPath(createSchemaView(schema), parsePath(wrong) ?? [], ["lr"])).toBe(expected);
});
