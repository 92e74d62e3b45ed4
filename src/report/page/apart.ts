/** Letters at the ends of lines, which may end at one place. */

/** The height of a letter. */
const lineHeight = 14;

/**
 * Heights moved down until letters there do not touch, then up until the last one is in the picture.
 * @param heights - Ascending; larger is lower.
 * @param bottom - The largest one.
 */
export function apart(heights: readonly number[], bottom: number): readonly number[] {
  let above = -Infinity;
  const down = heights.map((y) => (above = Math.max(y, above + lineHeight)));
  let below = bottom + lineHeight;
  return down
    .toReversed()
    .map((y) => (below = Math.min(y, below - lineHeight)))
    .toReversed();
}
