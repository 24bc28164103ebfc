// JSON texts of values: the declaration is in types/json.h.
#include <cmath>

#include "types/array.h"
#include "types/json.h"

namespace drift::types {

namespace {

/// Elements of one level of an array.
Status appendLevel(std::string& out, ArrayReader& reader, std::size_t level, const TextStyle& style) {
  out += '[';
  for (std::uint32_t at = 0; at < reader.shape()[level]; ++at) {
    if (at > 0) out += ',';
    if (level + 1 < reader.shape().count()) {
      DRIFT_TRY(appendLevel(out, reader, level + 1, style));
      continue;
    }
    DRIFT_ASSIGN(const auto value, reader.nextValue());
    DRIFT_TRY(appendJson(out, value, style));
  }
  out += ']';
  return {};
}

/// ISO 8601: a T between date and time, and minutes in the offset.
std::string isoTime(std::string text, bool zone) {
  if (const auto blank = text.find(' '); blank != text.npos) text[blank] = 'T';
  if (zone && text.size() > 3 && (text[text.size() - 3] == '+' || text[text.size() - 3] == '-')) text += ":00";
  return text;
}

}  // namespace

Status appendJson(std::string& out, const Value& value, const TextStyle& style) {
  if (value.isNull()) {
    out += "null";
    return {};
  }
  switch (value.type().id()) {
    case TypeId::Boolean: out += value.asBool() ? "true" : "false"; return {};
    case TypeId::SmallInt:
    case TypeId::Integer:
    case TypeId::BigInt: out += toText(value, style); return {};
    case TypeId::Double:
    case TypeId::Real:
      if (std::isfinite(value.asDouble())) out += toText(value, style);
      else appendJsonString(out, toText(value, style));
      return {};
    case TypeId::Numeric:
      if (value.asDecimal().isNan()) appendJsonString(out, toText(value, style));
      else out += toText(value, style);
      return {};
    case TypeId::Json: out += value.asString(); return {};
    case TypeId::Jsonb: {
      DRIFT_ASSIGN(const auto text, JsonbView(value.asString()).text());
      out += text;
      return {};
    }
    case TypeId::Array: {
      DRIFT_ASSIGN(auto reader, ArrayReader::open(value.asString(), value.type().element()));
      if (reader.count() > 0) return appendLevel(out, reader, 0, style);
      out += "[]";
      return {};
    }
    case TypeId::Timestamp:
    case TypeId::TimestampTz:
      appendJsonString(out, isoTime(toText(value, style), value.type().id() == TypeId::TimestampTz));
      return {};
    case TypeId::Unknown:
    case TypeId::Text:
    case TypeId::Varchar:
    case TypeId::Char:
    case TypeId::Time:
    case TypeId::Bytea:
    case TypeId::Date:
    case TypeId::Uuid:
    case TypeId::Interval: break;
  }
  appendJsonString(out, toText(value, style));
  return {};
}

}  // namespace drift::types
