import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { afterEach, describe, expect, test } from "vitest";
import { append, choice, env, external, secret, secretField } from "../../../src/index.ts";
import { definitionData } from "../../../src/config/definition.ts";
import { defineTask } from "../../../src/config/define-task.ts";
import { type ExpError, formatError, isExpError } from "../../../src/core/errors.ts";
import { forgetSecrets, scrub } from "../../../src/core/secrets.ts";
import { parseArguments } from "../../../src/resolve/command-line.ts";
import { createInputReader } from "../../../src/resolve/inputs.ts";
import {
  lockFileName,
  pinnedDigest,
  readLock,
  writeLock,
} from "../../../src/resolve/inputs-lock.ts";
import { resolveDefinition } from "../../../src/resolve/resolve-definition.ts";
import { createProject } from "./support/project.ts";
import { start, untyped } from "./support/small-task.ts";
import { smallSchema } from "./support/small-task.ts";

const task = defineTask({
  name: "inputs",
  schema: smallSchema.extend({
    token: secretField().optional(),
    tokens: z.record(z.string(), secretField()).optional(),
  }),
  run: async function* run() {},
  deprecated: { "train.lr": "optimizer.learningRate", steps: "training.numSteps" },
});
const base = task.defineConfig(start);
const { extend } = task;

interface Given {
  readonly environment?: Readonly<Record<string, string>>;
  readonly overrides?: readonly string[];
  readonly folder?: string;
}

function resolve(
  definition: object,
  { environment = {}, overrides = [], folder = "/nowhere" }: Given = {},
) {
  const data = definitionData(definition);
  if (data === undefined) throw new Error("not a definition");
  const inputs = createInputReader({ environment, lock: () => readLock(folder) });
  const folders = { projectDirectory: import.meta.dirname, workingDirectory: "/work" };
  const presets = new Map();
  const parsed = parseArguments(overrides);
  const resolved = resolveDefinition({
    definition: data,
    ...parsed,
    presets,
    folders,
    inputs,
  });
  const problems = resolved.problems.map(
    ({ path, message, value }) =>
      `${path.join(".")}: ${message}${value === undefined ? "" : ` (found ${value})`}`,
  );
  const recorded = inputs
    .recorded()
    .map(({ kind, name, path, from, value }) => [kind, name, path, from, value]);
  return {
    configs: resolved.runs.map(({ config }) => config as never as z.output<typeof smallSchema>),
    runs: resolved.runs,
    problems,
    recorded,
    notes: resolved.notes,
  };
}

afterEach(forgetSecrets);

function damageOf(folder: string): ExpError {
  try {
    readLock(folder);
  } catch (error) {
    if (isExpError(error)) return error;
    throw error;
  }
  throw new Error("it was read");
}

