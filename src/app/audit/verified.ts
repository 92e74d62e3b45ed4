/** The point of the checklist about verdicts: which of those that were given decides, and what is said of it. */
import { standing, type Attestation } from "../verify/attestation.ts";

/** What was said of a run's repetitions. */
export interface SaidOfRun {
  /** First 8 digits of the run's key. */
  readonly name: string;
  /** The oldest first. */
  readonly attestations: readonly Attestation[];
  readonly numDuplicates: number;
  /** When it first came here in an archive, ISO 8601, UTC. */
  readonly importedAt?: string;
}

interface Judged {
  readonly status: "pass" | "fail";
  readonly reason: string;
  readonly mend?: string;
}

const good: readonly unknown[] = ["bitwise", "metrics-equal", "within tolerance"];

/** Passes where the verdict that stands is good, or where attempts had the same results and no verdict says otherwise. */
export function verified(said: SaidOfRun): Judged {
  const { attestations, numDuplicates, name } = said;
  const fail = (reason: string): Judged => ({ status: "fail", reason, mend: `exp verify ${name}` });
  const numInvalid = attestations.filter(isInvalid).length;
  const invalid =
    numInvalid === 1 ? "1 verdict that does not hold" : `${numInvalid} verdicts that do not hold`;
  const last = standing(attestations);
  // What was given since says how it is; nobody can give an edited verdict its signature back.
  const isSince =
    last !== undefined && attestations.indexOf(last) > attestations.findLastIndex(isInvalid);
  if (numInvalid > 0 && !isSince) return fail(`${invalid} (exp fsck names them)`);
  const before = numInvalid === 0 ? [] : [`before it ${invalid}`];
  const same = numDuplicates === 0 ? [] : [`${numDuplicates} attempts with the same results`];
  const pass = (...parts: readonly string[]): Judged => {
    return { status: "pass", reason: [...parts, ...same, ...before, ...untold(said)].join("; ") };
  };
  if (last === undefined) return numDuplicates > 0 ? pass() : fail("nobody has verified it");
  // It says nothing of the result, so it takes nothing from attempts that had the same.
  if (isUntold(last)) return numDuplicates > 0 ? pass() : fail(untoldText(last));
  const told = toldText(last, said);
  if (!good.includes(last.statement["verdict"])) return fail([told, ...untold(said)].join("; "));
  if (last.part === undefined || numDuplicates > 0) return pass(told);
  return fail([`only in part: ${told}`, ...untold(said)].join("; "));
}

/** A verdict that something was executed for: which, where and when; since when it is not the last word, that too. */
function toldText(last: Attestation, said: SaidOfRun): string {
  const { verdict, time, environmentClass, step, field } = last.statement;
  const part = last.part === undefined ? "" : ` (${last.part})`;
  const where = typeof step === "number" && !good.includes(verdict);
  const apart = where ? ` (step ${step}, ${text(field)})` : "";
  const told = `${text(verdict)}${part} on ${text(environmentClass)}, ${text(time)}${apart}`;
  if (untold(said).length === 0) return told;
  const { importedAt } = said;
  const isElsewhere =
    importedAt !== undefined &&
    typeof time === "string" &&
    Date.parse(time) < Date.parse(importedAt);
  return isElsewhere
    ? `${told}, an earlier verdict from before the run was imported here (${importedAt})`
    : `${told}, an earlier verdict`;
}

/** Of the last attempt, if nothing was executed then. */
function untold({ attestations }: SaidOfRun): readonly string[] {
  const last = attestations.findLast((one) => !isInvalid(one));
  if (last === undefined || !isUntold(last)) return [];
  return [`the last attempt says nothing of the result: ${untoldText(last)}`];
}

function untoldText({ statement: { time, reasons } }: Attestation): string {
  const why = Array.isArray(reasons) ? reasons.filter((one) => typeof one === "string") : [];
  return `not comparable, ${text(time)}${why.length === 0 ? "" : ` (${why.join("; ")})`}`;
}

const isUntold = ({ statement }: Attestation): boolean => statement["verdict"] === "not comparable";
const isInvalid = ({ signature }: Attestation): boolean => signature === "invalid";

function text(value: unknown): string {
  return typeof value === "string" ? value : "unknown";
}
