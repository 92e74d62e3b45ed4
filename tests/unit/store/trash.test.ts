import { expect, test } from "vitest";
import { isHalfNote } from "../../../src/store/trash.ts";

test("a note of the trash that was never whole is known by its temporary name, of this version and earlier ones", () => {
  expect(isHalfNote(".origin.json.0f1e2d3c.new")).toBe(true);
  expect(isHalfNote(".origin.json.new")).toBe(true);
  expect(isHalfNote("origin.json")).toBe(false);
  expect(isHalfNote(".origin.json.x.new")).toBe(false);
});
