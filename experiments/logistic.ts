/** A program in another language as an experiment: `logistic.py` at three learning rates. */
import { choice, command } from "lockstep";

export default command.defineConfig({
  seed: 1,
  command: ["python3", "{files[0]}"],
  files: ["./logistic.py"],
  parameters: { numExamples: 400, numSteps: 50, learningRate: choice(0.01, 0.1, 1) },
  selection: { metric: "validation.accuracy" },
});
