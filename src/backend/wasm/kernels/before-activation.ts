/** The gradient before the activation of a dense layer, from that behind it. */
import type { DenseGradientAttributes } from "../../kernels/dense.ts";
import { sizeOf } from "../../tensor.ts";
import { elementsAPiece, numPieces, type FastCall } from "../fast-kernel.ts";
import type { Address } from "../memory.ts";

/** A call that gives the gradients of a dense layer. */
export type DenseGradientCall = FastCall<
  "outputGradient" | "atActivation" | "input" | "weight",
  DenseGradientAttributes
>;

/** What `combine` does with this number is to multiply. */
const multiplied = 2;

/**
 * Computes the gradient before the activation.
 * @param use - Is given where it lies: where the given one does if there is no activation, else in memory that is free again
 *   when this returns.
 */
export function withGradientBefore(
  call: DenseGradientCall,
  use: (gradient: Address) => void,
): void {
  const { activation } = call.attributes;
  const given = call.address("outputGradient");
  if (activation === "none") return use(given);
  const size = sizeOf(call.shape("outputGradient"));
  const kept = call.address("atActivation");
  call.withScratch(size * 4, (gradient) => {
    const layout = [size, elementsAPiece, gradient];
    const [kernel, rest] =
      activation === "relu"
        ? (["reluGradient", [kept, given]] as const)
        : (["combine", [given, kept, multiplied, size]] as const);
    call.run(kernel, numPieces(size, elementsAPiece), [...layout, ...rest]);
    use(gradient);
  });
}
