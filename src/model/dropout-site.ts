/** Dropout at a named place of a model. */
import type { Dropout } from "../backend/operations.ts";
import type { Mode } from "./model.ts";

export interface DropoutPlace {
  /** Names the place: its stream is `dropout/<site>`, so a new place moves no other's masks. */
  readonly site: string;
  readonly rate: number;
  /** Examples in the batch. */
  readonly numExamples: number;
}

/** What `dropout` and `attention` need to draw the masks of this place; nothing in evaluation. */
export function dropoutSite(mode: Mode, place: DropoutPlace): Dropout | undefined {
  if (mode.kind === "evaluate" || place.rate === 0) return undefined;
  const { site, rate, numExamples } = place;
  const stream = mode.streams.stream(`dropout/${site}`);
  return { rate, stream, step: mode.step, position: mode.position, numExamples };
}
