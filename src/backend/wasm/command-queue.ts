/**
 * Kernels on their way to the threads, in the main thread: each is written into a slot of the control block, and done at
 * once or, inside `ahead`, while JavaScript goes on. How threads share them out is written in `assembly/control.ts`.
 */
import { ExpError, InternalError } from "../../core/errors.ts";
import type { Address, BackendMemory } from "./memory.ts";

/** What `assembly/index.ts` exports for the host. */
export interface ControlExports {
  /** The functions that can be called by their index. */
  readonly table: { readonly length: number; readonly get: (index: number) => unknown };
  readonly push: (control: Address, number: number, most: number) => number;
  readonly settle: (control: Address, most: number) => number;
  readonly runAlone: (slot: Address) => void;
  readonly currentSlot: () => Address;
  readonly slotOfTicket: (control: Address) => Address;
  readonly useScratch: (address: Address) => void;
}

/** Numbers that a kernel is called with. */
export interface KernelArguments {
  /** Sizes, strides, flags and addresses, at most 28. */
  readonly integers: readonly number[];
  /** At most 14. */
  readonly doubles?: readonly number[];
}

const numSlots = 64;
const slotBytes = 256;
const slotsAt = 256;
/** The slot of what the main thread runs alone, after those that all threads look at. */
const aloneAt: number = slotsAt + numSlots * slotBytes;
/** Bytes of a control block; see `assembly/control.ts`. */
export const controlBytes: number = aloneAt + slotBytes;

const maxIntegers = 28;
const doublesAt = 128;
const failedAt = 136;
/**
 * Kernels that may wait while JavaScript goes on: some milliseconds of work, which outlast most collections of garbage. No
 * more than half of the slots, so that none is written while a thread still looks at it.
 */
const mostWaiting: number = numSlots / 2;

interface QueueOptions {
  readonly memory: BackendMemory;
  /** Where the control block lies. */
  readonly control: Address;
  readonly numThreads: number;
  /** Why another thread ended, where one said it. */
  readonly lastWords: () => string | undefined;
}

/** The commands of one control block. See `Pool` for what the functions do. */
export class CommandQueue {
  /** Why no kernel can be run any more. */
  broken: string | undefined;
  private readonly options: QueueOptions;
  private readonly functions: ControlExports;
  private readonly indices: ReadonlyMap<string, number>;
  private readonly words: Int32Array;
  private readonly reals: Float64Array;
  /** Of the last command. */
  private number = 0;
  /** Whether some that were run are perhaps not done. */
  private isAhead = false;
  /** Calls of `ahead` that this moment is in. */
  private depth = 0;
  /** The last kernel: a thread that has ended since did so in it, or waiting for the next. */
  private last = "";

  constructor(options: QueueOptions, functions: ControlExports) {
    this.options = options;
    this.functions = functions;
    this.indices = kernelIndices(functions);
    this.words = options.memory.integers(options.control, controlBytes / 4);
    this.reals = new Float64Array(this.words.buffer, options.control, controlBytes / 8);
  }

  run(kernel: string, numPieces: number, args: KernelArguments): void {
    if (this.broken !== undefined) throw failure(this.broken, this.last || kernel);
    if (numPieces === 0) return;
    this.last = kernel;
    const { control, numThreads } = this.options;
    const isWaiting = this.depth > 0 && numThreads > 1;
    if (numThreads === 1 || (numPieces === 1 && !isWaiting)) {
      this.write(aloneAt, { kernel, numPieces, args });
      this.attempt(() => {
        this.functions.runAlone(control + aloneAt);
        return 0;
      });
      return;
    }
    const number = (this.number + 1) | 0;
    this.write(slotsAt + (number & (numSlots - 1)) * slotBytes, { kernel, numPieces, args });
    this.isAhead = isWaiting;
    this.attempt(() => {
      this.number = number; // a number that is counted is handed over, whatever fails
      return this.functions.push(control, number, isWaiting ? mostWaiting : 0);
    });
  }

  finish(): void {
    if (!this.isAhead) return;
    // After a failure this stays so: whoever looks at the memory again is told again, also if the first one caught it.
    if (this.broken !== undefined) throw failure(this.broken, this.last);
    this.attempt(() => this.functions.settle(this.options.control, 0));
    this.isAhead = false;
  }

  ahead<Result>(work: () => Result): Result {
    this.depth++;
    try {
      const result = work();
      if (this.depth === 1) this.finish();
      return result;
    } finally {
      this.depth--;
      if (this.depth === 0) this.abandon();
    }
  }

  /**
   * Where `work` threw, memory may be used anew only when nobody writes there any more; its own error is the one to tell.
   * After a kernel failed, others may go on with its pieces for a moment: nothing is computed with this queue any more.
   */
  private abandon(): void {
    try {
      this.finish();
    } catch {
      // `broken` says it at the next call.
    }
  }

  private write(
    offset: number,
    command: {
      readonly kernel: string;
      readonly numPieces: number;
      readonly args: KernelArguments;
    },
  ): void {
    const { integers, doubles = [] } = command.args;
    const index = this.indices.get(command.kernel);
    if (index === undefined || integers.length > maxIntegers) {
      const what = `${command.kernel} with ${integers.length} arguments`;
      throw new InternalError(`there is no kernel ${what}`);
    }
    const slot = offset / 4;
    this.words[slot] = index;
    this.words[slot + 1] = command.numPieces;
    this.words[slot + 2] = 0;
    for (let i = 0; i < integers.length; i++) this.words[slot + 4 + i] = integers[i] ?? 0;
    const at = (offset + doublesAt) / 8;
    for (let i = 0; i < doubles.length; i++) this.reals[at + i] = doubles[i] ?? 0;
  }

  /** @throws {ExpError} Where something went wrong, now and ever after. */
  private attempt(run: () => number): void {
    const { control } = this.options;
    try {
      switch (run()) {
        case 0:
          return;
        case 1:
          this.broken = this.options.lastWords() ?? "a thread ended in the middle of it";
          this.last = this.kernelAt(this.words[failedAt / 4] ?? 0);
          break;
        default:
          this.broken =
            "a thread did not finish its part in time; it has ended, or the system gives it no time";
          this.last = this.kernelAt(this.functions.slotOfTicket(control));
      }
    } catch (error) {
      this.broken = String(error);
      this.last = this.kernelAt(this.functions.currentSlot());
    }
    throw failure(this.broken, this.last);
  }

  /** The kernel of the command in a slot. */
  private kernelAt(slot: Address): string {
    const index = this.words[(slot - this.options.control) / 4];
    for (const [name, known] of this.indices) if (known === index) return name;
    return this.last;
  }
}

/** Where each kernel stands in the table. */
function kernelIndices({ table, ...functions }: ControlExports): ReadonlyMap<string, number> {
  const places = new Map<unknown, number>();
  for (let index = 0; index < table.length; index++) places.set(table.get(index), index);
  const indices = new Map<string, number>();
  for (const [name, code] of Object.entries(functions)) {
    const index = places.get(code);
    if (index !== undefined) indices.set(name, index);
  }
  return indices;
}

function failure(what: string, kernel: string): ExpError {
  if (kernel.startsWith("library")) {
    return new ExpError(
      "training",
      `A product of the library, shared out to threads, failed: ${what}.`,
      {
        hint: "Start the command again; threads=1 computes without helping threads, with other bits.",
      },
    );
  }
  return new ExpError("training", `The kernel ${kernel} of the backend wasm failed: ${what}.`, {
    hint: "Start the command again; threads=1 computes the same bits without helping threads.",
  });
}
