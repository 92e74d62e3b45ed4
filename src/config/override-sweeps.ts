/** The functions that make sweeps: `choice`, `range`, `linspace`, `logRange`, `interval`, `glob`, `tag`. */
import { callError, type BoundCall } from "./override-function.ts";
import {
  describeNode,
  floatNode,
  integerNode,
  isElement,
  isNumber,
  type ElementNode,
  type NumberNode,
  type ValueNode,
} from "./override-tree.ts";
import { linspaceValues, logRangeValues, spacingProblem } from "./spaced-values.ts";

/**
 * `choice(1,2)`: one run a value.
 * @throws {ExpError} `usage` without values, and for a sweep among them.
 */
export function choiceCall(call: BoundCall): ValueNode {
  const { rest, position } = call;
  if (rest.length === 0) throw callError(call, position, "choice() needs at least one value.");
  const [only] = rest;
  if (rest.length === 1 && only?.kind === "choice" && only.isSimple) {
    return { ...only, isSimple: false }; // choice(sort(2,1))
  }
  const items = rest.map((node) => requireElement(call, node));
  return { kind: "choice", items, isSimple: false, tags: [], position };
}

/**
 * The node, which is no sweep.
 * @throws {ExpError} `usage`
 */
export function requireElement(call: BoundCall, node: ValueNode): ElementNode {
  if (isElement(node)) return node;
  const message = `${node.kind}(…) has to be the whole value, not a part of one.`;
  throw callError(call, node.position, message);
}

/**
 * `range(start,stop,step)`, or `range(stop)` from 0. Whether it has values is checked when it becomes data.
 * @throws {ExpError} `usage` without a stop, and for what is no number.
 */
export function rangeCall(call: BoundCall): ValueNode {
  const { position, named } = call;
  const isStopAlone = call.parameters[0]?.name === undefined && !named.has("stop");
  const start = numberOf(call, isStopAlone ? "" : "start") ?? integerNode(0, position);
  const stop = numberOf(call, isStopAlone ? "start" : "stop");
  const step = numberOf(call, "step") ?? integerNode(1, position);
  if (stop === undefined) {
    throw callError(call, position, "range() needs a stop: range(1, 4).");
  }
  return { kind: "range", start, stop, step, tags: [], position };
}

/**
 * `linspace(0,1,11)` and `logRange(1e-5,1e-1,5)`: so many numbers at equal distances or ratios, both ends among them.
 * @throws {ExpError} `usage` without two ends and a count, for what is no number, and where no such values exist.
 */
export function spacingCall(call: BoundCall): ValueNode {
  const { position } = call;
  const name = call.name === "linspace" ? "linspace" : "logRange";
  const [start, stop] = [numberOf(call, "start"), numberOf(call, "stop")];
  const count = numberOf(call, "count");
  if (start === undefined || stop === undefined || count === undefined) {
    const message = `${name}() needs two ends and a count: ${name}(1e-5, 1e-1, 5).`;
    throw callError(call, position, message);
  }
  const [from, to, size] = [start, stop, count].map(({ value }) => Number(value));
  const spacing = { start: from ?? 0, stop: to ?? 0, count: size ?? 0 };
  const problem = spacingProblem(name, spacing);
  if (problem !== undefined) throw callError(call, position, problem);
  const values = name === "linspace" ? linspaceValues(spacing) : logRangeValues(spacing);
  const items = values.map((value) => floatNode(value, position));
  const written = { name, parameters: [start, stop, count] } as const;
  return { kind: "choice", items, isSimple: false, spacing: written, tags: [], position };
}

/**
 * `interval(start,end)`: numbers for a search, floats unless `int()` is around it.
 * @throws {ExpError} `usage` without both ends, and for what is no number.
 */
export function intervalCall(call: BoundCall): ValueNode {
  const { position } = call;
  const [start, stop] = [numberOf(call, "start"), numberOf(call, "end")];
  if (start === undefined || stop === undefined) {
    throw callError(call, position, "interval() needs two ends: interval(0, 1).");
  }
  const asFloat = ({ value, position: at }: NumberNode): NumberNode => floatNode(Number(value), at);
  return { kind: "interval", start: asFloat(start), stop: asFloat(stop), tags: [], position };
}

function numberOf(call: BoundCall, name: string): NumberNode | undefined {
  const node = call.named.get(name);
  if (node === undefined || isNumber(node)) return node;
  const message = `${call.name}() takes numbers: ${name} is ${describeNode(node)}.`;
  throw callError(call, node.position, message);
}

/**
 * `glob(include,exclude)`: all presets whose names fit; both are a pattern or a list of patterns.
 * @throws {ExpError} `usage` without a pattern, and for what is no text.
 */
export function globCall(call: BoundCall): ValueNode {
  const { position } = call;
  const include = patternsOf(call, "include");
  if (include.length === 0) {
    throw callError(call, position, "glob() needs a pattern: glob(bert-*).");
  }
  return { kind: "glob", include, exclude: patternsOf(call, "exclude"), position };
}

function patternsOf(call: BoundCall, name: string): readonly string[] {
  const node = call.named.get(name);
  if (node === undefined) return [];
  return (node.kind === "list" ? node.items : [node]).map((item) => {
    if (item.kind === "text") return item.text;
    const message = `glob() takes texts: ${name} has ${describeNode(item)}.`;
    throw callError(call, item.position, message);
  });
}

/**
 * `tag(a,b,sweep)`: a sweep with names that programs may read; no run depends on them.
 * @throws {ExpError} `usage` for anything but texts and a choice, range or interval behind them.
 */
export function tagCall(call: BoundCall): ValueNode {
  const named = call.named.get("sweep");
  const sweep = named ?? call.rest.at(-1);
  const names = named === undefined ? call.rest.slice(0, -1) : call.rest;
  if (sweep === undefined || isElement(sweep) || sweep.kind === "glob") {
    const position = sweep?.position ?? call.position;
    const message = "the last argument of tag() has to be a choice, range or interval";
    const seen = sweep === undefined ? "." : `, found ${describeNode(sweep)}.`;
    throw callError(call, position, message + seen);
  }
  const tags = names.map((node) => {
    if (node.kind === "text") return node.text;
    throw callError(call, node.position, `tags are texts, found ${describeNode(node)}.`);
  });
  const all = uniqueInOrder([...sweep.tags, ...tags]);
  return { ...sweep, ...(sweep.kind === "choice" && { isSimple: false }), tags: all };
}

function uniqueInOrder(texts: readonly string[]): readonly string[] {
  return [...new Set(texts)].toSorted((one, other) => (one < other ? -1 : 1));
}
