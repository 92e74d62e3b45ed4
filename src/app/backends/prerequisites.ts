/** What an installation needs of the machine, all of it looked at before anything is fetched, and all told that is missing. */
import type { CompiledName } from "../../backend/native/place.ts";
import { ExpError, isExpError, type ConfigIssue } from "../../core/errors.ts";
import { requireCompiler } from "./compile.ts";
import { requirePip, requirePython } from "./pip.ts";
import { givenArchive, requireNpm, requireTar, type PinnedPackage } from "./sources.ts";
import type { ToolCall } from "./tool.ts";
import { refuseMissing, type TensorflowSource } from "./wheel.ts";

/** A check; throws an `ExpError` that says what is missing and how to get it. */
export type Check = () => unknown;

/** What is going to be installed from what. */
export interface Wanted {
  readonly backend: CompiledName;
  readonly tensorflow: TensorflowSource;
  /** Absolute: a folder with wheels and packages, instead of the registries. */
  readonly from: string | undefined;
  /** Taken from npm, or from that folder. */
  readonly packages: readonly PinnedPackage[];
}

/** The checks of an installation. */
export function prerequisites(
  { backend, tensorflow, from, packages }: Wanted,
  place: Pick<ToolCall, "directory" | "variables" | "signal">,
): readonly Check[] {
  const isDownloaded =
    tensorflow.kind === "version" || (tensorflow.kind === "wheel" && backend === "cuda");
  const python = async (): Promise<void> => {
    const program = await requirePython(place);
    if (isDownloaded) await requirePip(program, place);
  };
  const { kind } = tensorflow;
  return [
    () => requireCompiler(place),
    () => requireTar(place),
    ...(kind === "folder" ? [() => refuseMissing(tensorflow, tensorflow.path)] : [python]),
    ...(from === undefined
      ? [() => requireNpm(place)]
      : packages.map((pinned) => () => givenArchive(pinned, from))),
  ];
}

/**
 * Makes all checks.
 * @throws {ExpError} what one of them throws; where several do, one error with an issue for each.
 */
export async function checkAll(checks: readonly Check[]): Promise<void> {
  const errors: ExpError[] = [];
  for (const check of checks) {
    try {
      await check();
    } catch (error) {
      if (!isExpError(error) || error.code === "interrupted") throw error;
      errors.push(error);
    }
  }
  const [first] = errors;
  if (first === undefined) return;
  if (errors.length === 1) throw first;
  throw new ExpError(first.code, `${errors.length} things are missing; nothing was fetched.`, {
    issues: errors.map(issueOf),
    hint: "Then run the same command again.",
  });
}

function issueOf({ message, hint }: ExpError): ConfigIssue {
  return { path: [], message: hint === undefined ? message : `${message} ${hint}` };
}
