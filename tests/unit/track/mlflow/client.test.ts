/** Answers of servers that are none, that refuse, or that do not come: over the loopback address. */
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createMlflowClient, type MlflowClient } from "../../../../src/track/mlflow/client.ts";

const hint = "exp export 031a6508 --to mlflow sends what is missing.";

async function listening(
  listener: RequestListener,
): Promise<{ readonly url: string; readonly close: () => void }> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const close = (): void => {
    server.closeAllConnections();
    server.close();
  };
  onTestFinished(close);
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close };
}

async function clientOf(listener: RequestListener): Promise<MlflowClient> {
  const { url } = await listening(listener);
  return clientAt(url, new AbortController().signal);
}

function clientAt(url: string, signal: AbortSignal, authorization?: string): MlflowClient {
  const sleep = async (): Promise<void> => {};
  const tools = { fetch, sleep, timeLimitMs: 300, maxTries: 3, delayMs: 1 };
  return createMlflowClient({ url, authorization }, tools, { signal, hint, beat: () => {} });
}

const request = { method: "GET", path: "/api/2.0/mlflow/runs/get?run_id=1" } as const;

function answering(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): RequestListener {
  return (_request, response) => {
    response.writeHead(status, headers);
    response.end(text);
  };
}

const later = /sends what is missing\.$/u;

test.each([
  { status: 401, message: /lets nobody in \(401\): no user/u, what: /MLFLOW_TRACKING_TOKEN/u },
  { status: 403, text: '{"error_code":"X"}', message: /lets nobody in \(403\)/u },
  {
    status: 302,
    location: "https://sso/login?token=1",
    message: /sends on to https:\/\/sso\/login\.$/u,
  },
  { status: 404, text: "<h1>Not Found</h1>", message: /There is no MLflow at/u },
  { status: 200, text: "<html>", message: /no MLflow server: 200 with text\/html/u },
  { status: 413, text: "too large", message: /answered 413: too large\.$/u },
  { status: 500, text: '{"message":"locked"}', message: /answered 500: locked \(3 tries\)/u },
  { status: 503, text: "<html>", message: /answered 503 \(3 tries\)/u },
  { status: 429, message: /answered 429 \(3 tries\)/u },
])("$status $text is told", async ({ status, text = "", location = "", message, what = later }) => {
  const headers = { "content-type": "text/html", location, "retry-after": "3600" };
  const client = await clientOf(answering(status, text, headers));
  const error = await client.ask(request).then(undefined, (thrown: unknown) => thrown);
  expect(error).toMatchObject({
    code: "environment",
    message: expect.stringMatching(message) as unknown,
    hint: expect.stringMatching(what) as unknown,
  });
});

test("what answers at the third try has answered", async () => {
  let numRequests = 0;
  const client = await clientOf((_request, response) => {
    numRequests++;
    if (numRequests === 1) response.socket?.destroy();
    else answering(numRequests === 2 ? 502 : 200, "{}")(_request, response);
  });
  expect(await client.ask(request)).toEqual({ kind: "done", body: {} });
});

test("a server that takes the request and says nothing", async () => {
  const client = await clientOf(() => {});
  await expect(client.ask(request)).rejects.toThrow("did not answer within 0.3 s (3 tries)");
});

test("a file has time as it is long", async () => {
  const client = await clientOf((_request, response) => {
    setTimeout(() => response.end("{}"), 500);
  });
  const file = { method: "PUT", path: "/x", body: () => "", numBytes: 20_000_000 } as const;
  expect(await client.attempt(file)).toEqual({ kind: "done", body: {} });
  const late = { kind: "unclear", why: "did not answer within 0.3 s" };
  expect(await client.attempt({ ...file, numBytes: 1000 })).toEqual(late);
});

test("a server whose answer never ends, in time or in length", async () => {
  const slow = await clientOf((_request, response) => void response.write("{"));
  await expect(slow.ask(request)).rejects.toThrow("did not answer within 0.3 s (3 tries)");
  const tools = { sleep: async () => {}, timeLimitMs: 20_000, maxTries: 3, delayMs: 1 };
  let numRequests = 0;
  const endless = async (): Promise<Response> => {
    numRequests++;
    const pull = (body: ReadableStreamDefaultController): void =>
      body.enqueue(new Uint8Array(1_000_000));
    return new Response(new ReadableStream({ pull }), { status: 200 });
  };
  const { signal } = new AbortController();
  const context = { signal, hint, beat: () => {} };
  const client = createMlflowClient({ url: "http://x" }, { ...tools, fetch: endless }, context);
  await expect(client.ask(request)).rejects.toMatchObject({
    message:
      "What answers at http://x is no MLflow server: it sends an answer that goes on after 64 MB.",
    hint,
  });
  expect(numRequests).toBe(1);
});

test("no server", async () => {
  const { url, close } = await listening(answering(200, "{}"));
  close();
  const client = clientAt(url, new AbortController().signal);
  await expect(client.ask(request)).rejects.toThrow("does not answer (ECONNREFUSED) (3 tries)");
});

test("a refusal of one request is its answer", async () => {
  const body = '{"error_code":"INVALID_PARAMETER_VALUE","message":"bad\\nname"}';
  const client = await clientOf(answering(400, body));
  const answer = { kind: "refused", code: "INVALID_PARAMETER_VALUE", message: "bad name" };
  expect(await client.ask(request)).toEqual(answer);
});

test("where there is no time left, nothing is sent any more", async () => {
  const client = clientAt("http://127.0.0.1:1", AbortSignal.abort());
  await expect(client.ask(request)).rejects.toThrow("no time left");
});

test("where the time is over while a request is waited for, that is told", async () => {
  const { url } = await clientOf(() => setTimeout(() => controller.abort(), 50));
  const controller = new AbortController();
  const asking = clientAt(url, controller.signal).ask(request);
  await expect(asking).rejects.toThrow("had not answered when the time was over");
});

test("a token goes with each request", async () => {
  const seen: (string | undefined)[] = [];
  const { url } = await clientOf((incoming, response) => {
    seen.push(incoming.headers.authorization);
    response.end("{}");
  });
  await clientAt(url, new AbortController().signal, "Bearer x").ask(request);
  expect(seen).toEqual(["Bearer x"]);
});

test("who waits is told for what, and the next tries", async () => {
  const { url } = await listening(() => undefined);
  const told: string[] = [];
  const waiting = { afterMs: 10, tell: (text: string): void => void told.push(text) };
  const tools = { fetch, sleep: async () => {}, timeLimitMs: 40, maxTries: 2, delayMs: 1, waiting };
  const { signal } = new AbortController();
  const client = createMlflowClient({ url }, tools, { signal, hint, beat: () => {} });
  await expect(client.ask(request)).rejects.toThrow("(2 tries)");
  const slow = `MLflow at ${url} has not answered for 0 s; it is given 0 s`;
  expect(told).toEqual([
    slow,
    `MLflow at ${url} did not answer within 0 s; try 2 of 2 follows`,
    slow,
  ]);
});
