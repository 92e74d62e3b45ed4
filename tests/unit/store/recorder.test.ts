import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { sha256 } from "../../../src/core/hash.ts";
import type { RunEvent } from "../../../src/core/run-events.ts";
import { decodeSafetensors } from "../../../src/core/safetensors.ts";
import type { Attempt } from "../../../src/store/attempt.ts";
import { openStore } from "../../../src/store/store.ts";
import { errorOf, temporaryFolder } from "./helpers.ts";
import { attemptOptions, begin, documents, runEvents } from "./sample-run.ts";

const clock = (): Date => new Date("2026-01-02T03:04:05.678Z");

function started(): Attempt {
  return begin(openStore(temporaryFolder(), { clock }), attemptOptions());
}

function recorded(...events: RunEvent[]): Attempt {
  const attempt = started();
  for (const event of events) attempt.record(event);
  return attempt;
}

const text = (attempt: Attempt, path: string): string =>
  readFileSync(join(attempt.directory, path), "utf8");

test("metrics become canonical lines, and what is not finite a typed string", () => {
  const values = { "validation.loss": NaN, "train.loss": 0.1 + 0.2, "a.b": -Infinity, "a.c": -0 };
  const attempt = recorded({ kind: "metrics", step: 7, epoch: 2, values });
  expect(text(attempt, "logs/metrics.jsonl")).toBe(
    '{"a.b":"-Infinity","a.c":"-0","epoch":2,"step":7,"train.loss":0.30000000000000004,"validation.loss":"NaN"}\n',
  );
});

test("a metric with the name of the row's own keys is refused", () => {
  const attempt = started();
  const event = { kind: "metrics", step: 1, epoch: 1, values: { step: 3 } } as const;
  const error = errorOf(() => attempt.record(event));
  expect(error.code).toBe("training");
  expect(error.message).toBe('A metric cannot be called "step": the row has that key.');
});

const result = { kind: "result", step: 1, metrics: {}, details: {} };

test.each([
  [
    { ...result, metrics: { nested: {} } },
    'The metric "nested" of the task\'s result event is an object; expected a number.',
  ],
  [
    { ...result, metrics: { "test.loss": "NaN" } },
    'The metric "test.loss" of the task\'s result event is "NaN"; expected a number.',
  ],
  [
    { kind: "metrics", step: 1, epoch: 1, values: { "train.loss": null } },
    'The metric "train.loss" of the task\'s metrics event is null; expected a number.',
  ],
  [
    { ...result, metrics: undefined },
    "The task yielded a result event whose metrics is missing; expected a plain object.",
  ],
  [
    { ...result, metrics: [1] },
    "The task yielded a result event whose metrics is a list; expected a plain object.",
  ],
  [
    { ...result, step: "3" },
    'The task yielded a result event whose step is "3"; expected a whole number, 0 or more.',
  ],
  [
    { ...result, details: "good" },
    'The task yielded a result event whose details is "good"; expected a plain object.',
  ],
  [
    { ...result, weightsDigest: "abc" },
    'The task yielded a result event whose weightsDigest is "abc"; expected a SHA-256 in lower-case hex, or nothing.',
  ],
  [
    { ...result, details: { at: new Date(0) } },
    "The task yielded a result event that cannot be written as JSON.",
  ],
  [
    { kind: "oops" },
    'The task yielded an event of kind "oops"; expected one of ready, progress, log, trace, rows, metrics, checkpoint, artifact, predictions, result.',
  ],
  [
    { kind: "toString" },
    'The task yielded an event of kind "toString"; expected one of ready, progress, log, trace, rows, metrics, checkpoint, artifact, predictions, result.',
  ],
  [
    {},
    "The task yielded an event without a kind; expected one of ready, progress, log, trace, rows, metrics, checkpoint, artifact, predictions, result.",
  ],
  [undefined, "The task yielded undefined; expected an event."],
  [
    { kind: "progress", phase: "training", step: 1, numSteps: 2, epoch: 1, loss: "low" },
    'The task yielded a progress event whose loss is "low"; expected a number, or nothing.',
  ],
  [
    { kind: "log", level: "error", text: "x" },
    'The task yielded a log event whose level is "error"; expected "info" or "warning".',
  ],
  [
    { kind: "trace" },
    "The task yielded a trace event whose row is missing; expected a plain object.",
  ],
  [
    { kind: "predictions", rows: [1] },
    "The task yielded a predictions event whose rows is a list; expected a list of plain objects.",
  ],
  [
    { kind: "checkpoint", names: ["last"], step: 1, tensors: {}, state: {} },
    "The task yielded a checkpoint event whose tensors is an object; expected a Map of tensors.",
  ],
])("the event %j is refused and nothing is published", (event, message) => {
  const store = openStore(temporaryFolder());
  const attempt = begin(store, attemptOptions());
  const error = errorOf(() => attempt.record(event as RunEvent));
  expect(error).toMatchObject({ code: "training", message });
  expect(errorOf(() => attempt.finish()).message).toContain("dead");
  attempt.fail(error);
  expect(store.listPublished()).toEqual({ runs: [], damaged: [] });
  expect(store.findPublished(attemptOptions().identities.runKey)).toBeUndefined();
});

