/** Layers inside of combinators: for whoever has to see every layer of a definition. */
import type { LayerData, SpaceData } from "./definition.ts";

type PlainLayerData = Exclude<LayerData, { readonly kind: "space" }>;

/** Every layer that is no combinator, at any depth, in the order written. */
export function plainLayers(layers: readonly LayerData[]): readonly PlainLayerData[] {
  return layers.flatMap((layer) =>
    layer.kind === "space" ? plainLayers(layersOf(layer.space)) : [layer],
  );
}

/** The layers directly inside of a combinator. */
function layersOf(space: SpaceData): readonly LayerData[] {
  switch (space.form) {
    case "variants":
      return space.alternatives.map(({ layer }) => layer);
    case "zip":
      return [space.layer];
    case "product":
    case "concat":
    case "when":
      return space.layers;
    case "filter":
      break;
  }
  return [];
}