describe("env", () => {
  test("is typed by its field, as on the command line", () => {
    const definition = extend(base, {
      name: env("LABEL"),
      seed: env("SEED", 1),
      mode: env("MODE", "train"),
      training: { batchSize: env("BATCH", 16), maxGradNorm: env("CLIP", null) },
      hiddenSizes: env("SIZES"),
      column: env("COLUMN", 0),
    });
    const environment = {
      LABEL: "7, 'x'",
      SEED: "3",
      BATCH: "32",
      SIZES: "[4,5]",
      COLUMN: "title",
    };
    const { configs, problems, recorded } = resolve(definition, { environment });
    expect(problems).toEqual([]);
    expect(configs[0]).toMatchObject({
      name: "7, 'x'",
      seed: 3,
      mode: "train",
      training: { batchSize: 32, maxGradNorm: null },
      hiddenSizes: [4, 5],
      column: "title",
    });
    expect(recorded).toEqual([
      ["env", "LABEL", "name", "environment", "7, 'x'"],
      ["env", "SEED", "seed", "environment", 3],
      ["env", "MODE", "mode", "fallback", "train"],
      ["env", "BATCH", "training.batchSize", "environment", 32],
      ["env", "CLIP", "training.maxGradNorm", "fallback", null],
      ["env", "SIZES", "hiddenSizes", "environment", [4, 5]],
      ["env", "COLUMN", "column", "environment", "title"],
    ]);
  });

  test("counts like the value itself: the same identity as writing it down", () => {
    const read = resolve(extend(base, { seed: env("SEED", 1) }), { environment: { SEED: "7" } });
    const written = resolve(extend(base, { seed: 7 }));
    expect(read.runs[0]?.configHash).toBe(written.runs[0]?.configHash);
  });

  test("not set and without a fallback, a later layer or the command line has to speak", () => {
    const definition = extend(base, { training: { batchSize: env("BATCH") } });
    expect(resolve(definition).problems).toEqual([
      'training.batchSize: is env("BATCH") without a fallback, the variable is not set, and no later layer gives a value',
    ]);
    const { configs, recorded } = resolve(definition, { overrides: ["training.batchSize=3"] });
    expect(configs[0]?.training.batchSize).toBe(3);
    expect(recorded).toEqual([["env", "BATCH", "training.batchSize", "absent", undefined]]);
  });

  test("text that does not fit is refused by the field, and a sweep cannot hide in a variable", () => {
    const definition = extend(base, {
      training: { batchSize: env("BATCH", 1) },
      mode: env("MODE", "train"),
    });
    const environment = { BATCH: "many", MODE: "constructor" };
    const { problems } = resolve(definition, { environment });
    expect(problems).toHaveLength(2);
    expect(problems.join("\n")).toMatch(/training\.batchSize: .*\(found "many"\)/);
    const sweep = resolve(definition, { environment: { BATCH: "1,2" } });
    expect(sweep.problems.join()).toMatch(/training\.batchSize: .*\(found "1,2"\)/);
    expect(resolve(extend(base, { seed: env("constructor", 4) })).configs[0]?.seed).toBe(4);
  });

  test("stands inside appended items, behind axes, and for a union's kind", () => {
    const definition = extend(base, {
      augment: append({ kind: "crop", size: env("SIZE", 3) }),
      seed: choice(1, 2),
      optimizer: untyped({ kind: env("OPTIMIZER", "adamw"), learningRate: 1, momentum: 0.5 }),
    });
    const { configs, problems } = resolve(definition, {
      environment: { OPTIMIZER: "sgd", SIZE: "9" },
    });
    expect(problems).toEqual([]);
    expect(configs.map(({ seed, augment }) => [seed, augment])).toEqual(
      [1, 2].map((seed) => [seed, [{ kind: "crop", size: 9 }]]),
    );
    expect(configs[0]?.optimizer).toEqual({ kind: "sgd", learningRate: 1, momentum: 0.5 });
  });
});

