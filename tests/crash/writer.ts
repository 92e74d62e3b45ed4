/**
 * A process that writes to a store, for tests that kill it, feed it errors, or start many of it.
 * Arguments: `loop <store> <first seed>` publishes runs for ever, some stopped and gone on with, and prints each promise
 * when it is given; `one <store>` does so with a single run and its code; `race <store>` makes run 1 as if nobody else were
 * alive, waits for a byte on standard input, publishes, and prints what became of it.
 */
import { writeSync } from "node:fs";
import { isExpError } from "../../src/core/errors.ts";
import { currentProcess } from "../../src/store/process-facts.ts";
import { openStore, type Store } from "../../src/store/store.ts";
import { attemptOptions, begin, documents, runEvents } from "../unit/store/sample-run.ts";
import { code, codeHash, finishRun, stopRun, type Promised } from "./workload.ts";

const [mode = "", folder = "", argument = "1"] = process.argv.slice(2);

/** One write: a line is there whole or not at all. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

function tell(promised: Promised): void {
  say(JSON.stringify(promised));
}

function publishOne(store: Store, seed: number): void {
  store.saveCode(codeHash, code);
  if (store.findPublished(attemptOptions(seed).identities.runKey) !== undefined) return;
  if (seed % 3 === 0) stopRun(store, seed, tell);
  finishRun(store, seed, tell);
}

/** Whoever takes all others for dead races to publish; being wrong about it must cost work and nothing else. */
function racer(): () => string {
  const alone = { ...currentProcess(), bootId: `boot of ${process.pid}`, machine: "race" };
  const store = openStore(folder, { process: alone });
  const attempt = begin(store, attemptOptions(1));
  for (const event of runEvents(2)) attempt.record(event);
  attempt.finish();
  return () => attempt.publish(documents).kind;
}

function told(body: () => string | undefined): string | undefined {
  try {
    return body();
  } catch (error) {
    return isExpError(error) ? `${error.code}: ${error.message}` : String(error);
  }
}

if (mode !== "race") say("ready");
if (mode === "loop") {
  const store = openStore(folder);
  for (let seed = Number(argument); ; seed++) publishOne(store, seed);
} else if (mode === "one") {
  const error = told(() => {
    publishOne(openStore(folder), 3);
    return undefined;
  });
  say(error ?? "done");
  process.exitCode = error === undefined ? 0 : 1;
} else {
  const publish = racer();
  say("ready");
  process.stdin.once("data", () => {
    say(told(publish) ?? "");
    process.stdin.destroy();
  });
}
