/** What plans show of a run is what it runs with. */
import { expect, test } from "vitest";
import { z } from "zod";
import { choice } from "../../../../src/config/axes.ts";
import { defineTask } from "../../../../src/config/define-task.ts";
import { linesOf } from "../support/runs.ts";
import { base, smallTask } from "../support/small-task.ts";

const { extend, when, variants } = smallTask;

const lists = defineTask({
  name: "lists",
  schema: z.strictObject({
    seed: z.int().default(0),
    tags: z.array(z.string()).default([]),
    nested: z.array(z.array(z.int())).default([[1], [2], [3]]),
  }),
  run: async function* run() {},
}).defineConfig({});

test.each([
  [["tags=[a],[b]", "tags[0]=q"], ['tags=["q"]']],
  [
    ["tags=[a,x],[b,y]", "tags[0]=q"],
    ['tags=["q","x"]', 'tags=["q","y"]'],
  ],
  [
    ["nested[2]=[5],[6,1]", "nested[2][0]=7"],
    ["nested[2]=[7]", "nested[2]=[7,1]"],
  ],
  [
    ["nested[2]=[5],[6]", "~nested[0]"],
    ["nested[1]=[5]", "nested[1]=[6]"],
  ],
  [["nested[2]=[5],[6]", "~nested[2]"], [""]],
  [
    ["zip(nested[1]=[[5],[6]], seed=[1,2])", "~nested[0]"],
    ["nested[0]=[5] seed=1", "nested[0]=[6] seed=2"],
  ],
  [
    ["zip(tags=[[a],[b]], seed=[1,2])", "tags[0]=q"],
    ['tags=["q"] seed=1', 'tags=["q"] seed=2'],
  ],
] as const)("a list that is changed behind an axis: %s", (overrides, lines) => {
  expect(linesOf(lists, overrides)).toEqual(lines);
});

const rates = { optimizer: { learningRate: choice(1, 2) } };
const five = { optimizer: { learningRate: 5 } };

test("a run in which a condition or a variant pins an axis shows the value, where the run would stand without it", () => {
  const grid = extend(base, rates, { seed: choice(0, 1) });
  const pinned = extend(
    grid,
    when((c) => c.seed === 1, five),
  );
  expect(linesOf(pinned)).toEqual([
    "optimizer.learningRate=1 seed=0",
    "optimizer.learningRate=5 seed=1",
    "optimizer.learningRate=2 seed=0",
  ]);
  expect(linesOf(extend(base, rates, variants({ a: {}, b: five })))).toEqual([
    "optimizer.learningRate=1 variant=a",
    "optimizer.learningRate=5 variant=b",
    "optimizer.learningRate=2 variant=a",
  ]);
});

test("an axis below an axis of objects shows what the run has, or nothing", () => {
  const inner = extend(base, { optimizer: { beta1: choice(0.8, 0.9) } });
  expect(linesOf(inner, ["optimizer={beta1:0.5},{weightDecay:1}"])).toEqual([
    'optimizer.beta1=0.5 optimizer={"beta1":0.5}',
    'optimizer.beta1=0.8 optimizer={"weightDecay":1}',
    'optimizer.beta1=0.9 optimizer={"weightDecay":1}',
  ]);
  const kinds = "optimizer={kind:sgd,learningRate:2},{weightDecay:1}";
  expect(linesOf(inner, [kinds])).toEqual([
    'optimizer={"kind":"sgd","learningRate":2}',
    'optimizer.beta1=0.8 optimizer={"weightDecay":1}',
    'optimizer.beta1=0.9 optimizer={"weightDecay":1}',
  ]);
});

test("an axis of objects shows its fields as a later layer left them", () => {
  const objects = "optimizer={learningRate:7,beta1:0.5},{learningRate:8,beta1:0.6}";
  expect(linesOf(base, [objects, "optimizer.learningRate=3"])).toEqual([
    'optimizer={"learningRate":3,"beta1":0.5}',
    'optimizer={"learningRate":3,"beta1":0.6}',
  ]);
});

test("a run that lacks what others vary in shows what it has there, if that is no object", () => {
  const some = variants({ a: { training: { maxGradNorm: choice(1, 2) } }, b: {} });
  expect(linesOf(extend(base, some))).toEqual([
    "variant=a training.maxGradNorm=1",
    "variant=a training.maxGradNorm=2",
    "variant=b training.maxGradNorm=null",
  ]);
});
