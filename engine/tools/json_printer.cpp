#include <cmath>
#include <set>

#include "tools/console.h"
#include "tools/result_printer.h"
#include "types/json.h"

namespace drift::tools {

namespace {

/// Gives a JSON string (RFC 8259, section 7).
std::string quoted(std::string_view text) {
  std::string result = "\"";
  for (const char byte : text) {
    const auto code = static_cast<unsigned char>(byte);
    if (byte == '"' || byte == '\\') result += {'\\', byte};
    else if (byte == '\n') result += "\\n";
    else if (byte == '\t') result += "\\t";
    else if (byte == '\r') result += "\\r";
    else if (code < 0x20) result += fmt::format("\\u{:04x}", code);
    else result += byte;
  }
  return result + '"';
}

/// True if the value's text is a JSON literal as it stands. Infinities and NaN are not: they become strings.
bool isBare(const api::Value& value) {
  switch (value.type().id()) {
    case types::TypeId::SmallInt:
    case types::TypeId::Integer:
    case types::TypeId::BigInt: return true;
    case types::TypeId::Real:
    case types::TypeId::Double: return std::isfinite(value.asDouble());
    case types::TypeId::Numeric: return !value.asDecimal().isNan();
    case types::TypeId::Boolean:
    case types::TypeId::Unknown:
    case types::TypeId::Text:
    case types::TypeId::Varchar:
    case types::TypeId::Char:
    case types::TypeId::Time:
    case types::TypeId::Bytea:
    case types::TypeId::Date:
    case types::TypeId::Timestamp:
    case types::TypeId::TimestampTz:
    case types::TypeId::Uuid:
    case types::TypeId::Json:
    case types::TypeId::Jsonb:
    case types::TypeId::Array:
    case types::TypeId::Interval: return false;
  }
  return false;
}

std::string literal(const api::Value& value, const std::string& timeZone) {
  if (value.isNull()) return "null";
  if (value.type().id() == types::TypeId::Boolean) return value.asBool() ? "true" : "false";
  const auto id = value.type().id();
  if (id == types::TypeId::Json || id == types::TypeId::Jsonb || id == types::TypeId::Array) {
    std::string nested;
    if (types::appendJson(nested, value, {timeZone}).ok()) return nested;
  }
  auto text = types::toText(value, {timeZone});
  return isBare(value) ? text : quoted(text);
}

class JsonPrinter final : public ResultPrinter {
 public:
  explicit JsonPrinter(bool lines) : m_lines(lines) {}

  Status begin(const std::vector<api::ResultColumn>& columns, const PrintStyle& style) override {
    m_style = style;
    m_keys.clear();
    m_rows = 0;
    std::set<std::string> names;
    for (const auto& column : columns) {
      // Readers keep one of two equal keys, so the second one gets a number.
      auto name = column.name;
      for (int number = 2; !names.insert(name).second; ++number) name = fmt::format("{}_{}", column.name, number);
      m_keys.push_back(quoted(name));
    }
    return m_lines || columns.empty() ? Status() : print("[");
  }

  Status addRows(const api::Chunk& rows) override {
    std::string text;
    for (std::size_t row = 0; row < rows.rowCount(); ++row) {
      if (!m_lines) text += m_rows == 0 ? "\n  " : ",\n  ";
      text += '{';
      for (std::size_t at = 0; at < m_keys.size(); ++at) {
        if (at > 0) text += ", ";
        text += m_keys[at] + ": " + literal(rows.column(at).get(row), m_style.timeZone);
      }
      text += m_lines ? "}\n" : "}";
      ++m_rows;
    }
    return print(text);
  }

  Status end(const std::string&, std::uint64_t, std::optional<CommitNumber>) override {
    if (m_lines || m_keys.empty()) return {};
    return print(m_rows == 0 ? "]\n" : "\n]\n");
  }

 private:
  const bool m_lines;
  PrintStyle m_style;
  std::vector<std::string> m_keys;
  std::uint64_t m_rows = 0;
};

}  // namespace

std::unique_ptr<ResultPrinter> makeJsonPrinter(bool lines) {
  return std::make_unique<JsonPrinter>(lines);
}

}  // namespace drift::tools
