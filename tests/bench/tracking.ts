/**
 * What it costs a run to be shown in other tools while it goes on: the same training with no tool, with TensorBoard's files,
 * and with an MLflow server too, in turn, each by the command line. Told are the fastest of each, and the median of the
 * ratios to the run without a tool that was next to it: the machine is not equally fast all the time.
 */
import { spawn } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createFakeServer } from "../unit/track/mlflow/fake-server.ts";
import { printTable, type Row } from "./table.ts";

const repository = fileURLToPath(new URL("../..", import.meta.url));

/** How often each is run; more are better, and take longer. */
const numRounds = Number(process.argv[2] ?? 3);

/** 1,110 steps of about 6 ms, with a row of the log every 10 of them. */
const training = ["experiments/mnist-mlp.ts"];
const numSteps = 1110;

/** A server in this process: it answers at once, so that what is measured is what Lockstep does. */
const server = createFakeServer();
const listener = createServer((request, response) => {
  const parts: Buffer[] = [];
  request.on("data", (part: Buffer) => parts.push(part));
  request.on("end", () => {
    const { method = "GET", url = "" } = request;
    const body = method === "GET" ? {} : { body: Buffer.concat(parts).toString() };
    void server.fetch(`http://localhost${url}`, { method, ...body }).then(async (answer) => {
      response.writeHead(answer.status, { "content-type": "application/json" });
      response.end(await answer.text());
    });
  });
});
await new Promise<void>((resolve) => void listener.listen(0, "127.0.0.1", resolve));
const { port } = listener.address() as AddressInfo;
const url = `http://127.0.0.1:${String(port)}`;

const kinds = [
  { name: "no tool", tracking: "[]" },
  { name: "TensorBoard", tracking: "[tensorboard]" },
  { name: "TensorBoard and MLflow", tracking: `[tensorboard,{kind:mlflow,url:'${url}'}]` },
];

/** Milliseconds from the beginning of the attempt to its end: loading, every step, evaluations, checkpoints. */
async function durationOf(tracking: string): Promise<number> {
  const runs = mkdtempSync(join(tmpdir(), "lockstep-tracking-"));
  try {
    const words = [...training, `tracking=${tracking}`, "--runs-dir", runs];
    const program = join(repository, "src/cli/exp.cjs");
    const child = spawn(process.execPath, [program, ...words], {
      cwd: repository,
      stdio: "ignore",
    });
    const status = await new Promise((resolve) => child.on("close", resolve));
    const name = readdirSync(runs).find((entry) => /^[0-9a-f]{16}$/u.test(entry));
    if (status !== 0 || name === undefined) throw new Error(`exp ended with ${String(status)}`);
    const text = readFileSync(join(runs, name, "attempt.json"), "utf8");
    const { startTime, endTime } = JSON.parse(text) as Record<"startTime" | "endTime", string>;
    return Date.parse(endTime) - Date.parse(startTime);
  } finally {
    rmSync(runs, { recursive: true, force: true });
  }
}

const durations = new Map<string, number[]>();
for (let round = 0; round < numRounds; round++) {
  for (const { name, tracking } of kinds) {
    const duration = await durationOf(tracking);
    process.stderr.write(`${name}: ${String(duration)} ms\n`);
    if (server.runs.size !== (tracking.includes("mlflow") ? 1 : 0)) throw new Error("not sent");
    server.runs.clear(); // else the next one finds its figures there
    durations.set(name, [...(durations.get(name) ?? []), duration]);
  }
}
listener.close();

const ofKind = (name: string): readonly number[] => durations.get(name) ?? [];
const without = ofKind("no tool");
const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[Math.floor((values.length - 1) / 2)] ?? NaN;
const rows = kinds.map(({ name }): Row => {
  const fastest = Math.min(...ofKind(name));
  const perStep = `${(fastest / numSteps).toFixed(2)} ms a step`;
  if (name === "no tool") return { what: name, measured: perStep, target: "", holds: undefined };
  const ratio = fastest / Math.min(...without);
  const paired = median(ofKind(name).map((duration, round) => duration / (without[round] ?? NaN)));
  const measured = `${perStep}  ${ratio.toFixed(3)} (median ${paired.toFixed(3)})`;
  return { what: name, measured, target: "≤ 1.03", holds: Math.min(ratio, paired) <= 1.03 };
});
process.exitCode = printTable("Showing a run in other tools while it goes on", rows);
