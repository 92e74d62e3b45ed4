/**
 * What an `exp` and its workers say to each other. Messages are structured clones, so that numbers which JSON cannot say
 * come through; they hold plain data only.
 */
import { ExpError, isExpError, type ErrorCode, type ErrorFacts } from "../core/errors.ts";

/** Raised with every change of a message: a frozen plan may be run by workers of another version. */
export const workerProtocol = "lockstep/worker/1";

/** Plain data: what a structured clone carries over. */
export type Message = Readonly<Record<string, unknown>>;

export type ToWorker =
  /** The first message: all that the jobs share. */
  | { readonly kind: "start"; readonly protocol: string; readonly setting: Message }
  /** One job; the next comes when this one is done. */
  | { readonly kind: "execute"; readonly index: number; readonly job: Message }
  /** End the job that is on as soon as it can be taken up again later. */
  | { readonly kind: "stop" }
  /** There are no more jobs. */
  | { readonly kind: "end" };

export type FromWorker =
  | { readonly kind: "ready"; readonly protocol: string }
  /** It cannot work at all; nothing was executed. */
  | { readonly kind: "refused"; readonly error: ErrorMessage }
  | { readonly kind: "event"; readonly index: number; readonly event: Message }
  | { readonly kind: "done"; readonly index: number; readonly result: Message };

/** An error on its way from a worker. */
export interface ErrorMessage {
  /** Absent for a bug of ours or of the task. */
  readonly code?: ErrorCode;
  readonly message: string;
  readonly facts: Pick<ErrorFacts, "hint" | "issues">;
  readonly stack?: string;
}

/** Takes an error apart, so that it can be sent. */
export function errorMessage(error: unknown): ErrorMessage {
  if (isExpError(error)) {
    const { code, message, hint, issues } = error;
    return { code, message, facts: { ...(hint !== undefined && { hint }), issues } };
  }
  if (!(error instanceof Error)) return { message: String(error), facts: {} };
  const { message, stack } = error;
  return { message, facts: {}, ...(stack !== undefined && { stack }) };
}

/** Puts an error together again: an `ExpError`, or an `Error` with the stack that it had. */
export function receivedError({ code, message, facts, stack }: ErrorMessage): Error {
  if (code !== undefined) return new ExpError(code, message, facts);
  return Object.assign(new Error(message), stack === undefined ? {} : { stack });
}

/** Tells one of our messages from anything else that a task may send over the same channel. */
export function isFromWorker(value: unknown): value is FromWorker {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  return ["ready", "refused", "event", "done"].includes(String(value.kind));
}

/** The same for messages to a worker. */
export function isToWorker(value: unknown): value is ToWorker {
  if (typeof value !== "object" || value === null || !("kind" in value)) return false;
  return ["start", "execute", "stop", "end"].includes(String(value.kind));
}
