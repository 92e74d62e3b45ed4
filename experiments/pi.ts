/** π by throwing points at a square: a task of one's own with a random stream and a checkpoint, and nothing to train. */
import { choice, defineTask, envelopeFields } from "lockstep";
import { z } from "zod";

const monteCarlo = defineTask({
  name: "monte-carlo-pi",
  schema: z.strictObject({
    ...envelopeFields,
    /** Handfuls of points, one after the other. */
    numSteps: z.int().min(1),
    /** Points in a handful. */
    batchSize: z.int().min(1),
  }),
  run: async ({ config, rng, log, checkpoint }) => {
    const saved = await checkpoint.latest<{ numInside: number }>();
    let numInside = saved?.state.numInside ?? 0;
    for (let step = (saved?.step ?? 0) + 1; step <= config.numSteps; step++) {
      const x = rng.stream("points/x").uniform(config.batchSize, { step });
      const y = rng.stream("points/y").uniform(config.batchSize, { step });
      const squares = y.map((value, index) => value * value + (x[index] ?? 0) * (x[index] ?? 0));
      numInside += squares.filter((square) => square < 1).length;
      log.metrics(step, { estimate: (4 * numInside) / (step * config.batchSize) });
      log.progress(step, config.numSteps);
      if (step % 50 === 0) await checkpoint.save({ step, state: { numInside } });
    }
    const estimate = (4 * numInside) / (config.numSteps * config.batchSize);
    return { estimate, error: Math.abs(estimate - Math.PI) };
  },
});

export default monteCarlo.defineConfig({ numSteps: 200, batchSize: choice(100, 10_000) });
