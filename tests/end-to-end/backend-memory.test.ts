/** Models and steps that the memory of the backend is too small for. */
import { symlinkSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { ownModel, ownModelProject } from "./own-model-project.ts";
import { createProject, exp, publishedRuns, repository, tinyProject } from "./project.ts";

test("a model that WebAssembly cannot address is refused before its first step, with the estimate", async () => {
  const project = createProject(tinyProject);
  const sizes = ["model.hiddenSize=4096", "model.feedForwardSize=16384", "model.numLayers=2"];
  const refused = await exp(project, ["experiments/tiny.ts", ...sizes]);
  expect(refused.stderr).toMatch(
    /The run is too large for the backend wasm: [\d,]+ parameters, .+ need about \d\.\d GB, and WebAssembly addresses 4\.3 GB\./u,
  );
  expect(refused.stderr).toContain("Lower model.feedForwardSize=16384, model.hiddenSize=4096");
  expect(refused.stderr).not.toContain("started");
  expect(refused.status).toBe(2);
});

/** A module for each process to load first: no memory of WebAssembly has more than 64 MiB. */
const smallMemory = `const { Memory } = WebAssembly;
WebAssembly.Memory = class extends Memory {
  constructor(limits) {
    super({ ...limits, maximum: Math.min(limits.maximum ?? 1024, 1024) });
  }
};
`;

/** Takes a hundred mebibytes more in the tenth step or so, which nobody could foresee. */
const greedyModel = ownModel
  .replace('import { z } from "zod";', 'import { z } from "zod";\n\nlet numCalls = 0;')
  .replace(
    'if (batch.kind !== "tokens")',
    `if (++numCalls > 14) for (let i = 0; i < 100; i++) constant(new Float32Array(2 ** 18), [2 ** 18]);
      if (batch.kind !== "tokens")`,
  );

test("running out of memory inside a step ends the run with the sizes to lower", async () => {
  const project = createProject({
    ...ownModelProject,
    "models/bag-of-words.ts": greedyModel,
    "small.cjs": smallMemory,
  });
  const zod = join(project.directory, "node_modules/zod");
  symlinkSync(join(repository, "node_modules/zod"), zod, "dir");
  const environment = { NODE_OPTIONS: `--require ${join(project.directory, "small.cjs")}` };
  const failed = await exp(project, ["experiments/words.ts"], { environment });
  expect(failed.stderr).toContain("started");
  expect(failed.stderr).toMatch(
    /The backend wasm has no memory left: \d+\.\d MiB of \d+\.\d MiB are in use, and a tensor needs 1\.0 MiB more\./u,
  );
  expect(failed.stderr).toContain(
    "Lower training.batchSize (training.gradientAccumulationSteps keeps",
  );
  expect(failed.status).toBe(1);
  expect(publishedRuns(project)).toEqual([]);
});
