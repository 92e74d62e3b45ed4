/**
 * What GPT's memory of keys and values spares while it writes: `pnpm bench:sample`. The model of `experiments/shakespeare.ts`
 * with first values writes one window, from an empty one to a full one, and goes on after it: the window moves, every
 * position is another one, and nothing that is remembered holds. Processor time of this thread, the least of several.
 */
import { placeTensors } from "../../src/backend/host-tensors.ts";
import { prepareBackend } from "../../src/backend/prepare.ts";
import { createModel } from "../../src/model/create-model.ts";
import { createStreams } from "../../src/random/streams.ts";
import { continuedLogits, lastLogits, type NextLogits } from "../../src/train/gradients.ts";
import { printTable, type Row } from "./table.ts";

const numClasses = 65;
const numRepetitions = 5;

/** Processor time of each character in microseconds. @param ends - Lengths of the text, one after the other. */
function timePerCharacter(
  next: NextLogits,
  ends: readonly number[],
  contextLength: number,
): number {
  const text = Int32Array.from({ length: 2 * contextLength }, (_, index) => (index * 31) % 65);
  const start = process.cpuUsage();
  for (const end of ends) next(text.slice(Math.max(0, end - contextLength), end));
  const { user, system } = process.cpuUsage(start);
  return (user + system) / ends.length;
}

function measure(contextLength: number): readonly Row[] {
  const sizes = { numLayers: 4, hiddenSize: 128, numHeads: 4, feedForwardSize: 512 };
  const config = { kind: "gpt", ...sizes, contextLength, dropoutRate: 0 } as const;
  const input = { kind: "language", sequenceLength: contextLength, vocabSize: numClasses } as const;
  const model = createModel(config, { input, numClasses });
  const streams = createStreams(0);
  const first = model.parameters.map(({ name, shape, initialise }) => {
    return [name, { dtype: "F32", shape, values: initialise(streams.stream(name)) }] as const;
  });
  const { tensors, release } = placeTensors(new Map(first));
  const setup = { model, numClasses };
  const growing = Array.from({ length: contextLength }, (_, index) => index + 1);
  const moving = growing.map((end) => end + contextLength);
  const rows = [
    { what: `first ${contextLength} characters`, ends: growing },
    { what: `after ${contextLength} characters`, ends: moving },
  ].map(({ what, ends }) => {
    const least = { whole: Infinity, remembered: Infinity };
    for (let repetition = 0; repetition < numRepetitions; repetition++) {
      const whole: NextLogits = (tokens) => lastLogits(setup, tensors, tokens);
      const remembered = continuedLogits(setup, tensors);
      least.whole = Math.min(least.whole, timePerCharacter(whole, ends, contextLength));
      const time = timePerCharacter(remembered, ends, contextLength);
      least.remembered = Math.min(least.remembered, time);
    }
    const [whole, remembered] = [least.whole, least.remembered].map((time) => time / 1000);
    const ratio = (least.whole / least.remembered).toFixed(2);
    const times = `${whole?.toFixed(2)} → ${remembered?.toFixed(2)} ms a character`;
    return { what, measured: `${times}, ${ratio} times as fast`, target: "", holds: undefined };
  });
  release();
  return rows;
}

await prepareBackend("wasm", { threads: 1 });
process.exitCode = printTable("Text that GPT writes, one thread", [64, 256].flatMap(measure));
