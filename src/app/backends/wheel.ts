/**
 * TensorFlow's library and headers out of its Python wheel. The wheel is fetched by pip and opened by Python's zipfile;
 * nothing is installed into anybody's Python, and the version of the Python that does it does not matter.
 */
import { cpSync, existsSync, readdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { ExpError } from "../../core/errors.ts";
import type { CompiledName } from "../../backend/native/place.ts";
import { libraryPath } from "../../backend/native/manifest.ts";
import { download, requirePython, type PythonCall } from "./pip.ts";
import { defaultTensorflow } from "./pip-errors.ts";
import type { Workplace } from "./sources.ts";
import { callTool, toolError } from "./tool.ts";

/** The oldest whose C interface and library names are those of today. */
const oldestTensorflow: readonly [number, number] = [2, 16];

/** Where TensorFlow is to come from. */
export type TensorflowSource =
  | { readonly kind: "version"; readonly version: string }
  | { readonly kind: "wheel"; readonly path: string }
  /** A folder `tensorflow` of an installed package. */
  | { readonly kind: "folder"; readonly path: string };

/**
 * Reads `--tensorflow`.
 * @param given - A version, or an existing wheel or folder, absolute.
 * @throws {ExpError} `usage` for anything else.
 */
export function readTensorflowSource(given: string | undefined): TensorflowSource {
  if (given === undefined) return { kind: "version", version: defaultTensorflow };
  const version = /^(?<major>\d+)\.(?<minor>\d+)\.\d+$/u.exec(given)?.groups;
  if (version !== undefined) {
    refuseOld(given);
    return { kind: "version", version: given };
  }
  if (!existsSync(given)) {
    throw new ExpError("usage", `--tensorflow ${given}: no such file or folder.`, {
      hint: `Give a version such as ${defaultTensorflow}, a wheel, or the folder of an installed tensorflow.`,
    });
  }
  if (statSync(given).isFile()) return { kind: "wheel", path: given };
  const inside = join(given, "tensorflow");
  return { kind: "folder", path: existsSync(inside) ? inside : given };
}

/**
 * Refuses a TensorFlow that is too old.
 * @param version - `2.21.0`.
 * @throws {ExpError} `usage`.
 */
export function refuseOld(version: string): void {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  const [oldMajor, oldMinor] = oldestTensorflow;
  if (major > oldMajor || (major === oldMajor && minor >= oldMinor)) return;
  throw new ExpError(
    "usage",
    `TensorFlow ${version} is too old; expected ${oldestTensorflow.join(".")} or newer.`,
    { hint: `Leave --tensorflow out: ${defaultTensorflow} is taken then.` },
  );
}

/** What was asked for, as the manifest says it. */
export function requestText(source: TensorflowSource, backend: CompiledName): string {
  if (source.kind === "version") return `${packageOf(backend)}==${source.version}`;
  return basename(source.path);
}

function packageOf(backend: CompiledName): string {
  return backend === "cuda" ? "tensorflow" : "tensorflow-cpu";
}

/**
 * Puts `tensorflow/` with its library and headers, and for cuda `nvidia/` with CUDA's libraries, into a folder.
 * @param target - Absolute; existing.
 * @throws {ExpError} `environment` when something is missing or does not fit.
 */
export async function takeTensorflow(
  source: TensorflowSource,
  { backend, target, place }: WheelRequest,
): Promise<void> {
  if (source.kind === "folder") copyInstalled(source.path, target, backend);
  else await takeWheel(source, { backend, target, place });
  refuseMissing(source, join(target, "tensorflow"));
}

interface WheelRequest {
  readonly backend: CompiledName;
  readonly target: string;
  readonly place: Workplace;
}

async function takeWheel(
  source: Exclude<TensorflowSource, { kind: "folder" }>,
  { backend, target, place }: WheelRequest,
): Promise<void> {
  const python = await requirePython(place);
  const wheels = join(place.directory, "wheels");
  const own = source.kind === "wheel" ? source.path : requestText(source, backend);
  if (source.kind === "version") await download([own], wheels, { python, place });
  const wheel = source.kind === "wheel" ? source.path : wheelIn(wheels, "tensorflow");
  place.observe(`unpacking ${basename(wheel)}`);
  const requirements = await unpack([wheel], target, { python, place });
  if (backend !== "cuda") return;
  const cuda = requirements.filter((name) => name.startsWith("nvidia-"));
  if (cuda.length === 0) {
    throw new ExpError("environment", `${basename(wheel)} names no CUDA wheels.`, {
      hint: "The backend cuda needs the package tensorflow of Linux x64, not tensorflow-cpu.",
    });
  }
  await download(cuda, wheels, { python, place });
  const names = readdirSync(wheels).filter((name) => name.startsWith("nvidia"));
  place.observe(`unpacking ${names.length} wheels of CUDA`);
  await unpack(
    names.map((name) => join(wheels, name)),
    target,
    { python, place },
  );
}

function wheelIn(folder: string, prefix: string): string {
  const name = readdirSync(folder).find((entry) => entry.startsWith(prefix));
  if (name === undefined) throw new ExpError("environment", `pip left no wheel in ${folder}.`);
  return join(folder, name);
}

/** Unpacks what a backend needs of wheels, and prints what they require. */
const unpackProgram = `
import sys, zipfile
target, wheels = sys.argv[1], sys.argv[2:]
def wanted(name):
    if name.startswith("nvidia/"):
        return "/include/" not in name and not name.endswith((".py", ".pyc"))
    if name.startswith("tensorflow/include/"):
        rest = name[len("tensorflow/include/"):]
        return rest.startswith(("tensorflow/c/", "tensorflow/core/platform/", "tsl/", "xla/tsl/"))
    return name.startswith(("tensorflow/libtensorflow_cc.so", "tensorflow/libtensorflow_framework.so", "tensorflow/THIRD_PARTY_NOTICES"))
for wheel in wheels:
    try:
        archive = zipfile.ZipFile(wheel)
    except (zipfile.BadZipFile, EOFError) as error:
        sys.exit("not a whole wheel: %s" % wheel)
    with archive:
        try:
            for name in archive.namelist():
                if wanted(name):
                    archive.extract(name, target)
                elif name.endswith(".dist-info/METADATA"):
                    for line in archive.read(name).decode("utf-8").splitlines():
                        if line.startswith("Requires-Dist:") and 'extra == "and-cuda"' in line:
                            print(line[len("Requires-Dist:"):].split(";")[0].strip())
        except (zipfile.BadZipFile, EOFError) as error:
            sys.exit("not a whole wheel: %s" % wheel)
`;

/** @returns What the wheels require with the extra and-cuda. */
async function unpack(
  wheels: readonly string[],
  target: string,
  { python, place }: PythonCall,
): Promise<readonly string[]> {
  const args = ["-c", unpackProgram, target, ...wheels];
  const end = await callTool({ ...place, program: python, args });
  if (end?.status === 0) return end.stdout.split("\n").filter((line) => line !== "");
  const broken = /not a whole wheel: (?<path>.*)/u.exec(end?.stderr ?? "")?.groups?.["path"];
  if (broken !== undefined) {
    throw new ExpError("environment", `${broken} is not a whole wheel: half a download?`, {
      hint: "Fetch it again.",
    });
  }
  if (end === undefined) throw new ExpError("environment", `${python} is gone.`);
  throw toolError("Python did not unpack the wheel", end);
}

/** Everything is copied, so that an update of that Python changes nothing here. */
function copyInstalled(path: string, target: string, backend: CompiledName): void {
  const copy = (name: string): void => {
    const from = join(path, name);
    if (existsSync(from)) cpSync(from, join(target, "tensorflow", name), { recursive: true });
  };
  for (const name of ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"]) copy(name);
  for (const name of ["tensorflow/c", "tensorflow/core/platform", "tsl", "xla/tsl"])
    copy(`include/${name}`);
  const cuda = join(dirname(path), "nvidia");
  if (backend === "cuda" && existsSync(cuda))
    cpSync(cuda, join(target, "nvidia"), { recursive: true, dereference: true });
}

/**
 * Refuses a TensorFlow without its library or its headers.
 * @param folder - Its folder `tensorflow`, absolute.
 * @throws {ExpError} `environment`.
 */
export function refuseMissing(source: TensorflowSource, folder: string): void {
  const name = source.kind === "version" ? `TensorFlow ${source.version}` : source.path;
  if (!existsSync(join(folder, basename(libraryPath)))) {
    throw new ExpError("environment", `${name} has no ${basename(libraryPath)}.`, {
      hint: `Expected a wheel of TensorFlow ${oldestTensorflow.join(".")} or newer for Linux; leave --tensorflow out to take ${defaultTensorflow}.`,
    });
  }
  if (existsSync(join(folder, "include/tensorflow/c/c_api.h"))) return;
  throw new ExpError("environment", `${name} has no headers (tensorflow/include/tensorflow/c).`, {
    hint: "The addon cannot be compiled without them: take the official wheel, by leaving --tensorflow and --from out.",
  });
}
