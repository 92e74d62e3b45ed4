/**
 * Looking at events before they are written down. They come from a task, which may be a user's and need not have been
 * compiled against our types: what no reader would take back must not reach a run that is published for good.
 */
import { ExpError } from "../core/errors.ts";
import { isPlainObject } from "../core/json.ts";
import { metricNameProblem } from "../core/metric-name.ts";
import type { RunEvent } from "../core/run-events.ts";
import { nearest } from "../core/suggest.ts";
import { isSha256 } from "./run-layout.ts";

interface FieldCheck {
  /** With its article: `a list of texts`. */
  readonly expected: string;
  readonly holds: (value: unknown) => boolean;
}

const count: FieldCheck = {
  expected: "a whole number, 0 or more",
  holds: (value) => typeof value === "number" && Number.isSafeInteger(value) && value >= 0,
};
const finite: FieldCheck = {
  expected: "a finite number",
  holds: (value) => typeof value === "number" && Number.isFinite(value),
};
const number: FieldCheck = {
  expected: "a number",
  holds: (value) => typeof value === "number",
};
const text: FieldCheck = {
  expected: "a text",
  holds: (value) => typeof value === "string",
};
const flag: FieldCheck = {
  expected: "true or false",
  holds: (value) => typeof value === "boolean",
};
const object: FieldCheck = {
  expected: "a plain object",
  holds: isPlainObject,
};
const names: FieldCheck = {
  expected: "a list of texts",
  holds: (value) => Array.isArray(value) && value.every((name) => typeof name === "string"),
};
const rows: FieldCheck = {
  expected: "a list of plain objects",
  holds: (value) => Array.isArray(value) && value.every(isPlainObject),
};
const artifactName: FieldCheck = {
  expected: "a name of lower-case letters, digits and -, at most 64 of them",
  holds: (value) => typeof value === "string" && /^[a-z0-9][a-z0-9-]{0,63}$/.test(value),
};
const makesRows: FieldCheck = {
  expected: "a function",
  holds: (value) => typeof value === "function",
};
const tensors: FieldCheck = {
  expected: "a Map of tensors",
  holds: (value) => value instanceof Map,
};

function oneOf(...values: readonly string[]): FieldCheck {
  return {
    expected: values.map((value) => JSON.stringify(value)).join(" or "),
    holds: (value) => typeof value === "string" && values.includes(value),
  };
}

function optional({ expected, holds }: FieldCheck): FieldCheck {
  return {
    expected: `${expected}, or nothing`,
    holds: (value) => value === undefined || holds(value),
  };
}

/** Every kind of event with its fields. Whether objects are JSON is seen when they are written. */
const eventFields: Record<RunEvent["kind"], Readonly<Record<string, FieldCheck>>> = {
  ready: { numSteps: count, numParameters: count, facts: object },
  progress: {
    phase: oneOf("training", "evaluation"),
    step: count,
    numSteps: count,
    epoch: finite,
    loss: optional(number),
  },
  log: { level: oneOf("info", "warning"), text, mayWait: optional(flag) },
  trace: { row: object },
  rows: { numRows: count, rows: makesRows },
  metrics: { step: count, epoch: finite, values: object },
  checkpoint: {
    names,
    step: count,
    tensors,
    state: object,
    keep: optional(count),
    mayWait: optional(flag),
    isLive: optional(flag),
  },
  artifact: { name: artifactName, json: object },
  predictions: { rows },
  result: {
    step: count,
    metrics: object,
    details: object,
    weightsDigest: optional({ expected: "a SHA-256 in lower-case hex", holds: isSha256 }),
  },
};

/** The fields of each kind, as a list: a short step yields two events, and to make the list takes longer than to check. */
const fieldLists: ReadonlyMap<string, readonly (readonly [string, FieldCheck])[]> = new Map(
  Object.entries(eventFields).map(([kind, fields]) => [kind, Object.entries(fields)]),
);

/**
 * Lets an event through that has all fields of its kind.
 * @throws {ExpError} `training` for anything else: names the kind and the known ones, or the field, or the metric.
 */
export function checkEvent(event: unknown): asserts event is RunEvent {
  if (!isPlainObject(event)) {
    throw new ExpError("training", `The task yielded ${describe(event)}; expected an event.`, {
      hint: `An event is a plain object whose kind is one of ${kinds()}.`,
    });
  }
  const { kind } = event;
  const fields = typeof kind === "string" ? fieldLists.get(kind) : undefined;
  if (typeof kind !== "string" || fields === undefined) throw unknownKind(kind);
  for (const [name, { expected, holds }] of fields) {
    const value = event[name];
    if (holds(value)) continue;
    const found = value === undefined ? "is missing" : `is ${describe(value)}`;
    throw new ExpError(
      "training",
      `The task yielded a ${kind} event whose ${name} ${found}; expected ${expected}.`,
    );
  }
  if (kind === "metrics") checkMetrics(kind, event["values"]);
  if (kind === "result") checkMetrics(kind, event["metrics"]);
}

function kinds(): string {
  return Object.keys(eventFields).join(", ");
}

function unknownKind(kind: unknown): ExpError {
  const near = typeof kind === "string" ? nearest(kind, Object.keys(eventFields)) : undefined;
  const found = kind === undefined ? "without a kind" : `of kind ${describe(kind)}`;
  return new ExpError(
    "training",
    `The task yielded an event ${found}; expected one of ${kinds()}.`,
    near === undefined ? {} : { hint: `Did you mean ${near}?` },
  );
}

function checkMetrics(kind: string, metrics: unknown): void {
  if (!isPlainObject(metrics)) return;
  for (const [name, value] of Object.entries(metrics)) {
    const problem = metricNameProblem(name);
    if (problem !== undefined) throw badName(kind, name, problem);
    if (typeof value === "number") continue;
    throw new ExpError(
      "training",
      `The metric ${JSON.stringify(name)} of the task's ${kind} event is ${describe(value)}; expected a number.`,
      {
        hint: 'Metrics are flat: give each figure a name, such as "validation.f1". Other data belongs in the details of the result.',
      },
    );
  }
}

function badName(kind: string, name: string, problem: string): ExpError {
  return new ExpError(
    "training",
    `A metric of the task's ${kind} event is called ${JSON.stringify(name)}, which ${problem}.`,
    { hint: "Names of metrics are words on one line, such as validation.accuracy." },
  );
}

/** A value in a few words. Never fails, whatever the value is. */
function describe(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(cut(value));
    case "number":
    case "boolean":
    case "bigint":
      return cut(String(value));
    case "object":
      return value === null ? "null" : Array.isArray(value) ? "a list" : "an object";
    case "undefined":
      return "undefined";
    default:
      return `a ${typeof value}`;
  }
}

function cut(value: string): string {
  return value.length <= 60 ? value : `${value.slice(0, 57)}...`;
}
