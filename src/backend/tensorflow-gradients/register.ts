/** Registers the gradients, which hold for every backend. */
import { registerGradient } from "@tensorflow/tfjs-core";
import { elementwiseGradients } from "./elementwise.ts";
import { layerGradients } from "./layers.ts";
import { layoutGradients } from "./layout.ts";
import { reductionGradients } from "./reductions.ts";

/** Makes `tf.*` in a model differentiable; a second call changes nothing. */
export function registerGradients(): void {
  const all = [elementwiseGradients, reductionGradients, layoutGradients, layerGradients];
  for (const gradient of all.flat()) registerGradient(gradient);
}
