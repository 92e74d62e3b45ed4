/** The threads of a case on `native` where nobody says a number. */
import { availableParallelism } from "node:os";
import { libraryThreads } from "../../src/app/library-threads.ts";
import { benchmarkCases } from "../compare/models.ts";

/** Of the case with that name. */
export function defaultThreads(name: string): number {
  const found = benchmarkCases.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no case ${name}`);
  const { batchSize, data } = found;
  const model = JSON.parse(JSON.stringify(found.model)); // plain data, as a config has it
  const sizes = "sequenceLength" in data ? { sequenceLength: data.sequenceLength } : {};
  return libraryThreads({ model, data: sizes, training: { batchSize } }, availableParallelism());
}
