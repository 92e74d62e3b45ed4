import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { cpSync, existsSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join, relative } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { checkRunsFolder } from "../../../src/app/fsck.ts";
import { forgetSecrets, registerSecret } from "../../../src/core/secrets.ts";
import { attest, attestationsOf, standing } from "../../../src/app/verify/attestation.ts";
import type { StoredRun } from "../../../src/app/verify/stored-run.ts";
import type { Verification } from "../../../src/app/verify/verdict.ts";
import { finishedRun } from "./archive/sample.ts";

const bitwise: Verification = { verdict: "bitwise", reasons: [], comparedSteps: 3, coverage: [] };

function standingOf({ store, run }: StoredRun): unknown {
  return standing(attestationsOf(store, run.runKey))?.statement["verdict"];
}

test("a verdict about other results of the same run key is invalid, and tells nothing", () => {
  const [one, other] = [finishedRun({ scale: 1 }), finishedRun({ scale: 2 })];
  attest(one, bitwise, undefined);
  const annotations = (stored: StoredRun): string => join(stored.store.directory, ".annotations");
  cpSync(annotations(one), annotations(other), { recursive: true });
  expect(other.run.runKey).toBe(one.run.runKey);
  const signatures = ({ store, run }: StoredRun): unknown =>
    attestationsOf(store, run.runKey).map(({ signature }) => signature);
  expect([signatures(one), signatures(other)]).toEqual([["unsigned"], ["invalid"]]);
  expect([standingOf(one), standingOf(other)]).toEqual(["bitwise", undefined]);
});

test("a verdict of another environment class, where bits are not promised, replaces none of the run's own", () => {
  const stored = finishedRun();
  const diverged: Verification = { ...bitwise, verdict: "diverged", environmentClass: "wasm/1" };
  attest(stored, diverged, undefined);
  expect(standingOf(stored)).toBe("diverged");
  attest(stored, bitwise, undefined);
  attest(stored, diverged, undefined);
  expect(standingOf(stored)).toBe("bitwise");
});

test("a verdict about other results is a note, signed or not: there are honest ones of a run that was made again", () => {
  const [one, other] = [finishedRun({ scale: 1 }), finishedRun({ scale: 2 })];
  const { privateKey } = generateKeyPairSync("ed25519");
  const severities = (key: KeyObject | undefined): unknown => {
    attest(one, bitwise, key);
    const annotations = ({ store }: StoredRun): string => join(store.directory, ".annotations");
    cpSync(annotations(one), annotations(other), { recursive: true });
    const { directory } = other.store;
    const request = { runsDirectory: directory, workingDirectory: directory, isRepairing: false };
    return checkRunsFolder(request).findings.map(({ severity, code }) => `${severity} ${code}`);
  };
  expect(severities(undefined)).toEqual(["note invalid-attestation"]);
  expect(severities(privateKey)).toEqual(["note invalid-attestation", "note invalid-attestation"]);
});

test("what is signed has no secrets, as what is written: the signature of a reason that names one holds", () => {
  onTestFinished(forgetSecrets);
  registerSecret("TOKEN", "planted-7f3a");
  const stored = finishedRun();
  const { privateKey } = generateKeyPairSync("ed25519");
  const path = attest(stored, { ...bitwise, reasons: ["planted-7f3a differs"] }, privateKey);
  expect(readFileSync(path, "utf8")).not.toContain("planted-7f3a");
  const found = attestationsOf(stored.store, stored.run.runKey);
  expect(found.map(({ signature }) => signature)).toEqual(["valid"]);
});

test("fsck tells an attestation whose signature does not hold, and one about other results", () => {
  const [one, other] = [finishedRun({ scale: 1 }), finishedRun({ scale: 2 })];
  const { privateKey } = generateKeyPairSync("ed25519");
  const path = attest(one, bitwise, privateKey);
  const findings = ({ store }: StoredRun, isRepairing = false): unknown =>
    checkRunsFolder({
      runsDirectory: store.directory,
      workingDirectory: store.directory,
      isRepairing,
    }).findings;
  expect(findings(one)).toEqual([]);
  const said = readFileSync(path, "utf8");
  writeFileSync(path, said.replace('"comparedSteps": 3', '"comparedSteps": 4'));
  expect(findings(one)).toMatchObject([
    {
      severity: "warning",
      code: "invalid-attestation",
      path: `.annotations/${one.run.runKey.slice(0, 16)}/${basename(path)}`,
      message: expect.stringContaining("was changed after it was signed"),
      repair: "moved to .trash/",
      isRepaired: false,
    },
  ]);
  expect(findings(one, true)).toMatchObject([{ code: "invalid-attestation", isRepaired: true }]);
  expect(findings(one)).toEqual([]);
  expect(existsSync(path)).toBe(false);
  expect(one.store.trash()).toMatchObject([{ path: relative(one.store.directory, path) }]);
  writeFileSync(path, said);
  const annotations = (stored: StoredRun): string => join(stored.store.directory, ".annotations");
  cpSync(annotations(one), annotations(other), { recursive: true });
  expect(findings(other)).toMatchObject([
    { code: "invalid-attestation", message: expect.stringContaining("other results") },
  ]);
});
