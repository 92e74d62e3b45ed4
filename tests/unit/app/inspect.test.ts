import { expect, test } from "vitest";
import { aliasesOfPath, findPath } from "../../../src/app/inspect.ts";
import { createSchemaView } from "../../../src/resolve/schema-view.ts";
import { smallSchema } from "../resolve/support/small-task.ts";

const view = createSchemaView(smallSchema);
const aliases = new Map([
  ["lr", "optimizer.learningRate"],
  ["opt", "optimizer"],
]);

test("a path is found in full, by its alias, and with an index in either form", () => {
  const find = (text: string): readonly (string | number)[] => findPath(text, { view, aliases });
  expect(find("optimizer.beta1")).toEqual(["optimizer", "beta1"]);
  expect(find("lr")).toEqual(["optimizer", "learningRate"]);
  expect(find("opt.beta1")).toEqual(["optimizer", "beta1"]);
  expect(find("hiddenSizes[1]")).toEqual(["hiddenSizes", 1]);
  expect(find("hiddenSizes.1")).toEqual(["hiddenSizes", 1]);
});

test("an unknown path is refused with the nearest, and what is no path with what one looks like", () => {
  const find = (text: string) => () => findPath(text, { view, aliases });
  expect(find("optimizer.learninRate")).toThrow(
    expect.objectContaining({
      code: "usage",
      hint: expect.stringContaining("Did you mean optimizer.learningRate?") as string,
    }),
  );
  expect(find("optimizer..x")).toThrow("is not a path of a config");
  expect(find("")).toThrow("is not a path of a config");
});

test("the aliases of a path are those that lead to it or above it", () => {
  expect(aliasesOfPath("optimizer.learningRate", aliases)).toEqual(["lr", "opt.learningRate"]);
  expect(aliasesOfPath("seed", aliases)).toEqual([]);
});
