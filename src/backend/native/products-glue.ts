/** Between our own products and JavaScript, by Node-API: C++ as text. */

/** `glue.cc`; what JavaScript calls of it stands in `product-source.ts`. */
export const productsGlue: string = `#include "pieces.h"
#include <node_api.h>

namespace {
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

// (number: of the levels). For tests of those that this processor would not take.
napi_value useLevel(napi_env env, napi_callback_info info) {
  size_t count = 1;
  napi_value given;
  State* state = nullptr;
  uint32_t number = 0;
  Choice found[mostLevels];
  napi_get_cb_info(env, info, &count, &given, nullptr, (void**)&state);
  if (napi_get_value_uint32(env, given, &number) != napi_ok || number >= levelsOfMachine(found)) {
    napi_throw_error(env, nullptr, "the processor has no such level");
    return nullptr;
  }
  state->level = found[number].level;
  state->serial = 0;
  return nullptr;
}

napi_value namesOf(napi_env env, const Choice* choices, size_t count) {
  napi_value names, name;
  napi_create_array_with_length(env, count, &names);
  for (size_t i = 0; i < count; i++) {
    napi_create_string_utf8(env, choices[i].name, NAPI_AUTO_LENGTH, &name);
    napi_set_element(env, names, uint32_t(i), name);
  }
  return names;
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
  Choice found[mostLevels];
  const size_t count = levelsOfMachine(found);
  state->level = found[0].level;
  size_t leftSize = 0;
  for (size_t i = 0; i < count; i++) leftSize = most(leftSize, found[i].level->leftSize());
  void* left = nullptr;
  if (posix_memalign(&left, 64, leftSize * sizeof(float)) != 0) return nullptr;
  state->room.left = (float*)left;
  napi_property_descriptor functions[] = {
      {"levels", nullptr, nullptr, nullptr, nullptr, namesOf(env, found, count), napi_enumerable, nullptr},
      {"useLevel", nullptr, useLevel, nullptr, nullptr, nullptr, napi_default, state},
      {"useMemory", nullptr, useMemory, nullptr, nullptr, nullptr, napi_default, state},
      {"multiplyPiece", nullptr, multiplyPiece, nullptr, nullptr, nullptr, napi_default, state},
  };
  napi_set_instance_data(env, state, discard, nullptr);
  napi_define_properties(env, exported, 4, functions);
  return exported;
}
}  // namespace

NAPI_MODULE(lockstep_products, start)
`;
