/** What `exp verify` says to people. */
import type { Attestation } from "../app/verify/attestation.ts";
import { tracedNumber } from "../app/verify/figures.ts";
import type { StoredRun } from "../app/verify/stored-run.ts";
import type { Divergence } from "../app/verify/trace-difference.ts";
import type { Verification } from "../app/verify/verdict.ts";
import { printable } from "./terminal.ts";

/** The verdict in one line, then what it rests on. */
export function verdictLines({ run }: StoredRun, verification: Verification): readonly string[] {
  const { divergence, coverage, reasons, environmentClass, hint } = verification;
  const name = run.runKey.slice(0, 16);
  const head = `${name} ${printable(run.name)}: ${verdictText(verification)}`;
  const place =
    environmentClass === undefined
      ? []
      : [`executed on ${environmentClass}, the run was on ${run.environmentClass}`];
  const facts = [
    ...valueLines(divergence),
    ...reasons,
    ...place,
    ...apartLines(verification),
    ...coverage,
  ];
  if (hint !== undefined) facts.push(hint);
  return [head, ...facts.map((text) => `  ${printable(text)}`)];
}

/** Fields of a trace that are float64 in hex digits; others of that look are checksums. */
const tracedFields: readonly string[] = ["loss", "gradientNorm", "learningRate"];

function valueLines(divergence: Divergence | undefined): readonly string[] {
  if (divergence?.values === undefined) return [];
  const { field, values } = divergence;
  const isTraced = tracedFields.includes(field);
  const [before, now] = values.map((value) => (isTraced ? decimalText(value) : value));
  return [`${before} in the run, ${now} now`];
}

/** The shortest decimal digits that tell a number from all others, then the bits: of NaN there are several. */
function decimalText(value: string): string {
  const hex = value.replaceAll('"', "");
  const number = tracedNumber(hex);
  if (typeof number !== "number") return value;
  return `${Object.is(number, -0) ? "-0" : number} (${hex})`;
}

function apartLines({ largestDifference, tolerance }: Verification): readonly string[] {
  if (largestDifference === undefined || tolerance === undefined) return [];
  const by = tolerance.from === "task" ? "the task" : "--tolerance";
  return [
    `metrics and losses are at most ${largestDifference} apart; ${by} allows ${tolerance.value}`,
  ];
}

function verdictText(verification: Verification): string {
  const { verdict, divergence, comparedSteps, part } = verification;
  switch (verdict) {
    case "bitwise": {
      if (part !== undefined) return `bitwise equal in part: ${part}`;
      return `bitwise equal${comparedSteps === 0 ? "" : `, ${comparedSteps} steps`}`;
    }
    case "metrics-equal":
      return `all metrics are equal, though not all bits${whereText(divergence)}`;
    case "within tolerance":
      return `within the declared tolerance${whereText(divergence)}`;
    case "diverged":
      return `diverged${whereText(divergence)}`;
    case "not comparable":
      return "not comparable";
  }
}

function whereText(divergence: Divergence | undefined): string {
  if (divergence === undefined) return "";
  const { step, field, phase, tensor, tensorStep } = divergence;
  const blame = phase === "update or forward" ? `update of step ${step - 1}, or forward` : phase;
  const blamed = blame === undefined || blame === field ? "" : ` (${blame})`;
  const at = tensorStep === undefined || tensorStep === step ? "" : ` at step ${tensorStep}`;
  const named = tensor === undefined ? "" : `, first tensor ${printable(tensor)}${at}`;
  return ` at step ${step}, field ${printable(field)}${blamed}${named}`;
}

/** One line for each verdict that was kept. */
export function attestationLines(attestations: readonly Attestation[]): readonly string[] {
  if (attestations.length === 0) return ["no verdict was kept: exp verify RUN makes one"];
  return attestations.map(({ statement, signature, publicKey, part }) => {
    const text = (name: string): string => wordOf(statement[name]);
    const where =
      statement["step"] === null ? "" : ` at step ${text("step")}, field ${text("field")}`;
    const by = publicKey === undefined ? "" : ` by ${publicKey}`;
    const what = part === undefined ? "" : ` (${part})`;
    const said = `${text("verdict")}${what}${where} on ${text("environmentClass")}`;
    return printable(`${text("time")}  ${said}  signature: ${signature}${by}`);
  });
}

/** A text as it is, anything else as JSON. */
function wordOf(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "nothing");
}
