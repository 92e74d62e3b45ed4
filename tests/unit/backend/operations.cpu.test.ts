import { describeOperations } from "./operations-contract.ts";

describeOperations("cpu");
