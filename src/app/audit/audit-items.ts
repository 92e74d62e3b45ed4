/** The reproducibility checklist: what a finished run kept, held against what somebody needs who repeats it. */
import { isPlainObject, type JsonObject } from "../../core/json.ts";
import { knownSources } from "../../report/nondeterminism.ts";
import type { Manifest } from "../../store/manifest.ts";
import type { Attestation } from "../verify/attestation.ts";
import { verified } from "./verified.ts";

/** What one point of the checklist came to. */
export interface AuditItem {
  /** Never reworded: scripts match on it. */
  readonly id: string;
  readonly title: string;
  readonly status: "pass" | "fail" | "not applicable";
  /** One sentence or several. */
  readonly reason: string;
  /** The command that mends it; only for `fail`. */
  readonly mend?: string;
}

/** All that the checklist looks at; plain data, read by whoever audits. */
export interface AuditFacts {
  /** First 8 digits of the run's key, as commands take them. */
  readonly name: string;
  readonly config: JsonObject;
  readonly manifest: Manifest;
  /** `environment.json`; empty where it cannot be read. */
  readonly environment: JsonObject;
  /** `attempt.json`. */
  readonly record: JsonObject;
  /** Its stored code, or why there is none. */
  readonly code: readonly { readonly name: string; readonly integrity: string }[] | string;
  /** What of its stored code is not as it was stored. */
  readonly codeDamage: readonly string[];
  /** Names of the files of its data; `undefined` where they are not known any more. */
  readonly dataFiles: readonly string[] | undefined;
  /** Files of the run that are not what its manifest and its record say. */
  readonly damage: readonly string[];
  /** Files beside the manifest that are there. */
  readonly present: ReadonlySet<string>;
  readonly attestations: readonly Attestation[];
  /** When it first came here in an archive, ISO 8601, UTC; absent for a run that was made here. */
  readonly importedAt?: string;
  readonly numDuplicates: number;
  /** Folders of attempts with other results. */
  readonly conflicts: readonly string[];
}

type Judge = (facts: AuditFacts) => Omit<AuditItem, "id" | "title">;

const pass = (reason: string): ReturnType<Judge> => ({ status: "pass", reason });
const none = (reason: string): ReturnType<Judge> => ({ status: "not applicable", reason });
const fail = (reason: string, mend?: string): ReturnType<Judge> => ({
  status: "fail",
  reason,
  ...(mend === undefined ? {} : { mend }),
});

const again = ({ name }: AuditFacts): string => `exp replay ${name}`;

const items: readonly (readonly [id: string, title: string, judge: Judge])[] = [
  ["files", "every file as it was published", filesWhole],
  ["seeds", "seeds recorded", seeds],
  ["commit", "code committed, or its changes kept", commit],
  ["code", "code that can be executed again", storedCode],
  ["packages", "packages by version and integrity", packages],
  ["lock-file", "lock file recorded", lockFile],
  ["data", "data by digest", data],
  ["environment", "environment recorded", environment],
  ["determinism", "deterministic mode, and what it does not cover", determinism],
  ["checkpoints", "checkpoints kept", checkpoints],
  ["metrics", "metrics recorded", metrics],
  ["secrets", "nothing masked that is needed", secrets],
  ["documents", "model card and REPRODUCE.md", documents],
  ["verified", "executed again with the same result", verified],
  ["conflicts", "no execution with other results", conflicts],
];

/** The whole checklist, always in the same order. */
export function auditItems(facts: AuditFacts): readonly AuditItem[] {
  return items.map(([id, title, judge]) => ({ id, title, ...judge(facts) }));
}

function filesWhole({ damage, manifest, record }: AuditFacts): ReturnType<Judge> {
  if (damage.length > 0) return fail(damage.join("; "), "exp fsck --repair");
  const others = Array.isArray(record["others"]) ? record["others"].length : 0;
  return pass(`${manifest.files.length + others} files by SHA-256`);
}

function seeds({ config }: AuditFacts): ReturnType<Judge> {
  const { seed, seeds: own } = config;
  if (typeof seed !== "number") return none("the task has no seed");
  const named = isPlainObject(own) ? Object.entries(own) : [];
  const others = named.map(([purpose, value]) => `${purpose} ${JSON.stringify(value)}`);
  return pass([`seed ${seed}`, ...others].join(", "));
}

