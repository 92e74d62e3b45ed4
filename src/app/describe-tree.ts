/** A value of the command line in words, one line a part. */
import { hasReference, type ValueNode } from "../config/override-tree.ts";

/** Longer lists are cut: nobody reads on. */
const maxItems = 100;

/** The lines of a value: what it is, and its parts below, two columns further in. */
export function describeTree(node: ValueNode): readonly string[] {
  const parts = partsOf(node);
  const shown = parts.slice(0, maxItems).flatMap(([label, part]) => {
    const [first = "", ...rest] = describeTree(part);
    return [`  ${label}${first}`, ...rest.map((line) => `  ${line}`)];
  });
  const more = parts.length > maxItems ? [`  … and ${parts.length - maxItems} more`] : [];
  return [headline(node), ...shown, ...more];
}

function partsOf(node: ValueNode): readonly (readonly [label: string, part: ValueNode])[] {
  switch (node.kind) {
    case "list":
    case "choice":
      return node.items.map((item) => ["", item] as const);
    case "dict":
      return node.entries.map(([key, item]) => [`${headline(key)}: `, item] as const);
    default:
      return [];
  }
}

function headline(node: ValueNode): string {
  switch (node.kind) {
    case "null":
      return "null";
    case "boolean":
      return `boolean ${String(node.value)}`;
    case "integer":
    case "float":
      return `${node.kind} ${node.written}`;
    case "text": {
      const kind = hasReference(node) ? "reference" : "text";
      return `${kind} ${JSON.stringify(node.text)}${node.quote === undefined ? "" : ", quoted"}`;
    }
    case "list":
      return `list of ${node.items.length}`;
    case "dict":
      return `dict of ${node.entries.length}`;
    default:
      return sweepHeadline(node);
  }
}

function sweepHeadline(
  node: Extract<ValueNode, { kind: "choice" | "range" | "interval" | "glob" }>,
): string {
  if (node.kind === "glob") {
    const exclude = node.exclude.length === 0 ? "" : ` but not ${node.exclude.join(" ")}`;
    return `glob of ${node.include.join(" ")}${exclude}`;
  }
  const tags = node.tags.length === 0 ? "" : `, tagged ${node.tags.join(" ")}`;
  if (node.kind === "interval") {
    const type = node.start.kind === "integer" ? "integers" : "floats";
    return `interval of ${type} from ${node.start.written} to ${node.stop.written}${tags}`;
  }
  const order = node.shuffle === undefined ? "" : `, shuffled by seed ${node.shuffle.seed}`;
  if (node.kind === "choice") {
    const from = node.spacing === undefined ? "" : ` from ${node.spacing.name}`;
    return `choice of ${node.items.length}${from}${order}${tags}`;
  }
  const bounds = `from ${node.start.written} up to, without, ${node.stop.written}`;
  return `range ${bounds}, in steps of ${node.step.written}${order}${tags}`;
}
