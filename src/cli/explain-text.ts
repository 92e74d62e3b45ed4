/** The story of values as people read it: one block a path, or one table of all paths. */
import type { ExplainedValue, Explanation, ReadInput, Step } from "../app/explain-experiment.ts";
import { formatOrigin } from "../core/errors.ts";
import { formatValue } from "./run-text.ts";
import { markText, onlyInText, quantityText, shortValue, typeText } from "./field-text.ts";
import { formatTable } from "./table.ts";
import { printable, type Terminal } from "./terminal.ts";

/** The lines of an explanation. */
export function explanationLines(explanation: Explanation, terminal: Terminal): readonly string[] {
  const { experiment, run, numRuns, axisValues, values } = explanation;
  const axes = Object.entries(axisValues).map(([path, value]) => `${path}=${formatValue(value)}`);
  const which = numRuns === 1 ? "1 run" : `run ${run} of ${numRuns}: ${axes.join(" ")}`;
  const title = `${terminal.style("bold", printable(experiment))}, ${printable(which)}`;
  if (!explanation.isSelection) return [title, "", ...tableLines(values, terminal)];
  const blocks = values.flatMap((value) => ["", ...storyLines(value, explanation, terminal)]);
  return [title, ...blocks];
}

function tableLines(values: readonly ExplainedValue[], terminal: Terminal): readonly string[] {
  const rows = values.map((value) => {
    const holding =
      value.steps.findLast(({ holds }) => holds) ??
      (value.isDefault ? undefined : value.steps.findLast(({ takesAway }) => takesAway));
    const how = holding === undefined ? "" : layerText(holding);
    const place = holding === undefined ? "default" : placeOf(holding);
    return [
      printable(value.path),
      value.value === undefined ? "" : shortValue(value.value),
      place,
      how,
    ];
  });
  const columns = ["path", "value", "set at", "by"].map((title) => ({ title }));
  const [header = "", ...body] = formatTable(columns, rows);
  return [
    terminal.style("bold", header),
    ...body,
    "",
    "exp explain FILE PATH tells the whole story of one path.",
  ];
}

function storyLines(
  value: ExplainedValue,
  explanation: Explanation,
  terminal: Terminal,
): readonly string[] {
  const shown =
    value.value === undefined ? "is not set" : `= ${quantityText(value.value, value.field?.unit)}`;
  const head = `${terminal.style("bold", printable(value.path))} ${shown}`;
  return [
    head,
    ...factLines(value),
    "",
    ...historyLines(value),
    ...readLines(value),
    ...inputLines(value),
    ...axisLines(value, explanation),
    ...absenceLines(value),
  ];
}

function factLines({ field, aliases }: ExplainedValue): readonly string[] {
  const short = aliases.length === 0 ? [] : [`  short name: ${aliases.join(", ")}`];
  if (field === undefined) return short;
  return [
    ...(field.doc === undefined ? [] : [`  ${printable(field.doc)}`]),
    `  ${printable(typeText(field))}; ${markText(field.mark)}`,
    ...short,
  ];
}

function historyLines(value: ExplainedValue): readonly string[] {
  const byDefault = value.default === undefined ? [] : [defaultRow(value)];
  const rows = [...byDefault, ...value.steps.map((step) => stepRow(step, value))];
  if (rows.length === 0) return ["  No layer sets it."];
  const columns = ["set at", "by", "written", ""].map((title) => ({ title }));
  return formatTable(columns, rows).map((line) => `  ${line}`);
}

function defaultRow(value: ExplainedValue): readonly string[] {
  const written = value.default === undefined ? "" : shortValue(value.default);
  return ["schema", "default", written, value.isDefault ? "holds" : "replaced"];
}

function stepRow(step: Step, { value, steps }: ExplainedValue): readonly string[] {
  const isPart = steps.filter(({ holds }) => holds).length > 1;
  const isMarker =
    step.by !== undefined && value !== undefined && !isPart && step.written !== shortValue(value);
  const holds = isMarker ? `holds: ${shortValue(value)}` : `holds${isPart ? " in part" : ""}`;
  return [
    placeOf(step),
    layerText(step),
    printable(step.written.length > 60 ? `${step.written.slice(0, 59)}…` : step.written),
    step.holds ? holds : step.takesAway === true ? "takes away" : "replaced",
  ];
}

function layerText({ layer, chosenBy, path }: Step): string {
  const by = chosenBy === undefined ? layer : `${layer}, for ${chosenBy}`;
  return printable(path === undefined ? by : `${by}, at ${path}`);
}

function placeOf({ origin }: Step): string {
  return printable(origin.kind === "commandLine" ? origin.text : formatOrigin(origin));
}

function readLines({ reads }: ExplainedValue): readonly string[] {
  if (reads === undefined) return [];
  if (reads.length === 0) return ["", "  Computed without reading any other value."];
  const rows = reads.map(({ path, value }) => {
    return [printable(path), value === undefined ? "is not set" : `= ${shortValue(value)}`];
  });
  const columns = [{ title: "computed from" }, { title: "" }];
  return ["", ...formatTable(columns, rows).map((line) => `  ${line}`)];
}

function inputLines({ inputs }: ExplainedValue): readonly string[] {
  return inputs.flatMap(({ kind, name, from, value }) => {
    const found = value === undefined ? "" : ` = ${shortValue(value)}`;
    const what = kind === "env" ? "environment variable" : "external value";
    return ["", `  Read from the ${what} ${printable(name)}${found} (${sourceText[from]}).`];
  });
}

const sourceText: Readonly<Record<ReadInput["from"], string>> = {
  environment: "as it is set",
  fallback: "it is not set; this is the fallback",
  lock: "pinned in inputs.lock.json",
  absent: "it is not there",
};

function axisLines({ path }: ExplainedValue, { axes, numRuns }: Explanation): readonly string[] {
  if (!axes.includes(path)) return [];
  return ["", `  An axis of the sweep of ${numRuns} runs; --run N explains another run.`];
}

function absenceLines({ value, otherKind, excludedBy, field }: ExplainedValue): readonly string[] {
  if (value !== undefined) return [];
  if (otherKind !== undefined && field !== undefined) {
    const found = JSON.stringify(otherKind.found);
    return ["", `  It exists ${onlyInText(field)}; here that is ${found}.`];
  }
  if (excludedBy === undefined) return [];
  return ["", `  ${excludedBy} is set, and only one of the two can be.`];
}
