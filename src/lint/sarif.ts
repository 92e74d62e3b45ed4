/** Findings as SARIF 2.1.0 (OASIS, 2020), which code scanning of GitHub and others reads. */
import type { JsonObject } from "../core/json.ts";
import type { Finding, LintResult } from "./lint.ts";
import type { Edit, Rule } from "./rule.ts";

const schema = "https://json.schemastore.org/sarif-2.1.0.json";

/** What a report is made of. */
export interface SarifFacts extends LintResult {
  /** Those that were asked. */
  readonly rules: readonly Rule[];
  /** Of Lockstep. */
  readonly version: string;
}

/** One run of the tool; places are relative to the root of the project. */
export function sarifDocument({ rules, version, findings, suppressed }: SarifFacts): JsonObject {
  const driver = { name: "lockstep", version, rules: rules.map(ruleObject) };
  const answered = suppressed.map((finding) => ({
    ...resultObject(finding, rules),
    suppressions: [{ kind: "inSource", justification: finding.reason }],
  }));
  const results = [...findings.map((finding) => resultObject(finding, rules)), ...answered];
  // Columns are counted in UTF-16 code units, as SARIF does unless told otherwise; here it is told.
  const columnKind = "utf16CodeUnits";
  return { $schema: schema, version: "2.1.0", runs: [{ tool: { driver }, columnKind, results }] };
}

function ruleObject({ id, reason, bad, good }: Rule): JsonObject {
  return {
    id,
    shortDescription: { text: reason },
    help: { text: `${reason}\n\nNot: ${bad}\n\nBut: ${good}` },
    defaultConfiguration: { level: "warning" },
  };
}

function resultObject(finding: Finding, rules: readonly Rule[]): JsonObject {
  const { rule, message, edits } = finding;
  return {
    ruleId: rule,
    ruleIndex: rules.findIndex(({ id }) => id === rule),
    level: "warning",
    message: { text: message },
    locations: [{ physicalLocation: { ...artifact(finding.file), region: regionOf(finding) } }],
    ...(edits && { fixes: [fixObject(rule, edits)] }),
  };
}

function artifact(file: string): JsonObject {
  const uri = file.split("/").map(encodeURIComponent).join("/");
  return { artifactLocation: { uri, uriBaseId: "%SRCROOT%" } };
}

function regionOf({ line, column, endLine, endColumn }: Finding): JsonObject {
  return { startLine: line, startColumn: column, endLine, endColumn };
}

function fixObject(rule: string, edits: readonly Edit[]): JsonObject {
  const files = [...new Set(edits.map(({ file }) => file))];
  return {
    description: { text: `What exp lint --fix does for ${rule}.` },
    artifactChanges: files.map((file) => ({
      ...artifact(file),
      replacements: edits.filter((edit) => edit.file === file).map(replacement),
    })),
  };
}

function replacement({ start, end, text }: Edit): JsonObject {
  const deletedRegion = { charOffset: start, charLength: end - start };
  return { deletedRegion, ...(text === "" ? {} : { insertedContent: { text } }) };
}
