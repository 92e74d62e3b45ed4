/** `MODEL_CARD.md`: what was trained on what and how well it does, in the form that Hugging Face reads. */
import { isPlainObject, type JsonObject, type JsonValue } from "../core/json.ts";
import { formatPath, type Path } from "../core/path.ts";
import { withoutTracking } from "../store/redact-config.ts";
import { isSecretKey } from "../store/redact-arguments.ts";
import { redacted, redactText } from "../store/redact.ts";
import { codeText, numberText, plainText, table } from "./markdown.ts";
import type { RunFacts } from "./run-facts.ts";
import { readPart, type PartDetails } from "./part-details.ts";
import { yaml, type YamlValue } from "./yaml.ts";

/**
 * The model card of a run. Says what was measured and nothing else.
 * @see Hugging Face, "Model Cards" and the `model-index` of its metadata specification.
 */
export function modelCard(facts: RunFacts): string {
  const sections = [
    `# ${plainText(title(facts))}`,
    ...(facts.labels.description === undefined ? [] : [plainText(facts.labels.description)]),
    summary(facts),
    "## Results",
    results(facts),
    ...partSections(facts),
    "## Settings",
    leafTable(withoutTracking(facts.config)),
    "## Data",
    Object.keys(facts.dataFacts).length === 0 ? "The task names none." : leafTable(facts.dataFacts),
    "## Where it ran",
    environmentTable(facts),
    "## Identity",
    identityTable(facts),
    `How to get the same bits again: ${codeText("REPRODUCE.md")}.`,
    "## Limits",
    "This card says what was measured on the data above, and nothing about other data. Fitness for a purpose, fairness and safety were not assessed.",
  ];
  return `---\n${yaml(header(facts))}---\n\n${sections.join("\n\n")}\n`;
}

function title({ labels, experiment }: RunFacts): string {
  return labels.name ?? experiment;
}

function summary(facts: RunFacts): string {
  const { step, numParameters, manifest, experiment } = facts;
  const parameters = numParameters === undefined ? "" : `, ${numParameters} parameters`;
  const task = `task ${codeText(manifest.task.name)} version ${manifest.task.version}`;
  if (facts.checkpoint !== undefined) {
    const mode = codeText(leafText(["mode"], facts.config["mode"] ?? null));
    return `Experiment ${codeText(experiment)}, ${task}, mode ${mode}: the model of ${codeText(facts.checkpoint)}, saved after step ${step}${parameters}. Nothing was trained here. Made with Lockstep ${plainText(facts.machine.lockstep)}.`;
  }
  return `Experiment ${codeText(experiment)}, ${task}, ${step} steps${parameters}. Trained with Lockstep ${plainText(facts.machine.lockstep)}.`;
}

/** The part whose figures count: test where it was measured. */
function reportedPart({ metrics }: RunFacts): string {
  return Object.keys(metrics).some((name) => name.startsWith("test.")) ? "test" : "validation";
}

function header(facts: RunFacts): { readonly [key: string]: YamlValue } {
  const type = pipeline(facts);
  const part = reportedPart(facts);
  const figures = Object.entries(facts.metrics).filter(
    ([name, value]) =>
      /^[^.]+\.[^.]+$/.test(name) && name.startsWith(`${part}.`) && Number.isFinite(value),
  );
  const kind = typeof facts.dataFacts["kind"] === "string" ? facts.dataFacts["kind"] : "unknown";
  const result = {
    task: { type },
    dataset: { type: kind, name: kind, split: part },
    metrics: figures.map(([name, value]) => ({ type: name.slice(part.length + 1), name, value })),
  };
  return {
    library_name: "lockstep",
    ...(type === "other" ? {} : { pipeline_tag: type }),
    tags: ["lockstep", ...facts.labels.tags],
    // A result without figures is refused where cards are uploaded.
    ...(figures.length === 0 ? {} : { "model-index": [{ name: title(facts), results: [result] }] }),
  };
}

