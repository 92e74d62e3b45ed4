/** Between our own products and JavaScript: C++ as text. It takes the set of instructions that the processor has, and looks at every address. */

/** `glue.cc`; what JavaScript calls of it stands in `product-source.ts`. */
export const productsGlue: string = `#include "products.h"
#include <node_api.h>
#include <stdlib.h>

extern const Level plain;
#ifdef __x86_64__
extern const Level avx512, avx2;
#endif

namespace {
const Level* levelOfMachine() {
#ifdef __x86_64__
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")) return &avx512;
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return &avx2;
#endif
  return &plain;
}

// Floats of packed columns of the right operand that a thread keeps: 8 MiB.
constexpr size_t mostPacked = 1 << 21;

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

// Columns of the right operand that are packed together.
size_t columnsTogether(const State& state, size_t inner, size_t columns) {
  if (state.level->rightSize(inner, columns) <= mostPacked) return columns;
  const size_t fitting = mostPacked / inner / 64 * 64;
  return fitting < 64 ? 64 : fitting;
}

const char* const noMemory = "there is no memory to pack an operand";
const char* const outside = "a matrix lies outside of the memory";

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
  Product product;
  product.left = {at(state, words.left), (words.flags & 1) != 0 ? 1 : inner, (words.flags & 1) != 0 ? rows : 1};
  product.stride = columns;
  product.rows = rows;
  product.inner = inner;
  product.triangle = 0;
  const size_t first = size_t(number) * words.each;
  const size_t end = rows - first < words.each ? rows : first + words.each;
  const size_t together = columnsTogether(state, inner, columns);
  if (!reserve(state, state.level->rightSize(inner, together < columns ? together : columns))) return noMemory;
  for (size_t j = 0; j < columns; j += together) {
    product.columns = columns - j < together ? columns - j : together;
    product.result = at(state, words.result) + j;
    product.right = {at(state, words.right), columns, 1};
    if ((words.flags & 2) != 0) product.right = {product.right.at, 1, inner};
    product.right.at += j * product.right.column;
    const bool isPacked = together == columns && state.serial == serial && state.which == which && serial != 0;
    if (!isPacked) state.level->packRight(product, state.room);
    state.level->multiply(product, state.room, first, end);
  }
  state.serial = together == columns ? serial : 0;
  state.which = which;
  if (args[17] == 0) return nullptr;
  if (!isInside(state, args[17], columns) || (args[18] == 2 && !isInside(state, args[19], uint64_t(rows) * columns))) return outside;
  product.columns = columns;
  product.result = at(state, words.result);
  state.level->follow(product, {at(state, args[17]), args[18], at(state, args[19])}, first, end);
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
  if (!reserve(state, state.level->rightSize(inner, columns))) return noMemory;
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
                       at(state, result), words.ofResult.row, rows, inner, columns, int(words.triangle)};
    state.level->packRight(product, state.room);
    state.level->multiply(product, state.room, 0, rows);
  }
  return nullptr;
}

// memory: a Uint8Array over all of it. To be called again when it has grown.
napi_value useMemory(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value given;
  State* state = nullptr;
  void* memory = nullptr;
  size_t length = 0;
  if (napi_get_cb_info(env, info, &count, &given, nullptr, (void**)&state) != napi_ok ||
      napi_get_typedarray_info(env, given, nullptr, &length, &memory, nullptr, nullptr) != napi_ok) {
    napi_throw_error(env, nullptr, "the memory is no typed array");
    return nullptr;
  }
  state->memory = (uint8_t*)memory;
  state->length = length;
  return nullptr;
}

// (arguments: address of the words, piece: number, isMatrices: 0 or 1)
napi_value multiplyPiece(napi_env env, napi_callback_info info) {
  size_t count = 3;
  napi_value given[3];
  State* state = nullptr;
  uint32_t args = 0, piece = 0, isMatrices = 0;
  napi_get_cb_info(env, info, &count, given, nullptr, (void**)&state);
  napi_get_value_uint32(env, given[0], &args);
  napi_get_value_uint32(env, given[1], &piece);
  napi_get_value_uint32(env, given[2], &isMatrices);
  const char* wrong = outside;
  if (isInside(*state, args, 28)) {
    const uint32_t* words = (const uint32_t*)(state->memory + args);
    wrong = isMatrices == 0 ? multiplyRows(*state, words, piece) : multiplyMatrices(*state, *(const Matrices*)words, piece);
  }
  if (wrong != nullptr) napi_throw_error(env, nullptr, wrong);
  return nullptr;
}

void discard(napi_env, void* data, void*) {
  State* state = (State*)data;
  free(state->room.left);
  free(state->room.right);
  free(state);
}

napi_value start(napi_env env, napi_value exported) {
  State* state = (State*)calloc(1, sizeof(State));
  if (state == nullptr) return nullptr;
  state->level = levelOfMachine();
  void* left = nullptr;
  if (posix_memalign(&left, 64, state->level->leftSize() * sizeof(float)) != 0) return nullptr;
  state->room.left = (float*)left;
  napi_property_descriptor functions[] = {
      {"useMemory", nullptr, useMemory, nullptr, nullptr, nullptr, napi_default, state},
      {"multiplyPiece", nullptr, multiplyPiece, nullptr, nullptr, nullptr, napi_default, state},
  };
  napi_set_instance_data(env, state, discard, nullptr);
  napi_define_properties(env, exported, 2, functions);
  return exported;
}
}  // namespace

NAPI_MODULE(lockstep_products, start)
`;
