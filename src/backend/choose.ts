/**
 * Which backend a run will use, decided when planning. Nothing here loads TensorFlow.js, so that `exp plan` stays fast
 * and a plan can be made where no backend runs.
 */
import { ExpError } from "../core/errors.ts";
import { nearest } from "../core/suggest.ts";
import { nativeClass } from "./native/environment-class.ts";
import { requireInstallation, type Installation } from "./native/installation.ts";
import type { CompiledName } from "./native/place.ts";
import { chooseThreads } from "./threads.ts";

/**
 * Part of every environment class: moves when, and only when, some training computes other bits than before. A test
 * holds it together with the digest of a small training.
 */
export const NUMERICS_VERSION = 2;

/** Backends that this version can run on. `auto` takes `wasm`, whose bits are equal everywhere. */
export const backendNames = ["wasm", "native", "cuda", "cpu"] as const;
export type BackendName = (typeof backendNames)[number];

export interface BackendChoice {
  readonly backend: BackendName;
  /** One sentence for people: why this one. */
  readonly reason: string;
  /** Inside one class, equal inputs give equal bits. */
  readonly environmentClass: string;
}

/** What the choice looks at. */
export interface BackendHost {
  /** Version and architecture of the Node that will run it. */
  readonly nodeVersion: string;
  readonly arch: string;
  /** That will compute; only `native` and `cuda` depend on it. */
  readonly threads?: number | undefined;
  /** The installation that runs of a backend take; throws where there is none. */
  readonly installed?: (name: CompiledName) => Installation;
}

/**
 * Picks the backend and names the class of environments in which its bits are the same.
 * `wasm` computes in WebAssembly and in plain arithmetic, which are the same on every machine, and shares out its sums so
 * that the number of threads changes none; `cpu` also runs TensorFlow.js' own JavaScript kernels, whose exponentials come
 * from the engine. `native` and `cuda` compute in a library that looks at the processor and shares sums out to threads.
 * @param requested - `auto` or one of `backendNames`.
 * @param host - This process by default.
 * @throws {ExpError} `config` when the name is not known; `environment` when the backend is not installed.
 */
export function chooseBackend(
  requested: string,
  host: BackendHost = { nodeVersion: process.versions.node, arch: process.arch },
): BackendChoice {
  const backend = requested === "auto" ? "wasm" : backendNames.find((name) => name === requested);
  if (backend === undefined) throw unknownBackend(requested);
  const reason =
    requested === "auto"
      ? "wasm is the fastest backend that needs no installation, and its bits are equal on every machine."
      : `${backend} was asked for.`;
  return { backend, reason, environmentClass: environmentClass(backend, host) };
}

function environmentClass(backend: BackendName, host: BackendHost): string {
  switch (backend) {
    case "wasm":
      return `wasm/${NUMERICS_VERSION}`;
    case "cpu":
      return `cpu/${NUMERICS_VERSION}/${host.nodeVersion.split(".")[0] ?? ""}/${host.arch}`;
    case "native":
    case "cuda": {
      const installed = host.installed ?? ((name) => requireInstallation(name, process.env));
      const threads = host.threads ?? chooseThreads(undefined);
      return nativeClass({ installation: installed(backend), threads }, process.env);
    }
  }
}

/**
 * Refuses what is no name of a backend, installed or not.
 * @throws {ExpError} `config`, with the names that there are.
 */
export function requireBackendName(requested: string): void {
  const isKnown = ["auto", ...backendNames].includes(requested);
  if (!isKnown) throw unknownBackend(requested);
}

function unknownBackend(requested: string): ExpError {
  const suggestion = nearest(requested, ["auto", ...backendNames]);
  return new ExpError("config", "There is no such backend.", {
    issues: [
      {
        path: ["backend"],
        message: `Expected one of auto, ${backendNames.join(", ")}.`,
        value: JSON.stringify(requested),
        ...(suggestion === undefined ? {} : { suggestion }),
      },
    ],
    hint: "Leave `backend` out, or set it to auto: then wasm is taken.",
  });
}
