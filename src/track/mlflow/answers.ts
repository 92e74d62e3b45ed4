/** What the answers of an MLflow server mean for what was sent. */
import type { ExpError } from "../../core/errors.ts";
import { isPlainObject, parseJson, type JsonObject } from "../../core/json.ts";
import { PlaceError } from "../place-error.ts";
import type { WholeAnswer } from "../timed-fetch.ts";

/** What came of one try. */
export type Answer =
  | { readonly kind: "done"; readonly body: JsonObject }
  /** The server understood and refused: nothing of it is there, and trying again changes nothing. */
  | { readonly kind: "refused"; readonly code: string; readonly message: string }
  /** It may have arrived or not. */
  | { readonly kind: "unclear"; readonly why: string; readonly retryAfterMs?: number };

/** The server that was asked. */
export interface AskedServer {
  /** Without anything secret. */
  readonly url: string;
  /** It was told who asks. */
  readonly isNamed: boolean;
  /** The sentence that says how what is missing gets there. */
  readonly hint: string;
}

/**
 * What an answer means.
 * @param isFile - The bytes of a file were sent: then an empty answer is one.
 * @throws {PlaceError} where no other request would fare better.
 */
export function answerOf(asked: AskedServer, answer: WholeAnswer, isFile: boolean): Answer {
  const { status, headers, text } = answer;
  const parsed = parseJson(text);
  const fields = isPlainObject(parsed) ? (parsed as JsonObject) : undefined; // parsed JSON
  if (status >= 200 && status < 300) {
    if (fields !== undefined || (isFile && text === ""))
      return { kind: "done", body: fields ?? {} };
    const type = headers.get("content-type") ?? "no content type";
    throw new PlaceError(
      `What answers at ${asked.url} is no MLflow server: ${status} with ${type} instead of JSON.`,
      asked.hint,
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
  throw refusalOf(asked, answer, detailOf(fields, text));
}

/** Refusals that concern all requests. */
function refusalOf(
  { url, isNamed, hint }: AskedServer,
  { status, headers }: WholeAnswer,
  detail: string,
): ExpError {
  if (status === 401 || status === 403) {
    const found = isNamed ? "they were refused" : "no user and no token were sent";
    return new PlaceError(
      `MLflow at ${url} lets nobody in (${status}): ${found}.`,
      `Set MLFLOW_TRACKING_TOKEN, or MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD. ${hint}`,
    );
  }
  if (status >= 300 && status < 400) {
    const to = clipped((headers.get("location") ?? "").replace(/[?#].*$/su, ""));
    return new PlaceError(
      `MLflow at ${url} sends on to ${to || "nowhere"}.`,
      `Name the address that answers itself, by --url or MLFLOW_TRACKING_URI. ${hint}`,
    );
  }
  if (status === 404) {
    return new PlaceError(
      `There is no MLflow at ${url}, or it is older than its REST 2.0 (404).`,
      hint,
    );
  }
  return new PlaceError(`MLflow at ${url} answered ${status}${detail}.`, hint);
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
