/** Makes this process one that computes on an installed backend; tests of it are skipped, loudly, where there is none. */
import { nativeVariables } from "../../../../src/backend/native/environment.ts";
import { findInstallation } from "../../../../src/backend/native/installation.ts";
import type { CompiledName } from "../../../../src/backend/native/place.ts";

/** Threads that the tests compute with. */
const numTestThreads = 2;

/** Whether the backend is there; then its variables are set, before anything of it is loaded. */
export function becomeProcessOf(name: CompiledName): boolean {
  const installation = findInstallation(name, process.env);
  if (installation === undefined) {
    process.stderr.write(
      `The backend ${name} is not installed: its tests are skipped. To have them: exp backend install ${name}\n`,
    );
    return false;
  }
  Object.assign(
    process.env,
    nativeVariables({ installation, threads: numTestThreads }, process.env),
  );
  process.env["LOCKSTEP_THREADS"] = String(numTestThreads);
  return true;
}
