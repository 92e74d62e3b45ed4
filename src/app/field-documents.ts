/** A field as JSON: what agents and scripts are told about a path. */
import type { JsonObject } from "../core/json.ts";
import type { FieldInfo } from "../resolve/fields.ts";

/** The document of one field; every key that says nothing is absent. */
export function fieldDocument(field: FieldInfo): JsonObject {
  const { path, type, range, unit, isRequired, mark, doc, values, members, onlyIn } = field;
  return {
    path,
    type,
    ...(range === undefined ? {} : { range }),
    ...(unit === undefined ? {} : { unit }),
    ...(field.default === undefined ? {} : { default: field.default }),
    required: isRequired,
    mark,
    ...(doc === undefined ? {} : { doc }),
    ...(values === undefined ? {} : { values }),
    ...(members === undefined ? {} : { members: members.map((member) => ({ ...member })) }),
    ...(onlyIn === undefined ? {} : { onlyIn: { ...onlyIn } }),
  };
}
