import { describeImages } from "./image-contract.ts";

describeImages("wasm");
