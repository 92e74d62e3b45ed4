/** The threads of a case on `native` where nobody says a number. */
import { availableParallelism } from "node:os";
import { isPooled, libraryThreads } from "../../src/app/library-threads.ts";
import type { JsonObject } from "../../src/core/json.ts";
import { benchmarkCases } from "../compare/models.ts";

/** Of the case with that name. */
export function defaultThreads(name: string): number {
  return libraryThreads(configOf(name), availableParallelism());
}

/** Whether the library's own threads compute that case. */
export function isPooledCase(name: string): boolean {
  return isPooled(configOf(name));
}

function configOf(name: string): JsonObject {
  const found = benchmarkCases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no case ${name}`);
  const { batchSize, data } = found;
  const model = JSON.parse(JSON.stringify(found.model)); // plain data, as a config has it
  const sizes = "sequenceLength" in data ? { sequenceLength: data.sequenceLength } : {};
  return { model, data: sizes, training: { batchSize } };
}
