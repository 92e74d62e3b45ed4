/** Registers the gradients, which hold for every backend. */
import { registerGradient } from "@tensorflow/tfjs-core";
import { orderTape } from "../tape-order.ts";
import { batchNormGradients } from "./batch-norm.ts";
import { elementwiseGradients } from "./elementwise.ts";
import { imageGradients } from "./images.ts";
import { layerGradients } from "./layers.ts";
import { layoutGradients } from "./layout.ts";
import { productGradients } from "./products.ts";
import { reductionGradients } from "./reductions.ts";
import { takenGradients } from "./taken.ts";
import { volumeGradients } from "./volumes.ts";

/** Makes `tf.*` in a model differentiable; a second call changes nothing. */
export function registerGradients(): void {
  orderTape();
  const values = [elementwiseGradients, reductionGradients, productGradients];
  const places = [layoutGradients, takenGradients];
  const layers = [layerGradients, batchNormGradients, imageGradients, volumeGradients];
  for (const gradient of [...values, ...places, ...layers].flat()) registerGradient(gradient);
}
