/** Signals that come while the process is busy. */
import { afterEach, expect, test, vi } from "vitest";
import { watchSignals } from "../../../src/cli/signals.ts";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

function isBusy(ms: number): void {
  const start = performance.now();
  while (performance.now() - start < ms);
}

test.each([
  ["started by itself, two signals after a long step are two presses", undefined, 1],
  ["started by a package manager, they may be one", "run-script", 0],
])("%s", async (_, command, numExits) => {
  vi.stubEnv("npm_command", command);
  vi.stubEnv("npm_lifecycle_event", undefined);
  const exit = vi.spyOn(process, "exit").mockImplementation(() => undefined as never);
  const said: string[] = [];
  const watch = watchSignals(
    (line) => said.push(line),
    () => "stopping",
  );
  await new Promise((resolve) => setTimeout(resolve, 1)); // the clock beats from here
  isBusy(300);
  process.emit("SIGINT", "SIGINT");
  process.emit("SIGINT", "SIGINT");
  watch.close();
  expect(said).toEqual(["SIGINT: stopping. Once more stops at once."]);
  expect(watch.signal.aborted).toBe(true);
  expect(exit).toHaveBeenCalledTimes(numExits);
});
