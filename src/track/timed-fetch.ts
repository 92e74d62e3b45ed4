/** One request and its whole answer, within a time and a size: whatever the server does, it ends. */

/** An answer, read to its end. */
export interface WholeAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** How far a server is trusted. */
export interface FetchLimits {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Ends the request early. */
  readonly signal: AbortSignal;
  /** From the request to the end of the answer. */
  readonly timeLimitMs: number;
  /** Of the answer, decoded. */
  readonly maxBytes: number;
}

/** The server did not end its answer in time. */
export class OutOfTime extends Error {}

/** The answer is longer than any that was asked for. */
export class TooLong extends Error {}

/**
 * Asks once.
 * @throws {OutOfTime} where the time is over; {@link TooLong}; the reason of `signal`; else what `fetch` throws.
 */
export async function timedFetch(
  { fetch, signal, timeLimitMs, maxBytes }: FetchLimits,
  url: string,
  init: RequestInit,
): Promise<WholeAnswer> {
  const controller = new AbortController();
  let onAbort = (): void => {};
  // `fetch` of Node.js 20 never settles where a server closes the connection at once, and nothing else may be there that
  // keeps the process: this timer does.
  let timer: NodeJS.Timeout | undefined;
  const ended = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new OutOfTime()), timeLimitMs);
    onAbort = (): void => reject(signal.reason as Error); // of an AbortSignal
    if (signal.aborted) onAbort();
    else signal.addEventListener("abort", onAbort);
  });
  const asked = async (): Promise<WholeAnswer> => {
    const response = await fetch(url, { ...init, signal: controller.signal });
    const { status, headers } = response;
    return { status, headers, text: await wholeText(response, maxBytes) };
  };
  try {
    return await Promise.race([asked(), ended]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener("abort", onAbort);
    controller.abort(); // of what is still on its way; nothing where all has been read
  }
}

async function wholeText({ body }: Response, maxBytes: number): Promise<string> {
  if (body === null) return "";
  const parts: Uint8Array[] = [];
  let numBytes = 0;
  const stream: ReadableStream<Uint8Array> = body;
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    numBytes += part.value.length;
    if (numBytes > maxBytes) throw new TooLong();
    parts.push(part.value);
  }
  return new TextDecoder().decode(Buffer.concat(parts));
}
