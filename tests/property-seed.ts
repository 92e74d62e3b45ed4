/**
 * The seed of every property test: one number by default, so that a test that passes here passes for whoever runs it
 * next and a failure belongs to a change. `PROPERTY_SEED=random` draws a new one for each property (it is printed on
 * failure), any other number is used as it is.
 */
import * as fc from "fast-check";

const wanted = process.env["PROPERTY_SEED"] ?? "20261122";
if (wanted !== "random") fc.configureGlobal({ seed: Number(wanted) });
