import { describeGeneric } from "./generic-contract.ts";

describeGeneric("cpu");
