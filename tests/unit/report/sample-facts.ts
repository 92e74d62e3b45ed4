/** The facts of a finished run, for tests of its documents. */
import { sha256 } from "../../../src/core/hash.ts";
import type { RunFacts } from "../../../src/report/run-facts.ts";

const part = {
  numExamples: 10,
  confusionMatrix: [
    [6, 1],
    [0, 3],
  ],
  classes: [
    { label: "ham", precision: 1, recall: 0.8571428571428571, f1: 0.9230769230769231, support: 7 },
    { label: "spam", precision: 0.75, recall: 1, f1: 0.8571428571428571, support: 3 },
  ],
};

export function sampleFacts(changes: Partial<RunFacts> = {}): RunFacts {
  return {
    experiment: "bert-lr",
    file: "experiments/bert-lr.ts",
    variables: [],
    overrides: ["optimizer.learningRate=3e-4", "seed=7"],
    labels: { tags: [] },
    config: { seed: 7, model: { kind: "bert", hiddenSizes: [4, 8] }, tags: [] },
    manifest: {
      format: "lockstep/manifest/1",
      task: { name: "training", version: 1 },
      identities: {
        configHash: sha256("config"),
        groupHash: sha256("group"),
        codeHash: sha256("code"),
        dataHash: sha256("data"),
        environmentClass: "wasm/1",
        runKey: sha256("run"),
        weightsDigest: sha256("weights"),
        traceDigest: sha256("trace"),
      },
      files: [
        { path: "identity.json", bytes: 6, sha256: sha256("config") },
        { path: "logs/trace.jsonl", bytes: 5, sha256: sha256("trace") },
      ],
    },
    step: 120,
    metrics: {
      "validation.accuracy": 0.95,
      "test.accuracy": 0.1 + 0.2,
      "test.f1": 1e-7,
      "test.f1.spam": 0.5,
      "test.loss": NaN,
    },
    details: { labels: ["ham", "spam"], best: { step: 100, value: 0.95 }, test: part },
    numParameters: 1234,
    hasStoredCode: true,
    dataFacts: { kind: "spamAssassin", text: { vocabSize: 99 }, classes: [{ name: "ham" }] },
    selection: { metric: "validation.accuracy", direction: "max" },
    machine: {
      lockstep: "0.1.0",
      node: "20.19.0",
      v8: "11",
      platform: "linux",
      arch: "x64",
      kernel: "6.1",
      cpuModel: "A | CPU",
      numCores: 2,
      memoryBytes: 1e9,
      timeZone: "UTC",
      locale: "en-US",
    },
    git: {
      kind: "repository",
      commit: "0123456789abcdef0123456789abcdef01234567",
      branch: "main",
      remote: "https://example.com/project.git",
      projectPath: "",
      isDirty: false,
      diff: { sha256: sha256(""), isComplete: true, notes: [] },
      untracked: [],
    },
    commands: { install: "make setup", exp: "pnpm exp" },
    runsDirectory: "runs",
    dataLocations: [],
    ...changes,
  };
}

/** Names that try to get out of whatever they are put into. */
export const hostileNames = [
  "a | b",
  "```\n# out\n```",
  "---\ninjected: true\n---",
  '"; injected: yes #',
  "<script>alert(1)</script>",
  "[click](javascript:alert(1))",
  "![x](https://evil.example/x.png)",
  "$(touch executed) `touch executed` ; touch executed & 'x' \"y\" \\",
  "\u001b]8;;https://evil.example\u0007link\u001b]8;;\u0007",
  "\u202egnp.exe",
  "\u2028\u2029\ufeff\u0085",
  "half \ud800 pair",
  "null",
  "1e3",
  "- item",
  ": x",
  "😀 ü",
  "",
];
