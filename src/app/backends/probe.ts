/**
 * Child processes that load a compiled backend and try it. A library that does not fit may end its process, so nothing of
 * it is ever loaded into the process that asks.
 */
import { join } from "node:path";
import { existsSync } from "node:fs";
import { loadAddon, threadLibrary, tryAddon } from "../../backend/native/addon.ts";
import { isLibraryChatter, nativeVariables } from "../../backend/native/environment.ts";
import type { Installation } from "../../backend/native/installation.ts";
import { ExpError } from "../../core/errors.ts";
import { isPlainObject, parseJson } from "../../core/json.ts";
import { ownRoot } from "../version.ts";
import { callTool, lastLines, type ToolCall } from "./tool.ts";

/** What a probe found. A type, so that it is plain data. */
export type ProbeResult = {
  /** Version of the library. */
  readonly tensorflow: string;
  readonly usesGpu: boolean;
};

/** What is given to the probe, as the JSON of its one argument. */
type ProbeTask = Pick<Installation, "folder" | "manifest">;

/** How a probe begins its answer: the library prints too. */
export const probeMark = "lockstep-probe ";

/** The child's side: loads the addon and tries it. @returns The line to print. */
export function answerProbe(text: string): string {
  const task = parseJson(text) as ProbeTask; // written by `probe` below
  const addon = loadAddon({ ...task, id: "" });
  tryAddon(addon);
  if (task.manifest.backend === "native") threadLibrary({ ...task, id: "" }); // which tries it
  const result: ProbeResult = { tensorflow: addon.TF_Version, usesGpu: addon.isUsingGpuDevice() };
  return `${probeMark}${JSON.stringify(result)}`;
}

/**
 * Loads an addon in a process of its own and multiplies two matrices with it.
 * @param installation - Published, or about to be; without a version in its manifest, any will do.
 * @throws {ExpError} `environment` with what the process said, or the signal that ended it.
 */
export async function probe(
  installation: Pick<Installation, "folder" | "manifest">,
  call: Omit<ToolCall, "program" | "args">,
): Promise<ProbeResult> {
  const { folder, manifest } = installation;
  // Digests of hundreds of files are no use to it, and an argument has a limit.
  const task: ProbeTask = { folder, manifest: { ...manifest, files: [] } };
  const variables = {
    ...call.variables,
    ...nativeVariables({ installation: { ...installation, id: "" }, threads: 1 }, call.variables),
  };
  const end = await callTool({
    ...call,
    variables,
    program: process.execPath,
    args: [ownProgram(), "backend-probe", JSON.stringify(task)],
  });
  const line = end?.stdout.split("\n").find((text) => text.startsWith(probeMark));
  const result = line === undefined ? undefined : parseJson(line.slice(probeMark.length));
  if (end?.status === 0 && isPlainObject(result)) return result as ProbeResult;
  const { backend } = manifest;
  const ended = end?.signal ?? `status ${end?.status ?? "unknown"}`;
  const how = end?.signal === undefined ? "failed" : "crashed";
  const said = `${end?.stdout ?? ""}${end?.stderr ?? ""}`.split("\n");
  const useful = said.filter((text) => !isLibraryChatter(text)).join("\n");
  throw new ExpError(
    "environment",
    `The backend ${backend} ${how} when it was tried (${ended}).${lastLines(useful)}`,
    {
      hint: `Nothing of it is used. Run \`exp backend install ${backend} --rebuild\`, or with another --tensorflow.`,
    },
  );
}

/** The executable of this Lockstep: in the repository its source, in the packed package what was built. */
export function ownProgram(): string {
  const source = join(ownRoot(), "src", "cli", "exp.cjs");
  return existsSync(source) ? source : join(ownRoot(), "dist", "src", "cli", "exp.cjs");
}
