#include "sql/string_literal.h"

namespace drift::sql {

namespace {

// Gives the bytes between the quotes with doubled quotes made single.
std::string undouble(std::string_view inner, char quote) {
  std::string value;
  value.reserve(inner.size());
  for (std::size_t i = 0; i < inner.size(); ++i) {
    value += inner[i];
    if (inner[i] == quote) ++i;
  }
  return value;
}

int digitValue(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

// Reads up to `digitsMax` digits of a base at `offset`, moving it; nothing where there is none.
std::optional<std::uint32_t> readDigits(std::string_view text, std::size_t& offset, std::size_t digitsMax, int base) {
  std::uint32_t value = 0;
  const std::size_t start = offset;
  while (offset < text.size() && offset - start < digitsMax && digitValue(text[offset]) < base)
    value = value * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digitValue(text[offset++]));
  if (offset == start) return std::nullopt;
  return value;
}

bool isHighSurrogate(std::uint32_t code) { return code >= 0xD800 && code <= 0xDBFF; }
bool isLowSurrogate(std::uint32_t code) { return code >= 0xDC00 && code <= 0xDFFF; }

void appendUtf8(std::string& out, std::uint32_t code) {
  const auto put = [&](std::uint32_t byte) { out += static_cast<char>(byte); };
  if (code < 0x80) {
    put(code);
  } else if (code < 0x800) {
    put(0xC0 | (code >> 6));
    put(0x80 | (code & 0x3F));
  } else if (code < 0x10000) {
    put(0xE0 | (code >> 12));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  } else {
    put(0xF0 | (code >> 18));
    put(0x80 | ((code >> 12) & 0x3F));
    put(0x80 | ((code >> 6) & 0x3F));
    put(0x80 | (code & 0x3F));
  }
}

// The escapes of E'…' (chapter 4.1.2.2).
class EscapeDecoder final {
 public:
  explicit EscapeDecoder(std::string_view inner) : m_inner(inner) {}

  Result<std::string> decode() {
    while (m_offset < m_inner.size()) {
      const char c = m_inner[m_offset++];
      if (c == '\'') ++m_offset;  // doubled
      if (c == '\\' && m_offset < m_inner.size()) {
        DRIFT_TRY(escape());
      } else {
        m_value += c;
      }
    }
    return std::move(m_value);
  }

 private:
  Status escape() {
    const char c = m_inner[m_offset];
    if (c == 'u' || c == 'U') {
      ++m_offset;
      return unicode(c == 'u' ? 4 : 8);
    }
    if (c >= '0' && c <= '7') {
      m_value += static_cast<char>(*readDigits(m_inner, m_offset, 3, 8));
      return {};
    }
    ++m_offset;
    switch (c) {
      case 'b': m_value += '\b'; break;
      case 'f': m_value += '\f'; break;
      case 'n': m_value += '\n'; break;
      case 'r': m_value += '\r'; break;
      case 't': m_value += '\t'; break;
      case 'v': m_value += '\v'; break;
      case 'x':
        if (const auto byte = readDigits(m_inner, m_offset, 2, 16)) {
          m_value += static_cast<char>(*byte);
        } else {
          m_value += 'x';
        }
        break;
      default: m_value += c; break;
    }
    return {};
  }

  Result<std::uint32_t> codeUnit(std::size_t digits) {
    const std::size_t start = m_offset;
    const auto code = readDigits(m_inner, m_offset, digits, 16);
    if (!code || m_offset - start != digits)
      return Error(ErrorKind::InvalidEscapeSequence, "invalid Unicode escape")
          .withHint("Unicode escapes must be \\uXXXX or \\UXXXXXXXX");
    return *code;
  }

  Status unicode(std::size_t digits) {
    DRIFT_ASSIGN(std::uint32_t code, codeUnit(digits));
    if (isHighSurrogate(code)) {
      if (m_inner.substr(m_offset, 2) != "\\u" && m_inner.substr(m_offset, 2) != "\\U")
        return Error(ErrorKind::InvalidEscapeSequence, "invalid Unicode surrogate pair");
      const std::size_t lowDigits = m_inner[m_offset + 1] == 'u' ? 4 : 8;
      m_offset += 2;
      DRIFT_ASSIGN(const std::uint32_t low, codeUnit(lowDigits));
      if (!isLowSurrogate(low)) return Error(ErrorKind::InvalidEscapeSequence, "invalid Unicode surrogate pair");
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    } else if (isLowSurrogate(code)) {
      return Error(ErrorKind::InvalidEscapeSequence, "invalid Unicode surrogate pair");
    }
    if (code == 0 || code > 0x10FFFF)
      return Error(ErrorKind::InvalidEscapeSequence, "invalid Unicode escape value");
    appendUtf8(m_value, code);
    return {};
  }

  std::string_view m_inner;
  std::size_t m_offset = 0;
  std::string m_value;
};

}  // namespace

Result<std::string> decodeString(const Token& token, std::string_view text) {
  if (token.kind == TokenKind::DollarString) {
    const std::size_t tagBytes = text.find('$', 1) + 1;
    return std::string(text.substr(tagBytes, text.size() - 2 * tagBytes));
  }
  const std::size_t open = text.find('\'') + 1;  // past E or N
  const std::string_view inner = text.substr(open, text.size() - open - 1);
  if (token.kind == TokenKind::String) return undouble(inner, '\'');
  auto value = EscapeDecoder(inner).decode();
  if (!value.ok()) return std::move(value).error().at(token.span);
  if (findInvalidUtf8(*value))
    return Error(ErrorKind::InvalidByteSequence, "invalid byte sequence for encoding \"UTF8\" in an escaped string")
        .at(token.span);
  return value;
}

std::string decodeQuotedIdentifier(std::string_view text) {
  return undouble(text.substr(1, text.size() - 2), '"');
}

std::string quotedIdentifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char letter : name) {
    quoted += letter;
    if (letter == '"') quoted += letter;
  }
  return quoted + "\"";
}

}  // namespace drift::sql