test("a detail that JSON cannot say is named by its path, a mistyped kind by the nearest one", () => {
  const details = { best: { step: 1n } };
  const event = { ...result, details } as unknown;
  const error = errorOf(() => started().record(event as RunEvent));
  expect(error).toMatchObject({ issues: [{ path: ["details", "best", "step"] }] });
  const mistyped: unknown = { kind: "metric" };
  const { hint } = errorOf(() => started().record(mistyped as RunEvent));
  expect(hint).toBe("Did you mean metrics?");
});

test.each(["", "a\nb", " a"])("a figure cannot be called %j", (name) => {
  const metrics: RunEvent = { kind: "metrics", step: 1, epoch: 0, values: { [name]: 1 } };
  expect(errorOf(() => started().record(metrics))).toMatchObject({ code: "training" });
  const named = { ...result, metrics: { [name]: 1 } } as RunEvent;
  expect(errorOf(() => started().record(named)).message).toContain(JSON.stringify(name));
});

test("every result that is accepted can be read back", () => {
  const store = openStore(temporaryFolder());
  const attempt = begin(store, attemptOptions());
  const metrics = { "a.b": -0, "a.c": NaN, "a.d": -Infinity, é: 1e300 };
  attempt.record({ kind: "result", step: 0, metrics, details: { list: [null, {}] } });
  attempt.finish();
  const { run } = attempt.publish(documents);
  expect(store.readResults(run)).toEqual({ step: 0, metrics, details: { list: [null, {}] } });
});

test("trace rows are written as given, in canonical form, with the next line of the log", () => {
  const attempt = recorded({ kind: "trace", row: { b: "3ff0", a: [1, null] } });
  attempt.record({ kind: "log", level: "info", text: "a step" });
  expect(text(attempt, "logs/trace.jsonl")).toBe('{"a":[1,null],"b":"3ff0"}\n');
});

test("the training log has messages, evaluations, and a line every so many steps and at the end", () => {
  const progress = (step: number): RunEvent => ({
    kind: "progress",
    phase: "training",
    step,
    numSteps: 5,
    epoch: 1,
    loss: 0.5,
  });
  const attempt = recorded(
    { kind: "ready", numSteps: 5, numParameters: 1234, facts: {} },
    { kind: "log", level: "info", text: "reading \u001b[31mred\u001b[0m\nnext" },
    { kind: "log", level: "warning", text: "careful" },
    ...[1, 2, 3, 4, 5].map(progress),
    { ...progress(4), phase: "evaluation" } as RunEvent,
    { kind: "metrics", step: 5, epoch: 1, values: { "train.loss": 1 } },
    { kind: "metrics", step: 5, epoch: 1, values: { "validation.accuracy": 0.75 } },
    { kind: "trace", row: {} },
  );
  expect(text(attempt, "logs/train.log").replaceAll("2026-01-02T03:04:05Z  ", "")).toBe(
    [
      "5 steps, 1234 parameters",
      "reading  [31mred [0m next",
      "warning: careful",
      "step 2/5  epoch 1  loss 0.50000",
      "step 4/5  epoch 1  loss 0.50000",
      "step 5/5  epoch 1  loss 0.50000",
      "step 5  validation.accuracy 0.75000",
      "",
    ].join("\n"),
  );
});

test("a line of our own is left out where the task speaks for itself", () => {
  const progress = { kind: "progress", phase: "training", numSteps: 9, epoch: 1, loss: 1 } as const;
  const attempt = recorded(
    { ...progress, step: 2 },
    { kind: "log", level: "info", text: "step 2 in its own words" },
    { kind: "metrics", step: 2, epoch: 1, values: { "validation.loss": 1 } },
    { kind: "log", level: "info", text: "evaluation in its own words" },
    { ...progress, step: 3 },
  );
  const lines = text(attempt, "logs/train.log").trimEnd().split("\n");
  expect(lines.map((line) => line.slice(22))).toEqual([
    "step 2 in its own words",
    "evaluation in its own words",
  ]);
});

test("times stand in events.jsonl, and in no file that the manifest lists", () => {
  const attempt = recorded(...runEvents());
  const rows = text(attempt, "logs/events.jsonl").trimEnd().split("\n");
  const kinds = rows.map((row) => JSON.parse(row).kind);
  expect(kinds).toEqual(["started", "ready", "checkpoint", "checkpoint", "checkpoint", "result"]);
  expect(rows.every((row) => JSON.parse(row).time === "2026-01-02T03:04:05.678Z")).toBe(true);
  for (const file of attempt.finish().manifest.files) {
    expect(text(attempt, file.path)).not.toContain("2026-01");
  }
});

