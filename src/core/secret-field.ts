/** The schema of fields that hold secrets: what stands there is the name of an environment variable. */
import { z } from "zod";
import { field } from "./marks.ts";
import { variableName } from "./variables.ts";

/**
 * The schema of a field that holds a secret. It counts in no identity: whose token fetched the data does not change
 * what came.
 * @example token: secretField().optional()
 */
export function secretField(): z.ZodObject<{ $secret: z.ZodString }, z.core.$strict> {
  const name = z.string().regex(variableName, "must be the name of an environment variable");
  return z.strictObject({ $secret: name }).meta(field({ mark: "operation", secret: true }));
}