describe("external", () => {
  const project = (entries: Readonly<Record<string, unknown>>): string =>
    createProject({
      [lockFileName]: JSON.stringify({ format: "lockstep/inputs/1", inputs: entries }),
    });
  const pinned = (value: never): object => ({ value, sha256: pinnedDigest(value), source: "a.ts" });
  const definition = extend(base, { training: { batchSize: external("batch", () => 1) } });

  test("is what the lock says, never what the function says", () => {
    const { configs, recorded } = resolve(definition, {
      folder: project({ batch: pinned(5 as never) }),
    });
    expect(configs[0]?.training.batchSize).toBe(5);
    expect(recorded).toEqual([["external", "batch", "training.batchSize", "lock", 5]]);
  });

  test("what the lock does not hold names the command that looks it up", () => {
    expect(resolve(definition).problems).toEqual([
      'training.batchSize: is external("batch"), which inputs.lock.json does not hold: look it up once with exp inputs update FILE batch',
    ]);
  });

  test("an entry that was changed by hand is refused, also under a later layer", () => {
    const folder = project({ batch: { ...pinned(5 as never), value: 6 } });
    for (const overrides of [[], ["training.batchSize=3"]]) {
      const { problems } = resolve(definition, { folder, overrides });
      expect(problems.join()).toMatch(/entry in inputs\.lock\.json was changed by hand/);
    }
  });

  test.each([
    ["{", /not JSON/],
    ["[]", /"format"/],
    ['{"format":"lockstep/inputs/2","inputs":{}}', /"format"/],
    ['{"format":"lockstep/inputs/1"}', /"inputs" is not an object/],
    ['{"format":"lockstep/inputs/1","inputs":{"a":1}}', /entry "a" has no value/],
    [
      '{"format":"lockstep/inputs/1","inputs":{"a":{"value":1,"source":"x"}}}',
      /entry "a" has no sha256/,
    ],
    [
      '{"format":"lockstep/inputs/1","inputs":{"a":{"value":1,"sha256":"x"}}}',
      /entry "a" has no source/,
    ],
    [
      '{"format":"lockstep/inputs/1","inputs":{"a":{"value":1},\n"\\u0061":{"value":2}}}',
      /the key "a" stands a second time in line 2/,
    ],
  ])("a damaged lock is said to be so: %s", (text, reason) => {
    const folder = createProject({ [lockFileName]: text });
    const error = damageOf(folder);
    expect(formatError(error)).toMatch(reason);
    expect(error.hint).toContain("exp inputs update");
  });

  test("a merge conflict in the lock is said to be one, with its line", () => {
    const sides = '<<<<<<< HEAD\n  "inputs": {}\n=======\n  "inputs": {"a": 1}\n>>>>>>> other\n';
    const folder = createProject({
      [lockFileName]: `{\n  "format": "lockstep/inputs/1",\n${sides}}\n`,
    });
    const error = damageOf(folder);
    expect(error.message).toBe("inputs.lock.json:3: a merge conflict is not resolved.");
    expect(error.hint).toContain("git checkout --ours inputs.lock.json");
  });

  test("the lock is the same text whatever the order of writing", () => {
    const entry = (value: number) => ({ value, sha256: pinnedDigest(value), source: "a.ts" });
    const [one, other] = [createProject({}), createProject({})];
    writeLock(
      one,
      new Map([
        ["a", entry(1)],
        ["b", entry(2)],
      ]),
    );
    writeLock(
      other,
      new Map([
        ["b", entry(2)],
        ["a", entry(1)],
      ]),
    );
    expect([...readLock(one)]).toEqual([...readLock(other)]);
    expect(readLock(one).get("b")?.value).toBe(2);
    writeFileSync(join(one, lockFileName), "");
    expect(() => readLock(one)).toThrow(/damaged/);
  });
});

describe("secret", () => {
  test("is a reference that counts in no identity, and later layers replace it", () => {
    const [plain, mine, yours] = [
      resolve(base),
      resolve(extend(base, { token: secret("MY_TOKEN") })),
      resolve(extend(base, { token: secret("MY_TOKEN") }, { token: secret("YOUR_TOKEN") })),
    ];
    expect(yours.configs[0]).toMatchObject({ token: { $secret: "YOUR_TOKEN" } });
    const hashes = [plain, mine, yours].map(({ runs }) => runs[0]?.configHash);
    expect(new Set(hashes).size).toBe(1);
  });

  test("a plain text in its place is refused and never repeated", () => {
    const fromModule = resolve(extend(base, untyped({ token: "hunter2hunter2" })));
    const fromCommandLine = resolve(base, { overrides: ["token=hunter2hunter2"] });
    for (const { problems } of [fromModule, fromCommandLine]) {
      expect(problems).toHaveLength(1);
      expect(problems[0]).toMatch(/^token: is a secret: write secret\("NAME"\)/);
      expect(problems.join()).not.toContain("hunter2");
    }
    const misspelt = resolve(base, { overrides: ["tokn=hunter3hunter3"] });
    expect(misspelt.problems).toEqual(["tokn: is not a known field"]);
    expect(scrub("what hunter3hunter3 was typed")).toBe("what [secret tokn] was typed");
    const typed = resolve(base, { overrides: ["token={$secret:MY_TOKEN}"] });
    expect(typed.configs[0]).toMatchObject({ token: { $secret: "MY_TOKEN" } });
  });

  test("in a field for text it is refused", () => {
    const { problems } = resolve(extend(base, untyped({ name: secret("MY_TOKEN") })));
    expect(problems.join()).toMatch(/^name: /);
  });

  test("a config that holds the value of one of its secrets in plain is refused", () => {
    process.env["PLANTED_TOKEN"] = "S3CR3T-planted";
    try {
      const definition = extend(base, { token: secret("PLANTED_TOKEN"), name: env("LABEL") });
      const { problems } = resolve(definition, { environment: { LABEL: "a S3CR3T-planted b" } });
      expect(problems.join()).toMatch(/^name: holds the value of the secret PLANTED_TOKEN/);
      expect(problems.join()).not.toContain("S3CR3T");
    } finally {
      delete process.env["PLANTED_TOKEN"];
    }
  });
});

