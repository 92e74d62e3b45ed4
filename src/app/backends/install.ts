/**
 * `exp backend install`: TensorFlow's library from its wheel and the addon from its sources, in a private folder; tried in
 * a process of its own; published by a rename.
 */
import { existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import {
  driverFile,
  listInstallations,
  type Installation,
  type ListedInstallation,
} from "../../backend/native/installation.ts";
import { manifestFormat, type BackendManifest } from "../../backend/native/manifest.ts";
import type { CompiledName, Variables } from "../../backend/native/place.ts";
import { ExpError } from "../../core/errors.ts";
import { asCacheError, orCacheError, refuseSmallDisk, refuseUnwritable } from "./cache.ts";
import { compileAddon, nodeApiVersion, withCompilerHint } from "./compile.ts";
import { compileProducts } from "./compile-products.ts";
import { checkAll, prerequisites } from "./prerequisites.ts";
import { probe } from "./probe.ts";
import { fileFacts, makePrivateFolder, publish, removeTree, useInstallation } from "./publish.ts";
import {
  addonSources,
  nodeHeaders,
  unpackPackage,
  type PinnedPackage,
  type Workplace,
} from "./sources.ts";
import { checkStop } from "./tool.ts";
import { refuseOld, requestText, takeTensorflow, type TensorflowSource } from "./wheel.ts";

/** What is to be installed. */
export interface InstallRequest {
  readonly backend: CompiledName;
  readonly tensorflow: TensorflowSource;
  /** Absolute: a folder with wheels and packages, instead of the registries. */
  readonly from: string | undefined;
  /** Also where a whole one is there already. */
  readonly rebuild: boolean;
  readonly variables: Variables;
  readonly signal?: AbortSignal | undefined;
  /** Told what is being done. */
  readonly observe: (text: string) => void;
}

/** What came of it. */
export interface InstallOutcome {
  readonly installation: Installation;
  /** Whether it was there already. */
  readonly wasThere: boolean;
}

/** What an installation is made with; tests hand over their own. */
export interface InstallParts {
  readonly sources: PinnedPackage;
  readonly headers: PinnedPackage;
  readonly probe: typeof probe;
  /** Room that it takes while it is made, in bytes: the wheels, and what is unpacked of them. */
  readonly neededBytes: Readonly<Record<CompiledName, number>>;
}

const realParts: InstallParts = {
  sources: addonSources,
  headers: nodeHeaders,
  probe,
  neededBytes: { native: 1.4e9, cuda: 9e9 },
};

/**
 * Installs a backend and makes it the one in use. Interrupted at any point it leaves what was there before; twice at once,
 * both end with the same.
 * @throws {ExpError} `environment` where this machine lacks something, `usage` for a wrong request.
 */
export async function installBackend(
  request: InstallRequest,
  parts: InstallParts = realParts,
): Promise<InstallOutcome> {
  const { backend, variables } = request;
  refuseOtherSystem();
  refuseNoFolder(request.from);
  const there = request.rebuild ? undefined : installedAlready(request);
  if (there !== undefined) {
    if (!there.isInUse) orCacheError(() => useInstallation(backend, there.id, variables));
    return { installation: there, wasThere: true };
  }
  await checkAll([
    () => refuseUnwritable(variables),
    () => refuseSmallDisk(request, parts.neededBytes[backend]),
    ...prerequisites(
      { ...request, packages: [parts.sources, parts.headers] },
      { directory: "/", variables, signal: request.signal },
    ),
  ]);
  if (backend === "cuda" && !existsSync(driverFile)) {
    request.observe(
      "no driver of an NVIDIA GPU is loaded here: runs need one, installing does not",
    );
  }
  const folder = orCacheError(() => makePrivateFolder(backend, variables));
  try {
    return { installation: await build(request, parts, folder), wasThere: false };
  } catch (error) {
    throw asCacheError(error);
  } finally {
    removeTree(folder);
  }
}

function installedAlready({
  backend,
  tensorflow,
  variables,
}: InstallRequest): ListedInstallation | undefined {
  if (tensorflow.kind !== "version") return undefined; // the same name may be another file by now
  const wanted = requestText(tensorflow, backend);
  return listInstallations(backend, variables).find(
    ({ manifest, problem }) => manifest.request === wanted && problem === undefined,
  );
}

async function build(
  request: InstallRequest,
  parts: InstallParts,
  folder: string,
): Promise<Installation> {
  const { backend, tensorflow, from, variables, signal, observe } = request;
  const [target, directory] = [join(folder, "backend"), join(folder, "work")];
  const temporary = join(folder, "temporary"); // where the checks found room, whatever is left in TMPDIR
  for (const path of [target, directory, temporary]) mkdirSync(path);
  const own = { ...variables, TMPDIR: temporary };
  const place: Workplace = { directory, variables: own, signal, from, observe };
  const sources = await unpackPackage(parts.sources, place);
  const headers = await unpackPackage(parts.headers, place);
  await takeTensorflow(tensorflow, { backend, target, place });
  const compiler = await compileAddon({ sources, headers, target, place });
  if (backend === "native")
    await withCompilerHint(() => compileProducts({ headers, target, place }));
  for (const path of ["tensorflow/include", "../work"]) removeTree(join(target, path));
  checkStop(signal);
  observe("trying it in a process of its own");
  const unchecked = manifestOf(request, { compiler, version: "", folder: target });
  const call = { directory: folder, variables, signal };
  const { tensorflow: version } = await parts.probe({ folder: target, manifest: unchecked }, call);
  refuseOld(version);
  observe("computing digests");
  const files = await fileFacts(target);
  checkStop(signal);
  const manifest = manifestOf(request, { compiler, version, folder: target });
  return publish(target, { ...manifest, files }, { variables, replaces: request.rebuild });
}

interface Built {
  readonly compiler: string;
  readonly version: string;
  readonly folder: string;
}

function manifestOf(
  { backend, tensorflow }: InstallRequest,
  { compiler, version, folder }: Built,
): BackendManifest {
  return {
    format: manifestFormat,
    backend,
    tensorflow: version,
    request: requestText(tensorflow, backend),
    sources: `${addonSources.name}@${addonSources.version}`,
    nodeApi: nodeApiVersion,
    platform: process.platform,
    arch: process.arch,
    compiler,
    testedWith: process.versions.node,
    libraryFolders: libraryFolders(folder),
    files: [],
  };
}

/** `nvidia/cublas/lib` and its like; CUDA's libraries find each other by this list alone. */
function libraryFolders(folder: string): readonly string[] {
  const root = join(folder, "nvidia");
  if (!existsSync(root)) return [];
  return readdirSync(root)
    .sort()
    .map((name) => `nvidia/${name}/lib`)
    .filter((path) => existsSync(join(folder, path)));
}

function refuseOtherSystem(): void {
  if (process.platform === "linux") return;
  throw new ExpError("environment", `This is ${process.platform}; compiled backends need Linux.`, {
    hint: "Use the backend wasm: it is the default, and fast everywhere.",
  });
}

function refuseNoFolder(from: string | undefined): void {
  if (from === undefined || statSync(from, { throwIfNoEntry: false })?.isDirectory() === true)
    return;
  throw new ExpError("usage", `--from ${from}: no such folder.`, {
    hint: "Give a folder with the wheels and packages; see docs/installing-offline.md.",
  });
}
