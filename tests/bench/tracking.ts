/**
 * What it costs a run to be shown in other tools while it goes on. TensorBoard's files are written by the run's own process:
 * told is their share of its time. All others are sent by the tracker, a process beside it: told are its processor time, and
 * how long a step takes with it at work and with it stopped, in turn within one run.
 */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { createFakeServer } from "../unit/track/mlflow/fake-server.ts";
import { profileShare } from "./profile-share.ts";
import { printTable, type Row } from "./table.ts";
import { trackerCost, type TrackerCost } from "./tracked-training.ts";

/** Of blocks with and without the tracker; more take longer, and tell more exactly. */
const numPairs = Number(process.argv[2] ?? 24);
const maxShare = 0.03;

/** Answers at once. Its work is in what the blocks tell, since it is on the same processor. */
async function listen(): Promise<{ readonly url: string; readonly close: () => void }> {
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
  return { url: `http://127.0.0.1:${String(port)}`, close: () => void listener.close() };
}

const percent = (share: number): string => `${(100 * share).toFixed(2)} %`;

/** 4,440 steps of about 5 ms, with a row every 10 of them; loading and compiling are in its time as well. */
function tensorboardRow(): Row {
  const runs = mkdtempSync(join(tmpdir(), "lockstep-tracking-"));
  try {
    const words = ["experiments/mnist-mlp.ts", "training.numEpochs=40", "tracking=[tensorboard]"];
    const { totalS, filesS } = profileShare(["src/cli/exp.cjs", ...words, "--runs-dir", runs], {
      cwd: fileURLToPath(new URL("../..", import.meta.url)),
      files: ["src/track/tensorboard/live-log.ts"],
    });
    const share = filesS / totalS;
    const measured = `${percent(share)} of ${totalS.toFixed(0)} s`;
    return {
      what: "TensorBoard: its share of the run",
      measured,
      target: "≤ 3 %",
      holds: share <= maxShare,
    };
  } finally {
    rmSync(runs, { recursive: true, force: true });
  }
}

/** The median, and between which it lies in 95 of 100 cases, whatever the noise: the ranks of a sign test. */
function medianBetween(samples: readonly number[]): readonly [number, number, number] {
  const sorted = samples.toSorted((a, b) => a - b);
  const half = sorted.length / 2;
  const rank = Math.max(0, Math.floor(half - 0.98 * Math.sqrt(sorted.length)) - 1);
  const middle = ((sorted[Math.ceil(half) - 1] ?? NaN) + (sorted[Math.floor(half)] ?? NaN)) / 2;
  return [sorted[rank] ?? NaN, middle, sorted[sorted.length - 1 - rank] ?? NaN];
}

function rowsOf(name: string, { ratios, startS, share, stepMs }: TrackerCost): readonly Row[] {
  const [low, middle, high] = medianBetween(ratios);
  const between = `${low.toFixed(3)}-${high.toFixed(3)}`;
  const perStep = `${middle.toFixed(3)} (${between}) of ${stepMs.toFixed(2)} ms`;
  return [
    // For comparison: blocks of seconds differ by more than 3 % on many machines. What it takes from the run is at most the
    // processor time that it uses, but for caches and memory, which this would show.
    { what: `${name}: a step with it`, measured: perStep, target: "", holds: undefined },
    {
      what: `${name}: its processor time`,
      measured: `${percent(share)} of a core, ${startS.toFixed(2)} s to start`,
      target: "≤ 3 %",
      holds: share <= maxShare,
    },
  ];
}

/** Each with a server that knows no run yet: all runs are the same one, and figures that it has would be read first. */
async function rowsWith(name: string, others: string): Promise<readonly Row[]> {
  const { url, close } = await listen();
  try {
    const tracking = `[tensorboard,{kind:mlflow,url:'${url}'}${others}]`;
    return rowsOf(name, await trackerCost(tracking, numPairs));
  } finally {
    close();
  }
}

const tools = mkdtempSync(join(tmpdir(), "lockstep-tracking-"));
const others = `,{kind:wandb,directory:'${tools}'},{kind:trackio,directory:'${tools}'}`;
const rows = [
  tensorboardRow(),
  ...(await rowsWith("MLflow", "")),
  ...(await rowsWith("MLflow, W&B and Trackio", others)),
];
rmSync(tools, { recursive: true, force: true });
process.exitCode = printTable("Showing a run in other tools while it goes on", rows);
