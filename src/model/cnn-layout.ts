/** The sizes of a CNN, stage by stage, after the check that they fit each other and the data. */
import type { CnnConfig } from "../../schemas/model.ts";
import { countWindows } from "../backend/kernels/windows.ts";
import type { PoolingWindows } from "../backend/operations-image.ts";
import { ExpError, type ConfigIssue } from "../core/errors.ts";
import type { ModelFacts, ModelInput } from "./model.ts";

type StageConfig = CnnConfig["stages"][number];

/** Images between two stages. */
export interface ImageSize {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}

/** A stage, and the channels that reach it. */
export interface Stage extends StageConfig {
  /** `stages.<i>` */
  readonly name: string;
  readonly inputChannels: number;
}

export interface CnnLayout {
  readonly stages: readonly Stage[];
  /** What the last stage gives. */
  readonly last: ImageSize;
}

/**
 * @throws {ExpError} `config` for data that is no numbers, for another number of features than the image has values, and
 *   for the first window that is larger than what reaches it.
 */
export function cnnLayout({ image, stages }: CnnConfig, { input }: ModelFacts): CnnLayout {
  const issues = inputIssues(image, input);
  const laidOut: Stage[] = [];
  let last: ImageSize = image;
  for (const [index, stage] of stages.entries()) {
    laidOut.push({ ...stage, name: `stages.${index}`, inputChannels: last.channels });
    const next = afterStage(last, stage);
    if ("field" in next) {
      const path = ["model", "stages", index, next.field];
      issues.push({ path, message: next.message, value: String(stage[next.field]) });
      break; // the sizes of what follows are not known
    }
    last = next;
  }
  if (issues.length > 0) throw misfit(issues, input);
  return { stages: laidOut, last };
}

/** Why a stage cannot be: its field, and what is wrong with it. */
interface Misfit {
  readonly field: "kernelSize" | "poolSize";
  readonly message: string;
}

function afterStage(from: ImageSize, stage: StageConfig): ImageSize | Misfit {
  const { kernelSize, stride, padding, channels, pooling, poolSize } = stage;
  const convolved = afterWindows(from, { size: kernelSize, stride, padding });
  if (convolved === undefined) {
    return { field: "kernelSize", message: tooLarge(kernelSize, from, padding) };
  }
  if (pooling === "none") return { ...convolved, channels };
  const pooled = afterWindows(convolved, { size: poolSize, stride: poolSize, padding: 0 });
  if (pooled === undefined) return { field: "poolSize", message: tooLarge(poolSize, convolved, 0) };
  return { ...pooled, channels };
}

type PlaneSize = Pick<ImageSize, "height" | "width">;

/** How many windows there are; `undefined` where there is none. */
function afterWindows(
  { height, width }: PlaneSize,
  { size, stride, padding }: PoolingWindows,
): PlaneSize | undefined {
  const windows = { stride, padding };
  const rows = countWindows(height, size, windows);
  const columns = countWindows(width, size, windows);
  return rows < 1 || columns < 1 ? undefined : { height: rows, width: columns };
}

function tooLarge(size: number, { height, width }: PlaneSize, padding: number): string {
  const around = padding > 0 ? ` with ${padding} around it` : "";
  return `a window of ${size} × ${size} is larger than the image of ${height} × ${width}${around} that reaches it`;
}

function inputIssues(image: ImageSize, input: ModelInput): ConfigIssue[] {
  if (input.kind !== "features") {
    const message = "cnn reads numeric features, and the data is text.";
    return [{ path: ["model", "kind"], message, value: '"cnn"' }];
  }
  const { height, width, channels } = image;
  const size = height * width * channels;
  if (size === input.numFeatures) return [];
  const message =
    `an image of ${height} × ${width} pixels with ${channels} channels has ${size} values, ` +
    `and an example of the data has ${input.numFeatures}`;
  return [{ path: ["model", "image"], message, value: JSON.stringify(image) }];
}

function misfit(issues: readonly ConfigIssue[], input: ModelInput): ExpError {
  const hints = {
    features: "Features are read row by row, the channels of a pixel side by side.",
    tokens: "Choose model.kind=bert for text.",
    language: "Choose model.kind=gpt for characters.",
  } as const;
  return new ExpError("config", "The model does not fit the data.", {
    issues,
    hint: hints[input.kind],
  });
}
