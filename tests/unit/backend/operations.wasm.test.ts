import { describeOperations } from "./operations-contract.ts";

describeOperations("wasm");
