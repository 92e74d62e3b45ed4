/**
 * What a verification came to, kept beside the run: who compared what where, and, where a key is given, an ed25519
 * signature over it, so that somebody else can tell that these are the words of whoever holds the key.
 */
import type { KeyObject } from "node:crypto";
import { arch, platform } from "node:os";
import { canonicalJson } from "../../core/canonical-json.ts";
import { isExpError } from "../../core/errors.ts";
import { sha256 } from "../../core/hash.ts";
import { isPlainObject, type JsonObject } from "../../core/json.ts";
import { scrubValue } from "../../core/secrets.ts";
import { formatManifest } from "../../store/manifest.ts";
import type { PublishedRun } from "../../store/published-run.ts";
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
  /** SHA-256 of the manifest, which names the digest of every result; absent in attestations of early versions. */
  readonly manifest: string;
  readonly verdict: string;
  readonly step: number | null;
  readonly field: string | null;
  readonly tensor: string | null;
  readonly comparedSteps: number;
  readonly coverage: readonly string[];
  /** What was executed where that was not the whole run. */
  readonly part: string | null;
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
  /** Why it is invalid, to be read after "it". */
  readonly problem?: string;
  /** Whether it was executed in another environment class than the run's, which promises no equal bits. */
  readonly isElsewhere?: true;
  /** What was executed, as `steps 1 to 20 of 60`; absent where it was the whole run, or went another way. */
  readonly part?: string;
  /** Of the key that signed it, as base64 of its DER form. */
  readonly publicKey?: string;
}

/** An attestation, and the name of its file in the folder of the run's annotations. */
export type KeptAttestation = Attestation & { readonly file: string };

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
  // What is signed is what will be read: without secrets, as the store writes it.
  const statement = scrubValue<Statement>({
    format: "lockstep/attestation/1",
    runKey: run.runKey,
    traceDigest: published.manifest.identities.traceDigest,
    manifest: sha256(formatManifest(published.manifest)),
    verdict,
    step: divergence?.step ?? null,
    field: divergence?.field ?? null,
    tensor: divergence?.tensor ?? null,
    comparedSteps,
    coverage: [...coverage],
    part: verification.part ?? null,
    reasons: [...reasons],
    environmentClass: verification.environmentClass ?? run.environmentClass,
    lockstep: lockstepVersion(),
    node: process.versions.node,
    platform: `${platform()}-${arch()}`,
    time: new Date().toISOString(),
  });
  const facts =
    key === undefined ? { statement } : { statement, ...signText(canonicalJson(statement), key) };
  return store.annotate({ runKey: run.runKey, kind: attestationKind, facts });
}

/**
 * The attestation that tells whether a run repeats: the last one of a whole execution, or of one that went another way, since
 * that is so however little was executed; in the run's own environment class, if there is one. Where there is none, the last
 * one of a part; then one by which nothing was executed. An invalid one tells nothing.
 */
export function standing(attestations: readonly Attestation[]): Attestation | undefined {
  const sound = attestations.filter(({ signature }) => signature !== "invalid");
  const executed = sound.filter(({ statement }) => statement["verdict"] !== "not comparable");
  const decisive = executed.filter(({ part }) => part === undefined);
  const own = decisive.findLast(({ isElsewhere = false }) => !isElsewhere);
  return own ?? decisive.at(-1) ?? executed.at(-1) ?? sound.at(-1);
}

/** What was executed; attestations of early versions say it in their sentences alone. */
function partOf({ part, coverage, verdict }: JsonObject): Pick<Attestation, "part"> {
  if (typeof part === "string") return { part };
  if (part === null || verdict === "diverged" || !Array.isArray(coverage)) return {};
  const sentences = coverage.filter((sentence) => typeof sentence === "string");
  const [, compared, all] =
    sentences.map((sentence) => /^compared (\d+) of (\d+) /u.exec(sentence)).find(Boolean) ?? [];
  return compared === all ? {} : { part: `${compared} of ${all}` };
}

/** All attestations of a run, the oldest first. One whose statement is about another run, or other results, counts as invalid. */
export function attestationsOf(store: Store, runKey: string): readonly KeptAttestation[] {
  const { annotations } = store.annotations(runKey);
  const run = soundRun(store, runKey);
  return annotations.flatMap(({ file, kind, facts }): readonly KeptAttestation[] => {
    const { statement, publicKey, signature } = facts;
    if (kind !== attestationKind || !isPlainObject(statement)) return [];
    const own: JsonObject = statement;
    const what = { file, statement: own, ...partOf(own), ...placeOf(own, run) };
    if (own["runKey"] !== runKey || !isOfResults(own, run)) {
      const problem = "is about another run, or about other results than are here";
      return [{ ...what, signature: "invalid", problem }];
    }
    if (typeof publicKey !== "string" || typeof signature !== "string") {
      return [{ ...what, signature: "unsigned" }];
    }
    const holds = isSignatureOf(canonicalJson(own), { publicKey, signature });
    if (holds) return [{ ...what, signature: "valid", publicKey }];
    const problem = "was changed after it was signed, or signed by another key than it names";
    return [{ ...what, signature: "invalid", problem, publicKey }];
  });
}

/** The run, unless it is damaged: that is told by whoever looks at it, and not by what was said of it. */
function soundRun(store: Store, runKey: string): PublishedRun | undefined {
  try {
    return store.findPublished(runKey);
  } catch (error) {
    if (isExpError(error)) return undefined;
    throw error;
  }
}

function placeOf(
  { environmentClass }: JsonObject,
  run: PublishedRun | undefined,
): Pick<Attestation, "isElsewhere"> {
  if (run === undefined || typeof environmentClass !== "string") return {};
  const isOwn = environmentClass === run.manifest.identities.environmentClass;
  return isOwn ? {} : { isElsewhere: true };
}

/** Whether a statement is about the results that are there; of a run that is not, nobody can tell. */
function isOfResults(
  { manifest, traceDigest }: JsonObject,
  run: PublishedRun | undefined,
): boolean {
  if (run === undefined) return true;
  if (manifest === undefined) return traceDigest === run.manifest.identities.traceDigest;
  return manifest === sha256(formatManifest(run.manifest));
}
