/** `zip(lr=[1e-4,3e-4], seed=[1,2])` on the command line: axes that advance together. */
import type { CombinatorCall } from "../../config/combinator-call.ts";
import { markerData } from "../../config/markers.ts";
import type { Override } from "../../config/override.ts";
import { axisValues } from "../../config/zip-axes.ts";
import { formatPath } from "../../core/path.ts";
import {
  asAxis,
  layersNode,
  refuse,
  shownValue,
  writtenValue,
  type CombinatorScope,
} from "./combinator-changes.ts";
import type { CommandLineLayer } from "../command-line.ts";
import { patchAt } from "../operation-patch.ts";
import type { Alternative } from "./space-nodes.ts";

interface ZippedLayer {
  readonly layer: CommandLineLayer;
  readonly values: readonly unknown[];
}

/** One alternative for each value of the axes of `zip(…)`; what is wrong with it is reported. */
export function zipAlternatives(
  call: CombinatorCall,
  scope: CombinatorScope,
): readonly Alternative[] {
  if (call.parts.some(({ kind }) => kind !== "override")) {
    refuse(call, "takes values such as seed=[1,2], no further combinators", scope);
    return [];
  }
  const zipped = call.parts.flatMap((part) =>
    part.kind === "override" ? zippedLayers(asAxis(part.override), call, scope) : [],
  );
  const sizes = new Set(zipped.map(({ values }) => values.length));
  if (sizes.size > 1) {
    const each = zipped.map(
      ({ layer, values }) => `${formatPath(layer.path)} has ${values.length}`,
    );
    refuse(call, `takes axes with equally many values: ${each.join(", ")}`, scope);
    return [];
  }
  const count = zipped[0]?.values.length ?? 0;
  return Array.from({ length: count }, (_, index) => {
    const layers = zipped.map(({ layer, values }) => {
      return { ...layer, patch: patchAt(layer.path, values[index]) };
    });
    const values = zipped.map(({ layer, values }) => shownValue(layer, values[index]));
    return { index, values, nodes: [{ kind: "commandLine", layers } as const] };
  });
}

function zippedLayers(
  override: Override,
  call: CombinatorCall,
  scope: CombinatorScope,
): readonly ZippedLayer[] {
  return layersNode([override], scope).layers.flatMap((layer): readonly ZippedLayer[] => {
    const values = axisValues(markerData(writtenValue(layer)));
    if (values !== undefined) return [{ layer, values }];
    refuse(call, `${formatPath(layer.path)} needs a list of values, as in seed=[1,2]`, scope);
    return [];
  });
}
