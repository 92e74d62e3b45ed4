/** The random streams that a task's `run` is given: those of `src/random`, with arguments checked for their user. */
import { ExpError } from "../core/errors.ts";
import { isPlainObject, type JsonObject } from "../core/json.ts";
import type { DrawPlace, TaskRandom, TaskStream } from "../core/task-services.ts";
import { createPermutation } from "../random/permutation.ts";
import { fillNormal, fillTruncatedNormal, fillUniform, integerBelow } from "../random/samples.ts";
import {
  createStreams,
  seedsByPurpose,
  type RandomStream,
  type RandomStreams,
} from "../random/streams.ts";

const maxCount = 2 ** 31;

/**
 * Streams from `seed` and `seeds` of a config. Nothing is computed before the first one is asked for.
 * @param taskName - For errors.
 */
export function createTaskRandom(config: JsonObject, taskName: string): TaskRandom {
  let streams: RandomStreams | undefined;
  return {
    stream: (purpose) => {
      streams ??= streamsOf(config, taskName);
      return createTaskStream(streams.stream(purpose));
    },
  };
}

function streamsOf({ seed, seeds }: JsonObject, taskName: string): RandomStreams {
  if (typeof seed !== "number") {
    const message = `The task ${taskName} has no seed in its schema, so it has no random streams.`;
    throw new ExpError("config", message, {
      hint: "Spread envelopeFields into the schema, or add seed: z.int().min(0).default(0).",
    });
  }
  return createStreams(seed, isPlainObject(seeds) ? seedsByPurpose(seeds) : {});
}

function createTaskStream({ purpose, key }: RandomStream): TaskStream {
  const stream = { purpose, key };
  const place = (what: string, count: number, at: DrawPlace): FillPlace => {
    const where = `rng.stream(${JSON.stringify(purpose)}).${what}`;
    requireWhole(count, { where, what: "how many", most: maxCount });
    requireWhole(at?.step, { where, what: "step", most: Number.MAX_SAFE_INTEGER });
    return { where, step: at.step, position: 0, elementsPerPosition: count };
  };
  return {
    ...stream,
    uniform: (count, at) => {
      const { from = 0, to = 1 } = at ?? {};
      const checked = place("uniform", count, at);
      const numbers = new Float32Array(count);
      fillUniform(stream, numbers, checked);
      return from === 0 && to === 1 ? numbers : numbers.map((value) => from + value * (to - from));
    },
    normal: (count, at) => {
      const { mean = 0, standardDeviation = 1 } = at ?? {};
      const checked = place("normal", count, at);
      const numbers = new Float32Array(count);
      fillNormal(stream, numbers, checked);
      const isStandard = mean === 0 && standardDeviation === 1;
      return isStandard ? numbers : numbers.map((value) => mean + value * standardDeviation);
    },
    truncatedNormal: (count, at) => {
      const checked = place("truncatedNormal", count, at);
      const numbers = new Float32Array(count);
      fillTruncatedNormal(stream, numbers, checked);
      return numbers;
    },
    integers: (count, at) => {
      const { where, step } = place("integers", count, at);
      requireWhole(at.below, { where, what: "below", least: 1, most: 2 ** 32 });
      const draw = (_: unknown, element: number): number =>
        integerBelow(stream, at.below, { step, position: 0, element });
      return Uint32Array.from({ length: count }, draw);
    },
    permutation: (size, at) => {
      const order = createPermutation(stream, size, place("permutation", size, at).step);
      return Uint32Array.from({ length: size }, (_, index) => order.at(index));
    },
  };
}

interface FillPlace {
  readonly where: string;
  readonly step: number;
  readonly position: number;
  readonly elementsPerPosition: number;
}

interface Bounds {
  readonly where: string;
  readonly what: string;
  readonly least?: number;
  readonly most: number;
}

/** A forgotten step would give equal numbers every time, so it has no default. */
function requireWhole(value: unknown, { where, what, least = 0, most }: Bounds): void {
  const isWhole = typeof value === "number" && Number.isSafeInteger(value);
  if (isWhole && value >= least && value <= most) return;
  throw new ExpError(
    "training",
    `${where}: ${what} is ${String(value)}; expected a whole number from ${least} to ${most}.`,
    { hint: 'For example rng.stream("noise").normal(100, { step }).' },
  );
}
