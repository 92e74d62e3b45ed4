/** Reading what belongs to the code. */
import { ExpError } from "../core/errors.ts";

/**
 * What `read` gives back.
 * @param path - Named in the error.
 * @throws {ExpError} `environment` where it cannot be read, which is no bug of ours.
 */
export function readable<Result>(path: string, read: () => Result): Result {
  try {
    return read();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
    throw new ExpError(
      "environment",
      `${path} cannot be read (${code}), and belongs to the code.`,
      { hint: "Look at it, its rights and its disk. Nothing was executed.", cause: error },
    );
  }
}
