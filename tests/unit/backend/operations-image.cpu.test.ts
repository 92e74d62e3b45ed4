import { describeImages } from "./image-contract.ts";

describeImages("cpu");
