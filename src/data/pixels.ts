/** Grey images as features. */
import type { FeatureExample } from "./data-source.ts";

/** Each byte's value in float32, so that the same pixels give the same bits whatever file they come from. */
const scaled = Float32Array.from({ length: 256 }, (_, byte) => byte / 255);

/**
 * The example of an image: pixels scaled to 0…1; its content is the bytes.
 * @param pixels - Shape [numFeatures], 0 to 255.
 */
export function pixelExample(pixels: Uint8Array, label: string): FeatureExample {
  return { features: pixelFeatures(pixels), content: pixels, label };
}

/** Pixels as a model reads them: 0 to 255 becomes 0…1. */
export function pixelFeatures(pixels: Uint8Array): Float32Array {
  const features = new Float32Array(pixels.length);
  for (let index = 0; index < pixels.length; index++) {
    features[index] = scaled[pixels[index] ?? 0] ?? 0;
  }
  return features;
}
