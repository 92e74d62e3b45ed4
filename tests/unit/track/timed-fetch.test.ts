/** Answers that do not come, that never end, and that are too long. */
import { execFile } from "node:child_process";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { OutOfTime, timedFetch, TooLong } from "../../../src/track/timed-fetch.ts";

/** A server that answers so, closed with the test. */
async function listening(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  await new Promise<void>((resolve) => void server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  return `http://127.0.0.1:${String(port)}`;
}

const limits = {
  fetch,
  signal: new AbortController().signal,
  timeLimitMs: 10_000,
  maxBytes: 1000,
};

test("an answer is read to its end, as UTF-8", async () => {
  const url = await listening((_request, response) => {
    response.writeHead(201, { "x-what": "all" });
    const bytes = Buffer.from("größer");
    response.write(bytes.subarray(0, 3)); // in the middle of ö
    setTimeout(() => response.end(bytes.subarray(3)), 20);
  });
  const { status, headers, text } = await timedFetch(limits, url, {});
  expect([status, headers.get("x-what"), text]).toEqual([201, "all", "größer"]);
});

test("an answer that goes on is not read for ever", async () => {
  const url = await listening((_request, response) => {
    const more = (): void => {
      while (response.write(" ".repeat(500)));
      response.once("drain", more);
    };
    more();
  });
  await expect(timedFetch(limits, url, {})).rejects.toThrow(TooLong);
});

test("the time limit is that of the whole answer", async () => {
  const url = await listening((_request, response) => {
    response.write("{"); // and no more
  });
  const asking = timedFetch({ ...limits, timeLimitMs: 200 }, url, {});
  await expect(asking).rejects.toThrow(OutOfTime);
});

test("a signal ends it, before and while it is asked", async () => {
  const url = await listening((_request, response) => void response.write("{"));
  const early = { ...limits, signal: AbortSignal.abort(new Error("stopped")) };
  await expect(timedFetch(early, url, {})).rejects.toThrow("stopped");
  const controller = new AbortController();
  const asking = timedFetch({ ...limits, signal: controller.signal }, url, {});
  setTimeout(() => controller.abort(new Error("stopped later")), 50);
  await expect(asking).rejects.toThrow("stopped later");
});

/** As that of Node.js 20 where a server closes the connection at once. */
test("a request that never settles keeps its process until the time is over", async () => {
  const module = new URL("../../../src/track/timed-fetch.ts", import.meta.url);
  const program = `import(${JSON.stringify(module.href)})
    .then(({ timedFetch }) => timedFetch({ fetch: () => new Promise(() => {}),
      signal: new AbortController().signal, timeLimitMs: 300, maxBytes: 1 }, "", {}))
    .catch((error) => console.log("told:", error.constructor.name));`;
  const said = await new Promise<string>((resolve) => {
    execFile(process.execPath, ["--import", "tsx", "-e", program], (_error, stdout) => {
      resolve(stdout);
    });
  });
  expect(said.trim()).toBe("told: OutOfTime");
});
