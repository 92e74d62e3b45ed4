/** What is equal between runs, what differs, and what does not move. */
import { setImmediate } from "node:timers/promises";
import { expect, test } from "vitest";
import { z } from "zod";
import { defineDataSource } from "../../../src/data/data-source.ts";
import { bitsOf, eventsOf, pointsInput, resultOf, runToy, sentencesInput, traceOf } from "./toy.ts";

/** All events, tensors as bits, but for the line that says how much memory the process took. */
function everything(run: Awaited<ReturnType<typeof runToy>>): readonly unknown[] {
  expect(run.error).toBeUndefined();
  return run.events
    .filter((event) => event.kind !== "log" || !event.text.startsWith("peak memory: "))
    .map((event) =>
      event.kind === "checkpoint" ? { ...event, tensors: bitsOf(event.tensors) } : event,
    );
}

function column(run: Awaited<ReturnType<typeof runToy>>, name: string): readonly unknown[] {
  const values = traceOf(run).map((row) => row[name]);
  expect(values.length).toBeGreaterThan(0);
  return values;
}

function losses(run: Awaited<ReturnType<typeof runToy>>): readonly number[] {
  return eventsOf(run, "progress").flatMap(({ phase, loss }) =>
    phase === "training" && loss !== undefined ? [loss] : [],
  );
}

test.each(["cpu", "wasm"])("the same config twice gives the same events on %s", async (backend) => {
  const [first, second] = [
    await runToy(sentencesInput, { backend }),
    await runToy(sentencesInput, { backend }),
  ];
  expect(everything(second)).toEqual(everything(first));
  expect(resultOf(first).weightsDigest).toMatch(/^[0-9a-f]{64}$/);
});

test("seed 0 is repeatable and differs from seed 1", async () => {
  const digests: (string | undefined)[] = [];
  for (const seed of [0, 0, 1, 1]) {
    digests.push(resultOf(await runToy({ ...sentencesInput, seed })).weightsDigest);
  }
  expect(digests[1]).toBe(digests[0]);
  expect(digests[3]).toBe(digests[2]);
  expect(digests[2]).not.toBe(digests[0]);
});

test("dropout changes neither the data order nor which examples are tested", async () => {
  const model = { ...sentencesInput.model, dropoutRate: 0 };
  const [without, withDropout] = [
    await runToy({ ...sentencesInput, model }),
    await runToy(sentencesInput),
  ];
  expect(column(withDropout, "batch")).toEqual(column(without, "batch"));
  expect(losses(withDropout)).not.toEqual(losses(without));
});

test("one more layer does not change the data order", async () => {
  const model = { ...sentencesInput.model, numLayers: 2 };
  const [one, two] = [await runToy(sentencesInput), await runToy({ ...sentencesInput, model })];
  expect(column(two, "batch")).toEqual(column(one, "batch"));
});

test("4 passes of 4 draw what 1 pass of 16 draws", async () => {
  const [small, large] = [
    { numSteps: 4, batchSize: 4, gradientAccumulationSteps: 4 },
    { numSteps: 4, batchSize: 16 },
  ];
  const model = { ...sentencesInput.model, dropoutRate: 0.3 };
  const accumulated = await runToy({ ...sentencesInput, model, training: small });
  const whole = await runToy({ ...sentencesInput, model, training: large });
  expect(column(accumulated, "batch")).toEqual(column(whole, "batch"));
  // Other masks would move the loss by about 1e-1; what remains is float32 rounding.
  losses(accumulated).forEach((loss, index) => {
    expect(Math.abs(loss - (losses(whole)[index] ?? NaN))).toBeLessThan(1e-6);
  });
});

test("label smoothing and accumulation go together", async () => {
  const common = { numSteps: 2, labelSmoothing: 0.2, maxGradNorm: 0.1 };
  const runs = [
    await runToy({
      ...pointsInput,
      training: { ...common, batchSize: 2, gradientAccumulationSteps: 4 },
    }),
    await runToy({ ...pointsInput, training: { ...common, batchSize: 8 } }),
  ];
  const [accumulated = [], whole = []] = runs.map(losses);
  accumulated.forEach((loss, index) => expect(loss).toBeCloseTo(whole[index] ?? NaN, 6));
});

