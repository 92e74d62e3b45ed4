/**
 * What a verification came to, kept beside the run: who compared what where, and, where a key is given, an ed25519
 * signature over it, so that somebody else can tell that these are the words of whoever holds the key.
 */
import type { KeyObject } from "node:crypto";
import { arch, platform } from "node:os";
import { canonicalJson } from "../../core/canonical-json.ts";
import { isPlainObject, type JsonObject } from "../../core/json.ts";
import type { Store } from "../../store/store.ts";
import { isSignatureOf, signText } from "../signing.ts";
import { lockstepVersion } from "../version.ts";
import type { StoredRun } from "./stored-run.ts";
import type { Verification } from "./verdict.ts";

/** The kind of annotations that hold attestations. */
const attestationKind = "verification";

/** What is attested; a type, so that it is JSON data. */
type Statement = {
  readonly format: "lockstep/attestation/1";
  readonly runKey: string;
  readonly traceDigest: string;
  readonly verdict: string;
  readonly step: number | null;
  readonly field: string | null;
  readonly tensor: string | null;
  readonly comparedSteps: number;
  readonly coverage: readonly string[];
  readonly reasons: readonly string[];
  /** Where it was executed. */
  readonly environmentClass: string;
  readonly lockstep: string;
  readonly node: string;
  readonly platform: string;
  /** ISO 8601, UTC. */
  readonly time: string;
};

/** An attestation as it is kept, and whether its signature holds: `unsigned` where it has none. */
export interface Attestation {
  readonly statement: JsonObject;
  readonly signature: "valid" | "invalid" | "unsigned";
  /** Of the key that signed it, as base64 of its DER form. */
  readonly publicKey?: string;
}

/**
 * Keeps what a verification came to beside its run.
 * @returns The new file, absolute.
 */
export function attest(
  { store, run, published }: StoredRun,
  verification: Verification,
  key: KeyObject | undefined,
): string {
  const { verdict, divergence, comparedSteps, coverage, reasons } = verification;
  const statement: Statement = {
    format: "lockstep/attestation/1",
    runKey: run.runKey,
    traceDigest: published.manifest.identities.traceDigest,
    verdict,
    step: divergence?.step ?? null,
    field: divergence?.field ?? null,
    tensor: divergence?.tensor ?? null,
    comparedSteps,
    coverage: [...coverage],
    reasons: [...reasons],
    environmentClass: verification.environmentClass ?? run.environmentClass,
    lockstep: lockstepVersion(),
    node: process.versions.node,
    platform: `${platform()}-${arch()}`,
    time: new Date().toISOString(),
  };
  const facts =
    key === undefined ? { statement } : { statement, ...signText(canonicalJson(statement), key) };
  return store.annotate({ runKey: run.runKey, kind: attestationKind, facts });
}

/** All attestations of a run, the oldest first. One whose statement is about another run counts as invalid. */
export function attestationsOf(store: Store, runKey: string): readonly Attestation[] {
  const { annotations } = store.annotations(runKey);
  return annotations.flatMap(({ kind, facts }): readonly Attestation[] => {
    const { statement, publicKey, signature } = facts;
    if (kind !== attestationKind || !isPlainObject(statement)) return [];
    const own: JsonObject = statement;
    if (own["runKey"] !== runKey) return [{ statement: own, signature: "invalid" }];
    if (typeof publicKey !== "string" || typeof signature !== "string") {
      return [{ statement: own, signature: "unsigned" }];
    }
    const holds = isSignatureOf(canonicalJson(own), { publicKey, signature });
    return [{ statement: own, signature: holds ? "valid" : "invalid", publicKey }];
  });
}
