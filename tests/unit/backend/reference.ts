/**
 * The operations once more, in plain float64 and written for reading: what every backend is compared with.
 * Matrices are row-major arrays with their sizes beside them.
 */

export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly values: readonly number[];
}

export function matrix(
  rows: number,
  columns: number,
  at: (row: number, column: number) => number,
): Matrix {
  const values: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) values.push(at(row, column));
  }
  return { rows, columns, values };
}

export function at({ values, columns }: Matrix, row: number, column: number): number {
  return values[row * columns + column] ?? NaN;
}

export function multiply(left: Matrix, right: Matrix): Matrix {
  return matrix(left.rows, right.columns, (row, column) => {
    let sum = 0;
    for (let k = 0; k < left.columns; k++) sum += at(left, row, k) * at(right, k, column);
    return sum;
  });
}

export function transposed(input: Matrix): Matrix {
  return matrix(input.columns, input.rows, (row, column) => at(input, column, row));
}

export function dense(input: Matrix, weight: Matrix, bias: Matrix): Matrix {
  const product = multiply(input, transposed(weight));
  return matrix(
    product.rows,
    product.columns,
    (row, column) => at(product, row, column) + at(bias, 0, column),
  );
}

/** Φ by Simpson's rule over the density: slow, and independent of the table that is tested. */
export function gelu(x: number): number {
  const numCells = 200;
  const width = x / numCells;
  let area = 0;
  for (let cell = 0; cell < numCells; cell++) {
    const start = cell * width;
    area +=
      ((density(start) + 4 * density(start + width / 2) + density(start + width)) * width) / 6;
  }
  return x * (0.5 + area);
}

function density(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

export function layerNorm(
  input: Matrix,
  { gain, bias, epsilon }: { gain: Matrix; bias: Matrix; epsilon: number },
): Matrix {
  return matrix(input.rows, input.columns, (row, column) => {
    const values = Array.from({ length: input.columns }, (_, index) => at(input, row, index));
    const mean = average(values);
    const variance = average(values.map((value) => (value - mean) ** 2));
    const normal = (at(input, row, column) - mean) / Math.sqrt(variance + epsilon);
    return normal * at(gain, 0, column) + at(bias, 0, column);
  });
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function softmax(values: readonly number[]): number[] {
  const largest = Math.max(...values);
  const weights = values.map((value) => Math.exp(value - largest));
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

export interface AttentionSizes {
  readonly batchSize: number;
  readonly sequenceLength: number;
  readonly numHeads: number;
  readonly headSize: number;
  readonly lengths: readonly number[];
  /** Whether keys after the query have no weight. */
  readonly causal?: boolean;
  /** Factors of the weights, [batch · heads, queries, keys]. */
  readonly mask?: readonly number[];
}

export function attention(
  [query, key, value]: readonly [Matrix, Matrix, Matrix],
  sizes: AttentionSizes,
): Matrix {
  const { sequenceLength, numHeads, headSize } = sizes;
  const weightsOf = (row: number, head: number): number[] => {
    const example = Math.floor(row / sequenceLength);
    const numKeys = sizes.lengths[example] ?? 0;
    const length = sizes.causal ? Math.min(numKeys, (row % sequenceLength) + 1) : numKeys;
    const scores = Array.from({ length }, (_, position) => {
      let dot = 0;
      for (let i = 0; i < headSize; i++) {
        dot +=
          at(query, row, head * headSize + i) *
          at(key, example * sequenceLength + position, head * headSize + i);
      }
      return dot / Math.sqrt(headSize);
    });
    const start =
      ((example * numHeads + head) * sequenceLength + (row % sequenceLength)) * sequenceLength;
    return softmax(scores).map(
      (weight, position) => weight * (sizes.mask?.[start + position] ?? 1),
    );
  };
  const rows = sizes.batchSize * sequenceLength;
  const weights = Array.from({ length: rows * numHeads }, (_, index) =>
    weightsOf(Math.floor(index / numHeads), index % numHeads),
  );
  return matrix(rows, numHeads * headSize, (row, column) => {
    const start = row - (row % sequenceLength);
    const headWeights = weights[row * numHeads + Math.floor(column / headSize)] ?? [];
    return headWeights.reduce(
      (sum, weight, position) => sum + weight * at(value, start + position, column),
      0,
    );
  });
}

export function crossEntropy(
  logits: Matrix,
  labels: readonly number[],
  { labelSmoothing, divisor }: { labelSmoothing: number; divisor: number },
): number {
  let loss = 0;
  for (let row = 0; row < logits.rows; row++) {
    const values = Array.from({ length: logits.columns }, (_, column) => at(logits, row, column));
    const largest = Math.max(...values);
    const logSum =
      largest + Math.log(values.reduce((sum, value) => sum + Math.exp(value - largest), 0));
    for (const [column, value] of values.entries()) {
      const target =
        (column === labels[row] ? 1 - labelSmoothing : 0) + labelSmoothing / logits.columns;
      loss -= target * (value - logSum);
    }
  }
  return loss / divisor;
}

/** The slope of `compute` along each element of `inputs[index]`, by central differences. */
export function slopes(
  inputs: readonly Matrix[],
  index: number,
  compute: (inputs: readonly Matrix[]) => number,
): number[] {
  const step = 1e-5;
  const moved = (element: number, by: number): number =>
    compute(
      inputs.map((input, position) =>
        position === index
          ? {
              ...input,
              values: input.values.map((value, i) => (i === element ? value + by : value)),
            }
          : input,
      ),
    );
  return (inputs[index]?.values ?? []).map(
    (_, element) => (moved(element, step) - moved(element, -step)) / (2 * step),
  );
}
