/** Why pip did not get a wheel: it says "No matching distribution" of everything, a missing network among it. */
import { readdirSync } from "node:fs";
import { ExpError } from "../../core/errors.ts";
import type { Workplace } from "./sources.ts";
import { lastLines, noWay, offlineHint, toolError, type ToolEnd } from "./tool.ts";

/** The TensorFlow that is installed where nothing else is asked for. */
export const defaultTensorflow = "2.21.0";

/** Whether a Python said that it has no pip. */
export function isWithoutPip({ stderr }: Pick<ToolEnd, "stderr">): boolean {
  return /No module named '?pip'?/u.test(stderr);
}

/** What pip should have got. */
export interface PipRequest extends Pick<Workplace, "from" | "variables"> {
  /** As pip takes them: `tensorflow-cpu==2.21.0`. */
  readonly requirements: readonly string[];
  /** The command that gets them on another machine. */
  readonly fetch: string;
}

/** The error of a pip that failed. */
export function pipError(request: PipRequest, end: ToolEnd): ExpError {
  const { stderr } = end;
  const { requirements, from, variables, fetch } = request;
  const missing = /No matching distribution found for (?<name>\S+)/u.exec(stderr)?.groups?.["name"];
  const name = missing ?? requirements[0] ?? "";
  if (from !== undefined && missing !== undefined) return notInFolder(name, from, fetch);
  if (isHalf(stderr)) return halfDownload(name, stderr, from);
  if (missing === undefined) return toolError(`pip did not get ${name}`, end);
  const versions = versionsIn(stderr);
  if (versions.length > 0) return noSuchVersion(name, versions);
  const broken = brokenConnection(stderr);
  if (broken !== undefined) return noWay(`pip did not get ${name}`, broken);
  return nowhere(name, variables);
}

function isHalf(said: string): boolean {
  return (
    /hash|IncompleteRead|incomplete|^ERROR: Wheel .* is invalid/imu.test(said) &&
    !/NewConnection/u.test(said)
  );
}

function halfDownload(name: string, said: string, from: string | undefined): ExpError {
  const text = `pip got half of ${name}, or something else than was published.`;
  return new ExpError("environment", `${text}${lastLines(said)}`, {
    hint:
      from === undefined
        ? "Run the same command again; nothing of it was kept."
        : "Fetch the file in that folder again, and compare its digest with the published one.",
  });
}

/** The versions that pip lists, from the oldest on. */
function versionsIn(said: string): readonly string[] {
  const list = /\(from versions: (?<list>[^)]*)\)/u.exec(said)?.groups?.["list"] ?? "";
  return list.split(", ").filter((version) => version !== "" && version !== "none");
}

/** What broke the last connection, in pip's words without the object that it was; `undefined` where none broke. */
function brokenConnection(said: string): string | undefined {
  const broken = [...said.matchAll(/after connection broken by '(?<error>.*)'/gu)].at(-1);
  const unasked = /Could not fetch URL \S+ (?<error>.*)/u.exec(said);
  const error = (broken ?? unasked)?.groups?.["error"];
  const inside = error?.replace(/^\w+\(['"]?(?:<[^>]*>: )?(?<inside>.*?)['"]?,?\)$/u, "$<inside>");
  return inside?.slice(0, 200);
}

/** A folder may have the package's wheel for another Python or machine: that is told, since it looks as if it were there. */
function notInFolder(name: string, from: string, fetch: string): ExpError {
  const [project = ""] = name.split(/[<>=!~[]/u);
  const start = `${project.replace(/[-_.]+/gu, "_").toLowerCase()}-`;
  const similar = readdirSync(from).filter((file) => file.toLowerCase().startsWith(start));
  const there =
    similar.length === 0
      ? ""
      : `; ${similar.join(", ")} is not for Python 3.12, ${process.arch} and that version`;
  return new ExpError("environment", `${from} has no wheel of ${name}${there}.`, {
    hint: `Where there is a network, run \`${fetch}\` and copy what it fetches into the folder.`,
  });
}

/** Of all the versions, the newest are told. */
function noSuchVersion(requirement: string, versions: readonly string[]): ExpError {
  const newest = versions.slice(-5).join(", ");
  const isDefault = requirement.endsWith(`==${defaultTensorflow}`);
  const other = isDefault
    ? "Name one of those with --tensorflow"
    : `Leave --tensorflow out: ${defaultTensorflow} is taken then`;
  return new ExpError(
    "environment",
    `The package registry has no wheel of ${requirement} for Python 3.12 and ${process.arch}; it has up to ${newest}.`,
    { hint: `${other}; or check the registry that pip is set to.` },
  );
}

/** Only the variables' names are told: an address may have a password in it. */
function nowhere(name: string, variables: Workplace["variables"]): ExpError {
  const set = Object.keys(variables).filter(
    (key) =>
      /^PIP_(?:NO_INDEX|(?:EXTRA_)?INDEX_URL|FIND_LINKS|CONFIG_FILE)$/u.test(key) &&
      variables[key] !== "",
  );
  const settings = ["`pip config list`", ...set].join(", ");
  return new ExpError(
    "environment",
    `pip found no wheel of ${name}, of any version, where it is set to look.`,
    {
      hint: `Check what pip is set to (${settings}): an index that has no such package, or none at all. ${offlineHint}`,
    },
  );
}
