/** Lists for people: experiments, presets and profiles, fields. */
import type { FieldInfo } from "../app/field-facts.ts";
import type { ListedExperiment, ListedGroup } from "../app/list-project.ts";
import { defaultText, kindsText, shortType } from "./field-text.ts";
import { formatTable } from "./table.ts";
import { cut, printable, width, type Terminal } from "./terminal.ts";

/** Each experiment with the first sentence of its doc comment. */
export function experimentLines(
  experiments: readonly ListedExperiment[],
  shown: (path: string) => string,
  terminal: Terminal,
): readonly string[] {
  if (experiments.length === 0) {
    return ["No experiments here. exp init FOLDER makes a project with a first one."];
  }
  const rows = experiments.map(({ file, doc }) => [printable(shown(file)), sentence(doc)]);
  return titled("Experiments", rows, terminal);
}

/** Each group with its choices. */
export function groupLines(groups: readonly ListedGroup[], terminal: Terminal): readonly string[] {
  if (groups.length === 0) {
    return ["No presets here. They live in a folder presets/ beside the experiments."];
  }
  return groups.flatMap(({ kind, name, file, choices }, index) => {
    const what = kind === "presets" ? `Presets for ${name}` : `Profiles ${name}`;
    const rows = choices.map((choice) => {
      const doc = choice.doc === undefined ? choice.written : sentence(choice.doc);
      return [printable(`${name}=${choice.name}`), printable(doc)];
    });
    const title = printable(`${what}, in ${file}`);
    return [...(index === 0 ? [] : [""]), ...titled(title, rows, terminal)];
  });
}

/** What a column of a list is cut to; `exp help PATH` has all of it. */
const [maxType, maxDefault] = [30, 16];
/** Fewer columns are no room for a sentence: then it gets a line of its own. */
const minSentence = 40;

/** Each field with type, default and the first sentence of its doc. */
export function fieldLines(fields: readonly FieldInfo[], terminal: Terminal): readonly string[] {
  const rows = fields.map((field) => [
    printable(field.path),
    cut(printable(shortType(field)), maxType),
    cut(defaultText(field), maxDefault),
  ]);
  const columns = ["path", "type", "default"].map((title) => ({ title }));
  const facts = formatTable(columns, rows);
  const taken = Math.max(...facts.map(width)) + 2;
  const isBelow = terminal.isInteractive && terminal.columns() - taken < minSentence;
  const whats = ["what", ...fields.map(whatText)];
  const [header = "", ...body] = facts.flatMap((line, index) => {
    const what = whats[index] ?? "";
    if (isBelow) return index === 0 || what === "" ? [line] : [line, `    ${what}`];
    return [`${line.padEnd(taken)}${what}`.trimEnd()];
  });
  return [
    terminal.style("bold", header),
    ...fitted(body, terminal),
    "",
    "exp help PATH tells all of one path, exp help FILE PATH of one that FILE's own task has; --json holds all of all.",
  ];
}

/** `(bert) Width of …`: under which kinds the field exists, then what it is. */
function whatText(field: FieldInfo): string {
  const kinds = kindsText(field);
  const again = field.isRecursive === true ? " May hold the same again, at any depth." : "";
  return printable(`${kinds === "" ? "" : `(${kinds}) `}${sentence(field.doc)}${again}`).trim();
}

function titled(
  title: string,
  rows: readonly (readonly string[])[],
  terminal: Terminal,
): readonly string[] {
  const table = formatTable([{ title: "" }, { title: "" }], rows).slice(1);
  return [
    terminal.style("bold", title),
    ...fitted(
      table.map((line) => `  ${line}`),
      terminal,
    ),
  ];
}

/** On a screen, one line each; in a file, all of it. */
function fitted(lines: readonly string[], terminal: Terminal): readonly string[] {
  if (!terminal.isInteractive) return lines;
  const room = terminal.columns();
  return lines.map((line) => (width(line) > room ? cut(line, room) : line));
}

function sentence(doc: string | undefined): string {
  if (doc === undefined) return "";
  return printable(/^.*?[.!?](?=\s|$)/u.exec(doc)?.[0] ?? doc);
}
