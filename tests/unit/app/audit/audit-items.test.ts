/** Each point of the checklist passes where what it asks for is there, and fails where it is not. */
import { expect, test } from "vitest";
import {
  auditItems,
  type AuditFacts,
  type AuditItem,
} from "../../../../src/app/audit/audit-items.ts";
import type { JsonObject } from "../../../../src/core/json.ts";
import { sha256 } from "../../../../src/core/hash.ts";

const listed = [
  "checkpoints/best.safetensors",
  "checkpoints/last.safetensors",
  "logs/metrics.jsonl",
  "results/metrics.json",
];
const digest = sha256("");
const git = {
  kind: "repository",
  commit: "0a".repeat(20),
  isDirty: false,
  diff: { isComplete: true, numRedacted: 0, notes: [] },
};
const environment = {
  backend: { name: "wasm" },
  machine: { node: "20.20.2", cpuModel: "AMD EPYC" },
  variables: {},
  lockFiles: [{ path: "package-lock.json", sha256: digest }],
  git,
};
const attested = {
  statement: { verdict: "bitwise", environmentClass: "wasm/2", time: "2026-01-02T03:04:05.678Z" },
  signature: "valid",
} as const;

const whole: AuditFacts = {
  name: "0123abcd",
  config: { seed: 7, seeds: { dropout: 3 } },
  manifest: {
    format: "lockstep/manifest/1",
    task: { name: "training", version: 1 },
    identities: {
      configHash: digest,
      groupHash: digest,
      codeHash: digest,
      dataHash: digest,
      environmentClass: "wasm/2",
      runKey: digest,
      traceDigest: digest,
    },
    files: listed.map((path) => ({ path, bytes: 0, sha256: digest })),
  },
  environment,
  record: {},
  code: [{ name: "lockstep", integrity: "sha512-a" }],
  dataFiles: ["points.tsv"],
  damage: [],
  codeDamage: [],
  present: new Set([...listed, "MODEL_CARD.md", "REPRODUCE.md"]),
  attestations: [attested],
  numDuplicates: 0,
  conflicts: [],
};

function itemOf(id: string, changes: Partial<AuditFacts>): AuditItem | undefined {
  return auditItems({ ...whole, ...changes }).find((item) => item.id === id);
}

const withGit = (changes: JsonObject): Partial<AuditFacts> => ({
  environment: { ...environment, git: { ...git, ...changes } },
});
const masked = { isComplete: false, numRedacted: 2, notes: ["2 secrets were replaced"] };
const inPart = { ...attested, part: "steps 1 to 1 of 60" };
const statement = { ...attested.statement, verdict: "diverged", step: 40, field: "loss" };

test("a run that kept everything passes every point, and no other point is there", () => {
  const items = auditItems(whole);
  expect(items.filter(({ status }) => status !== "pass")).toEqual([]);
  expect(new Set(items.map(({ id }) => id)).size).toBe(15);
  expect(items.every(({ mend }) => mend === undefined)).toBe(true);
});

const failures: readonly (readonly [string, Partial<AuditFacts>, string])[] = [
  ["files", { damage: ["results/metrics.json has other bytes"] }, "other bytes"],
  ["metrics", { damage: ["results/metrics.json has other bytes"] }, "other bytes"],
  ["commit", withGit({ kind: "none", reason: "git is not installed" }), "git is not installed"],
  ["commit", withGit({ commit: null }), "nothing was committed"],
  ["commit", withGit({ isDirty: true, diff: masked }), "2 secrets were replaced"],
  ["code", { code: "a script handed its definition over" }, "script"],
  ["packages", { code: [{ name: "zod", integrity: "" }] }, "no integrity of zod"],
  ["packages", { code: "it is gone" }, "it is gone"],
  ["lock-file", { environment: { ...environment, lockFiles: [] } }, "had none"],
  ["data", { dataFiles: undefined }, "no list of its files"],
  ["environment", { environment: {} }, "lacks backend, machine, variables"],
  ["checkpoints", { present: new Set(listed.slice(1)) }, "checkpoints/best.safetensors"],
  ["checkpoints", { damage: ["checkpoints/last.safetensors has other bytes"] }, "other bytes"],
  ["secrets", withGit({ diff: masked }), "2 in uncommitted.diff"],
  ["documents", { present: new Set([...listed, "MODEL_CARD.md"]) }, "REPRODUCE.md"],
  ["code", { codeDamage: [".code/a/snapshots/b: a.ts is not as it was stored"] }, "a.ts is not as"],
  ["verified", { attestations: [] }, "nobody has verified it"],
  ["verified", { attestations: [inPart] }, "only in part: bitwise (steps 1 to 1 of 60)"],
  ["verified", { attestations: [{ statement, signature: "unsigned" }, inPart] }, "step 40, loss"],
  ["verified", { attestations: [attested, { statement, signature: "unsigned" }] }, "step 40, loss"],
  [
    "verified",
    { attestations: [{ ...attested, signature: "invalid" }] },
    "1 verdict that does not hold",
  ],
  ["conflicts", { conflicts: [".conflicts/0123abcd/1"] }, ".conflicts/0123abcd/1"],
];

