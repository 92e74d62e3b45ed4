/** A hook that posts how runs begin and end to a web address, with a time limit and retries. */
import type { HookEvent, HookRun, OnEvent } from "lockstep";

/** Where to and how patiently. */
export interface WebhookOptions {
  readonly url: string;
  /** Sent with every request, for instance `{ authorization: "Bearer …" }`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Which events are posted. Default: the beginning and the ends of runs. */
  readonly kinds?: readonly HookEvent["kind"][];
  /** Of one attempt, in milliseconds. Default: 2,000. */
  readonly timeLimitMs?: number;
  /** Attempts after the first one. Default: 2; with the delays, all end within the 10 s that a run waits for its hooks. */
  readonly numRetries?: number;
  /** Before the first retry, in milliseconds; doubled each time. Default: 500. */
  readonly delayMs?: number;
}

const endsAndBeginning = ["started", "finished", "failed", "stopped"] as const;

/**
 * The hook: `export const onEvent = webhook({ url: "https://…" })`. An address that cannot be reached is a warning, and the
 * run goes on.
 */
export function webhook(options: WebhookOptions): OnEvent {
  const kinds: readonly HookEvent["kind"][] = options.kinds ?? endsAndBeginning;
  return async (event, run) => {
    if (!kinds.includes(event.kind)) return;
    const { numRetries = 2, delayMs = 500 } = options;
    const body = messageOf(event, run);
    let delay = delayMs;
    for (let retry = 0; ; retry += 1) {
      const problem = await post(options, body);
      if (problem === undefined) return;
      if (problem.isFinal || retry >= numRetries) {
        throw new Error(
          `${problem.text} (${String(retry + 1)} of ${String(numRetries + 1)} tries)`,
        );
      }
      await new Promise((resolve) => setTimeout(resolve, delay));
      delay *= 2;
    }
  };
}

/** JSON has no NaN and no infinity: they are told as text. */
function messageOf(event: HookEvent, run: HookRun): string {
  const { experiment, runKey, configHash, axisValues, directory } = run;
  return JSON.stringify(
    { event, run: { experiment, runKey, configHash, axisValues, directory } },
    (_, value: unknown) =>
      typeof value === "number" && !Number.isFinite(value) ? String(value) : value,
  );
}

interface Problem {
  readonly text: string;
  /** Trying again would change nothing: the server understood and refused. */
  readonly isFinal: boolean;
}

async function post(
  { url, headers = {}, timeLimitMs = 2_000 }: WebhookOptions,
  body: string,
): Promise<Problem | undefined> {
  try {
    const response = await fetch(url, {
      method: "POST",
      headers: { "content-type": "application/json", ...headers },
      body,
      signal: AbortSignal.timeout(timeLimitMs),
    });
    await response.body?.cancel();
    if (response.ok) return undefined;
    const { status } = response;
    const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429;
    return { text: `${new URL(url).host} answered ${String(status)}`, isFinal };
  } catch (error) {
    return { text: `${new URL(url).host}: ${reasonOf(error)}`, isFinal: false };
  }
}

/** `fetch failed` says nothing; its cause does. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
