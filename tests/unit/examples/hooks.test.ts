import { mkdtempSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { systemMetrics } from "../../../examples/system-metrics.ts";
import { webhook } from "../../../examples/webhook.ts";
import type { HookRun } from "../../../src/core/hooks.ts";

const run: HookRun = {
  index: 0,
  experiment: "digits",
  runKey: "0123456789abcdef".repeat(4),
  configHash: "a".repeat(64),
  groupHash: "b".repeat(64),
  axisValues: { seed: 1 },
  config: {},
  directory: "/runs/0123456789abcdef",
};

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close().closeAllConnections();
});

/** A server that answers with the statuses, one after the other; `undefined` is no answer at all. */
async function serve(statuses: readonly (number | undefined)[]) {
  const bodies: unknown[] = [];
  const server = createServer((request, response) => {
    let text = "";
    request.on("data", (part: Buffer) => (text += part.toString("utf8")));
    request.on("end", () => {
      const status = statuses[bodies.length];
      bodies.push(JSON.parse(text));
      if (status !== undefined) response.writeHead(status).end("answer");
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return { bodies, url: `http://127.0.0.1:${String(port)}/hook` };
}

const finished = {
  kind: "finished",
  metrics: { accuracy: 0.942, loss: NaN },
  durationMs: 7,
} as const;

test("the webhook posts the ends of runs, figures that are none as text, and nothing of the steps", async () => {
  const { bodies, url } = await serve([204]);
  const hook = webhook({ url });
  await hook({ kind: "progress", phase: "training", step: 1, numSteps: 2, epoch: 0 }, run);
  await hook(finished, run);
  expect(bodies).toMatchObject([
    {
      event: { kind: "finished", metrics: { accuracy: 0.942, loss: "NaN" } },
      run: { experiment: "digits", runKey: run.runKey, axisValues: { seed: 1 } },
    },
  ]);
});

test("the webhook tries again after 500 and where no answer comes, and gives up on what is refused", async () => {
  const busy = await serve([500, undefined, 200]);
  await webhook({ url: busy.url, timeLimitMs: 200, delayMs: 1 })(finished, run);
  expect(busy.bodies).toHaveLength(3);

  const refusing = await serve([401]);
  const refused = webhook({ url: refusing.url, delayMs: 1 })(finished, run);
  await expect(refused).rejects.toThrow(/^127\.0\.0\.1:\d+ answered 401 \(1 of 3 tries\)$/u);

  const dead = webhook({ url: "http://127.0.0.1:9/", delayMs: 1 })(finished, run);
  await expect(dead).rejects.toThrow(/^127\.0\.0\.1:9: .+ \(3 of 3 tries\)$/u);
});

test("the sampler writes a line a sample, with the step, and stops with the run", async () => {
  const folder = mkdtempSync(join(tmpdir(), "lockstep-hooks-"));
  const hook = systemMetrics({ folder, intervalMs: 1 });
  hook({ kind: "started" }, run);
  const until = performance.now() + 20;
  while (performance.now() < until);
  hook({ kind: "progress", phase: "training", step: 5, numSteps: 9, epoch: 0 }, run);
  hook({ kind: "stopped" }, run);
  const rows = (): Record<string, number>[] =>
    readFileSync(join(folder, "0123456789abcdef.jsonl"), "utf8")
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as Record<string, number>);
  expect(rows()).toHaveLength(2);
  expect(rows()[0]).toMatchObject({ step: 5, cores: expect.any(Number) as number });
  expect(rows()[0]?.["cores"]).toBeGreaterThan(0);
  expect(rows()[0]?.["residentMebibytes"]).toBeGreaterThan(1);
  await new Promise((resolve) => setTimeout(resolve, 20));
  expect(rows()).toHaveLength(2);
});
