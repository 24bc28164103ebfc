// The order of keys in pages, by unsigned bytes. Short keys are compared as two numbers, without a call. Stateless.
#pragma once

#include <bit>
#include <compare>
#include <cstdint>

#include "types/string_ref.h"

namespace drift::storage {

/// Compares as std::string_view does.
inline std::strong_ordering compareKeys(const types::StringRef& a, const types::StringRef& b) {
  using types::StringRef;
  // The layout that string_ref.h describes: size, prefix, then the rest of a short key. What a short key leaves of
  // them is zeros, so that of two that differ in them the one with the smaller bytes is first.
  struct Image {
    std::uint32_t size;
    std::uint32_t prefix;
    std::uint64_t rest;
  };
  static_assert(sizeof(Image) == sizeof(StringRef) && std::endian::native == std::endian::little);
  const auto left = std::bit_cast<Image>(a), right = std::bit_cast<Image>(b);
  if (left.prefix != right.prefix) return __builtin_bswap32(left.prefix) <=> __builtin_bswap32(right.prefix);
  if (left.size > StringRef::kInlineBytesMax || right.size > StringRef::kInlineBytesMax)
    return a.view().compare(b.view()) <=> 0;
  if (left.rest != right.rest) return __builtin_bswap64(left.rest) <=> __builtin_bswap64(right.rest);
  return left.size <=> right.size;
}

}  // namespace drift::storage
