/** The tools themselves, by the Python that `TRACK_PYTHON` names: `make track TRACK_PYTHON=/path/to/python`. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";

/** The Python that has the tools. */
export function trackPython(): string {
  const python = process.env["TRACK_PYTHON"] ?? "";
  if (python !== "") return python;
  throw new Error("TRACK_PYTHON names no Python: make track TRACK_PYTHON=/path/to/python");
}

/**
 * What a script of this folder prints as JSON.
 * @param script - Its name, with its ending.
 */
export function readWithPython(script: string, ...args: readonly string[]): unknown {
  const path = join(import.meta.dirname, script);
  const { status, stdout, stderr } = spawnSync(trackPython(), [path, ...args], {
    encoding: "utf8",
    maxBuffer: 1 << 26,
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "3" },
  });
  if (status !== 0) throw new Error(`${script} ended with ${status}: ${stderr.slice(-2000)}`);
  return JSON.parse(stdout);
}

/** Tells whether the Python has a module, and says on standard error where it has not. */
export function hasModule(name: string): boolean {
  const { status } = spawnSync(trackPython(), ["-c", `import ${name}`], { encoding: "utf8" });
  if (status !== 0) process.stderr.write(`skipped: ${trackPython()} has no ${name}\n`);
  return status === 0;
}
