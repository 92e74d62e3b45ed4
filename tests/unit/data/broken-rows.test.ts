import { expect, test } from "vitest";
import { createBrokenRows } from "../../../src/data/broken-rows.ts";
import { errorOf } from "./helpers.ts";

test("the first five broken rows are listed, the others counted", async () => {
  const broken = createBrokenRows("train.tsv", "Look at them.");
  for (let row = 1; row <= 7; row++) broken.add(row, `wrong ${row}`);
  const error = await errorOf(() => broken.check(1_000));
  expect(error.code).toBe("data");
  expect(error.hint).toBe("Look at them.");
  expect(error.message).toBe(
    [
      "train.tsv: 7 rows of 1000 cannot be read:",
      "  train.tsv:1: wrong 1",
      "  train.tsv:2: wrong 2",
      "  train.tsv:3: wrong 3",
      "  train.tsv:4: wrong 4",
      "  train.tsv:5: wrong 5",
      "  … and 2 more",
    ].join("\n"),
  );
});

test("no broken row is no error", () => {
  expect(() => createBrokenRows("a", "").check(5)).not.toThrow();
});
