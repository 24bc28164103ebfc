// The text form of arrays (PostgreSQL 8.15.6): the declarations are in types/array.h.
#include <optional>

#include <fmt/format.h>

#include "types/array.h"
#include "types/ascii.h"

namespace drift::types {

namespace {

bool isSpace(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }

bool needsQuotes(std::string_view text) {
  if (text.empty() || (text.size() == 4 && lowerAscii(text) == "null")) return true;
  for (const char c : text)
    if (c == '"' || c == '\\' || c == '{' || c == '}' || c == ',' || isSpace(c)) return true;
  return false;
}

void appendQuoted(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

Status appendLevel(std::string& out, ArrayReader& reader, std::size_t level, const TextStyle& style) {
  out += '{';
  for (std::uint32_t at = 0; at < reader.shape()[level]; ++at) {
    if (at > 0) out += ',';
    if (level + 1 < reader.shape().count()) {
      DRIFT_TRY(appendLevel(out, reader, level + 1, style));
      continue;
    }
    DRIFT_ASSIGN(const auto value, reader.nextValue());
    if (value.isNull()) {
      out += "NULL";
      continue;
    }
    const auto text = toText(value, style);
    if (needsQuotes(text)) appendQuoted(out, text);
    else out += text;
  }
  out += '}';
  return {};
}

Status appendAll(std::string& out, std::string_view blob, Type element, const TextStyle& style) {
  DRIFT_ASSIGN(auto reader, ArrayReader::open(blob, element));
  if (reader.count() > 0) return appendLevel(out, reader, 0, style);
  out += "{}";
  return {};
}

/// Reads one literal: braces within braces, elements with or without quotes.
class ArrayParser final {
 public:
  ArrayParser(std::string_view text, Type element, const TextStyle& style)
      : m_text(text), m_element(element), m_style(style) {}

  Result<std::string> parse() {
    skipSpace();
    if (at('[')) DRIFT_TRY(bounds());
    if (!at('{')) return malformed("Array value must start with \"{\" or dimension information.");
    DRIFT_TRY(level(0));
    skipSpace();
    if (m_at != m_text.size()) return malformed("Junk after closing right brace.");
    if (m_builder.count() == 0) return m_builder.finish();
    ArrayShape shape;
    for (std::size_t depth = 0; depth < m_depth; ++depth) shape.add(*m_lengths[depth]);
    if (m_bounds && *m_bounds != shape)
      return malformed("Specified array dimensions do not match array contents.");
    return m_builder.finish(shape);
  }

 private:
  bool at(char c) const { return m_at < m_text.size() && m_text[m_at] == c; }
  void skipSpace() {
    while (m_at < m_text.size() && isSpace(m_text[m_at])) ++m_at;
  }
  Error malformed(std::string_view detail) const {
    return makeError(ErrorKind::InvalidTextRepresentation, "malformed array literal: \"{}\"", m_text)
        .withDetail(std::string(detail));
  }

  std::optional<std::int64_t> number() {
    const auto start = m_at;
    if (at('-') || at('+')) ++m_at;
    while (m_at < m_text.size() && isDigit(m_text[m_at])) ++m_at;
    const auto parsed = parseText(m_text.substr(start, m_at - start), TypeId::Integer);
    return parsed.ok() ? std::optional(parsed->asInt()) : std::nullopt;
  }

  /// [1:2][1:3]= in front: the subscripts of each dimension.
  Status bounds() {
    ArrayShape shape;
    while (at('[')) {
      ++m_at;
      auto low = std::optional<std::int64_t>(1);
      auto high = number();
      if (at(':')) {
        ++m_at;
        low = high;
        high = number();
      }
      if (!low || !high || !at(']')) return malformed("Missing array dimension value.");
      ++m_at;
      if (*high < *low)
        return Error(ErrorKind::ArraySubscript, "upper bound cannot be less than lower bound");
      if (*low != 1)
        return Error(ErrorKind::FeatureNotSupported, "arrays whose subscripts begin elsewhere than at 1 are not supported");
      if (shape.count() == kArrayDimensionsMax) return tooDeep();
      shape.add(static_cast<std::uint32_t>(*high));
    }
    skipSpace();
    if (!at('=')) return malformed("Missing \"=\" after array dimensions.");
    ++m_at;
    skipSpace();
    m_bounds = shape;
    return {};
  }

  static Error tooDeep() {
    return makeError(ErrorKind::LimitExceeded, "number of array dimensions exceeds the maximum allowed ({})",
                     kArrayDimensionsMax);
  }

  /// What stands between two braces; `depth` counts the braces around it.
  Status level(std::size_t depth) {
    if (depth == kArrayDimensionsMax) return tooDeep();
    ++m_at;
    std::uint32_t length = 0;
    skipSpace();
    if (at('}')) {
      ++m_at;
      // An empty array has no dimensions, so that it must not stand beside others.
      if (depth > 0 || m_lengths[0]) return malformed("Multidimensional arrays must have sub-arrays with matching dimensions.");
      return {};
    }
    while (true) {
      skipSpace();
      if (m_at == m_text.size()) return malformed("Unexpected end of input.");
      const bool nested = at('{');
      if (nested != (m_depth > depth + 1) && m_depth > 0)
        return malformed(nested ? "Unexpected \"{\" character."
                                : "Multidimensional arrays must have sub-arrays with matching dimensions.");
      if (nested) {
        DRIFT_TRY(level(depth + 1));
      } else {
        m_depth = depth + 1;
        DRIFT_TRY(element());
      }
      ++length;
      skipSpace();
      if (m_at == m_text.size()) return malformed("Unexpected end of input.");
      if (at(',')) {
        ++m_at;
        continue;
      }
      if (!at('}')) return malformed("Unexpected array element.");
      ++m_at;
      break;
    }
    if (m_lengths[depth] && *m_lengths[depth] != length)
      return malformed("Multidimensional arrays must have sub-arrays with matching dimensions.");
    m_lengths[depth] = length;
    return {};
  }

  Status element() {
    std::string text;
    const bool quoted = at('"');
    bool escaped = false;
    std::size_t kept = 0;  // without the blanks at the end
    if (quoted) ++m_at;
    while (true) {
      if (m_at == m_text.size()) return malformed("Unexpected end of input.");
      const char c = m_text[m_at];
      if (quoted ? c == '"' : c == ',' || c == '}') break;
      if (!quoted && (c == '{' || c == '"')) return malformed(fmt::format("Unexpected \"{}\" character.", c == '{' ? "{" : "\\\""));
      ++m_at;
      if (c != '\\') {
        text += c;
        if (quoted || !isSpace(c)) kept = text.size();
        continue;
      }
      if (m_at == m_text.size()) return malformed("Unexpected end of input.");
      text += m_text[m_at++];
      kept = text.size();
      escaped = true;
    }
    if (quoted) ++m_at;
    else text.resize(kept);
    if (!quoted && text.empty()) return malformed("Unexpected \"" + std::string(1, m_text[m_at]) + "\" character.");
    if (!quoted && !escaped && text.size() == 4 && lowerAscii(text) == "null") {
      m_builder.addNull();
      return {};
    }
    DRIFT_ASSIGN(const auto value, parseText(text, m_element, m_style));
    m_builder.add(value);
    return {};
  }

  const std::string_view m_text;
  const Type m_element;
  const TextStyle& m_style;
  std::size_t m_at = 0;
  ArrayBuilder m_builder;
  std::optional<ArrayShape> m_bounds;
  std::size_t m_depth = 0;  ///< braces around elements; 0 = none was read yet
  std::array<std::optional<std::uint32_t>, kArrayDimensionsMax> m_lengths{};
};

}  // namespace

void appendArrayText(std::string& out, std::string_view blob, Type element, const TextStyle& style) {
  const auto start = out.size();
  if (appendAll(out, blob, element, style).ok()) return;
  out.resize(start);
  out += "<malformed array>";
}

Result<std::string> parseArrayText(std::string_view text, Type element, const TextStyle& style) {
  return ArrayParser(text, element, style).parse();
}

}  // namespace drift::types