test.each(failures)("%s fails, with the reason and what mends it: %o", (id, changes, reason) => {
  const item = itemOf(id, changes);
  expect(item).toMatchObject({ status: "fail" });
  expect(item?.reason).toContain(reason);
  expect(item?.mend).toMatch(/exp |git |npm |install|take them/u);
});

test("what a task does not have is no failure, and what is there in another way is one neither", () => {
  expect(itemOf("seeds", { config: {} })?.status).toBe("not applicable");
  expect(itemOf("data", { dataFiles: [] })?.status).toBe("not applicable");
  const manifest = { ...whole.manifest, files: whole.manifest.files.slice(2) };
  expect(itemOf("checkpoints", { manifest })?.status).toBe("not applicable");
  expect(itemOf("verified", { attestations: [], numDuplicates: 2 })?.status).toBe("pass");
  expect(itemOf("verified", { attestations: [attested, inPart] })?.status).toBe("pass");
  const forged = { ...attested, signature: "invalid" } as const;
  const since = itemOf("verified", { attestations: [attested, forged, { ...attested }] });
  expect(since).toMatchObject({ status: "pass" });
  expect(since?.reason).toContain("before it 1 verdict that does not hold");
  expect(itemOf("verified", { attestations: [attested, forged] })?.status).toBe("fail");
  expect(itemOf("commit", withGit({ isDirty: true }))?.reason).toContain("uncommitted.diff");
  const record = { numRedacted: { arguments: 1, log: 2 } };
  expect(itemOf("secrets", { record })?.reason).toContain("1 in the command line, 2 in the log");
});

test("a good verdict stands where nothing could be executed since, and both are told", () => {
  const time = "2026-03-04T05:06:07.890Z";
  const reasons = ["code: The package zod is not installed."];
  const untold = { ...attested.statement, verdict: "not comparable", time, reasons };
  const attempt = { statement: untold, signature: "unsigned" } as const;
  const judged = (changes: Partial<AuditFacts>): unknown => {
    const { status, reason, mend } = itemOf("verified", changes) ?? {};
    return [status, reason, mend];
  };
  const good = "bitwise on wasm/2, 2026-01-02T03:04:05.678Z";
  const nothing = `not comparable, ${time} (${reasons.join("; ")})`;
  const since = `the last attempt says nothing of the result: ${nothing}`;
  const attestations = [attested, attempt];
  const earlier = `${good}, an earlier verdict`;
  expect(judged({ attestations })).toEqual(["pass", `${earlier}; ${since}`, undefined]);
  const importedAt = "2026-02-01T00:00:00.000Z";
  const elsewhere = `${earlier} from before the run was imported here (${importedAt})`;
  const imported = judged({ attestations, importedAt });
  expect(imported).toEqual(["pass", `${elsewhere}; ${since}`, undefined]);
  expect(judged({ attestations: [attempt, attested] })).toEqual(["pass", good, undefined]);
  const fails = ["fail", nothing, "exp verify 0123abcd"];
  expect(judged({ attestations: [attempt] })).toEqual(fails);
  const same = `2 attempts with the same results; ${since}`;
  const repeated = judged({ attestations: [attempt], numDuplicates: 2 });
  expect(repeated).toEqual(["pass", same, undefined]);
});

test("the known sources of other bits are those of the backend and the task", () => {
  expect(itemOf("determinism", {})?.reason).toContain("any number of threads");
  const { manifest } = whole;
  const cuda = {
    ...manifest,
    identities: { ...manifest.identities, environmentClass: "cuda/2/x" },
  };
  expect(itemOf("determinism", { manifest: cuda })?.reason).toContain("GPU");
  const task = { name: "command", version: 1 };
  const program = itemOf("determinism", { manifest: { ...manifest, task } });
  expect(program?.reason).toContain("The program itself");
  const config = { ambientRandomness: "seeded" };
  expect(itemOf("determinism", { config })?.reason).toContain("Math.random is seeded");
});
