/** `exp doctor`: what this machine has and lacks, and how each backend does. */
import { examine, findingsDocument, type Finding } from "../../app/backends/doctor.ts";
import { listBackends } from "../../app/backends/manage.ts";
import {
  correctFindings,
  isHealthy,
  tryBackend,
  tryDenseModels,
  type BackendFailure,
  type BackendHealth,
} from "../../app/backends/self-tests.ts";
import { doctorThreads } from "../../app/run-threads.ts";
import { jsonNumber } from "../../core/number-text.ts";
import type { Command, Invocation } from "../command.ts";
import { exitStatus } from "../exit-status.ts";
import type { Session } from "../session.ts";
import { jsonLine } from "../show-json.ts";
import { formatTable } from "../table.ts";
import { printable } from "../terminal.ts";

/** `exp doctor`. */
export const command: Command = {
  describe(parser) {
    parser.option(
      "--no-tests",
      "look only; do not try the backends, which takes some seconds each",
    );
  },
  run: doctorCommand,
};

type Tested = BackendHealth | BackendFailure;

async function doctorCommand({ options, json }: Invocation, session: Session): Promise<number> {
  const { stdout, stderr, workingDirectory, planContext } = session;
  const { environment: variables } = planContext;
  const looked = await examine({ variables, workingDirectory });
  const tested: Tested[] = [];
  const installed = listBackends(undefined, variables).filter(({ isInUse }) => isInUse);
  const names = ["wasm", "cpu", ...installed.map(({ manifest }) => manifest.backend)] as const;
  for (const name of options["tests"] === false ? [] : names) {
    stderr.write(`trying ${name}\n`);
    const threads = name === "cpu" ? 1 : doctorThreads();
    const place = { threads, variables, directory: workingDirectory };
    tested.push(await tryBackend(name, place));
    if (name !== "native") continue;
    stderr.write("trying native with dense models\n");
    tested.push(await tryDenseModels(place));
  }
  const findings = correctFindings(looked, tested);
  if (json) {
    const document = { findings: findingsDocument(findings), backends: tested.map(testDocument) };
    stdout.write(jsonLine({ format: "lockstep/doctor/1", ...document }));
  } else {
    for (const line of lines(findings, tested)) stdout.write(`${line}\n`);
  }
  const isWell = findings.every(({ status }) => status !== "wrong") && tested.every(isHealthy);
  return isWell ? exitStatus.done : exitStatus.failed;
}

function testDocument(one: Tested): unknown {
  return "error" in one ? { ...one } : { ...one, gigaflops: jsonNumber(one.gigaflops) };
}

function lines(findings: readonly Finding[], tested: readonly Tested[]): readonly string[] {
  const columns = [{ title: "" }, { title: "" }, { title: "" }];
  const rows = findings.flatMap(({ topic, status, text, hint }) => {
    const [first = "", ...rest] = text.split("\n");
    const more = [...rest, ...(hint?.split("\n") ?? [])];
    return [[topic, status, first], ...more.map((line) => ["", "", line])];
  });
  const tests = tested.map((one) => [nameOf(one), isHealthy(one) ? "ok" : "wrong", describe(one)]);
  return formatTable(
    columns,
    [...rows, ...tests].map((row) => row.map(printable)),
  ).slice(1);
}

function nameOf({ backend, models }: Tested): string {
  return backend === "native" ? `${backend}, ${models ?? "other"} models` : backend;
}

function describe(one: Tested): string {
  if ("error" in one) return [one.error, one.hint ?? ""].join(" ").replaceAll("\n", " ").trim();
  const threads = one.threads === 1 ? "1 thread" : `${one.threads} threads`;
  const bits = one.repeats ? "the same bits in two processes" : "OTHER BITS in a second process";
  const thread = one.models === "dense" ? "1 thread of wasm" : "1 thread";
  const alone = one.sameWithOneThread ? `and with ${thread}` : `others with ${thread}`;
  const digest = one.digest.slice(0, 8);
  return `${one.gigaflops.toFixed(one.gigaflops < 10 ? 1 : 0)} GFLOP/s with ${threads}; ${bits}${one.threads === 1 ? "" : `, ${alone}`} (${digest})`;
}
