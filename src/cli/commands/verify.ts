/** `exp verify RUN`: executes a finished run again from its stored code and config, and says whether the same came out. */
import { resolve } from "node:path";
import { Option } from "commander";
import { importNote } from "../../app/archive/import-note.ts";
import { readSigningKey } from "../../app/signing.ts";
import { attest, attestationsOf } from "../../app/verify/attestation.ts";
import { findStoredRun, type StoredRunRequest } from "../../app/verify/stored-run.ts";
import type { Verification } from "../../app/verify/verdict.ts";
import { verifyRun, type VerifyOptions } from "../../app/verify/verify-run.ts";
import { ExpError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import { relativePath } from "../json-output.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { watchSignals } from "../signals.ts";
import { printable } from "../terminal.ts";
import { createVerifyProgress } from "../verify-progress.ts";
import { attestationLines, verdictLines } from "../verify-text.ts";

/** `exp verify`. */
export const command: Command = {
  describe: (parser) => {
    parser
      .argument("<run>", "8 or more digits of a finished run's key, or its folder")
      .addOption(
        new Option(
          "--steps <number>",
          "compare so many steps only, from the first or from --from",
        ).argParser(positiveNumber),
      )
      .addOption(
        new Option(
          "--from <step or checkpoint>",
          "go on from the run's own checkpoint at or before a step, or of a name such as best",
        ).argParser(startName),
      )
      .option("--dense", "compare all tensors at every step, and so name the first that differs")
      .addOption(
        new Option(
          "--tolerance <number>",
          "how far metrics may lie apart, by the larger of 1 and the run's own; else as the task says",
        ).argParser(toleranceNumber),
      )
      .option("--across-classes", "compare also where this machine promises no equal bits")
      .option("--backend <name>", "execute it on another backend; needs --across-classes")
      .option("--sign <key.pem>", "sign the verdict with an ed25519 key")
      .option(
        "--check-attestations",
        "show the verdicts that were kept, and check their signatures",
      );
  },
  run: verifyCommand,
};

async function verifyCommand(invocation: Invocation, session: Session): Promise<number> {
  const { operands, options, runsDirectory, json } = invocation;
  const { workingDirectory } = session;
  const [name = ""] = operands;
  const folder = runsDirectory === undefined ? {} : { runsDirectory };
  const request = { name, workingDirectory, ...folder };
  if (options["checkAttestations"] === true) return showAttestations(request, json, session);
  const key =
    typeof options["sign"] === "string"
      ? readSigningKey(resolve(workingDirectory, options["sign"]))
      : undefined;
  const { store, run } = findStoredRun(request);
  const note = importNote(store, run.runKey);
  if (note !== undefined) session.stderr.write(`${printable(note)}\n`);
  const { stored, verification } = await verifyWatched(request, invocation, session);
  const kept = attest(stored, verification, key);
  if (json) session.stdout.write(jsonLine(verdictDocument(verification)));
  else for (const text of verdictLines(stored, verification)) session.stdout.write(`${text}\n`);
  session.stderr.write(
    `The verdict is kept in ${printable(relativePath(kept, workingDirectory))}.\n`,
  );
  return statusOf(verification);
}

async function verifyWatched(
  request: StoredRunRequest,
  { options, json }: Invocation,
  { stderr, planContext, now }: Session,
): ReturnType<typeof verifyRun> {
  const { steps, tolerance, backend, from } = options;
  const progress = createVerifyProgress({
    terminal: stderr,
    now,
    name: request.name,
    isQuiet: json,
  });
  const watch = watchSignals(
    (text) => progress.say(text),
    () => "stopping, without a verdict",
  );
  const settings: VerifyOptions = {
    ...(typeof steps === "number" && { numSteps: steps }),
    ...(typeof from === "string" && { from }),
    ...(typeof tolerance === "number" && { tolerance }),
    ...(typeof backend === "string" && { backend }),
    isDense: options["dense"] === true,
    isAcrossClasses: options["acrossClasses"] === true,
    environment: planContext.environment,
    signal: watch.signal,
    onProgress: (step, numSteps) => progress.show(step, numSteps),
    onLine: (line) => progress.say(line),
  };
  try {
    return await verifyRun(request, settings);
  } finally {
    watch.close();
    progress.close();
  }
}

function statusOf({ verdict }: Verification): number {
  if (verdict === "diverged") return exitStatus.diverged;
  return verdict === "not comparable" ? exitStatus.notComparable : exitStatus.done;
}

/** What `exp verify --json` prints. */
export function verdictDocument(verification: Verification): JsonObject {
  const { verdict, divergence, comparedSteps, coverage, reasons } = verification;
  const { environmentClass, largestDifference } = verification;
  return {
    format: "lockstep/verify/1",
    verdict,
    step: divergence?.step ?? null,
    field: divergence?.field ?? null,
    tensor: divergence?.tensor ?? null,
    comparedSteps,
    tensorStep: divergence?.tensorStep ?? null,
    phase: divergence?.phase ?? null,
    coverage: [...coverage],
    reasons: [...reasons],
    fromStep: verification.fromStep ?? 0,
    part: verification.part ?? null,
    ...(verification.hint !== undefined && { hint: verification.hint }),
    ...(verification.tolerance !== undefined && { tolerance: verification.tolerance.value }),
    ...(environmentClass !== undefined && { environmentClass }),
    ...(largestDifference !== undefined &&
      Number.isFinite(largestDifference) && { largestDifference }),
  };
}

function showAttestations(request: StoredRunRequest, json: boolean, session: Session): number {
  const { store, run } = findStoredRun(request);
  const attestations = attestationsOf(store, run.runKey);
  if (json) {
    const list = attestations.map((one) => ({ ...one }));
    session.stdout.write(
      jsonLine({ format: "lockstep/attestations/1", runKey: run.runKey, attestations: list }),
    );
  } else {
    for (const text of attestationLines(attestations)) session.stdout.write(`${text}\n`);
  }
  const isSound = attestations.every(({ signature }) => signature !== "invalid");
  return isSound ? exitStatus.done : exitStatus.failed;
}

function positiveNumber(text: string): number {
  const number = Number(text);
  if (/^[0-9]{1,9}$/u.test(text) && number >= 1) return number;
  const found = JSON.stringify(text);
  throw new ExpError("usage", `exp: --steps is a whole number from 1, found ${found}.`);
}

function startName(text: string): string {
  if (/^(?:[0-9]{1,12}|best|last|step-[0-9]{1,12})(?:\.safetensors)?$/u.test(text)) return text;
  const found = JSON.stringify(text);
  throw new ExpError("usage", `exp: --from is a step, best, last or step-000100, found ${found}.`);
}

function toleranceNumber(text: string): number {
  const number = Number(text);
  if (text.trim() !== "" && Number.isFinite(number) && number >= 0) return number;
  const found = JSON.stringify(text);
  throw new ExpError("usage", `exp: --tolerance is a number from 0, found ${found}.`, {
    hint: "0.001 lets a metric of 0.9 be 0.001 apart, and one of 20 be 0.02 apart.",
  });
}
