/**
 * Requests to an MLflow server (REST 2.0). What may or may not have arrived is told apart from what was refused, so that
 * whoever sends what must not arrive twice can ask first.
 */
import { ExpError } from "../../core/errors.ts";
import type { JsonObject } from "../../core/json.ts";
import { thrownCode, thrownMessage } from "../../core/thrown.ts";
import { PlaceError } from "../place-error.ts";
import { OutOfTime, timedFetch, TooLong } from "../timed-fetch.ts";
import { answerOf, type Answer } from "./answers.ts";

/** How requests get out: tests put their own in place of the network and of waiting. */
export interface RequestTools {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Ends early where the signal is given. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Of one request, to the end of its answer. */
  readonly timeLimitMs: number;
  /** Of one thing that is to be sent, at least 1. */
  readonly maxTries: number;
  /** Before the second try; doubled each time. */
  readonly delayMs: number;
  /** Told what is waited for, where it takes longer than this; without it nobody is. */
  readonly waiting?: { readonly afterMs: number; readonly tell: (text: string) => void };
}

/** Where the server is, and who we are to it. */
export interface ServerAccess {
  /** Without a slash at its end, and without anything secret. */
  readonly url: string;
  /** What the header `authorization` says. */
  readonly authorization?: string | undefined;
}

/** One request. */
export interface MlflowRequest {
  readonly method: "GET" | "POST" | "PUT";
  /** Behind the address: `/api/2.0/mlflow/runs/get?run_id=…`. */
  readonly path: string;
  /** An object goes as JSON; a function makes the bytes of a file anew for each try. */
  readonly body?: JsonObject | (() => FileBody);
  /** Of a file: it has one second more for each megabyte. */
  readonly numBytes?: number;
}

/** The bytes of a file. */
export type FileBody = string | ReadableStream<Uint8Array>;

/** What came of a request in the end. */
export type FinalAnswer = Exclude<Answer, { kind: "unclear" }>;

/** The tries of one thing that is to be sent. */
export interface Patience {
  /**
   * Waits before the next try.
   * @throws {ExpError} `environment` where that was the last one, or where there is no time left.
   */
  wait(answer: Extract<Answer, { kind: "unclear" }>): Promise<void>;
}

/** An MLflow server. */
export interface MlflowClient {
  readonly url: string;
  /**
   * Tries once.
   * @throws {ExpError} `environment` where no try will ever do: a wrong token, a wrong address, no time left.
   */
  attempt(request: MlflowRequest): Promise<Answer>;
  /** Tries until there is an answer. Only for what may arrive twice. */
  ask(request: MlflowRequest): Promise<FinalAnswer>;
  patience(): Patience;
}

/** What an error says is to be done, and until when. */
export interface SendingContext {
  readonly signal: AbortSignal;
  /** The sentence that says how what is missing gets there. */
  readonly hint: string;
  /** Called while it takes long. */
  readonly beat: () => void;
}

/** A client for what is sent of one run. */
export function createMlflowClient(
  access: ServerAccess,
  tools: RequestTools,
  context: SendingContext,
): MlflowClient {
  const attempt = async (request: MlflowRequest): Promise<Answer> => {
    requireTime(access, context);
    const answer = await tryOnce({ access, tools, context }, request);
    context.beat();
    return answer;
  };
  const patience = (): Patience => createPatience({ access, tools, context });
  const ask = async (request: MlflowRequest): Promise<FinalAnswer> => {
    const tries = patience();
    for (;;) {
      const answer = await attempt(request);
      if (answer.kind !== "unclear") return answer;
      await tries.wait(answer);
    }
  };
  return { url: access.url, attempt, ask, patience };
}

interface Connection {
  readonly access: ServerAccess;
  readonly tools: RequestTools;
  readonly context: SendingContext;
}

/** A server may say how long to wait, but not that we wait for hours. */
const maxDelayMs = 15_000;

