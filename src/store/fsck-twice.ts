/**
 * Looking twice at what seems to be wrong with a run: another process may be making, removing or restoring it while a check
 * reads it. Only what both looks find is told, and a repair is made only while nobody else can begin, remove or restore it.
 */
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { isExpError, type ExpError } from "../core/errors.ts";
import { readAttemptRecord } from "./attempt-record.ts";
import { attemptNumbers } from "./claim.ts";
import type { CheckContext, Finding } from "./fsck-findings.ts";
import { inspectPublished } from "./published-run.ts";
import { withClaim } from "./removed-run.ts";
import { attemptsRoot } from "./run-layout.ts";

interface Look<Result> {
  readonly result: Result;
  readonly findings: readonly Finding[];
}

/**
 * Checks what belongs to one run, repairs it where that is asked for, and gives back what the last look came to.
 * @param name - The first 16 digits of its key.
 */
export function lookTwice<Result>(
  context: CheckContext,
  name: string,
  look: (context: CheckContext) => Result,
): Result {
  const first = lookOnly(context, look);
  // Whether code is stored is nothing that changes with the run; a second look reads every byte once more.
  const isDoubtful = first.findings.some(({ code }) => code !== "missing-code");
  if (!isDoubtful) {
    context.findings.push(...first.findings);
    return first.result;
  }
  if (context.isRepairing && first.findings.some(({ repair }) => repair !== undefined))
    return repairAlone(context, { name, first, look });
  return lookAgain(context, { first, look });
}

function lookOnly<Result>(
  context: CheckContext,
  look: (context: CheckContext) => Result,
): Look<Result> {
  const findings: Finding[] = [];
  return { result: look({ ...context, findings, isRepairing: false }), findings };
}

interface Again<Result> {
  readonly first: Look<Result>;
  readonly look: (context: CheckContext) => Result;
}

/** @param refusal - Why nothing can be repaired, where that was asked for. */
function lookAgain<Result>(
  context: CheckContext,
  { first, look }: Again<Result>,
  refusal?: ExpError,
): Result {
  const second = lookOnly(context, look);
  const found = second.findings.filter((one) =>
    first.findings.some((other) => isDeepStrictEqual(one, other)),
  );
  context.findings.push(...found.map((one) => (refusal ? refused(one, refusal) : one)));
  return second.result;
}

function refused({ repair, ...finding }: Finding, { message }: ExpError): Finding {
  if (repair === undefined) return finding;
  return { ...finding, message: `${finding.message} It could not be repaired: ${message}` };
}

function repairAlone<Result>(
  context: CheckContext,
  { name, first, look }: Again<Result> & { readonly name: string },
): Result {
  let isAlone = false;
  try {
    return withClaim(context, { runKey: keyOf(context, name), experiment: "exp fsck" }, () => {
      isAlone = true;
      return look(context);
    });
  } catch (error) {
    if (isAlone || !isExpError(error)) throw error;
    return lookAgain(context, { first, look }, error);
  }
}

/** The whole key as far as it can be read; claims are found by the digits that are known anyway. */
function keyOf({ files, store }: CheckContext, name: string): string {
  const folder = join(attemptsRoot(store), name);
  const run = inspectPublished(files, join(store, name));
  const keys = attemptNumbers(files, folder).map(
    (number) => readAttemptRecord(files, join(folder, String(number)))?.runKey,
  );
  const known = [typeof run === "string" ? undefined : run.runKey, ...keys];
  return known.find((key) => key?.startsWith(name) === true) ?? name.padEnd(64, "0");
}
