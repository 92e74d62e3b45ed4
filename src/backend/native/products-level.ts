/** Our own products of matrices, in tiles whose sums stay in registers: C++ as text, compiled once for each set of instructions. */

/** `level.cc`, compiled with LEVEL, a name; WIDTH, floats of a vector; and ROWS, of a tile. */
export const productsLevel: string = `#include "products.h"

extern const Level LEVEL;
namespace {
typedef float Vector __attribute__((vector_size(WIDTH * 4), aligned(4), may_alias));
typedef float Four __attribute__((vector_size(16), aligned(4), may_alias));
constexpr size_t rowsATile = ROWS;
constexpr size_t panel = 2 * WIDTH;

inline size_t least(size_t a, size_t b) { return a < b ? a : b; }
inline size_t panelsOf(size_t columns) { return (columns + panel - 1) / panel; }
inline Vector read(const float* at) { return *(const Vector*)at; }
inline Vector all(float value) { return value - (Vector){}; }
inline void write(float* at, Vector values) { *(Vector*)at = values; }

template <int rows>
inline void tile(const float* left, const float* right, size_t step, size_t count, Vector (&sums)[rows][2]) {
  for (size_t p = 0; p < count; p++, left += rowsATile, right += step) {
    const Vector first = read(right), second = read(right + WIDTH);
    for (int i = 0; i < rows; i++) {
      const Vector factor = all(left[i]);
      sums[i][0] += factor * first;
      sums[i][1] += factor * second;
    }
  }
}

// Adds a tile to the result, or begins it.
template <int rows>
inline void put(const Vector (&sums)[rows][2], float* result, size_t stride, size_t columns, bool isFirst) {
  for (int i = 0; i < rows; i++, result += stride) {
    if (columns == panel) {
      write(result, isFirst ? sums[i][0] : read(result) + sums[i][0]);
      write(result + WIDTH, isFirst ? sums[i][1] : read(result + WIDTH) + sums[i][1]);
      continue;
    }
    float values[panel];
    write(values, sums[i][0]);
    write(values + WIDTH, sums[i][1]);
    for (size_t j = 0; j < columns; j++) result[j] = isFirst ? values[j] : result[j] + values[j];
  }
}

struct Tile {
  const float* left;
  const float* right;
  // From a row of the right to the next.
  size_t step;
  size_t count;
  float* result;
  size_t stride, columns;
  bool isFirst;
};

// The number of rows is known when this is compiled, so that all sums stay in registers.
template <int rows>
void multiplyTile(size_t numRows, const Tile& t) {
  if constexpr (rows > 1) {
    if (numRows < rows) return multiplyTile<rows - 1>(numRows, t);
  }
  Vector sums[rows][2] = {};
  tile<rows>(t.left, t.right, t.step, t.count, sums);
  put<rows>(sums, t.result, t.stride, t.columns, t.isFirst);
}

#ifdef __clang__
#define CHOOSE(a, b, i, j, k, l) __builtin_shufflevector(a, b, i, j, k, l)
#else
typedef int Places __attribute__((vector_size(16)));
#define CHOOSE(a, b, i, j, k, l) __builtin_shuffle(a, b, (Places){i, j, k, l})
#endif

// to[p * width + i] for 4 lines i whose numbers follow each other, from p = 0 on.
void packFour(float* to, size_t width, const float* from, size_t line, size_t count) {
  const float *a = from, *b = a + line, *c = b + line, *d = c + line;
  size_t p = 0;
  for (; p + 4 <= count; p += 4, to += 4 * width) {
    const Four first = *(const Four*)(a + p), second = *(const Four*)(b + p);
    const Four third = *(const Four*)(c + p), fourth = *(const Four*)(d + p);
    const Four low = CHOOSE(first, second, 0, 4, 1, 5), high = CHOOSE(first, second, 2, 6, 3, 7);
    const Four low2 = CHOOSE(third, fourth, 0, 4, 1, 5), high2 = CHOOSE(third, fourth, 2, 6, 3, 7);
    *(Four*)to = CHOOSE(low, low2, 0, 1, 4, 5);
    *(Four*)(to + width) = CHOOSE(low, low2, 2, 3, 6, 7);
    *(Four*)(to + 2 * width) = CHOOSE(high, high2, 0, 1, 4, 5);
    *(Four*)(to + 3 * width) = CHOOSE(high, high2, 2, 3, 6, 7);
  }
  for (; p < count; p++, to += width) {
    to[0] = a[p];
    to[1] = b[p];
    to[2] = c[p];
    to[3] = d[p];
  }
}

// to[p * width + i] = from[i * line + p * step] for i below the number of lines, 0 up to the width; one of line and step is 1.
void pack(float* to, size_t width, const float* from, size_t lines, size_t line, size_t step, size_t count) {
  if (line == 1) {
    for (size_t p = 0; p < count; p++, from += step, to += width) {
      size_t i = 0;
      for (; i + WIDTH <= lines; i += WIDTH) write(to + i, read(from + i));
      for (; i + 4 <= lines; i += 4) *(Four*)(to + i) = *(const Four*)(from + i);
      for (; i < lines; i++) to[i] = from[i];
      for (; i < width; i++) to[i] = 0;
    }
    return;
  }
  size_t i = 0;
  for (; i + 4 <= lines; i += 4) packFour(to + i, width, from + i * line, line, count);
  for (; i < width; i++) {
    for (size_t p = 0; p < count; p++) to[p * width + i] = i < lines ? from[i * line + p * step] : 0;
  }
}

size_t leftSize(void) { return rowsATile * depth; }
size_t rightSize(size_t numRows, size_t columns) { return numRows * panelsOf(columns) * panel; }

// Whether the right is read where it lies: whole panels, each of whose rows is in one piece.
bool isReadInPlace(const Product& product) { return product.right.column == 1 && product.columns % panel == 0; }

void packRight(const Product& product, Room room) {
  if (isReadInPlace(product)) return;
  const Matrix& right = product.right;
  const size_t padded = panelsOf(product.columns) * panel;
  for (size_t from = product.begin; from < product.end; from += depth) {
    const size_t count = least(depth, product.end - from);
    for (size_t j = 0; j < product.columns; j += panel) {
      float* to = room.right + (from - product.begin) * padded + j * count;
      const float* source = right.at + from * right.row + j * right.column;
      pack(to, panel, source, least(panel, product.columns - j), right.column, right.row, count);
    }
  }
}

void multiply(const Product& product, Room room, size_t first, size_t end) {
  const Matrix& left = product.left;
  const size_t padded = panelsOf(product.columns) * panel;
  const int triangle = product.triangle;
  const bool isInPlace = isReadInPlace(product);
  const size_t step = isInPlace ? product.right.row : panel;
  for (size_t from = product.begin; from < product.end; from += depth) {
    const size_t count = least(depth, product.end - from);
    for (size_t row = first; row < end; row += rowsATile) {
      const size_t numRows = least(rowsATile, end - row);
      const size_t begin = triangle == 3 && row > from ? least(row - from, count) : 0;
      const size_t stop = triangle == 2 && row + numRows < from + count ? (row + numRows > from ? row + numRows - from : 0) : count;
      const size_t columns = triangle == 1 ? least(product.columns, row + numRows) : product.columns;
      const size_t length = stop > begin ? stop - begin : 0;
      if (length == 0 && from > 0) continue;
      pack(room.left, rowsATile, left.at + row * left.row + (from + begin) * left.column, numRows, left.row, left.column, length);
      for (size_t j = 0; j < columns; j += panel) {
        const float* packed = room.right + (from - product.begin) * padded + j * count + begin * panel;
        const float* right = isInPlace ? product.right.at + (from + begin) * step + j : packed;
        float* result = product.result + row * product.stride + j;
        const size_t width = least(panel, product.columns - j);
        multiplyTile<ROWS>(numRows, {room.left, right, step, length, result, product.stride, width, from == 0});
      }
    }
  }
}

typedef int32_t Words __attribute__((vector_size(WIDTH * 4), aligned(4), may_alias));

// e to the power of -x * x / 2, as in assembly/functions.ts.
inline Vector bell(Vector x) {
  const Vector scaled = x * x * -0.72134752f;
  const Vector y = scaled < -127 ? all(-127) : scaled;
  const Vector shifted = y + 12582912;
  const Vector f = y - (shifted - 12582912);
  const Vector squared = f * f;
  const Vector low = f * 0.693147f + 1;
  const Vector middle = f * 0.055507336f + 0.24022242f;
  const Vector high = f * 0.0013264727f + 0.009671513f;
  const Vector value = low + squared * (middle + squared * high);
  return (Vector)((Words)value + ((Words)shifted << 23));
}

// The share of a standard normal below x, as there.
inline Vector normalShare(Vector x, Vector bell) {
  const Vector size = x < 0 ? -x : x;
  const Vector t = 1 / (size * 0.23164188f + 1);
  const Vector squared = t * t;
  const Vector low = t * -0.142248368f + 0.127414796f;
  const Vector middle = t * -0.7265760135f + 0.7107068705f;
  const Vector p = low + squared * (middle + squared * 0.5307027145f);
  const Vector tail = p * t * bell;
  return x < 0 ? tail : 1 - tail;
}

inline void followVector(float* result, const float* bias, uint32_t activation, float* value) {
  const Vector x = read(result) + read(bias);
  if (activation == 0) return write(result, x);
  if (activation == 1) return write(result, x <= 0 ? all(0) : x);
  const Vector near = bell(x), share = normalShare(x, near);
  write(value, x * share);
  write(result, share + x * (near * 0.39894228f));
}

void follow(const Product& product, const After& after, size_t first, size_t end) {
  const size_t whole = product.columns / WIDTH * WIDTH, rest = product.columns - whole;
  const uint32_t activation = after.activation;
  for (size_t row = first; row < end; row++) {
    float* result = product.result + row * product.stride;
    float* value = activation == 2 ? after.value + row * product.stride : result;
    for (size_t j = 0; j < whole; j += WIDTH) followVector(result + j, after.bias + j, activation, value + j);
    if (rest == 0) continue;
    float part[3][WIDTH] = {};
    for (size_t j = 0; j < rest; j++) {
      part[0][j] = result[whole + j];
      part[1][j] = after.bias[whole + j];
    }
    followVector(part[0], part[1], activation, part[2]);
    for (size_t j = 0; j < rest; j++) {
      result[whole + j] = part[0][j];
      if (activation == 2) value[whole + j] = part[2][j];
    }
  }
}
}  // namespace
const Level LEVEL = {leftSize, rightSize, packRight, multiply, follow};
`;
