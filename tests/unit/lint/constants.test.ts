/** `constant-duplicates-config` over several modules. */
import { describe, expect, test } from "vitest";
import { look, told } from "./look.ts";

const experiment = (rate: string): string =>
  `import { defineConfig } from "lockstep";\nimport { task } from "./task.ts";\nexport default defineConfig({ optimizer: { learningRate: ${rate} } });\n`;
const task = (constants: string): string => `import { defineTask } from "lockstep";
import { z } from "zod";
${constants}
export const task = defineTask({
  name: "task",
  schema: z.strictObject({ gain: z.number() }),
  run: ({ config }) => config.gain * DEFAULT_RATE,
});
`;

describe("a constant and the config of many", () => {
  const files = (constant: string, value: string): Readonly<Record<string, string>> => ({
    "task.ts": task(constant),
    "one.ts": experiment(value),
    "two.ts": experiment(value),
  });

  test("it is told once, with the modules that say the same, also under part of the name", () => {
    const { findings } = look(files("const DEFAULT_RATE = 3e-4;", "0.0003"), [
      "constant-duplicates-config",
    ]);
    expect(findings.map(({ file, line, message }) => [file, line, message.slice(0, 80)])).toEqual([
      [
        "task.ts",
        3,
        "DEFAULT_RATE says once more what optimizer.learningRate in one.ts, two.ts says. ",
      ],
    ]);
  });

  test.each([
    ["another value", "const DEFAULT_RATE = 3e-4;", "0.001"],
    ["a number that says nothing", "const DEFAULT_RATE = 10;", "10"],
    ["a word that the key has not", "const DROPOUT_RATE = 0.3, DEFAULT_RATE = 1;", "0.3"],
    ["a constant that no task reads", "const RATE = 0.3, DEFAULT_RATE = 1;", "0.3"],
    ["fillers alone", "const DEFAULT_RATE = 1, DEFAULT_VALUE = 0.3;", "0.3"],
  ])("not: %s", (_, constant, value) => {
    expect(told(files(constant, value), ["constant-duplicates-config"])).toEqual([]);
  });
});