test("a message with half a surrogate pair does not end the run", () => {
  const attempt = recorded({ kind: "log", level: "info", text: "half \ud800" });
  expect(text(attempt, "logs/events.jsonl")).toContain("half \ufffd");
});

test("a checkpoint names its step, its state, and the bytes of the logs that belong to it", () => {
  const attempt = recorded(...runEvents(2));
  const bytes = readFileSync(join(attempt.directory, "checkpoints/step-000001.safetensors"));
  const { tensors, metadata } = decodeSafetensors(bytes);
  expect([...tensors.keys()]).toEqual(["weight"]);
  expect(tensors.get("weight")?.values).toEqual(Float32Array.from([1, 2, 3, 4]));
  const metrics = text(attempt, "logs/metrics.jsonl").slice(0, Number(metadata["metrics.bytes"]));
  const trace = text(attempt, "logs/trace.jsonl").slice(0, Number(metadata["trace.bytes"]));
  expect(metadata).toEqual({
    format: "lockstep/checkpoint/2",
    identities: expect.stringContaining('"codeHash":"'),
    step: "1",
    state: '{"epoch":1,"step":1}',
    names: "best last",
    "metrics.bytes": String(metrics.length),
    "metrics.sha256": sha256(metrics),
    "trace.bytes": String(trace.length),
    "trace.sha256": sha256(trace),
    sha256: expect.stringMatching(/^[0-9a-f]{64}$/),
  });
  expect(metrics).toBe('{"epoch":1,"step":1,"train.loss":1}\n');
  expect(trace.split("\n")).toHaveLength(3);
});

test("only the newest numbered checkpoints are kept, in the order of their steps", () => {
  const attempt = started();
  for (const step of [1, 2, 9, 10, 100]) {
    attempt.record({
      kind: "checkpoint",
      names: ["last", `step-${step}`],
      step,
      tensors: new Map(),
      state: {},
      keep: 2,
    });
  }
  expect(readdirSync(join(attempt.directory, "checkpoints"))).toEqual([
    "last.safetensors",
    "step-10.safetensors",
    "step-100.safetensors",
  ]);
});

test("a checkpoint cannot leave its folder", () => {
  for (const name of ["../identity", "best/x", "", "Best", "step-", "step-1x"]) {
    const event = {
      kind: "checkpoint",
      names: [name],
      step: 1,
      tensors: new Map(),
      state: {},
    } as const;
    expect(errorOf(() => started().record(event)).message).toContain(
      "cannot be the name of a checkpoint",
    );
  }
});

test("results and predictions are in canonical order, metrics with every digit", () => {
  const attempt = recorded(...runEvents());
  expect(JSON.parse(text(attempt, "results/metrics.json"))).toEqual({
    details: { bestStep: 3 },
    metrics: { "test.accuracy": 0.30000000000000004, "validation.accuracy": 0.5 },
    step: 3,
    weightsDigest: sha256("weights 3 1"),
  });
  expect(text(attempt, "results/predictions.jsonl")).toBe(
    '{"index":0,"label":"spam"}\n{"index":1,"label":"ham"}\n',
  );
});

test("artifacts are kept under model/ and are part of what every honest attempt comes to", () => {
  const json = { labels: ["ham", "spam"], format: "lockstep/model/1" };
  const artifact = { kind: "artifact", name: "training", json } as const;
  const attempt = recorded(...runEvents().slice(0, 1), artifact, ...runEvents().slice(1));
  expect(JSON.parse(text(attempt, "model/training.json"))).toEqual(json);
  const listed = attempt.finish().manifest.files.map(({ path }) => path);
  expect(listed).toContain("model/training.json");
  const outside = { kind: "artifact", name: "../config", json } as const;
  expect(errorOf(() => started().record(outside)).message).toContain(
    "expected a name of lower-case",
  );
  expect(
    recorded(...runEvents())
      .finish()
      .manifest.files.map(({ path }) => path),
  ).not.toContain("model/training.json");
});

test("a task that goes on after its result, or ends without one, is refused", () => {
  const attempt = recorded(...runEvents());
  const late = { kind: "log", level: "info", text: "late" } as const;
  expect(errorOf(() => attempt.record(late)).message).toBe(
    "The task yielded a log event after its result.",
  );
  const silent = recorded({ kind: "ready", numSteps: 1, numParameters: 1, facts: {} });
  const error = errorOf(() => silent.finish());
  expect(error.code).toBe("training");
  expect(error.message).toBe("The task ended without a result event.");
});
