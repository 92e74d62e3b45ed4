/** Layers inside of combinators: for whoever has to see, or to change, every layer of a definition. */
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

/** The same layers, with every patch at any depth put through `change`. */
export function mapPatches(
  layers: readonly LayerData[],
  change: (patch: unknown) => unknown,
): readonly LayerData[] {
  const mapLayer = (layer: LayerData): LayerData => {
    if (layer.kind === "patch") return { ...layer, patch: change(layer.patch) };
    return layer.kind === "space" ? { ...layer, space: mapSpace(layer.space) } : layer;
  };
  const mapSpace = (space: SpaceData): SpaceData => {
    switch (space.form) {
      case "variants": {
        const alternatives = space.alternatives.map((one) => {
          return { ...one, layer: mapLayer(one.layer) };
        });
        return { ...space, alternatives };
      }
      case "zip":
        return { ...space, layer: { ...space.layer, patch: change(space.layer.patch) } };
      case "product":
      case "concat":
      case "when":
        return { ...space, layers: space.layers.map(mapLayer) };
      case "filter":
        break;
    }
    return space;
  };
  return layers.map(mapLayer);
}
