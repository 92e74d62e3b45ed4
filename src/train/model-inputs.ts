/** What a user hands to a model becomes examples: texts, rows that hold a text, or numbers. */
import { ExpError } from "../core/errors.ts";
import { isPlainObject } from "../core/json.ts";
import type { UnlabelledData } from "../data/data-source.ts";
import type { FittedInput } from "../data/fitted-input.ts";
import { pixelFeatures } from "../data/pixels.ts";

/** Where a row holds its text: a column by number or name. */
export type TextColumn = string | number;

/**
 * The column of the text in a run's config: `data.columns.text`, `data.fields.text`, else the first one.
 * @param data - `data` of the config.
 */
export function textColumn(data: unknown): TextColumn {
  if (!isPlainObject(data)) return 0;
  for (const key of ["columns", "fields"]) {
    const fields = data[key];
    const text = isPlainObject(fields) ? fields["text"] : undefined;
    if (typeof text === "string" || typeof text === "number") return text;
  }
  return 0;
}

const numShown = 5;

/**
 * The examples of some inputs, at least one.
 * @throws {ExpError} `data` with the first few inputs that cannot be read, and what was expected.
 */
export function readInputs(
  inputs: readonly unknown[],
  { input }: FittedInput,
  column: TextColumn,
): UnlabelledData {
  const problems: string[] = [];
  const read = <Example>(one: (value: unknown) => Example | string): Example[] =>
    inputs.flatMap((value, index) => {
      const example = one(value);
      if (typeof example !== "string") return [example];
      problems.push(`  input ${index}: ${example}`);
      return [];
    });
  const data: UnlabelledData =
    input.kind === "features"
      ? {
          content: "features",
          numFeatures: input.numFeatures,
          examples: read((value) => featureExample(value, input.numFeatures)),
        }
      : { content: "text", examples: read((value) => textExample(value, column)) };
  if (problems.length === 0) return data;
  const more = problems.length > numShown ? [`  … and ${problems.length - numShown} more`] : [];
  const title = `${problems.length} of ${inputs.length} inputs cannot be read:`;
  throw new ExpError("data", [title, ...problems.slice(0, numShown), ...more].join("\n"));
}

function textExample(value: unknown, column: TextColumn): { readonly text: string } | string {
  const text = typeof value === "string" ? value : textOfRow(value, column);
  if (typeof text === "string") return { text };
  const place = typeof column === "number" ? `at ${column}` : `under ${JSON.stringify(column)}`;
  return `expected a text, or a row with a text ${place}, found ${describe(value)}`;
}

function textOfRow(value: unknown, column: TextColumn): unknown {
  if (Array.isArray(value)) return typeof column === "number" ? value[column] : undefined;
  if (!isPlainObject(value)) return undefined;
  return Object.hasOwn(value, column) ? value[column] : undefined;
}

interface FeatureInput {
  readonly features: Float32Array;
  readonly content: Uint8Array;
}

function featureExample(value: unknown, numFeatures: number): FeatureInput | string {
  const isPixels = value instanceof Uint8Array || value instanceof Uint8ClampedArray;
  const isNumbers = value instanceof Float32Array || value instanceof Float64Array;
  if (!isPixels && !isNumbers && !isListOfNumbers(value)) {
    return `expected ${numFeatures} numbers, or as many pixels as a Uint8Array, found ${describe(value)}`;
  }
  if (value.length !== numFeatures) return `expected ${numFeatures} numbers, found ${value.length}`;
  const features = isPixels ? pixelFeatures(Uint8Array.from(value)) : Float32Array.from(value);
  const wrong = features.findIndex((feature) => !Number.isFinite(feature));
  if (wrong >= 0) return `the number at ${wrong} is ${String(value[wrong])}, not a finite float32`;
  return { features, content: new Uint8Array(features.buffer) };
}

function isListOfNumbers(value: unknown): value is readonly number[] {
  return Array.isArray(value) && value.every((item) => typeof item === "number");
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return String(value);
  if (typeof value === "string") return `the text ${JSON.stringify(value.slice(0, 40))}`;
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === "number" || typeof value === "boolean")
    return `the ${typeof value} ${value}`;
  return typeof value === "object" ? "an object" : `a ${typeof value}`;
}
