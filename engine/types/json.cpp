// JSON texts: reading, checking and walking over them; and what is made of them, jsonb blobs.
#include "types/json.h"

#include <algorithm>
#include <optional>

#include <fmt/format.h>

#include "types/ascii.h"
#include "types/utf8.h"

namespace drift::types {

namespace {

bool isJsonBlank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool isWordByte(char c) { return isAsciiLetter(c) || isDigit(c) || c == '_' || static_cast<unsigned char>(c) >= 0x80; }

/// Reads one text. Where `out` is null, values are checked only.
class JsonParser final {
 public:
  explicit JsonParser(std::string_view text) : m_text(text) {}

  Status whole(std::string* out) {
    DRIFT_TRY(value(out, 0));
    skipBlanks();
    if (!atEnd()) return invalid(fmt::format("Expected end of input, but found \"{}\".", token()));
    return {};
  }

  /// Skips a value and gives its text.
  Result<std::string_view> skipped() {
    skipBlanks();
    const auto start = m_at;
    DRIFT_TRY(value(nullptr, 0));
    return m_text.substr(start, m_at - start);
  }

  bool atEnd() const { return m_at == m_text.size(); }
  bool at(char c) const { return m_at < m_text.size() && m_text[m_at] == c; }
  void take() { ++m_at; }
  void skipBlanks() {
    while (m_at < m_text.size() && isJsonBlank(m_text[m_at])) ++m_at;
  }

  /// Reads a string with its quotes; `out` null: checked only.
  Status string(std::string* out) {
    ++m_at;
    while (true) {
      if (atEnd()) return ended();
      const char c = m_text[m_at];
      if (c == '"') {
        ++m_at;
        return {};
      }
      if (static_cast<unsigned char>(c) < 0x20)
        return invalid(fmt::format("Character with value 0x{:02x} must be escaped.", static_cast<unsigned char>(c)));
      ++m_at;
      if (c == '\\') DRIFT_TRY(escape(out));
      else if (out) *out += c;
    }
  }

  Error invalid(std::string detail) const {
    return Error(ErrorKind::InvalidTextRepresentation, "invalid input syntax for type json")
        .withDetail(std::move(detail));
  }
  Error ended() const { return invalid("The input string ended unexpectedly."); }

  /// What stands here, for errors.
  std::string_view token() const {
    auto end = m_at;
    while (end < m_text.size() && isWordByte(m_text[end])) ++end;
    if (end == m_at && end < m_text.size()) ++end;
    return m_text.substr(m_at, end - m_at);
  }
  Error expected(std::string_view what) const {
    return atEnd() ? ended() : invalid(fmt::format("Expected {}, but found \"{}\".", what, token()));
  }

 private:
  Status value(std::string* out, std::size_t depth) {
    skipBlanks();
    if (atEnd()) return ended();
    const char c = m_text[m_at];
    if (c == '{' || c == '[') {
      if (depth == kJsonDepthMax)
        return makeError(ErrorKind::LimitExceeded, "JSON may nest at most {} levels deep", kJsonDepthMax);
      return c == '{' ? object(out, depth + 1) : array(out, depth + 1);
    }
    if (c == '"') {
      std::string text;
      DRIFT_TRY(string(out ? &text : nullptr));
      if (out) *out += jsonbString(text);
      return {};
    }
    if (c == '-' || isDigit(c)) return number(out);
    const auto word = token();
    if (word == "null" || word == "true" || word == "false") {
      m_at += word.size();
      if (out) *out += word == "null" ? '\x01' : word == "false" ? '\x04' : '\x05';
      return {};
    }
    if (isWordByte(c)) return invalid(fmt::format("Token \"{}\" is invalid.", word));
    const bool structural = c == '}' || c == ']' || c == ',' || c == ':';
    return structural ? expected("JSON value") : invalid(fmt::format("Token \"{}\" is invalid.", word));
  }

  Status object(std::string* out, std::size_t depth) {
    ++m_at;
    std::vector<std::pair<std::string, std::string>> members;
    skipBlanks();
    if (at('}')) {
      ++m_at;
    } else {
      for (bool first = true;; first = false) {
        skipBlanks();
        if (!at('"')) return expected(first ? "string or \"}\"" : "string");
        std::pair<std::string, std::string> member;
        DRIFT_TRY(string(out ? &member.first : nullptr));
        skipBlanks();
        if (!at(':')) return expected("\":\"");
        ++m_at;
        DRIFT_TRY(value(out ? &member.second : nullptr, depth));
        if (out) members.push_back(std::move(member));
        skipBlanks();
        if (at('}')) break;
        if (!at(',')) return expected("\",\" or \"}\"");
        ++m_at;
      }
      ++m_at;
    }
    if (out) *out += jsonbObject(std::move(members));
    return {};
  }

  Status array(std::string* out, std::size_t depth) {
    ++m_at;
    std::vector<std::string> elements;
    skipBlanks();
    if (at(']')) {
      ++m_at;
    } else {
      while (true) {
        skipBlanks();
        if (at(']')) return expected("JSON value");
        std::string element;
        DRIFT_TRY(value(out ? &element : nullptr, depth));
        if (out) elements.push_back(std::move(element));
        skipBlanks();
        if (at(']')) break;
        if (!at(',')) return expected("\",\" or \"]\"");
        ++m_at;
      }
      ++m_at;
    }
    if (out) *out += jsonbArray(elements);
    return {};
  }

