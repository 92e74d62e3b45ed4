import { expect, test } from "vitest";
import { alias as plainAlias, deprecated as plainDeprecated } from "../../../src/train/language.ts";
import { base, problemsOf, resolveWith, smallTask } from "./support/small-task.ts";

const { alias, extend } = smallTask;

test("a name of another task's alias() that cannot be used says whose it is, and where one's own is", () => {
  const plain = extend(
    base,
    plainAlias("sizes", "hiddenSizes" as never) as never,
    plainDeprecated("old", "optimizer.warmup" as never) as never,
  );
  expect(problemsOf(plain)).toEqual([
    ": alias sizes leads to hiddenSizes, which the schema does not know. This alias() is that of task training: task small has its own, as in const { alias } = task.",
    ": deprecated old leads to optimizer.warmup, which the schema does not know. This deprecated() is that of task training: task small has its own, as in const { deprecated } = task.",
  ]);
  const own = extend(base, alias("sizes", "hiddenSize" as never));
  expect(problemsOf(own)).toEqual([
    ": alias sizes leads to hiddenSize, which the schema does not know. Did you mean hiddenSizes?",
  ]);
});

test("a path that the other task alone has is refused, one that both have is taken", () => {
  const other = extend(base, plainAlias("size", "tokenizer.kind") as never);
  expect(problemsOf(other)).toEqual([
    ": alias size leads to tokenizer.kind, which the schema does not know. This alias() is that of task training: task small has its own, as in const { alias } = task.",
  ]);
  const both = extend(base, plainAlias("s", "seed") as never);
  expect(resolveWith(both, ["s=3"]).runs[0]?.config["seed"]).toBe(3);
});
