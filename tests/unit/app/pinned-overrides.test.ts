import { expect, test } from "vitest";
import { pinnedOverrides } from "../../../src/app/verify/pinned-overrides.ts";

const values = (computed: readonly string[]): { readonly values: Record<string, never[]> } => ({
  values: Object.fromEntries(
    computed.map((path) => [path, [{ layer: "a", value: 1 }, { by: "derived" }] as never[]]),
  ),
});

test("values are pinned, whole objects replaced, and what is computed is left to the experiment", () => {
  const config = {
    seed: 3,
    text: "a,b ${x}",
    none: null,
    list: [1, "x"],
    optimizer: { kind: "sgd", learningRate: 0.1 },
    training: { numSteps: 5, batch: { size: 2, derived: 4 } },
    token: { $secret: "TOKEN" },
  };
  expect(pinnedOverrides(config, values(["training.batch.derived", "seed"]))).toEqual([
    'text="a,b \\${x}"',
    "none=null",
    "list=[1,x]",
    "optimizer:={kind:sgd,learningRate:0.1}",
    "training.numSteps=5",
    "training.batch.size=2",
  ]);
});

test("a derived value that the command line had set is pinned", () => {
  const history = [{ by: "derived" }, { layer: "command line", value: 7 }];
  expect(pinnedOverrides({ width: 7 }, { values: { width: history } })).toEqual(["width=7"]);
});
