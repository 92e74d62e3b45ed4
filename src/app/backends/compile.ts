/** The addon compiled from the sources of its npm package, as they are, against TensorFlow's headers and library. */
import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { addonPath } from "../../backend/native/manifest.ts";
import { ExpError, isExpError } from "../../core/errors.ts";
import type { Workplace } from "./sources.ts";
import { callTool, findTool, lastLines, toolError } from "./tool.ts";

/** The version of Node-API that the addon asks for: every supported Node.js has it. */
export const nodeApiVersion = 8;

/** What is compiled with what. */
export interface Compilation {
  /** Folder of the unpacked npm package with the sources. */
  readonly sources: string;
  /** Folder of the unpacked `node-api-headers`. */
  readonly headers: string;
  /** The backend's folder, which has `tensorflow/`; the addon is written into it. */
  readonly target: string;
  readonly place: Workplace;
}

/**
 * Compiles the addon.
 * @returns The compiler's own words about its version.
 * @throws {ExpError} `environment` without a compiler, and with what it says where it fails.
 */
export async function compileAddon(compilation: Compilation): Promise<string> {
  const { target, place } = compilation;
  const { program, version } = await requireCompiler(place);
  place.observe(`compiling the addon with ${program}`);
  const output = join(target, addonPath);
  mkdirSync(dirname(output), { recursive: true });
  const args = compilerArguments(compilation, output);
  await withCompilerHint(async () => {
    const end = await callTool({ ...place, program, args });
    if (end === undefined) throw new ExpError("environment", `${program} is gone.`);
    if (/fatal error: .*No such file/u.test(end.stderr)) throw missingHeader(end.stderr);
    if (end.status !== 0) throw toolError(`${program} did not compile the addon`, end);
  });
  return version;
}

function missingHeader(said: string): ExpError {
  return new ExpError("environment", `A header is missing.${lastLines(said)}`, {
    hint: "Take the official wheel of TensorFlow, by leaving --tensorflow out; and install the C++ library's headers, such as with `apt-get install g++`.",
  });
}

/**
 * Calls what compiles.
 * @throws {ExpError} The same error, with what a compiler has to know where it says nothing of what to do.
 */
export async function withCompilerHint(body: () => Promise<void>): Promise<void> {
  try {
    await body();
  } catch (error) {
    if (!isExpError(error) || error.code !== "environment" || error.hint !== undefined) throw error;
    throw new ExpError("environment", error.message, { hint: compilerHint, cause: error });
  }
}

const compilerHint =
  "It has to know C++17 and, on x64, -mavx512f: g++ 12 and clang 14 do. Install one of them and name it, as in " +
  "`CXX=g++-12 exp backend install native`. One that crashed or was killed may have had too little memory.";

/** @throws {ExpError} `environment` where there is no C++ compiler. */
export async function requireCompiler(
  place: Pick<Workplace, "directory" | "variables" | "signal">,
): Promise<{ readonly program: string; readonly version: string }> {
  const own = place.variables["CXX"];
  const names = own === undefined || own === "" ? ["g++", "c++", "clang++"] : [own];
  const found = await findTool(names, place);
  if (found !== undefined) return found;
  throw new ExpError(
    "environment",
    `A C++ compiler is needed; none of ${names.join(", ")} was found on the PATH.`,
    { hint: "Install one, such as with `apt-get install g++`, or set CXX to its path." },
  );
}

function compilerArguments(
  { sources, headers, target }: Compilation,
  output: string,
): readonly string[] {
  const libraries = join(target, "tensorflow");
  return [
    "-std=c++17",
    "-O2",
    "-fPIC",
    "-shared",
    `-DNAPI_VERSION=${nodeApiVersion}`,
    `-I${join(headers, "include")}`,
    `-I${join(libraries, "include")}`,
    join(sources, "binding", "tfjs_backend.cc"),
    join(sources, "binding", "tfjs_binding.cc"),
    "-o",
    output,
    `-L${libraries}`,
    "-l:libtensorflow_cc.so.2",
    "-l:libtensorflow_framework.so.2",
    "-Wl,-rpath,$ORIGIN/../tensorflow",
    "-Wl,-z,now", // a function that the library lacks is found when the addon is loaded, not in the middle of a run
  ];
}
