/** What both parts of our own products know (`products-level.ts`, `products-glue.ts`): C++ as text, since it has to be there in the package too. */

/** `products.h`. */
export const productsHeader: string = `#pragma once
#include <stddef.h>
#include <stdint.h>

// Products of a sum that are added up in registers; every sum has this order, whatever the level.
constexpr size_t depth = 256;

// Element (i, j) lies at at[i * row + j * column].
struct Matrix {
  const float* at;
  size_t row;
  size_t column;
};

// result[i * stride + j] = sum of left (i, p) * right (p, j) over p. Where it is square and looks back only, 1 what lies
// above the diagonal of the result is not computed, 2 that of the left is not read, 3 what lies below it there is not.
struct Product {
  Matrix left, right;
  float* result;
  size_t stride, rows, inner, columns;
  int triangle;
  // Of the inner dimension, what is packed and multiplied now: from a multiple of the depth on, to one or to the end of it.
  size_t begin, end;
};

// What a thread packs operands into: of the left one tile, of the right all columns of what is multiplied now.
struct Room {
  float* left;
  float* right;
};

// What follows a product: a bias for each column, then 1 ReLU or 2 GELU, whose value goes there and its slope to the result.
struct After {
  const float* bias;
  uint32_t activation;
  float* value;
};

struct Level {
  // Floats of the room that one tile of the left takes, and so many rows and columns of the right.
  size_t (*leftSize)(void);
  size_t (*rightSize)(size_t numRows, size_t columns);
  void (*packRight)(const Product&, Room);
  // Rows from the first to the end of the result, which is added to where the product goes on.
  void (*multiply)(const Product&, Room, size_t first, size_t end);
  void (*follow)(const Product&, const After&, size_t first, size_t end);
};
`;
