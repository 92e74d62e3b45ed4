/** What a helping thread runs: plain JavaScript as text, since it must start from source and from the package alike. */

/** Offset of the word in the control block that tells of a trap; see `assembly/control.ts`. */
const failedAt = 136;

/**
 * Waits for work until the process ends. A trap is told to the thread that waits for the piece, and then to Node, which
 * raises `error` on the worker.
 */
export const threadSource: string = `"use strict";
const { workerData } = require("node:worker_threads");
const { module, memory, control, scratch } = workerData;
const { exports } = new WebAssembly.Instance(module, { env: { memory } });
exports.useScratch(scratch);
try {
  exports.help(control);
} catch (error) {
  const words = new Int32Array(memory.buffer, control);
  Atomics.store(words, ${failedAt} / 4, exports.currentSlot());
  throw error;
}
`;
