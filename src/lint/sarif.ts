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
  /** The project's folder in its repository, with a slash at its end; empty where that is its top, or there is none. */
  readonly folder?: string;
}

const baseId = "%SRCROOT%";

/** One run of the tool; places are relative to the top of the repository, where code scanning looks for them. */
export function sarifDocument(facts: SarifFacts): JsonObject {
  const { rules, version, folder = "" } = facts;
  const findings = facts.findings.map((finding) => inFolder(finding, folder));
  const suppressed = facts.suppressed.map((finding) => inFolder(finding, folder));
  const driver = { name: "lockstep", version, rules: rules.map(ruleObject) };
  const answered = suppressed.map((finding) => ({
    ...resultObject(finding, rules),
    suppressions: [{ kind: "inSource", justification: finding.reason }],
  }));
  const results = [...findings.map((finding) => resultObject(finding, rules)), ...answered];
  // Columns are counted in UTF-16 code units, as SARIF does unless told otherwise; here it is told.
  const columnKind = "utf16CodeUnits";
  // Where it lies is for the reader to know: an address of this machine would help nobody else.
  const bases = { [baseId]: { description: { text: "The top of the repository." } } };
  const run = { tool: { driver }, originalUriBaseIds: bases, columnKind, results };
  return { $schema: schema, version: "2.1.0", runs: [run] };
}

function inFolder<F extends Finding>(finding: F, folder: string): F {
  const edits = finding.edits?.map((edit) => ({ ...edit, file: `${folder}${edit.file}` }));
  return { ...finding, file: `${folder}${finding.file}`, ...(edits && { edits }) };
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
  return { artifactLocation: { uri, uriBaseId: baseId } };
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
