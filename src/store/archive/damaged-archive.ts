/** The error about an archive that is not what `exp archive` writes. */
import { ExpError } from "../../core/errors.ts";

/**
 * An `ExpError` with the code `store`.
 * @param reason - What was found, as the end of a sentence.
 */
export function damagedArchive(reason: string): ExpError {
  return new ExpError("store", `The archive cannot be taken: ${reason}.`, {
    hint: "Nothing was imported. Take the file as exp archive wrote it.",
  });
}
