/** A compiler that is gone since Ctrl-C came ends a run as stopped; anything else stays what it is. */
import { expect, test } from "vitest";
import { stoppedInstead, untilStopped } from "../../../src/app/stopped-compiler.ts";
import { ExpError } from "../../../src/core/errors.ts";

const gone = new Error("The service is no longer running");

function stoppedSoon(): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort("SIGINT"), 30);
  return controller.signal;
}

test.each([
  ["itself", gone],
  ["in the middle of a request", new Error("The service was stopped: write EPIPE")],
  ["inside of a module's error", new ExpError("module", `a.ts: Error: ${gone.message}`)],
  ["as a cause", new ExpError("training", "2 of 2 runs cannot start.", { cause: gone })],
  [
    "as an issue",
    new ExpError("training", "2 of 2 runs cannot start.", {
      issues: [{ path: [], message: `every run: ${gone.message}` }],
    }),
  ],
])(
  "the compiler's end, %s, before the signal is heard of, is an interruption",
  async (_, error) => {
    const told = await stoppedInstead(error, stoppedSoon());
    expect(told).toMatchObject({ name: "ExpError", code: "interrupted" });
  },
);

test("a compiler that ends without a signal is told as what it is", async () => {
  expect(await stoppedInstead(gone, new AbortController().signal)).toBe(gone);
});

test("another error after a signal is told as what it is", async () => {
  const error = new Error("the service was down"); // of a task
  const work = untilStopped(AbortSignal.abort("SIGINT"), () => Promise.reject(error));
  await expect(work).rejects.toBe(error);
});

test("an interruption keeps its own words", async () => {
  const error = new ExpError("interrupted", "Stopped after step 7, as asked.", { cause: gone });
  expect(await stoppedInstead(error, AbortSignal.abort())).toBe(error);
});
