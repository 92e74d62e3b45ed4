/**
 * Pieces of our own products, as JavaScript writes them down: C++ as text. It takes the set of instructions that the processor
 * has, bounds what is packed, and looks at every address.
 */

/** `pieces.h`. */
export const productsPieces: string = `#pragma once
#include "products.h"
#include <stdlib.h>

extern const Level plain;
#ifdef __x86_64__
extern const Level avx512, avx2;
#endif

namespace {
struct Choice {
  const char* name;
  const Level* level;
};
constexpr size_t mostLevels = 3;

// Those whose instructions the processor has, the best first. Returns their number.
size_t levelsOfMachine(Choice (&found)[mostLevels]) {
  size_t count = 0;
#ifdef __x86_64__
  const bool isFused = __builtin_cpu_supports("fma");
  if (isFused && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) found[count++] = {"avx512", &avx512};
  if (isFused && __builtin_cpu_supports("avx2")) found[count++] = {"avx2", &avx2};
#endif
  found[count++] = {"plain", &plain};
  return count;
}

inline size_t least(size_t a, size_t b) { return a < b ? a : b; }
inline size_t most(size_t a, size_t b) { return a < b ? b : a; }

// Floats of the right operand that a thread packs at once, and keeps the room for: 8 MiB. What is larger is packed in blocks.
constexpr size_t mostPacked = 1 << 21;
// Columns of such a block; 256 of its rows are read for each tile of the left, and should stay in a cache.
constexpr size_t blockColumns = 2048;

// Of each thread its own.
struct State {
  const Level* level;
  uint8_t* memory;
  size_t length;
  Room room;
  size_t rightSize;
  // The product whose right operand is packed: its serial number, and which of a pair; 0 none.
  uint32_t serial, which;
};

// What JavaScript wrote for a product, beginning at the words; addresses in bytes.
struct Words {
  uint32_t left, right, result, rows, inner, columns, flags, each;
};
// And for matrices at regular distances, which are in elements.
struct Distances {
  uint32_t row, group, matrix;
};
struct Matrices {
  uint32_t left, right, result, rows, inner, columns, flags, triangle;
  uint32_t numMatrices, groupSize, each;
  Distances ofLeft, ofRight, ofResult;
};

bool reserve(State& state, size_t size) {
  if (state.rightSize >= size) return true;
  free(state.room.right);
  state.serial = 0;
  void* found = nullptr;
  const bool isThere = posix_memalign(&found, 64, size * sizeof(float)) == 0;
  state.room.right = isThere ? (float*)found : nullptr;
  state.rightSize = isThere ? size : 0;
  return isThere;
}

bool isInside(const State& state, uint64_t address, uint64_t numElements) {
  return address % 4 == 0 && address + numElements * 4 <= state.length;
}

float* at(const State& state, uint64_t address) { return (float*)(state.memory + address); }

// Rows and columns of the right operand that are packed at once. No sum has another order by it.
struct Block {
  size_t inner, columns;
};

Block blockOf(const State& state, size_t inner, size_t columns, size_t mostColumns) {
  if (state.level->rightSize(inner, columns) <= mostPacked) return {inner, columns};
  const size_t together = least(columns, mostColumns);
  const size_t fitting = mostPacked / state.level->rightSize(1, together) / depth * depth;
  return {least(inner, most(fitting, depth)), together};
}

const char* const noMemory = "there is no memory to pack an operand";
const char* const outside = "a matrix lies outside of the memory";

struct Rows {
  // Rows of the right operand that are packed at once, and whether all of them are already.
  size_t inner;
  bool isPacked;
  size_t first, end;
};

void multiplyBlocks(const State& state, Product& product, const Rows& rows) {
  for (product.begin = 0; product.begin < product.inner; product.begin = product.end) {
    product.end = least(product.inner, product.begin + rows.inner);
    if (!rows.isPacked) state.level->packRight(product, state.room);
    state.level->multiply(product, state.room, rows.first, rows.end);
  }
}

const char* multiplyRows(State& state, const uint32_t* args, uint32_t piece) {
  const uint32_t which = piece < args[0] ? 1 : 2;
  const uint32_t number = which == 1 ? piece : piece - args[0];
  const Words& words = *(const Words*)(args + (which == 1 ? 1 : 9));
  const uint32_t serial = args[20];
  const size_t rows = words.rows, inner = words.inner, columns = words.columns;
  if (!isInside(state, words.left, uint64_t(rows) * inner) || !isInside(state, words.right, uint64_t(inner) * columns) ||
      !isInside(state, words.result, uint64_t(rows) * columns)) {
    return outside;
  }
  // A piece has rows of the result or, where the right operand is large, columns: then each part of it is packed once.
  const bool isByColumns = (words.flags & 4) != 0;
  const size_t from = size_t(number) * words.each, to = least(isByColumns ? columns : rows, from + words.each);
  const size_t first = isByColumns ? 0 : from, end = isByColumns ? rows : to;
  const size_t firstColumn = isByColumns ? from : 0, endColumn = isByColumns ? to : columns;
  Product product;
  product.left = {at(state, words.left), (words.flags & 1) != 0 ? 1 : inner, (words.flags & 1) != 0 ? rows : 1};
  product.stride = columns;
  product.rows = rows;
  product.inner = inner;
  product.triangle = 0;
  const Block block = blockOf(state, inner, endColumn - firstColumn, blockColumns);
  const bool isWhole = block.inner == inner && block.columns == columns;
  const bool isPacked = isWhole && state.serial == serial && state.which == which && serial != 0;
  if (!reserve(state, state.level->rightSize(block.inner, block.columns))) return noMemory;
  for (size_t j = firstColumn; j < endColumn; j += block.columns) {
    product.columns = least(block.columns, endColumn - j);
    product.result = at(state, words.result) + j;
    product.right = {at(state, words.right), columns, 1};
    if ((words.flags & 2) != 0) product.right = {product.right.at, 1, inner};
    product.right.at += j * product.right.column;
    multiplyBlocks(state, product, {block.inner, isPacked, first, end});
  }
  state.serial = isWhole ? serial : 0;
  state.which = which;
  if (args[17] == 0) return nullptr;
  if (!isInside(state, args[17], columns) || (args[18] == 2 && !isInside(state, args[19], uint64_t(rows) * columns))) return outside;
  product.columns = endColumn - firstColumn;
  product.result = at(state, words.result) + firstColumn;
  float* value = at(state, args[19]) + firstColumn;
  state.level->follow(product, {at(state, args[17]) + firstColumn, args[18], value}, first, end);
  return nullptr;
}

uint64_t offsetOf(const Distances& distances, uint32_t groupSize, uint32_t matrix) {
  return uint64_t(matrix / groupSize) * distances.group + uint64_t(matrix % groupSize) * distances.matrix;
}

Matrix matrixOf(const State& state, uint64_t address, const Distances& distances, bool isTransposed) {
  return {at(state, address), isTransposed ? 1 : size_t(distances.row), isTransposed ? size_t(distances.row) : 1};
}

bool isInside(const State& state, uint64_t address, const Distances& distances, uint64_t lines, uint64_t length) {
  return lines * length == 0 || isInside(state, address, (lines - 1) * distances.row + length);
}

const char* multiplyMatrices(State& state, const Matrices& words, uint32_t piece) {
  state.serial = 0;
  const bool isLeft = (words.flags & 1) != 0, isRight = (words.flags & 2) != 0;
  const uint32_t rows = words.rows, inner = words.inner, columns = words.columns;
  // All columns: a triangle is told by them.
  const Block block = blockOf(state, inner, columns, columns);
  if (!reserve(state, state.level->rightSize(block.inner, columns))) return noMemory;
  const uint64_t end = uint64_t(piece + 1) * words.each;
  for (uint64_t matrix = uint64_t(piece) * words.each; matrix < end && matrix < words.numMatrices; matrix++) {
    const uint64_t left = words.left + 4 * offsetOf(words.ofLeft, words.groupSize, matrix);
    const uint64_t right = words.right + 4 * offsetOf(words.ofRight, words.groupSize, matrix);
    const uint64_t result = words.result + 4 * offsetOf(words.ofResult, words.groupSize, matrix);
    if (!isInside(state, left, words.ofLeft, isLeft ? inner : rows, isLeft ? rows : inner) ||
        !isInside(state, right, words.ofRight, isRight ? columns : inner, isRight ? inner : columns) ||
        !isInside(state, result, words.ofResult, rows, columns)) {
      return outside;
    }
    Product product = {matrixOf(state, left, words.ofLeft, isLeft), matrixOf(state, right, words.ofRight, isRight),
                       at(state, result), words.ofResult.row, rows, inner, columns, int(words.triangle), 0, 0};
    multiplyBlocks(state, product, {block.inner, false, 0, rows});
  }
  return nullptr;
}
}  // namespace
`;
