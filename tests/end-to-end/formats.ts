/** Documents held against the JSON Schemas of `docs/formats/`. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Ajv2020 } from "ajv/dist/2020.js";
import { repository } from "./project.ts";

/** What the schema of a format finds wrong with a document; none where it is right. */
export function schemaErrors(format: "ci" | "diff", value: unknown): unknown {
  const schema = JSON.parse(
    readFileSync(join(repository, `docs/formats/${format}-1.schema.json`), "utf8"),
  ) as object;
  const validate = new Ajv2020({ strict: true, allErrors: true }).compile(schema);
  return validate(value) ? [] : validate.errors;
}