test("another seed of the run keeps the parts, another seed of the split does not", async () => {
  const tested = async (input: object): Promise<unknown[]> => {
    const run = await runToy({ ...pointsInput, ...input });
    return eventsOf(run, "predictions").flatMap(({ rows }) => rows.map((row) => row["example"]));
  };
  const base = await tested({});
  expect(await tested({ seed: 5 })).toEqual(base);
  const split = { validation: 0.25, test: 0.25, seed: 1 };
  expect(await tested({ data: { kind: "points", split } })).not.toEqual(base);
});

test("a seed of its own moves its purpose and no other", async () => {
  const base = await runToy(sentencesInput);
  const order = await runToy({ ...sentencesInput, seeds: { dataOrder: 7 } });
  const masks = await runToy({ ...sentencesInput, seeds: { dropout: 7 } });
  const start = await runToy({ ...sentencesInput, seeds: { initialization: 7 } });
  expect(column(order, "batch")).not.toEqual(column(base, "batch"));
  for (const run of [masks, start]) {
    expect(column(run, "batch")).toEqual(column(base, "batch"));
    expect(losses(run)[0]).not.toBe(losses(base)[0]);
  }
});

test("the seed that is written out for a purpose does what the root seed did", async () => {
  const seeds = { dataOrder: 3, initialization: 3, dropout: 3 };
  const [plain, written] = [
    await runToy({ ...sentencesInput, seed: 3 }),
    await runToy({ ...sentencesInput, seed: 4, seeds }),
  ];
  expect(everything(written)).toEqual(everything(plain));
});

test.each(["forbidden", "seeded"])(
  "two runs at once in one process compute what each computes alone (%s)",
  async (ambientRandomness) => {
    const inputs = [
      { ...sentencesInput, ambientRandomness },
      { ...pointsInput, ambientRandomness, seed: 4 },
    ];
    const outside = Math.random;
    const alone = [];
    for (const input of inputs) alone.push(everything(await runToy(input)));
    const together = await Promise.all(inputs.map((input) => runToy(input)));
    expect(together.map(everything)).toEqual(alone);
    expect(Math.random).toBe(outside);
  },
);

/** Points that a user's source moves by what it draws while it reads, before and after it has waited. */
const shaken = defineDataSource({
  kind: "shaken",
  schema: z.strictObject({ kind: z.literal("shaken"), numDraws: z.int().default(1) }),
  listFiles: async () => [],
  read: async ({ config }) => {
    const draw = (): number =>
      Array.from({ length: config.numDraws }, () => Math.random()).reduce((sum, x) => sum + x, 0);
    const first = draw();
    await setImmediate();
    const train = Array.from({ length: 60 }, (_, index) => ({
      features: new Float32Array([(index % 7) - 3, first + draw()]),
      content: new TextEncoder().encode(String(index)),
      label: index % 7 > 3 ? "right" : "left",
    }));
    return {
      content: "features",
      numFeatures: 2,
      labels: ["left", "right"],
      facts: {},
      parts: { train },
    };
  },
});

test("a user's source that draws from Math.random is refused, also after it has waited", async () => {
  const members = { dataSources: [shaken] };
  const run = await runToy({ ...pointsInput, data: { kind: "shaken" } }, { members });
  expect(run.error).toMatchObject({
    code: "training",
    message: expect.stringMatching(/^Math\.random was called .*randomness\.test\.ts:/),
  });
  const late = defineDataSource({
    ...shaken,
    read: async (request) => {
      await setImmediate();
      return shaken.read(request);
    },
  });
  const waited = await runToy(
    { ...pointsInput, data: { kind: "shaken" } },
    { members: { dataSources: [late] } },
  );
  expect(waited.error).toMatchObject({ code: "training" });
});

test("with seeded ambient randomness a user's source draws the same in every run of a seed", async () => {
  const run = async (more: object = {}) => {
    const input = {
      ...pointsInput,
      data: { kind: "shaken" },
      ambientRandomness: "seeded",
      ...more,
    };
    return runToy(input, { members: { dataSources: [shaken] } });
  };
  const [first, ...others] = [await run(), ...(await Promise.all([run(), run()]))];
  for (const other of others) expect(everything(other)).toEqual(everything(first));
  expect(resultOf(await run({ seed: 1 })).weightsDigest).not.toBe(resultOf(first).weightsDigest);
  const more = await run({ data: { kind: "shaken", numDraws: 2 } });
  const states = [first, more].map(
    (each) => eventsOf(each, "checkpoint")[0]?.state["ambientState"],
  );
  expect(states[1]).toEqual(states[0]); // the generator of the steps has not moved
  expect(losses(more)).not.toEqual(losses(first));
});
