/** In-place loop over host arrays: running averages. Each element is computed in double precision and rounded once. */

/** average ← (1 − momentum)·average + momentum·values, element by element. */
export function moveTowards(average: Float32Array, values: Float32Array, momentum: number): void {
  for (let i = 0; i < average.length; i++) {
    average[i] = (1 - momentum) * (average[i] ?? 0) + momentum * (values[i] ?? 0);
  }
}
