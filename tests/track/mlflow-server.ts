/** A real MLflow server on the loopback address, which can be killed as if the machine had lost power. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { trackPython } from "./python.ts";

/** What the server answers. */
export type Fields = Record<string, unknown>;

/** The server. */
export interface MlflowServer {
  readonly url: string;
  /** Starts it, with what it had. */
  start(): Promise<void>;
  /** All its processes, at once. */
  kill(): void;
  /** Kills it, and removes what it had. */
  remove(): void;
  /** Asks a path behind `/api/2.0/mlflow/`. */
  ask(path: string, body?: Fields): Promise<Fields>;
  /** The runs with this tag `lockstep.runKey`, in all experiments. */
  runsOf(runKey: string): Promise<readonly Fields[]>;
  /** The steps of which it has a figure, in their order, each as often as it is there. */
  stepsOf(runId: unknown, key: string): Promise<readonly number[]>;
}

/** A server that is not started yet. */
export async function createMlflowServer(): Promise<MlflowServer> {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-mlflow-"));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  let server: ChildProcess | undefined;
  const ask = async (path: string, body?: Fields): Promise<Fields> => {
    const response = await fetch(`${url}/api/2.0/mlflow/${path}`, {
      method: body === undefined ? "GET" : "POST",
      headers: { "content-type": "application/json" },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    return (await response.json()) as Fields;
  };
  const kill = (): void => {
    if (server?.pid !== undefined) process.kill(-server.pid, "SIGKILL");
    server = undefined;
  };
  return {
    url,
    start: async () => {
      const place = ["--host", "127.0.0.1", "--port", String(port), "--workers", "1"];
      const store = ["--backend-store-uri", `sqlite:///${join(folder, "mlflow.db")}`];
      const files = ["--artifacts-destination", join(folder, "artifacts")];
      const words = ["-m", "mlflow", "server", ...place, ...store, ...files];
      server = spawn(trackPython(), words, { detached: true, stdio: "ignore", cwd: folder });
      await untilUp(url);
    },
    kill,
    remove: () => {
      kill();
      rmSync(folder, { recursive: true, force: true });
    },
    ask,
    runsOf: async (runKey) => {
      const { experiments } = await ask("experiments/search?max_results=100");
      const ids = (experiments as Fields[]).map((experiment) => experiment["experiment_id"]);
      const filter = `tags."lockstep.runKey" = '${runKey}'`;
      const { runs = [] } = await ask("runs/search", { experiment_ids: ids, filter });
      return runs as Fields[];
    },
    stepsOf: async (runId, key) => {
      const query = `run_id=${String(runId)}&metric_key=${encodeURIComponent(key)}`;
      const { metrics = [] } = await ask(`metrics/get-history?${query}`);
      return (metrics as { step: number }[]).map(({ step }) => step).toSorted((a, b) => a - b);
    },
  };
}

async function freePort(): Promise<number> {
  const holder = createServer();
  await new Promise<void>((resolve) => void holder.listen(0, "127.0.0.1", resolve));
  const { port } = holder.address() as AddressInfo;
  await new Promise((resolve) => holder.close(resolve));
  return port;
}

async function untilUp(url: string): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    const isUp = await fetch(`${url}/health`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (isUp) return;
    await sleep(1000);
  }
  throw new Error("mlflow server did not start");
}
