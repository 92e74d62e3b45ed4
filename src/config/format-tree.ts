/** Prints trees of values that the parser reads back to equal trees: 1.0 stays 1.0, quotes and functions stay. */
import { escapePlain, quoteText } from "./format-text.ts";
import type { ChoiceNode, TextNode, ValueNode } from "./override-tree.ts";

/** The text of a value as the command line takes it, on one line where its texts are. */
export function formatTree(node: ValueNode): string {
  switch (node.kind) {
    case "null":
    case "boolean":
    case "integer":
    case "float":
      return node.written;
    case "text":
      return formatText(node);
    case "list":
      return `[${node.items.map(formatTree).join(",")}]`;
    case "dict":
      return `{${node.entries.map((entry) => entry.map(formatTree).join(":")).join(",")}}`;
    case "choice":
      return withTags(node.tags, formatChoice(node));
    case "range": {
      const range = `range(${[node.start, node.stop, node.step].map(formatTree).join(",")})`;
      return withTags(node.tags, shuffledCall(range, node.shuffle?.seed));
    }
    case "interval": {
      const interval = `interval(${formatTree(node.start)},${formatTree(node.stop)})`;
      return withTags(node.tags, node.start.kind === "integer" ? `int(${interval})` : interval);
    }
    case "glob": {
      const [include = "", exclude = ""] = [node.include, node.exclude].map(
        (patterns) => `[${patterns.map((pattern) => quoteText(pattern)).join(",")}]`,
      );
      return `glob(${include},${exclude})`;
    }
  }
}

function formatChoice({ items, isSimple, shuffle, spacing }: ChoiceNode): string {
  const seed = shuffle?.seed;
  if (spacing !== undefined) {
    const call = `${spacing.name}(${spacing.parameters.map(formatTree).join(",")})`;
    return shuffledCall(call, seed);
  }
  const list = items.map(formatTree).join(",");
  return isSimple && seed === undefined
    ? list
    : shuffledCall(isSimple ? list : `choice(${list})`, seed);
}

function shuffledCall(sweep: string, seed: number | undefined): string {
  if (seed === undefined) return sweep;
  return seed === 0 ? `shuffle(${sweep})` : `shuffle(${sweep},seed=${seed})`;
}

function withTags(tags: readonly string[], sweep: string): string {
  if (tags.length === 0) return sweep;
  return `tag(${[...tags.map((tag) => quoteText(tag)), sweep].join(",")})`;
}

function formatText(node: TextNode): string {
  const { text, quote, parts } = node;
  if (quote !== undefined) return quoteText(text, quote === "single" ? "'" : '"');
  if (node.written === undefined) {
    const isLiteral = parts === undefined && text.includes("${");
    return `str(${isLiteral ? escapePlain(text) : quoteText(text)})`;
  }
  if (parts === undefined) return escapePlain(text);
  return parts
    .map((part) => (typeof part === "string" ? escapePlain(part) : `\${${part.reference}}`))
    .join("");
}