describe("deprecated", () => {
  test("writes to the old path go to the new one, with a note, in modules and on the command line", () => {
    const definition = extend(base, untyped({ train: { lr: 0.5 } }));
    const { configs, notes, problems } = resolve(definition, { overrides: ["steps=4"] });
    expect(problems).toEqual([]);
    expect(configs[0]).toMatchObject({
      optimizer: { learningRate: 0.5 },
      training: { numSteps: 4 },
    });
    expect(notes.toSorted()).toEqual([
      "steps is deprecated: its value goes to training.numSteps (command line: steps=4).",
      expect.stringMatching(
        /^train\.lr is deprecated: its value goes to optimizer\.learningRate \(inputs\.test\.ts:\d+:\d+\)\.$/,
      ),
    ]);
  });

  test("a layer may rename a path, and later layers win under either name", () => {
    const { deprecated } = task;
    const definition = extend(
      base,
      deprecated("clip", "training.maxGradNorm"),
      untyped({ clip: 2 }),
      { training: { maxGradNorm: 3 } },
    );
    expect(resolve(definition).configs[0]?.training.maxGradNorm).toBe(3);
    const wrong = extend(
      base,
      deprecated("seed", "training.numSteps"),
      deprecated("clip", untyped("training.maxNorm" as never)),
    );
    const { problems } = resolve(wrong);
    expect(problems.join("\n")).toMatch(/deprecated seed is already a path/);
    expect(problems.join("\n")).toMatch(/deprecated clip leads to training\.maxNorm/);
  });

  test("both names at once are refused, in one layer and on one command line", () => {
    const definition = extend(
      base,
      untyped({ train: { lr: 0.5 }, optimizer: { learningRate: 1 } }),
    );
    expect(resolve(definition).problems[0]).toMatch(
      /optimizer\.learningRate: is set together with its deprecated name train\.lr/,
    );
    const given = resolve(base, { overrides: ["train.lr=1", "optimizer.learningRate=2"] });
    expect(given.problems.join()).toMatch(
      /is set twice on the command line, by train\.lr=1 and by optimizer/,
    );
  });
});

describe("overrides of any size", () => {
  test("a megabyte is a value like any other, and is shown in part where it is wrong", () => {
    const long = "x".repeat(2 ** 20);
    expect(resolve(base, { overrides: [`name=${long}`] }).configs[0]?.name).toBe(long);
    const numbers = Array.from({ length: 100_000 }, (_, index) => index);
    const list = resolve(base, { overrides: [`hiddenSizes=[${numbers.join(",")}]`] });
    expect(list.configs[0]?.hiddenSizes).toEqual(numbers);
    const { problems } = resolve(base, { overrides: [`seed=${long}`] });
    expect(problems.join()).toMatch(/^seed: .*\(found "x+…\)$/);
    expect(problems.join().length).toBeLessThan(200);
  });

  test.each([
    ["nesting", `name=${"[".repeat(10_000)}`, /nested 100 deep at most/],
    ["objects", `name=${"{a:".repeat(10_000)}`, /nested 100 deep at most/],
    ["a path", `name${".a".repeat(10_000)}=1`, /a path has at most 100 parts/],
    ["a prototype", "name={a:{__proto__:1}}", /"__proto__" cannot be the key of a config/],
    ["a constructor", "seeds.constructor=1", /"constructor" cannot be the key of a config/],
  ])("%s beyond sense is refused at its column", (_name, override, reason) => {
    expect(() => resolve(base, { overrides: [override] })).toThrow(reason);
  });
});