  Status number(std::string* out) {
    const auto start = m_at;
    const auto digits = [&] {
      const auto first = m_at;
      while (m_at < m_text.size() && isDigit(m_text[m_at])) ++m_at;
      return m_at > first;
    };
    if (at('-')) ++m_at;
    bool good = true;
    if (at('0')) ++m_at;
    else good = digits();
    if (good && at('.')) {
      ++m_at;
      good = digits();
    }
    if (good && (at('e') || at('E'))) {
      ++m_at;
      if (at('+') || at('-')) ++m_at;
      good = digits();
    }
    // What goes on like a word is part of the token that is refused.
    while (m_at < m_text.size() && isWordByte(m_text[m_at])) {
      ++m_at;
      good = false;
    }
    const auto text = m_text.substr(start, m_at - start);
    if (!good) return invalid(fmt::format("Token \"{}\" is invalid.", text));
    if (!out) return {};
    DRIFT_ASSIGN(const auto value, parseDecimal(text));
    *out += jsonbNumber(value);
    return {};
  }

  /// Four hexadecimal digits.
  Result<std::uint32_t> unit() {
    std::uint32_t value = 0;
    for (int digit = 0; digit < 4; ++digit, ++m_at) {
      if (atEnd()) return ended();
      const char c = toLowerAscii(m_text[m_at]);
      if (isDigit(c)) value = value * 16 + static_cast<std::uint32_t>(c - '0');
      else if (c >= 'a' && c <= 'f') value = value * 16 + static_cast<std::uint32_t>(c - 'a' + 10);
      else return invalid("\"\\u\" must be followed by four hexadecimal digits.");
    }
    return value;
  }

  Status escape(std::string* out) {
    if (atEnd()) return ended();
    const char c = m_text[m_at++];
    constexpr std::string_view kNames = "\"\\/bfnrt";
    constexpr std::string_view kValues = "\"\\/\b\f\n\r\t";
    if (const auto known = kNames.find(c); known != kNames.npos) {
      if (out) *out += kValues[known];
      return {};
    }
    if (c != 'u') return invalid(fmt::format("Escape sequence \"\\{}\" is invalid.", c));
    DRIFT_ASSIGN(auto point, unit());
    if (point >= 0xdc00 && point <= 0xdfff) return invalid("Unicode low surrogate must follow a high surrogate.");
    if (point >= 0xd800 && point <= 0xdbff) {
      if (m_text.substr(m_at, 2) != "\\u") return invalid("Unicode low surrogate must follow a high surrogate.");
      m_at += 2;
      DRIFT_ASSIGN(const auto low, unit());
      if (low < 0xdc00 || low > 0xdfff)
        return invalid(low >= 0xd800 && low <= 0xdbff ? "Unicode high surrogate must not follow a high surrogate."
                                                      : "Unicode low surrogate must follow a high surrogate.");
      point = 0x10000 + ((point - 0xd800) << 10) + (low - 0xdc00);
    }
    if (!out) return {};
    if (point == 0)
      return Error(ErrorKind::InvalidByteSequence, "unsupported Unicode escape sequence")
          .withDetail("\\u0000 cannot be converted to text.");
    appendCodePoint(*out, point);
    return {};
  }

  const std::string_view m_text;
  std::size_t m_at = 0;
};

}  // namespace

std::string_view jsonKindName(JsonKind kind) {
  switch (kind) {
    case JsonKind::Null: return "null";
    case JsonKind::String: return "string";
    case JsonKind::Number: return "number";
    case JsonKind::False:
    case JsonKind::True: return "boolean";
    case JsonKind::Array: return "array";
    case JsonKind::Object: return "object";
  }
  return "null";
}

Status checkJson(std::string_view text) { return JsonParser(text).whole(nullptr); }

Result<std::string> parseJsonb(std::string_view text) {
  std::string blob;
  DRIFT_TRY(JsonParser(text).whole(&blob));
  return blob;
}

void appendJsonString(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (static_cast<unsigned char>(c) < 0x20) out += fmt::format("\\u{:04x}", static_cast<unsigned char>(c));
        else out += c;
    }
  }
  out += '"';
}

JsonText::JsonText(std::string_view text) {
  while (!text.empty() && isJsonBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && isJsonBlank(text.back())) text.remove_suffix(1);
  m_text = text;
}

Result<JsonKind> JsonText::kind() const {
  if (m_text.empty()) return JsonParser(m_text).ended();
  switch (m_text.front()) {
    case '{': return JsonKind::Object;
    case '[': return JsonKind::Array;
    case '"': return JsonKind::String;
    case 'n': return JsonKind::Null;
    case 't': return JsonKind::True;
    case 'f': return JsonKind::False;
    default: return JsonKind::Number;
  }
}

Status JsonText::each(const Visitor& visitor) const {
  DRIFT_ASSIGN(const auto own, kind());
  if (own != JsonKind::Object && own != JsonKind::Array) return {};
  const char end = own == JsonKind::Object ? '}' : ']';
  JsonParser parser(m_text);
  parser.take();
  parser.skipBlanks();
  while (!parser.at(end)) {
    std::string name;
    if (own == JsonKind::Object) {
      if (!parser.at('"')) return parser.expected("string");
      DRIFT_TRY(parser.string(&name));
      parser.skipBlanks();
      if (!parser.at(':')) return parser.expected("\":\"");
      parser.take();
    }
    DRIFT_ASSIGN(const auto value, parser.skipped());
    DRIFT_ASSIGN(const bool more, visitor(name, JsonText(value)));
    if (!more) return {};
    parser.skipBlanks();
    if (parser.at(',')) parser.take();
    else if (!parser.at(end)) return parser.expected("\",\"");
    parser.skipBlanks();
  }
  return {};
}

Result<std::string> JsonText::plainText() const {
  DRIFT_ASSIGN(const auto own, kind());
  if (own != JsonKind::String) return std::string(m_text);
  std::string text;
  DRIFT_TRY(JsonParser(m_text).string(&text));
  return text;
}

}  // namespace drift::types
