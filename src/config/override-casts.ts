/** The functions `int`, `float`, `str` and `bool`: values as another type, in lists, dicts and sweeps too. */
import { callError, type BoundCall } from "./override-function.ts";
import { requireElement } from "./override-sweeps.ts";
import {
  describeNode,
  floatNode,
  hasReference,
  integerNode,
  type ElementNode,
  type IntervalNode,
  type KeyNode,
  type NumberNode,
  type RangeNode,
  type ValueNode,
} from "./override-tree.ts";

/**
 * `int('7')`, `float([1,2])`, `str(choice(1,2))`; of several values, a choice of them.
 * @throws {ExpError} `usage` for a value that the type cannot say.
 */
export function castCall(call: BoundCall): ValueNode {
  const { rest, position } = call;
  const named = call.named.get("value");
  if (named !== undefined && rest.length > 0) {
    throw callError(call, named.position, `${call.name}() got value twice.`);
  }
  const [only = named] = rest;
  if (only === undefined) throw callError(call, position, `${call.name}() needs a value.`);
  if (rest.length <= 1) return castValue(call, only);
  const items = rest.map((node) => castElement(call, requireElement(call, node)));
  return { kind: "choice", items, isSimple: true, tags: [], position };
}

function castValue(call: BoundCall, node: ValueNode): ValueNode {
  switch (node.kind) {
    case "choice": {
      const { spacing: _spacing, ...choice } = node;
      return { ...choice, items: choice.items.map((item) => castElement(call, item)) };
    }
    case "range":
    case "interval":
      return castBounds(call, node);
    case "glob":
      throw callError(call, node.position, "glob(…) chooses presets: they cannot be cast.");
    default:
      return castElement(call, node);
  }
}

function castBounds(call: BoundCall, sweep: RangeNode | IntervalNode): ValueNode {
  if (call.name !== "int" && call.name !== "float") {
    const message = `${sweep.kind}(…) holds numbers: int() and float() can cast it.`;
    throw callError(call, sweep.position, message);
  }
  const [start, stop] = [castNumber(call, sweep.start), castNumber(call, sweep.stop)];
  if (sweep.kind === "interval") return { ...sweep, start, stop };
  return { ...sweep, start, stop, step: castNumber(call, sweep.step) };
}

function castNumber(call: BoundCall, node: NumberNode): NumberNode {
  return call.name === "int" ? toInteger(call, node) : toFloat(call, node);
}

function castElement(call: BoundCall, node: ElementNode): ElementNode {
  switch (node.kind) {
    case "list":
      return { ...node, items: node.items.map((item) => castElement(call, item)) };
    case "dict": {
      const entries = node.entries.map(([key, item]) => [key, castElement(call, item)] as const);
      return { ...node, entries };
    }
    default:
      return castScalar(call, node);
  }
}

function castScalar(call: BoundCall, node: KeyNode): ElementNode {
  if (hasReference(node) && call.name !== "str") {
    const message = `${call.name}() cannot cast a reference: its value is known only later.`;
    throw callError(call, node.position, message);
  }
  switch (call.name) {
    case "int":
      return toInteger(call, node);
    case "float":
      return toFloat(call, node);
    case "bool":
      return toBoolean(call, node);
    default:
      return toText(node);
  }
}

const integerText = /^\s*[+-]?\d+(?:_\d+)*\s*$/;
const floatText =
  /^\s*[+-]?(?:(?:\d+(?:_\d+)*\.?(?:\d+(?:_\d+)*)?|\.\d+(?:_\d+)*)(?:[eE][+-]?\d+(?:_\d+)*)?|inf(?:inity)?|nan)\s*$/i;

function toInteger(call: BoundCall, node: KeyNode): NumberNode {
  const { position } = node;
  switch (node.kind) {
    case "integer":
      return integerNode(node.value, position);
    case "float":
      if (Number.isFinite(node.value)) return integerNode(BigInt(Math.trunc(node.value)), position);
      break;
    case "boolean":
      return integerNode(Number(node.value), position);
    case "text":
      if (integerText.test(node.text)) {
        return integerNode(BigInt(node.text.replaceAll(/[_+\s]/g, "")), position);
      }
      break;
    default:
  }
  throw cannotCast(call, node, "an integer");
}

function toFloat(call: BoundCall, node: KeyNode): NumberNode {
  const { position } = node;
  switch (node.kind) {
    case "integer":
    case "float":
    case "boolean":
      return floatNode(Number(node.value), position);
    case "text": {
      if (!floatText.test(node.text)) break;
      const text = node.text.trim().toLowerCase().replaceAll("_", "");
      const sign = text.startsWith("-") ? -1 : 1;
      if (text.endsWith("nan")) return floatNode(Number.NaN, position);
      return floatNode(text.includes("inf") ? sign * Infinity : Number(text), position);
    }
    default:
  }
  throw cannotCast(call, node, "a number");
}

function toBoolean(call: BoundCall, node: KeyNode): ElementNode {
  const { position } = node;
  const result = (value: boolean): ElementNode => {
    return { kind: "boolean", value, written: String(value), position };
  };
  switch (node.kind) {
    case "null":
      return result(false);
    case "boolean":
      return result(node.value);
    case "integer":
    case "float":
      return result(Number(node.value) !== 0); // true for what is not a number, as in Python
    case "text":
      if (/^(?:true|false)$/i.test(node.text)) return result(node.text.length === 4);
  }
  throw cannotCast(call, node, "true or false");
}

/** A text as Python prints the value; no name of a preset, and no number, whatever it looks like. */
function toText(node: KeyNode): ElementNode {
  const { position } = node;
  switch (node.kind) {
    case "null":
      return { kind: "text", text: "null", position };
    case "boolean":
      return { kind: "text", text: String(node.value), position };
    case "integer":
      return { kind: "text", text: String(node.value), position };
    case "float":
      return { kind: "text", text: floatNode(node.value, position).written, position };
    case "text": {
      const { quote: _quote, written: _written, ...text } = node;
      return hasReference(node) ? { ...text, isForced: true } : text;
    }
  }
}

function cannotCast(call: BoundCall, node: KeyNode, type: string): Error {
  return callError(call, node.position, `${call.name}(): ${describeNode(node)} is not ${type}.`);
}