function objectOf(value: unknown): JsonObject {
  return isPlainObject(value) ? (value as JsonObject) : {}; // parsed JSON
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "unknown";
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function commit({ environment }: AuditFacts): ReturnType<Judge> {
  const git = objectOf(environment["git"]);
  const diff = objectOf(git["diff"]);
  if (git["kind"] !== "repository") {
    const reason = typeof git["reason"] === "string" ? git["reason"] : "it was not recorded";
    return fail(
      `no commit: ${reason}`,
      "git init && git add --all && git commit, then run it again",
    );
  }
  if (typeof git["commit"] !== "string")
    return fail("nothing was committed yet", "git add --all && git commit, then run it again");
  const short = git["commit"].slice(0, 12);
  if (git["isDirty"] !== true) return pass(`commit ${short}, nothing uncommitted`);
  if (diff["isComplete"] === true) return pass(`commit ${short} and uncommitted.diff`);
  const notes = texts(diff["notes"]).join("; ");
  return fail(`commit ${short}, but ${notes}`, "git commit, then run it again");
}

function storedCode({ code, codeDamage }: AuditFacts): ReturnType<Judge> {
  const mend = "run it again from a file: exp FILE --force";
  if (typeof code === "string") return fail(code, mend);
  if (codeDamage.length > 0) return fail(codeDamage.join("; "), `exp fsck --repair; then ${mend}`);
  return pass("in the store; exp checkout writes it out");
}

function packages(facts: AuditFacts): ReturnType<Judge> {
  const { code } = facts;
  if (typeof code === "string") return fail(code, "run it again from a file: exp FILE --force");
  const open = code.filter(({ integrity }) => integrity === "").map(({ name }) => name);
  if (open.length === 0) return pass(`${code.length} packages`);
  return fail(
    `no integrity of ${open.join(", ")}`,
    "install them with a lock file, then run it again",
  );
}

function lockFile({ environment }: AuditFacts): ReturnType<Judge> {
  const { lockFiles } = environment;
  const named = Array.isArray(lockFiles) ? lockFiles.map((file) => objectOf(file)["path"]) : [];
  if (named.length > 0) return pass(named.map(text).join(", "));
  return fail("the project had none", "npm install, then run it again");
}

function data(facts: AuditFacts): ReturnType<Judge> {
  const { dataFiles, manifest } = facts;
  const { dataHash } = manifest.identities;
  if (dataFiles === undefined)
    return fail(`data hash ${dataHash.slice(0, 16)}, and no list of its files`, again(facts));
  if (dataFiles.length === 0) return none("it reads no data");
  return pass(
    `${dataFiles.length === 1 ? "1 file" : `${dataFiles.length} files`} by SHA-256, data hash ${dataHash.slice(0, 16)}`,
  );
}

function environment(facts: AuditFacts): ReturnType<Judge> {
  const { environment: recorded, manifest } = facts;
  const missing = ["backend", "machine", "variables"].filter(
    (name) => !isPlainObject(recorded[name]),
  );
  if (missing.length > 0) return fail(`environment.json lacks ${missing.join(", ")}`, again(facts));
  const { node, cpuModel } = objectOf(recorded["machine"]);
  return pass(`${manifest.identities.environmentClass}, Node.js ${text(node)}, ${text(cpuModel)}`);
}

function determinism({ config, manifest }: AuditFacts): ReturnType<Judge> {
  const known = knownSources({
    backend: manifest.identities.environmentClass.split("/")[0] ?? "",
    task: manifest.task.name,
    isAmbientSeeded: config["ambientRandomness"] === "seeded",
  });
  return pass(known.join(" "));
}

function checkpoints({ manifest, damage, present, name }: AuditFacts): ReturnType<Judge> {
  const listed = manifest.files.filter(({ path }) => path.startsWith("checkpoints/"));
  if (listed.length === 0) return none("the task saves none");
  const left = listed.filter(({ path }) => !present.has(path)).map(({ path }) => path);
  if (left.length > 0)
    return fail(
      `left out of its archive: ${left.join(", ")}`,
      `exp replay ${name} makes them again`,
    );
  const broken = damage.filter((text) => text.startsWith("checkpoints/"));
  if (broken.length > 0) return fail(broken.join("; "), "exp fsck --repair");
  return pass(listed.map(({ path }) => path.replace(/^checkpoints\//u, "")).join(", "));
}

function metrics({ manifest, damage }: AuditFacts): ReturnType<Judge> {
  const wanted = ["results/metrics.json", "logs/metrics.jsonl"];
  const listed = new Set(manifest.files.map(({ path }) => path));
  const missing = wanted.filter((path) => !listed.has(path));
  if (missing.length > 0) return fail(`not listed: ${missing.join(", ")}`, "exp fsck");
  const broken = damage.filter((text) => wanted.some((path) => text.startsWith(path)));
  if (broken.length > 0) return fail(broken.join("; "), "exp fsck --repair");
  return pass(`${wanted.join(" and ")}, by SHA-256`);
}

function secrets({ environment, record }: AuditFacts): ReturnType<Judge> {
  const diff = objectOf(objectOf(environment["git"])["diff"]);
  const masked = objectOf(record["numRedacted"]);
  const count = (value: unknown): number => (typeof value === "number" ? value : 0);
  const inDiff = count(diff["numRedacted"]);
  const [inArguments, inLog] = [count(masked["arguments"]), count(masked["log"])];
  if (inDiff > 0)
    return fail(`${inDiff} in uncommitted.diff`, "take them out of the sources, then run it again");
  if (inArguments + inLog === 0) return pass("nothing was masked");
  return pass(`masked: ${inArguments} in the command line, ${inLog} in the log; neither is needed`);
}

function documents({ present, ...facts }: AuditFacts): ReturnType<Judge> {
  const missing = ["MODEL_CARD.md", "REPRODUCE.md"].filter((path) => !present.has(path));
  if (missing.length === 0) return pass("both are there");
  return fail(`missing: ${missing.join(", ")}`, again({ present, ...facts }));
}

function conflicts({ conflicts: kept, name }: AuditFacts): ReturnType<Judge> {
  if (kept.length === 0) return pass("none is kept");
  return fail(`other results in ${kept.join(", ")}`, `exp verify ${name} --dense`);
}
