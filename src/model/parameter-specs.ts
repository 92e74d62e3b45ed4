/** The usual groups of parameters, under PyTorch's names. */
import type { Shape } from "../backend/tensor.ts";
import { filled } from "./initialise.ts";
import type { ParameterSpec } from "./model.ts";

/** `<name>.weight` and `<name>.bias` of a dense layer; biases begin at 0 and are spared by weight decay. */
export function denseSpecs(
  name: string,
  shape: readonly [outputs: number, inputs: number],
  initialise: ParameterSpec["initialise"],
): readonly ParameterSpec[] {
  const [outputs] = shape;
  return [
    { name: `${name}.weight`, shape, decay: true, initialise },
    { name: `${name}.bias`, shape: [outputs], decay: false, initialise: filled(outputs, 0) },
  ];
}

/**
 * `<name>.weight` (ones) and `<name>.bias` (zeros) of a batch norm, and `<name>.running_mean` (zeros) and
 * `<name>.running_var` (ones), which every batch of training moves by `momentum`; nothing decays.
 */
export function batchNormSpecs(
  name: string,
  channels: number,
  momentum: number,
): readonly ParameterSpec[] {
  const shape: Shape = [channels];
  const running = { shape, decay: false, running: { momentum } };
  return [
    ...layerNormSpecs(name, channels),
    { ...running, name: `${name}.running_mean`, initialise: filled(channels, 0) },
    { ...running, name: `${name}.running_var`, initialise: filled(channels, 1) },
  ];
}

/** `<name>.weight` (ones) and `<name>.bias` (zeros) of a layer norm; neither decays. */
export function layerNormSpecs(name: string, width: number): readonly ParameterSpec[] {
  const shape: Shape = [width];
  return [
    { name: `${name}.weight`, shape, decay: false, initialise: filled(width, 1) },
    { name: `${name}.bias`, shape, decay: false, initialise: filled(width, 0) },
  ];
}
