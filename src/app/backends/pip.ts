/** Wheels are fetched by the pip of some Python 3, whose own version does not matter. */
import { ExpError } from "../../core/errors.ts";
import { shellQuote } from "../../core/shell-quote.ts";
import { isWithoutPip, pipError } from "./pip-errors.ts";
import type { Workplace } from "./sources.ts";
import { callSlowTool, callTool, findTool } from "./tool.ts";

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
  if (end !== undefined && isWithoutPip(end)) throw noPip(python);
}

function noPip(python: string): ExpError {
  return new ExpError("environment", `${python} has no pip.`, {
    hint: "Install it, such as with `apt-get install python3-pip`, or set LOCKSTEP_PYTHON to a Python that has it.",
  });
}

/** Arguments of pip for one Python version and system on every machine, so that everybody gets the same wheel. */
function wheelChoice(arch: string): readonly string[] {
  const machine = arch === "arm64" ? "aarch64" : "x86_64";
  const systems = ["manylinux_2_28", "manylinux_2_27", "manylinux_2_17", "manylinux2014"];
  return [
    "--only-binary=:all:",
    "--python-version=3.12",
    "--implementation=cp",
    ...systems.map((system) => `--platform=${system}_${machine}`),
  ];
}

/** A network that answers nothing is given up after a minute, in place of pip's own several. */
const patience = ["--retries", "1", "--timeout", "20", "--no-input"];

/** The command, for a shell of another machine, that fetches the wheels which this one takes. */
function downloadCommand(requirements: readonly string[]): string {
  const words = ["pip", "download", "--no-deps", ...wheelChoice(process.arch), ...requirements];
  return words.map(shellQuote).join(" ");
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
  const choice = [...wheelChoice(process.arch), "--dest", wheels];
  const args = [...pip, ...choice, ...patience, ...source, ...requirements];
  const end = await callSlowTool({ ...place, program: python, args });
  if (end?.status === 0) return;
  if (end === undefined) throw new ExpError("environment", `${python} is gone.`);
  if (isWithoutPip(end)) throw noPip(python);
  throw pipError({ ...place, requirements, fetch: downloadCommand(requirements) }, end);
}