function createPatience({ access, tools, context }: Connection): Patience {
  const { waiting, maxTries } = tools;
  let numTries = 0;
  let delayMs = tools.delayMs;
  return {
    wait: async ({ why, retryAfterMs = 0 }) => {
      numTries++;
      const next = `try ${String(numTries + 1)} of ${String(maxTries)} follows`;
      if (numTries < maxTries) waiting?.tell(`MLflow at ${access.url} ${why}; ${next}`);
      if (numTries >= tools.maxTries) {
        const tries = numTries === 1 ? "1 try" : `${numTries} tries`;
        throw away(`MLflow at ${access.url} ${why} (${tries}).`, context);
      }
      await tools.sleep(Math.min(Math.max(delayMs, retryAfterMs), maxDelayMs), context.signal);
      requireTime(access, context);
      delayMs *= 2;
    },
  };
}

function requireTime({ url }: ServerAccess, context: SendingContext): void {
  if (context.signal.aborted) {
    throw away(`There was no time left to send all to MLflow at ${url}.`, context);
  }
}

/** More than the longest page of figures or runs. */
const maxAnswerBytes = 64_000_000;

/** Of a file on its way: the slowest line on which it still arrives. */
const bytesPerMs = 1000;

async function tryOnce(connection: Connection, request: MlflowRequest): Promise<Answer> {
  const { access, tools, context } = connection;
  const { fetch } = tools;
  const timeLimitMs = tools.timeLimitMs + (request.numBytes ?? 0) / bytesPerMs;
  const limits = { fetch, timeLimitMs, maxBytes: maxAnswerBytes, signal: context.signal };
  const timer = tellLater(connection, timeLimitMs);
  try {
    const answer = await timedFetch(
      limits,
      `${access.url}${request.path}`,
      initOf(access, request),
    );
    const { url, authorization } = access;
    const asked = { url, isNamed: authorization !== undefined, hint: context.hint };
    return answerOf(asked, answer, typeof request.body === "function");
  } catch (error) {
    if (error instanceof ExpError) throw error;
    if (error instanceof TooLong) {
      const found = `an answer that goes on after ${String(maxAnswerBytes / 1e6)} MB`;
      throw away(`What answers at ${access.url} is no MLflow server: it sends ${found}.`, context);
    }
    if (context.signal.aborted) {
      throw away(`MLflow at ${access.url} had not answered when the time was over.`, context);
    }
    const seconds = String(Math.round(timeLimitMs / 100) / 10);
    const isLate = error instanceof OutOfTime;
    return {
      kind: "unclear",
      why: isLate ? `did not answer within ${seconds} s` : unreachable(error),
    };
  } finally {
    clearTimeout(timer);
  }
}

/** Whoever looks at a command that says nothing for a minute stops it. */
function tellLater(
  { access, tools: { waiting } }: Connection,
  timeLimitMs: number,
): NodeJS.Timeout | undefined {
  if (waiting === undefined) return undefined;
  const [passed, limit] = [waiting.afterMs, timeLimitMs].map((time) => Math.round(time / 1000));
  const text = `MLflow at ${access.url} has not answered for ${String(passed)} s; it is given ${String(limit)} s`;
  return setTimeout(() => waiting.tell(text), waiting.afterMs);
}

function initOf(access: ServerAccess, { method, body }: MlflowRequest): RequestInit {
  const isFile = typeof body === "function";
  const content = isFile ? body() : body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    ...(body !== undefined && {
      "content-type": isFile ? "application/octet-stream" : "application/json",
    }),
    ...(access.authorization !== undefined && { authorization: access.authorization }),
  };
  return {
    method,
    headers,
    redirect: "manual", // a token must not follow to where it was not meant for
    ...(content !== undefined && { body: content, duplex: "half" }),
  };
}

function unreachable(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return `does not answer (${thrownCode(cause) ?? thrownCode(error) ?? thrownMessage(error)})`;
}

function away(message: string, { hint }: Pick<SendingContext, "hint">): PlaceError {
  return new PlaceError(message, hint);
}

/** Something that did not arrive, with how it gets there later. */
export function failure(message: string, { hint }: Pick<SendingContext, "hint">): ExpError {
  return new ExpError("environment", message, { hint });
}
