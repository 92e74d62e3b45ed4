import { prepareBackend } from "../../../src/backend/prepare.ts";
import { describeContract } from "./contract/contract.ts";

describeContract({
  name: "wasm",
  open: () => prepareBackend("wasm", { threads: 3 }),
  lacks: [],
  tolerance: 2e-5,
});
