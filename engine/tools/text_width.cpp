#include "tools/text_width.h"

#include <cstdint>

#include <fmt/core.h>
#include <unicode/uchar.h>

#include "types/utf8.h"

namespace drift::tools {

namespace {

std::size_t widthOf(UChar32 letter) {
  switch (u_charType(letter)) {
    case U_NON_SPACING_MARK:
    case U_ENCLOSING_MARK:
    case U_FORMAT_CHAR: return 0;
    default: break;  // the other 27 categories take room
  }
  const auto width = u_getIntPropertyValue(letter, UCHAR_EAST_ASIAN_WIDTH);
  return width == U_EA_WIDE || width == U_EA_FULLWIDTH ? 2 : 1;
}

}  // namespace

std::size_t displayWidth(std::string_view text) {
  std::size_t width = 0;
  for (std::size_t at = 0; at < text.size(); at = types::nextCodePoint(text, at))
    width += widthOf(static_cast<UChar32>(types::codePointAt(text, at)));
  return width;
}

std::string printable(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '\n') result += "\\n";
    else if (byte == '\t') result += "\\t";
    else if (byte == '\r') result += "\\r";
    else if (code < 0x20 || code == 0x7f) result += fmt::format("\\x{:02x}", code);
    else result += byte;
  }
  return result;
}

}  // namespace drift::tools
