/** Where layers and alternatives stand: numbers that grow along a definition, whichever way is taken through it. */
import type { LayerPlace } from "./branch.ts";
import type { SpaceNode } from "./space-nodes.ts";

/** The places of nodes that are layers or alternatives; a node with several layers has that of its first. */
export type Places = (node: SpaceNode) => LayerPlace;

/** Numbers nodes, and those inside of them, in the order in which they are written. */
export function placeNodes(nodes: readonly SpaceNode[]): Places {
  const numbering: Numbering = { places: new Map(), position: 0, segment: 0 };
  for (const node of nodes) place(node, numbering);
  return (node) => numbering.places.get(node) ?? { position: 0, segment: 0 };
}

interface Numbering {
  readonly places: Map<SpaceNode, LayerPlace>;
  position: number;
  segment: number;
}

function place(node: SpaceNode, numbering: Numbering): void {
  switch (node.kind) {
    case "layer":
      numberLayers(node, 1, numbering);
      break;
    case "commandLine":
      numbering.segment++;
      numberLayers(node, node.layers.length, numbering);
      numbering.segment++;
      break;
    case "sequence": // each layer of a product is a segment of its own, so that it varies faster than those before it
      for (const one of node.nodes) placeApart([one], numbering);
      numbering.segment++;
      break;
    case "alternatives":
      numbering.segment++;
      numberLayers(node, 0, numbering);
      for (const { nodes } of node.alternatives) for (const one of nodes) place(one, numbering);
      numbering.segment++;
      break;
    case "when":
      placeApart(node.nodes, numbering);
      numbering.segment++;
      break;
    case "rule":
    case "filter":
      break;
  }
}

function placeApart(nodes: readonly SpaceNode[], numbering: Numbering): void {
  numbering.segment++;
  for (const node of nodes) place(node, numbering);
}

function numberLayers(node: SpaceNode, count: number, numbering: Numbering): void {
  const { position, segment } = numbering;
  numbering.places.set(node, { position: position + 1, segment });
  numbering.position += count;
}
