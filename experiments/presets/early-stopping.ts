/** When to give up on a run: presets of a nested field, `training.earlyStopping=patient` on the command line. */
import { presets } from "lockstep";

export const earlyStopping = presets("training.earlyStopping", {
  patient: { patience: 10 },
  impatient: { patience: 2, minDelta: 0.001 },
  never: null,
});
