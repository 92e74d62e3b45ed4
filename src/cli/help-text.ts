/** Help for a path of a config. */
import type { DescribedPath } from "../app/describe-path.ts";
import type { FieldInfo } from "../app/field-facts.ts";
import { shellQuote } from "../core/shell-quote.ts";
import { defaultText, kindsText, markText, onlyInText, shortType, typeText } from "./field-text.ts";
import { overrideExamples } from "./override-examples.ts";
import { formatValue } from "./run-text.ts";
import { formatTable } from "./table.ts";
import { printable, type Terminal } from "./terminal.ts";

/**
 * The lines of a path's help.
 * @param file - What stands for the experiment in examples; `FILE` where none was named.
 */
export function pathHelpLines(
  described: DescribedPath,
  file: string | undefined,
  terminal: Terminal,
): readonly string[] {
  const { path, itemOf, meanings, below, aliases, task } = described;
  if (path === "") {
    const title = `${terminal.style("bold", "The config")} of the task ${printable(task)}`;
    return [title, "", ...belowLines(below), "", "exp help FILE PATH tells more of one path."];
  }
  const blocks = meanings.map((field) => meaningLines(field, { aliases, terminal }));
  const fields = below.length === 0 ? [] : ["", "Fields:", ...belowLines(below)];
  const item = itemOf === undefined ? [] : [printable(`${path} is one item of ${itemOf}:`), ""];
  return [
    ...item,
    ...blocks.flatMap((lines, index) => (index === 0 ? lines : ["", ...lines])),
    ...fields,
    ...exampleLines(described, file),
  ];
}

interface MeaningContext {
  readonly aliases: readonly string[];
  readonly terminal: Terminal;
}

function meaningLines(field: FieldInfo, { aliases, terminal }: MeaningContext): readonly string[] {
  const only = onlyInText(field);
  const facts = [
    ["type", typeText(field)],
    ["default", defaultText(field)],
    ["hashes", markText(field.mark)],
    ...(only === "" ? [] : [["exists", only]]),
    ...(aliases.length === 0 ? [] : [["alias", aliases.join(", ")]]),
  ];
  const table = formatTable([{ title: "" }, { title: "" }], facts).slice(1);
  return [
    terminal.style("bold", printable(field.path)),
    ...(field.doc === undefined ? [] : [`  ${printable(field.doc)}`]),
    "",
    ...table.map((line) => `  ${printable(line)}`),
    ...memberLines(field),
  ];
}

function memberLines({ members }: FieldInfo): readonly string[] {
  if (members === undefined) return [];
  const rows = members.map(({ kind, doc }) => [printable(formatValue(kind)), printable(doc ?? "")]);
  const table = formatTable([{ title: "" }, { title: "" }], rows).slice(1);
  return ["", "Kinds:", ...table.map((line) => `  ${line}`)];
}

function belowLines(below: readonly FieldInfo[]): readonly string[] {
  const rows = below.map((field) => [
    printable(field.path),
    printable(shortType(field)),
    defaultText(field),
    printable(kindsText(field)),
    printable(field.doc ?? ""),
  ]);
  const columns = ["path", "type", "default", "only in", "what"].map((title) => ({ title }));
  return formatTable(columns, rows).map((line) => `  ${line}`);
}

function exampleLines({ meanings, path, itemOf }: DescribedPath, file = "FILE"): readonly string[] {
  const [field] = meanings;
  const examples = field === undefined ? [] : overrideExamples(itemOf ?? path, field);
  if (examples.length === 0) return [];
  return ["", "Examples:", ...examples.map((words) => `  exp ${file} ${shellQuote(words)}`)];
}