function pipeline({ dataFacts, details }: RunFacts): string {
  if (isPlainObject(dataFacts["language"])) return "text-generation";
  if (isPlainObject(dataFacts["text"])) return "text-classification";
  if (dataFacts["kind"] === "mnist" || dataFacts["kind"] === "idx") return "image-classification";
  return Array.isArray(details["labels"]) ? "tabular-classification" : "other";
}

function results(facts: RunFacts): string {
  const rows = Object.entries(facts.metrics).map(([name, value]) => [
    codeText(name),
    numberText(value),
  ]);
  if (rows.length === 0) return "Nothing was measured.";
  const best = facts.details["best"];
  const step = isPlainObject(best) && typeof best["step"] === "number" ? best["step"] : undefined;
  const chosen =
    facts.selection === undefined || step === undefined
      ? []
      : [
          `Measured with the parameters of step ${step}, which were best by ${codeText(facts.selection.metric)} (${facts.selection.direction}). The test part, where there is one, was measured once.`,
        ];
  return [table(["metric", "value"], rows), ...chosen].join("\n\n");
}

function partSections(facts: RunFacts): string[] {
  const name = reportedPart(facts);
  const part = readPart(facts.details, name);
  if (part === undefined) return [];
  return [
    `## Classes (${name})`,
    classTable(part),
    `### Confusion matrix (${name})`,
    matrixTable(part),
  ];
}

function classTable({ classes }: PartDetails): string {
  const figures = ["precision", "recall", "f1"] as const;
  const rows = classes.map((each) => [
    plainText(each.label),
    ...figures.map((name) => numberText(each[name])),
    String(each.support),
  ]);
  return table(["class", ...figures, "examples"], rows);
}

function matrixTable({ classes, matrix }: PartDetails): string {
  const names = classes.map((each) => plainText(each.label));
  const rows = matrix.map((row, index) => [names[index] ?? "", ...row.map(String)]);
  return table(["true class ↓ predicted →", ...names], rows);
}

function environmentTable({ machine, manifest }: RunFacts): string {
  const rows: [string, string][] = [
    ["environment class", manifest.identities.environmentClass],
    ["Node", machine.node],
    ["system", `${machine.platform} ${machine.kernel} ${machine.arch}`],
    ["processor", `${machine.cpuModel}, ${machine.numCores} cores`],
  ];
  return table(
    ["what", "found"],
    rows.map(([name, value]) => [name, codeText(value)]),
  );
}

function identityTable({ manifest }: RunFacts): string {
  const rows = Object.entries(manifest.identities).map(([name, value]) => [
    name,
    codeText(String(value)),
  ]);
  return table(["identity", "value"], rows);
}

const maxRows = 100;

/** One row a leaf, by its path. */
function leafTable(data: JsonObject): string {
  const leaves = leavesOf(data, []);
  const rows = leaves
    .slice(0, maxRows)
    .map(([path, value]) => [codeText(formatPath(path)), codeText(leafText(path, value))]);
  if (leaves.length > maxRows) rows.push([`and ${leaves.length - maxRows} more`, "…"]);
  return table(["path", "value"], rows);
}

/** Cards are passed on, so a secret of the config stays behind. */
function leafText(path: Path, value: JsonValue): string {
  const isSecret = typeof value === "string" && isSecretKey(formatPath(path));
  return isSecret ? redacted : redactText(JSON.stringify(value)).text;
}

function leavesOf(value: JsonValue, path: Path): [Path, JsonValue][] {
  const isBranch = isPlainObject(value) && Object.keys(value).length > 0;
  if (isBranch)
    return Object.entries(value).flatMap(([key, child]) => leavesOf(child, [...path, key]));
  const isListOfObjects = Array.isArray(value) && value.some((item) => isPlainObject(item));
  if (!isListOfObjects) return [[path, value]];
  return value.flatMap((item: JsonValue, index) => leavesOf(item, [...path, index]));
}
