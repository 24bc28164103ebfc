// What a fuzz target is: one function that takes any bytes and survives. libFuzzer calls it (./dev fuzz), and a
// plain program with mutations of its own (./dev test).
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>

#include <fmt/format.h>

#include "base/bytes.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace drift::fuzz {

inline ByteSpan inputOf(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const std::byte*>(data), size};
}

/// Ends the program, for the fuzzer to keep the input, where something that must hold does not.
inline void require(bool holds, const char* what) {
  if (holds) return;
  fmt::print(stderr, "does not hold: {}\n", what);
  std::abort();
}

}  // namespace drift::fuzz
