/** Curves of runs as text and as JSON. */
import type { JsonObject, JsonValue } from "../../core/json.ts";
import { jsonNumber } from "../../core/number-text.ts";
import { drawnCurve, type LeftOut } from "../../report/plot/points.ts";
import { minColumns, minRows, textPlotLines } from "../../report/plot/text-plot.ts";
import { differingPaths, sharedValue } from "./differing.ts";
import type { RunCurve, RunCurves } from "./plot-runs.ts";

/** How a picture is drawn. */
export interface PlotForm {
  readonly isLog: boolean;
  /** Characters across. */
  readonly columns: number;
  /** Rows of the curves. */
  readonly numRows: number;
  /** Colours what one curve drew. */
  readonly paint: (curve: number, text: string) => string;
}

/** The smallest picture, in characters. */
export const smallestPlot: { readonly columns: number; readonly numRows: number } = {
  columns: minColumns,
  numRows: minRows,
};

/** A curve in words. */
export interface Legend {
  /** The letter that stands on it. */
  readonly mark: string;
  readonly curve: RunCurve;
  /** Values by which the curves differ, in the order of `paths`. */
  readonly values: readonly (JsonValue | undefined)[];
  /** What could not be drawn of it. */
  readonly leftOut: readonly LeftOut[];
}

/** A picture with what is said of it. */
export interface ShownPlot {
  /** Empty where nothing can be drawn. */
  readonly lines: readonly string[];
  readonly legends: readonly Legend[];
  /** Paths of the config by which the curves differ. */
  readonly paths: readonly string[];
  /** Curves that are not drawn, since there is no letter left for them. */
  readonly numNotDrawn: number;
}

const marks = Array.from("abcdefghijklmnopqrstuvwxyz");

/** Draws the first 26 curves. */
export function showPlot(found: RunCurves, form: PlotForm): ShownPlot {
  const shown = found.curves.slice(0, marks.length);
  const drawn = shown.map(({ curve }) =>
    drawnCurve({ xs: curve.steps, values: curve.values }, form.isLog),
  );
  const marked = drawn.map((curve, index) => ({ ...curve, mark: marks[index] ?? "" }));
  const paths = differingPaths(shown.map(({ runs }) => runs));
  const legends = shown.map((curve, index) => ({
    mark: marks[index] ?? "",
    curve,
    values: paths.map((path) => sharedValue(curve.runs, path)),
    leftOut: drawn[index]?.leftOut ?? [],
  }));
  return {
    lines: textPlotLines({ ...form, curves: marked }),
    legends,
    paths,
    numNotDrawn: found.curves.length - shown.length,
  };
}

/** The document of the curves: every value that was logged, whatever a picture can show. */
export function plotDocument({ axis, curves, without }: RunCurves): JsonObject {
  const paths = differingPaths(curves.map(({ runs }) => runs));
  return {
    format: "lockstep/plot/1",
    x: axis,
    curves: curves.map(({ title, metric, runs, curve }) => ({
      title,
      metric,
      runs: runs.map(({ runKey }) => runKey),
      differing: Object.fromEntries(
        paths.flatMap((path) => {
          const value = sharedValue(runs, path);
          return value === undefined ? [] : [[path, value]];
        }),
      ),
      xs: curve.steps,
      values: curve.values.map(jsonNumber),
      ...(curve.deviations === undefined
        ? {}
        : { standardDeviations: curve.deviations.map(jsonNumber) }),
    })),
    without: without.map(({ run, metrics }) => ({ run: run.runKey, metrics })),
  };
}
