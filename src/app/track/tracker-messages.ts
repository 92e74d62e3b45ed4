/** What an `exp` and its tracker say to each other; plain data, so that JSON carries it over. */
import type { LiveTool } from "./live-tools.ts";
import type { LiveRun, Unsent } from "./tracker.ts";

/** The setting that all runs of an execution share; a type, so that it is plain data. */
export type TrackerSetting = {
  /** Absolute. */
  readonly projectDirectory: string;
  readonly intervalMs: number;
  /** How long what is left is sent where nobody says when the end is: the process that executes the runs is gone. */
  readonly orphanWaitMs: number;
};

/** To the tracker. */
export type ToTracker =
  /** The first message. */
  | { readonly kind: "start"; readonly setting: TrackerSetting }
  | { readonly kind: "began"; readonly run: LiveRun }
  | { readonly kind: "ended"; readonly runKey: string; readonly directory: string }
  /** All runs are over; what is left may be sent for so long. Said again, it is to end earlier. `sentMs` is when it was said, since 1970. */
  | { readonly kind: "finish"; readonly waitMs: number; readonly sentMs?: number };

/** From the tracker. */
export type FromTracker =
  | { readonly kind: "warning"; readonly text: string }
  /** All runs are over, and all of them are there. */
  | { readonly kind: "complete"; readonly tool: LiveTool }
  /** The last message. */
  | { readonly kind: "finished"; readonly unsent: readonly Unsent[] };
