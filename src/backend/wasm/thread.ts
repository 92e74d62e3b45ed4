/** What a helping thread runs: plain JavaScript as text, since it must start from source and from the package alike. */

/** Offset of the word in the control block that tells of a trap; see `assembly/control.ts`. */
const failedAt = 136;

/**
 * Waits for work until the process ends. A trap is told to the thread that waits for the piece, with its text in a message, and
 * then to Node, which raises `error` on the worker. A library is loaded before the first piece.
 */
export const threadSource: string = `"use strict";
const { workerData } = require("node:worker_threads");
const { runInThisContext } = require("node:vm");
const { module, memory, control, scratch, port, library } = workerData;
let currentSlot;
try {
  const multiplyPiece = library === undefined
    ? () => { throw new Error("this thread knows no library"); }
    : runInThisContext(library.source)(require, memory, library.file);
  const { exports } = new WebAssembly.Instance(module, { env: { memory, multiplyPiece } });
  currentSlot = exports.currentSlot;
  exports.useScratch(scratch);
  exports.help(control);
} catch (error) {
  port.postMessage(String(error));
  const words = new Int32Array(memory.buffer, control);
  if (currentSlot !== undefined) Atomics.store(words, ${failedAt} / 4, currentSlot());
  throw error;
}
`;
