/**
 * Requests to an MLflow server (REST 2.0). What may or may not have arrived is told apart from what was refused, so that
 * whoever sends what must not arrive twice can ask first.
 */
import { ExpError } from "../../core/errors.ts";
import { isPlainObject, parseJson, type JsonObject } from "../../core/json.ts";
import { thrownCode, thrownMessage } from "../../core/thrown.ts";

/** How requests get out: tests put their own in place of the network and of waiting. */
export interface RequestTools {
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** Ends early where the signal is given. */
  readonly sleep: (milliseconds: number, signal: AbortSignal) => Promise<void>;
  /** Of one request. */
  readonly timeLimitMs: number;
  /** Of one thing that is to be sent, at least 1. */
  readonly maxTries: number;
  /** Before the second try; doubled each time. */
  readonly delayMs: number;
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
}

/** The bytes of a file. */
export type FileBody = string | ReadableStream<Uint8Array>;

/** What came of one try. */
export type Answer =
  | { readonly kind: "done"; readonly body: JsonObject }
  /** The server understood and refused: nothing of it is there, and trying again changes nothing. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  /** It may have arrived or not. */
  | { readonly kind: "unclear"; readonly why: string; readonly retryAfterMs?: number };

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
  let numTries = 0;
  let delayMs = tools.delayMs;
  return {
    wait: async ({ why, retryAfterMs = 0 }) => {
      numTries++;
      if (numTries >= tools.maxTries) {
        const tries = numTries === 1 ? "1 try" : `${numTries} tries`;
        throw failure(`MLflow at ${access.url} ${why} (${tries}).`, context);
      }
      await tools.sleep(Math.min(Math.max(delayMs, retryAfterMs), maxDelayMs), context.signal);
      requireTime(access, context);
      delayMs *= 2;
    },
  };
}

function requireTime({ url }: ServerAccess, context: SendingContext): void {
  if (context.signal.aborted) {
    throw failure(`There was no time left to send all to MLflow at ${url}.`, context);
  }
}

async function tryOnce(connection: Connection, request: MlflowRequest): Promise<Answer> {
  const { access, tools, context } = connection;
  const { method, path, body } = request;
  const limit = AbortSignal.timeout(tools.timeLimitMs);
  const isFile = typeof body === "function";
  const content = isFile ? body() : body === undefined ? undefined : JSON.stringify(body);
  const headers = {
    ...(body !== undefined && {
      "content-type": isFile ? "application/octet-stream" : "application/json",
    }),
    ...(access.authorization !== undefined && { authorization: access.authorization }),
  };
  try {
    const response = await tools.fetch(`${access.url}${path}`, {
      method,
      headers,
      redirect: "manual", // a token must not follow to where it was not meant for
      signal: AbortSignal.any([context.signal, limit]),
      ...(content !== undefined && { body: content, duplex: "half" }),
    });
    return answerOf(connection, response, { text: await response.text(), isFile });
  } catch (error) {
    if (error instanceof ExpError) throw error;
    requireTime(access, context);
    const seconds = String(tools.timeLimitMs / 1000);
    const why = limit.aborted ? `did not answer within ${seconds} s` : unreachable(error);
    return { kind: "unclear", why };
  }
}

function unreachable(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return `does not answer (${thrownCode(cause) ?? thrownCode(error) ?? thrownMessage(error)})`;
}

function answerOf(
  connection: Connection,
  response: Response,
  { text, isFile }: { readonly text: string; readonly isFile: boolean },
): Answer {
  const { access, context } = connection;
  const { status, headers, ok } = response;
  const parsed = parseJson(text);
  const fields = isPlainObject(parsed) ? (parsed as JsonObject) : undefined; // parsed JSON
  if (ok) {
    if (fields !== undefined || (isFile && text === ""))
      return { kind: "done", body: fields ?? {} };
    const type = headers.get("content-type") ?? "no content type";
    throw failure(
      `What answers at ${access.url} is no MLflow server: ${status} with ${type} instead of JSON.`,
      context,
    );
  }
  if (status === 429 || status === 408 || status >= 500) {
    const retryAfterMs = 1000 * (Number(headers.get("retry-after")) || 0);
    return { kind: "unclear", why: `answered ${status}${detailOf(fields, text)}`, retryAfterMs };
  }
  const code = fields?.["error_code"];
  if (status !== 401 && status !== 403 && typeof code === "string") {
    const message = fields?.["message"];
    return {
      kind: "refused",
      code,
      message: clipped(typeof message === "string" ? message : code),
    };
  }
  throw refusalOf(connection, response, detailOf(fields, text));
}

/** Refusals that concern all requests. */
function refusalOf({ access, context }: Connection, response: Response, detail: string): ExpError {
  const { status, headers } = response;
  const { url } = access;
  if (status === 401 || status === 403) {
    const found =
      access.authorization === undefined ? "no user and no token were sent" : "they were refused";
    return new ExpError("environment", `MLflow at ${url} lets nobody in (${status}): ${found}.`, {
      hint: `Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD. ${context.hint}`,
    });
  }
  if (status >= 300 && status < 400) {
    const to = clipped((headers.get("location") ?? "").replace(/[?#].*$/su, ""));
    return new ExpError("environment", `MLflow at ${url} sends on to ${to || "nowhere"}.`, {
      hint: `Name the address that answers itself, by --url or MLFLOW_TRACKING_URI. ${context.hint}`,
    });
  }
  if (status === 404) {
    return failure(
      `There is no MLflow at ${url}, or it is older than its REST 2.0 (404).`,
      context,
    );
  }
  return failure(`MLflow at ${url} answered ${status}${detail}.`, context);
}

/** Something that did not arrive, with how it gets there later. */
export function failure(message: string, { hint }: Pick<SendingContext, "hint">): ExpError {
  return new ExpError("environment", message, { hint });
}

function detailOf(fields: JsonObject | undefined, text: string): string {
  const message = fields?.["message"] ?? fields?.["error_code"];
  if (typeof message === "string") return `: ${clipped(message)}`;
  return text.trim() === "" || /^\s*</u.test(text) ? "" : `: ${clipped(text)}`;
}

function clipped(text: string): string {
  const line = text.replace(/\s+/gu, " ").trim();
  return line.length > 300 ? `${line.slice(0, 299)}…` : line;
}
