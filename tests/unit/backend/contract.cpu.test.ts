import { prepareBackend } from "../../../src/backend/prepare.ts";
import { describeContract } from "./contract/contract.ts";

describeContract({
  name: "cpu",
  open: () => prepareBackend("cpu"),
  lacks: [],
  tolerance: 2e-5,
});
