/** The refusal of gradients of gradients, where an operation can be differentiated only once. */
import { ExpError } from "../core/errors.ts";

/** @param what - The operation, as a user wrote it. */
export function refusedAgain(what: string, cause?: unknown): ExpError {
  return new ExpError("training", `The gradient of a gradient through ${what} is not there.`, {
    hint: "Compose it of other operations where its gradient is differentiated again, such as those of tf.*.",
    ...(cause !== undefined && { cause }),
  });
}

/**
 * What a user called, by the kernel of its backward pass that cannot be differentiated.
 * @returns Undefined for a kernel that is of no backward pass.
 */
export function differentiatedOnce(kernelName: string): string | undefined {
  if (kernelName === "LockstepSegmentSum") return "tf.gather or embedding";
  const { name = "" } =
    /^(?:Lockstep)?(?<name>\w+?)(?:Gradient|Grad|Backward|Backprop\w*)$/u.exec(kernelName)
      ?.groups ?? {};
  return name === "" ? undefined : name.charAt(0).toLowerCase() + name.slice(1);
}
