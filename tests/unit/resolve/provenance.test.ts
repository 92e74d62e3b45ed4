import { expect, test } from "vitest";
import { provenance } from "../../../src/resolve/provenance.ts";
import { resolveExperiment } from "../../../src/resolve/resolve.ts";
import type { JsonObject } from "../../../src/core/json.ts";
import { createProject, taskModule } from "./support/project.ts";

const base = `import { defineConfig } from "./task.ts";

// é 😀
export default defineConfig({ /* 😀 */ rate: 0.5,
  seed: 1,
});
`;
const child = `import { choice, derived } from "lockstep";
import base from "./base.ts";
import { extend, presets } from "./task.ts";
import { shared } from "./shared.ts";

const group = presets("model", {
  "a b": { kind: "deep", size: 7 },
});
export default extend(base, group["a b"], {
  ...shared.common,
  seed: choice(4, 5),
  steps: derived((c) => c.seed),
});
`;
const files = {
  "task.ts": taskModule,
  "base.ts": base,
  "child.ts": child,
  "shared.ts": "const common = { rate: 0.25 } as const;\nexport const shared = { common };\n",
};

async function valuesOf(overrides: readonly string[]): Promise<JsonObject> {
  const workingDirectory = createProject(files);
  const resolution = await resolveExperiment({ file: "child.ts", overrides, workingDirectory });
  const [run] = resolution.runs;
  if (run === undefined) throw new Error("no run");
  const result = await provenance(run, resolution);
  expect(result["format"]).toBe("lockstep/provenance/1");
  return result["values"] as JsonObject;
}

test("every value has its assignments in order, each at its own key", async () => {
  const values = await valuesOf([]);
  const at = (file: string, line: number, column: number): object => ({
    file,
    line,
    column,
    isKey: true,
  });
  expect(values).toEqual({
    seed: [
      { layer: "defineConfig", value: 1, ...at("base.ts", 5, 3) },
      { layer: "extend", by: "choice", value: 4, ...at("child.ts", 11, 3) },
    ],
    rate: [
      { layer: "defineConfig", value: 0.5, ...at("base.ts", 4, 40) },
      { layer: "extend", value: 0.25, ...at("shared.ts", 1, 18) },
    ],
    steps: [{ layer: "extend", by: "derived", value: 4, ...at("child.ts", 12, 3) }],
    "model.kind": [{ layer: 'preset model["a b"]', value: "deep", ...at("child.ts", 7, 12) }],
    "model.size": [{ layer: 'preset model["a b"]', value: 7, ...at("child.ts", 7, 26) }],
  });
});

test("the command line and the schema's defaults are origins too", async () => {
  const values = await valuesOf(["seed=9", "model={kind:wide}"]);
  expect(values["seed"]).toMatchObject([
    {},
    { by: "choice" },
    { layer: "command line", value: 9, argument: "seed=9" },
  ]);
  expect(values["model.size"]).toMatchObject([{ value: 7 }, { layer: "default", value: 1 }]);
});
