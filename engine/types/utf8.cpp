#include "types/utf8.h"

#include <cstring>

#include "types/text.h"

namespace drift::types {

namespace {

/// Length of the sequence that a lead byte starts, with the range that its second byte must lie in
/// (Unicode 15, table 3-7). Length 0: not a lead byte.
struct Lead {
  std::uint8_t length;
  std::uint8_t secondMin;
  std::uint8_t secondMax;
};

constexpr Lead leadOf(std::uint8_t byte) {
  if (byte >= 0xc2 && byte <= 0xdf) return {2, 0x80, 0xbf};
  if (byte == 0xe0) return {3, 0xa0, 0xbf};
  if (byte == 0xed) return {3, 0x80, 0x9f};
  if (byte >= 0xe1 && byte <= 0xef) return {3, 0x80, 0xbf};
  if (byte == 0xf0) return {4, 0x90, 0xbf};
  if (byte == 0xf4) return {4, 0x80, 0x8f};
  if (byte >= 0xf1 && byte <= 0xf3) return {4, 0x80, 0xbf};
  return {0, 0, 0};
}

}  // namespace

bool isValidUtf8(std::string_view text) {
  const auto* at = reinterpret_cast<const std::uint8_t*>(text.data());
  const auto* const end = at + text.size();
  while (at < end) {
    // Eight ASCII bytes at a time: no high bit, no zero byte.
    while (end - at >= 8) {
      std::uint64_t word;
      std::memcpy(&word, at, sizeof word);
      constexpr std::uint64_t kOnes = 0x0101'0101'0101'0101;
      if ((word | (word - kOnes)) & (kOnes << 7)) break;
      at += 8;
    }
    if (at == end) return true;
    if (*at < 0x80) {
      if (*at == 0) return false;
      ++at;
      continue;
    }
    const auto lead = leadOf(*at);
    if (lead.length == 0 || end - at < lead.length) return false;
    if (at[1] < lead.secondMin || at[1] > lead.secondMax) return false;
    for (int i = 2; i < lead.length; ++i)
      if ((at[i] & 0xc0) != 0x80) return false;
    at += lead.length;
  }
  return true;
}

char32_t codePointAt(std::string_view text, std::size_t at) {
  const auto lead = static_cast<std::uint8_t>(text[at]);
  if (lead < 0x80) return lead;
  const std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  char32_t value = lead & (0x7f >> length);
  for (std::size_t i = 1; i < length && at + i < text.size(); ++i)
    value = (value << 6) | (static_cast<std::uint8_t>(text[at + i]) & 0x3f);
  return value;
}

void appendCodePoint(std::string& out, char32_t codePoint) {
  const auto put = [&](char32_t byte) { out += static_cast<char>(byte); };
  if (codePoint < 0x80) return put(codePoint);
  if (codePoint < 0x800) {
    put(0xc0 | codePoint >> 6);
  } else if (codePoint < 0x10000) {
    put(0xe0 | codePoint >> 12);
    put(0x80 | (codePoint >> 6 & 0x3f));
  } else {
    put(0xf0 | codePoint >> 18);
    put(0x80 | (codePoint >> 12 & 0x3f));
    put(0x80 | (codePoint >> 6 & 0x3f));
  }
  put(0x80 | (codePoint & 0x3f));
}

}  // namespace drift::types
