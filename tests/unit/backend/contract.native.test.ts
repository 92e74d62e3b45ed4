import { describe } from "vitest";
import { prepareBackend } from "../../../src/backend/prepare.ts";
import { describeContract } from "./contract/contract.ts";
import { becomeProcessOf } from "./native/installed.ts";

describe.runIf(becomeProcessOf("native"))("where it is installed", () => {
  describeContract({
    name: "native",
    open: () => prepareBackend("native"),
    lacks: ["long sums"], // the library adds up in float32: up to 5e-4 off, where 3e-6 is asked
    tolerance: 2e-5,
  });
});
