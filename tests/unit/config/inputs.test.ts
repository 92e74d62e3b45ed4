import { expect, test } from "vitest";
import { env, external } from "../../../src/config/inputs.ts";
import { markerData, markerLabel } from "../../../src/config/markers.ts";
import { misuseOf, untyped } from "./sum-task.ts";

test("env and external record their names, and what they are asked with", () => {
  const fetch = (): number => 3;
  const [plain, given, pinned] = [env("A"), env("B", false), external("c", fetch)].map(markerData);
  expect(plain).toMatchObject({ kind: "env", name: "A" });
  expect(plain).not.toHaveProperty("fallback");
  expect(given).toMatchObject({ kind: "env", name: "B", fallback: { value: false } });
  expect(pinned).toMatchObject({ kind: "external", key: "c", fetch });
  expect([plain, given, pinned].map((data) => data && markerLabel(data))).toEqual([
    "env A",
    "env B",
    "external c",
  ]);
});

test("wrong calls are refused where they are written", () => {
  expect(misuseOf(() => env(""))).toMatch(
    /^inputs\.test\.ts:\d+:\d+: env\(\) takes the name of an environment variable .*, found the string ""\./,
  );
  expect(misuseOf(() => env("a b"))).toContain('found the string "a b"');
  expect(misuseOf(() => env(untyped(undefined)))).toContain("found undefined");
  expect(misuseOf(() => env("A", untyped({ a: 1 })))).toContain(
    'env("A"): the fallback is a text, a number, a boolean or null, found an object.',
  );
  expect(misuseOf(() => external("a=b", () => 1))).toContain('found the string "a=b"');
  expect(misuseOf(() => external("a b", () => 1))).toContain("external() takes a key first");
  expect(misuseOf(() => external("a", untyped(7)))).toContain(
    'external("a") takes a function second that looks the value up, found 7.',
  );
});
