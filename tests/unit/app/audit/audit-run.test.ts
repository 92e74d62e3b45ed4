/** A finished run is audited by what lies in the store: its files, its code, and what was said about it. */
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { auditRun } from "../../../../src/app/audit/audit-run.ts";
import { finishedFacts } from "../../../../src/app/finished-facts.ts";
import { attest } from "../../../../src/app/verify/attestation.ts";
import type { StoredRun } from "../../../../src/app/verify/stored-run.ts";
import type { Verification } from "../../../../src/app/verify/verdict.ts";
import { finishedRun } from "../archive/sample.ts";

function itemOf(stored: StoredRun, id: string) {
  const { items } = auditRun({
    name: stored.run.runKey,
    runsDirectory: stored.store.directory,
    workingDirectory: stored.projectDirectory,
  });
  return items.find((item) => item.id === id);
}

function edit(path: string, change: (text: string) => string): void {
  const before = readFileSync(path, "utf8");
  expect(change(before)).not.toBe(before);
  writeFileSync(path, change(before));
}

test("a file beside the results that was changed fails, as a result would", () => {
  const stored = finishedRun();
  const { directory } = stored.published;
  expect(itemOf(stored, "files")).toMatchObject({ status: "pass" });
  edit(join(directory, "environment.json"), (text) => text.replace("linux", "other"));
  const item = itemOf(stored, "files");
  expect(item?.status).toBe("fail");
  expect(item?.reason).toBe(
    "environment.json: It has other bytes than when the run was published; the results are whole",
  );
  const manifest = join(directory, "manifest.json");
  const other = (text: string): string => text.replace(/"dataHash": ".{4}/u, '"dataHash": "0000');
  edit(manifest, other);
  expect(itemOf(stored, "files")?.reason).toContain("manifest.json has a runKey that is not that");
});

test("stored code with another byte is no code that can be executed again", () => {
  const stored = finishedRun();
  expect(itemOf(stored, "code")).toMatchObject({ status: "pass" });
  const folder = join(stored.store.directory, ".code", stored.run.codeHash, "snapshots");
  const [pack = ""] = readdirSync(folder);
  edit(join(folder, pack), (text) => text.replace(/.$/u, "#"));
  const item = itemOf(stored, "code");
  expect(item?.status).toBe("fail");
  expect(item?.reason).toContain("The packed snapshot has other bytes than its name says");
  expect(item?.mend).toContain("exp fsck --repair");
});

const whole: Verification = {
  verdict: "bitwise",
  reasons: [],
  comparedSteps: 60,
  coverage: ["compared 60 of 60 steps; all tensors at 3 of them"],
};
const divergence = { step: 41, field: "loss" };

test("a verdict of some steps takes no place of one of the whole run", () => {
  const stored = finishedRun();
  const { store, published } = stored;
  const said = () => finishedFacts(store, published).verification;
  const say = (verification: Verification): void => void attest(stored, verification, undefined);
  const part = { ...whole, comparedSteps: 1, part: "steps 1 to 1 of 60" };
  say(part);
  expect(itemOf(stored, "verified")).toMatchObject({ status: "fail" });
  expect(said()).toMatchObject({ verdict: "bitwise", part: part.part });
  say({ ...whole, verdict: "diverged", divergence });
  say(part);
  expect(itemOf(stored, "verified")?.reason).toContain("diverged on ");
  expect(said()).toEqual({ verdict: "diverged", signature: "unsigned" });
  say({ ...whole, verdict: "not comparable", comparedSteps: 0, coverage: [] });
  expect(said()).toMatchObject({ verdict: "diverged" });
  say(whole);
  say(part);
  expect(itemOf(stored, "verified")).toMatchObject({ status: "pass" });
  expect(said()).toEqual({ verdict: "bitwise", signature: "unsigned" });
});

test("of a verdict that an early version kept, what it covered is read from its sentences", () => {
  const stored = finishedRun();
  const { store, published, run } = stored;
  const { traceDigest } = published.manifest.identities;
  const time = "2026-01-02T03:04:05.678Z";
  const statement = { runKey: run.runKey, traceDigest, verdict: "bitwise", time };
  const say = (sentence: string): void => {
    const facts = { statement: { ...statement, coverage: [sentence] } };
    store.annotate({ runKey: run.runKey, kind: "verification", facts });
  };
  say("compared 5 of 60 steps; all tensors at 2 of them");
  expect(finishedFacts(store, published).verification?.part).toBe("5 of 60");
  say("compared 60 of 60 steps; all tensors at 3 of them");
  expect(finishedFacts(store, published).verification).not.toHaveProperty("part");
});
