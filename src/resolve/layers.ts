/** The steps from which a config is merged, in order: patches of the modules, then overrides of the command line. */
import type { CallSite } from "../config/call-site.ts";
import type { LiteralPlace, PatchLayerData } from "../config/definition.ts";
import { markerData } from "../config/markers.ts";
import { isPlainObject } from "../core/json.ts";
import type { Path } from "../core/path.ts";

/** One patch with who wrote it. */
export interface Layer {
  /** `defineConfig`, `extend`, `fragment`, `preset model["bert-tiny"]`, `command line`. */
  readonly label: string;
  /** From the root of the config. */
  readonly patch: unknown;
  readonly source: LayerSource;
  /** For an axis over presets: the preset itself by the value that stands for it. */
  readonly alternatives?: ReadonlyMap<unknown, Layer>;
  /** What the patch has under another name than the literal in the source: former names of paths. */
  readonly moved?: readonly { readonly from: Path; readonly to: Path }[];
}

export type LayerSource =
  | {
      readonly kind: "module";
      readonly call: CallSite;
      readonly literal: LiteralPlace;
      /** For a preset that was named on the command line: the argument that did. */
      readonly chosenBy?: string;
    }
  | {
      readonly kind: "commandLine";
      readonly text: string;
      /** The whole argument, where the text is a part of one: `when(seed==1,rate=0.5)`. */
      readonly argument?: string;
    };

/** A patch of a definition as a layer. */
export function moduleLayer({ label, patch, call, literal }: PatchLayerData): Layer {
  return { label, patch, source: { kind: "module", call, literal } };
}

/** A change of one item of a list, which only the command line can express: `model.hiddenSizes[0]=32`. */
export class IndexEdit {
  readonly index: number;
  readonly patch: unknown;

  constructor(index: number, patch: unknown) {
    this.index = index;
    this.patch = patch;
  }
}

/**
 * Calls `visit` for each value that a patch writes, in the order written. Lists, axes and other markers are one value
 * each; `replace(…)` is gone into, since what it holds is written key by key.
 */
export function visitPatch(
  patch: unknown,
  path: Path,
  visit: (path: Path, value: unknown) => void,
): void {
  const marker = markerData(patch);
  if (marker?.kind === "replace") {
    visitPatch(marker.value, path, visit);
  } else if (patch instanceof IndexEdit) {
    visitPatch(patch.patch, [...path, patch.index], visit);
  } else if (marker === undefined && isPlainObject(patch) && Object.keys(patch).length > 0) {
    for (const [key, value] of Object.entries(patch)) visitPatch(value, [...path, key], visit);
  } else {
    visit(path, patch);
  }
}
