/**
 * Kernels compiled so that the engine joins neighbouring vectors of 128 bits to one of 256 (V8's revectorization). It is
 * switched on for the kernels alone, where it has been tried with all of them, and is used only where a product comes out
 * with the same bits and faster.
 */
import { setFlagsFromString } from "node:v8";
import { ExpError } from "../../core/errors.ts";
import { isFasterWide } from "./wide-trial.ts";
import { compileModule, type WasmModule } from "./web-assembly.ts";

/**
 * The lines of Node.js whose engine does it for our loops and with which all kernels have been tried, and what is switched off
 * meanwhile: compiled is at once, and by the optimising compiler alone. Others are not known to keep the bits, or to live
 * through it: V8 14 inlines by what the first compiler has seen, and ends the process where there was none.
 */
const triedLines: Readonly<Record<string, readonly string[]>> = {
  "24": ["liftoff", "wasm-lazy-compilation"],
  "26": ["liftoff", "wasm-lazy-compilation", "wasm-inlining", "wasm-inlining-call-indirect"],
};

const joining = "experimental-wasm-revectorize";

/** How else those flags can be written, and the one that lets nobody set any: V8 then ends the process. */
const ownFlags =
  /liftoff|wasm[-_]?lazy[-_]?compilation|wasm[-_]?inlining|revectorize|freeze[-_]?flags/;

/** A section that every engine passes over: number, length, and the name with its own length. */
const mark = Buffer.from("\x00\x05\x04wide", "latin1");

/** A compiled module, and how wide its vectors are. */
export interface CompiledKernels {
  readonly module: WasmModule;
  readonly hasWideVectors: boolean;
}

/** What decides: release, processor, flags, and the variable `LOCKSTEP_VECTORS`, of which `128` means never. */
export interface VectorChoice {
  /** As `process.versions.node`. */
  readonly release: string;
  /** As `process.arch`. */
  readonly architecture: string;
  readonly variable: string | undefined;
  /** That Node.js was started with. */
  readonly nodeFlags: readonly string[];
}

/** What decides in this process. */
export function ownChoice(): VectorChoice {
  const variable = process.env["LOCKSTEP_VECTORS"];
  const nodeFlags = [...process.execArgv, process.env["NODE_OPTIONS"] ?? ""];
  return { release: process.versions.node, architecture: process.arch, variable, nodeFlags };
}

/**
 * Whether wide vectors are worth a trial. Not where the flags that they take were set by hand: a process cannot read
 * them, and so could not put them back.
 * @throws {ExpError} `environment` for a variable that is neither unset nor 128.
 */
export function mayBeWide(choice: VectorChoice): boolean {
  const { release, architecture, variable = "", nodeFlags } = choice;
  if (variable === "128") return false;
  if (variable !== "") {
    throw new ExpError(
      "environment",
      `LOCKSTEP_VECTORS is ${JSON.stringify(variable)}; expected 128, or nothing.`,
      { hint: "Leave it unset: vectors of 256 bits are used where they are faster." },
    );
  }
  if (nodeFlags.some((flag) => ownFlags.test(flag))) return false;
  return architecture === "x64" && offFlags(release) !== undefined;
}

/**
 * Compiles kernels for the widest vectors that this engine has for them; the bits are those of any other width.
 * @throws {ExpError} As `mayBeWide`.
 */
export function compileKernels(bytes: Uint8Array, isShared: boolean): CompiledKernels {
  if (!mayBeWide(ownChoice())) return { module: compileModule(bytes), hasWideVectors: false };
  const wide = compileWide(bytes);
  if (isFasterWide(wide, isShared)) return { module: wide, hasWideVectors: true };
  return { module: compileModule(bytes), hasWideVectors: false };
}

/**
 * Compiles any module with vectors joined where the engine can; only where `mayBeWide`. The flags are those of the whole
 * process, so that they are put back at once.
 */
export function compileWide(bytes: Uint8Array): WasmModule {
  const off = offFlags(process.versions.node) ?? [];
  try {
    for (const flag of off) setFlagsFromString(`--no-${flag}`);
    setFlagsFromString(`--${joining}`);
    return compileModule(markedWide(bytes));
  } finally {
    for (const flag of off) setFlagsFromString(`--${flag}`);
    setFlagsFromString(`--no-${joining}`);
  }
}

/** What a release needs switched off; `undefined` where wide vectors have not been tried with its line. */
function offFlags(release: string): readonly string[] | undefined {
  return triedLines[release.split(".", 1)[0] ?? ""];
}

/**
 * The same module under other bytes. V8 compiles equal bytes once in a process, whatever its flags: without the mark, kernels
 * that are compiled after the wide ones failed their trial would be these again.
 */
export function markedWide(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([bytes, mark]);
}
