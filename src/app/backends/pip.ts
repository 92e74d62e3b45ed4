/** Wheels are fetched by the pip of some Python 3, whose own version does not matter. */
import { ExpError } from "../../core/errors.ts";
import type { Workplace } from "./sources.ts";
import { callTool, findTool, lastLines, toolError } from "./tool.ts";

/** The TensorFlow that is installed where nothing else is asked for. */
export const defaultTensorflow = "2.21.0";

/** A Python, and where it works. */
export interface PythonCall {
  readonly python: string;
  readonly place: Workplace;
}

/** @throws {ExpError} `environment` where there is no Python 3. */
export async function requirePython(
  place: Pick<Workplace, "directory" | "variables" | "signal">,
): Promise<string> {
  const own = place.variables["LOCKSTEP_PYTHON"];
  const names = own === undefined || own === "" ? ["python3", "python"] : [own];
  const found = await findTool(names, place);
  if (found !== undefined && found.version.startsWith("Python 3.")) return found.program;
  const what =
    found === undefined
      ? `no ${names.join(" or ")} was found on the PATH`
      : `${found.program} is ${found.version}`;
  throw new ExpError("environment", `Python 3 is needed to fetch TensorFlow: ${what}.`, {
    hint: "Install it, such as with `apt-get install python3 python3-pip`, or set LOCKSTEP_PYTHON to its path.",
  });
}

/** @throws {ExpError} `environment` where that Python has no pip. */
export async function requirePip(
  python: string,
  place: Pick<Workplace, "directory" | "variables" | "signal">,
): Promise<void> {
  const end = await callTool({ ...place, program: python, args: ["-m", "pip", "--version"] });
  if (end !== undefined && isWithoutPip.test(end.stderr)) throw noPip(python);
}

const isWithoutPip = /No module named '?pip'?/u;

function noPip(python: string): ExpError {
  return new ExpError("environment", `${python} has no pip.`, {
    hint: "Install it, such as with `apt-get install python3-pip`, or set LOCKSTEP_PYTHON to a Python that has it.",
  });
}

/** One Python version and system for every machine, so that everybody gets the same wheel. */
function wheelChoice(arch: string): readonly string[] {
  const machine = arch === "arm64" ? "aarch64" : "x86_64";
  const systems = ["manylinux_2_28", "manylinux_2_27", "manylinux_2_17", "manylinux2014"];
  return [
    "--python-version=3.12",
    "--implementation=cp",
    ...systems.flatMap((system) => ["--platform", `${system}_${machine}`]),
  ];
}

/**
 * Fetches wheels into a folder.
 * @param requirements - As pip takes them: `tensorflow-cpu==2.21.0`.
 * @throws {ExpError} `environment` where pip is missing, or does not get them.
 */
export async function download(
  requirements: readonly string[],
  wheels: string,
  { python, place }: PythonCall,
): Promise<void> {
  const { from } = place;
  place.observe(`${from === undefined ? "downloading" : "taking"} ${requirements.join(", ")}`);
  const source = from === undefined ? [] : ["--no-index", "--find-links", from];
  const pip = ["-m", "pip", "--disable-pip-version-check", "download", "--no-deps", "--quiet"];
  const choice = ["--only-binary", ":all:", ...wheelChoice(process.arch), "--dest", wheels];
  const patience = ["--retries", "2", "--timeout", "30", "--no-input"];
  const args = [...pip, ...choice, ...patience, ...source, ...requirements];
  const end = await callTool({ ...place, program: python, args });
  if (end?.status === 0) return;
  if (end === undefined) throw new ExpError("environment", `${python} is gone.`);
  throw pipError(requirements, end, { python, place });
}

function pipError(
  requirements: readonly string[],
  end: NonNullable<Awaited<ReturnType<typeof callTool>>>,
  { python, place: { from } }: PythonCall,
): ExpError {
  const [first = ""] = requirements;
  if (isWithoutPip.test(end.stderr)) return noPip(python);
  if (from !== undefined && /No matching distribution/u.test(end.stderr)) {
    const missing = /No matching distribution found for (?<name>\S+)/u.exec(end.stderr);
    const name = missing?.groups?.["name"] ?? first;
    return new ExpError("environment", `${from} has no wheel of ${name}.`, {
      hint: `Where there is a network, run \`pip download --no-deps ${name}\` and copy the file.`,
    });
  }
  if (
    /hash|IncompleteRead|incomplete|^ERROR: Wheel .* is invalid/imu.test(end.stderr) &&
    !/NewConnection/u.test(end.stderr)
  ) {
    const text = `pip got half of ${first}, or something else than was published.`;
    return new ExpError("environment", `${text}${lastLines(end.stderr)}`, {
      hint:
        from === undefined
          ? "Run the same command again; nothing of it was kept."
          : "Fetch the file in that folder again, and compare its digest with the published one.",
    });
  }
  if (/No matching distribution/u.test(end.stderr)) return noSuchVersion(first, end.stderr);
  return toolError(`pip did not get ${first}`, end);
}

/** Of all the versions that pip lists, from the oldest on, the newest are told. */
function noSuchVersion(requirement: string, said: string): ExpError {
  const list = /\(from versions: (?<list>[^)]*)\)/u.exec(said)?.groups?.["list"] ?? "";
  const newest = list.split(", ").slice(-5).join(", ");
  const there = newest === "" || newest === "none" ? "no version at all" : `up to ${newest}`;
  return new ExpError(
    "environment",
    `The package registry has no wheel of ${requirement} for Python 3.12 and ${process.arch}; it has ${there}.`,
    {
      hint: `Leave --tensorflow out: ${defaultTensorflow} is taken then; or check the registry that pip is set to.`,
    },
  );
}
