/** SARIF 2.1.0 by the parts of its schema (OASIS, 2020, appendix of the standard) that code scanning requires. */
import { Ajv } from "ajv";

const text = { type: "object", required: ["text"], properties: { text: { type: "string" } } };
const count = { type: "integer", minimum: 1 };
const place = {
  type: "object",
  required: ["artifactLocation"],
  properties: {
    artifactLocation: {
      type: "object",
      required: ["uri"],
      additionalProperties: false,
      properties: {
        uri: { type: "string", pattern: "^[A-Za-z0-9%._~!'()*/-]+$" },
        uriBaseId: { const: "%SRCROOT%" },
      },
    },
  },
};
const offset = { type: "integer", minimum: 0 };
const change = {
  ...place,
  required: ["artifactLocation", "replacements"],
  properties: {
    ...place.properties,
    replacements: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        required: ["deletedRegion"],
        properties: {
          deletedRegion: {
            type: "object",
            required: ["charOffset", "charLength"],
            properties: { charOffset: offset, charLength: offset },
          },
          insertedContent: text,
        },
      },
    },
  },
};
const result = {
  type: "object",
  required: ["message", "ruleId", "locations"],
  additionalProperties: false,
  properties: {
    ruleId: { type: "string" },
    ruleIndex: offset,
    level: { enum: ["none", "note", "warning", "error"] },
    message: text,
    locations: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        required: ["physicalLocation"],
        properties: {
          physicalLocation: {
            ...place,
            properties: {
              ...place.properties,
              region: {
                type: "object",
                additionalProperties: false,
                properties: {
                  startLine: count,
                  startColumn: count,
                  endLine: count,
                  endColumn: count,
                },
              },
            },
          },
        },
      },
    },
    suppressions: {
      type: "array",
      items: {
        type: "object",
        required: ["kind"],
        properties: { kind: { enum: ["inSource", "external"] }, justification: { type: "string" } },
      },
    },
    fixes: {
      type: "array",
      items: {
        type: "object",
        required: ["artifactChanges"],
        properties: {
          description: text,
          artifactChanges: { type: "array", minItems: 1, items: change },
        },
      },
    },
  },
};
const rule = {
  type: "object",
  required: ["id"],
  properties: { id: { type: "string" }, shortDescription: text, help: text },
};
const schema = {
  type: "object",
  required: ["version", "runs"],
  properties: {
    version: { const: "2.1.0" },
    runs: {
      type: "array",
      items: {
        type: "object",
        required: ["tool", "originalUriBaseIds"],
        properties: {
          originalUriBaseIds: {
            type: "object",
            required: ["%SRCROOT%"],
            additionalProperties: {
              type: "object",
              additionalProperties: false,
              properties: { uri: { type: "string", pattern: "/$" }, description: text },
            },
          },
          columnKind: { enum: ["utf16CodeUnits", "unicodeCodePoints"] },
          tool: {
            type: "object",
            required: ["driver"],
            properties: {
              driver: {
                type: "object",
                required: ["name"],
                properties: {
                  name: { type: "string" },
                  rules: { type: "array", uniqueItems: true, items: rule },
                },
              },
            },
          },
          results: { type: "array", items: result },
        },
      },
    },
  },
};

/** What is wrong with a document, in words; empty for a valid one. */
export function sarifErrors(document: unknown): string {
  const validate = new Ajv({ strict: false }).compile(schema);
  return validate(document) ? "" : JSON.stringify(validate.errors);
}
