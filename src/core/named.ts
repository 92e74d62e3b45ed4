import type { z } from "zod";

/** The two types of a schema and nothing else: comparing all of zod's interface would cost most of a type check. */
export interface SchemaTypes<Output, Input> {
  readonly _zod: { readonly output: Output; readonly input: Input };
}

/** A schema that editors show under the given names, and that may still be a member of `z.discriminatedUnion`. */
export type NamedSchema<Output, Input> = z.core.$ZodType<
  Output,
  Input,
  z.core.$ZodTypeInternals<Output, Input> & { propValues: z.core.util.PropValues }
>;

/**
 * Gives back the schema itself, typed by named interfaces, so that hovers and errors print `AdamwConfig` instead of
 * the whole shape.
 */
export function named<Output, Input>(
  schema: SchemaTypes<Output, Input>,
): NamedSchema<Output, Input> {
  return schema as NamedSchema<Output, Input>; // the same object under a narrower type; zod itself made it
}
