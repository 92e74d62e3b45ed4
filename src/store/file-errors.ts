/** What the operating system says about a file, turned into a message that a user can act on. */
import { ExpError, isExpError } from "../core/errors.ts";

/** The `code` of a system error (`ENOSPC`), or `undefined` for anything else. */
export function systemErrorCode(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" && "syscall" in error ? error.code : undefined;
}

/**
 * The error to throw for a failed file operation: `environment` where the machine is at fault (a full disk, missing
 * rights, a broken device), `store` where the directory is not as we left it. Bugs of ours come back unchanged.
 * @param action - What was being done, as in "write" or "rename".
 */
export function fileError(error: unknown, action: string, path: string): unknown {
  const code = systemErrorCode(error);
  if (code === undefined || isExpError(error)) return error;
  const [kind, what, hint] = explain(code);
  return new ExpError(kind, `${what}: could not ${action} ${path} (${code}).`, {
    hint,
    cause: error,
  });
}

const elsewhere = "choose another place: --runs-dir or LOCKSTEP_RUNS for runs, --out for an export";

function explain(code: string): ["environment" | "store", string, string] {
  switch (code) {
    case "ENOSPC":
    case "EDQUOT":
      return [
        "environment",
        code === "ENOSPC" ? "The disk is full" : "The disk quota is used up",
        `Free some space and run the same command again, or ${elsewhere}. Published runs are not affected.`,
      ];
    case "EACCES":
    case "EPERM":
      return ["environment", "Permission denied", `Change the rights, or ${elsewhere}.`];
    case "EROFS":
      return ["environment", "The file system is read-only", `Mount it writable, or ${elsewhere}.`];
    case "EIO":
      return [
        "environment",
        "The storage device reported an error",
        `Check the device (dmesg), or ${elsewhere}. This attempt cannot be trusted any more.`,
      ];
    case "EMFILE":
    case "ENFILE":
      return ["environment", "Too many open files", "Raise the limit with ulimit -n."];
    case "ENAMETOOLONG":
      return ["environment", "The path is too long", `Move the project, or ${elsewhere}.`];
    case "ELOOP":
      return [
        "store",
        "A link stands where a file should",
        "Links inside the store are not followed. Look at what it leads to, and put the file itself there.",
      ];
    case "EFBIG":
      return [
        "environment",
        "The file would be larger than allowed",
        "Raise the limit with ulimit -f and run the same command again.",
      ];
    case "ENOENT":
      return [
        "store",
        "A file of the store has gone",
        "Another process (exp rm, say) or somebody by hand moved or deleted it meanwhile. Run the same command again.",
      ];
    default:
      return ["store", "The store could not be used", "Look at what lies at that path."];
  }
}
