#include "types/type.h"

#include <algorithm>
#include <array>
#include <utility>

#include <fmt/format.h>

namespace drift::types {

PhysicalType Type::physical() const {
  switch (m_id) {
    case TypeId::Boolean: return PhysicalType::Bool;
    case TypeId::SmallInt: return PhysicalType::Int16;
    case TypeId::Integer:
    case TypeId::Date: return PhysicalType::Int32;
    case TypeId::BigInt:
    case TypeId::Timestamp:
    case TypeId::TimestampTz:
    case TypeId::Time: return PhysicalType::Int64;
    case TypeId::Real:
    case TypeId::Double: return PhysicalType::Double;
    case TypeId::Numeric: return PhysicalType::Decimal;
    case TypeId::Uuid: return PhysicalType::Uuid;
    case TypeId::Interval: return PhysicalType::Interval;
    case TypeId::Unknown:
    case TypeId::Text:
    case TypeId::Varchar:
    case TypeId::Char:
    case TypeId::Bytea:
    case TypeId::Json:
    case TypeId::Jsonb:
    case TypeId::Array: return PhysicalType::String;
  }
  return PhysicalType::String;
}

std::string Type::name() const {
  // timestamp(3) without time zone: the digits stand between the words.
  const auto fraction = [this] { return m_precision ? fmt::format("({})", m_precision - 1) : std::string(); };
  switch (m_id) {
    case TypeId::Unknown: return "unknown";
    case TypeId::Boolean: return "boolean";
    case TypeId::SmallInt: return "smallint";
    case TypeId::Integer: return "integer";
    case TypeId::BigInt: return "bigint";
    case TypeId::Double: return "double precision";
    case TypeId::Real: return "real";
    case TypeId::Numeric: return m_precision ? fmt::format("numeric({},{})", m_precision, m_scale) : "numeric";
    case TypeId::Text: return "text";
    case TypeId::Varchar: return m_length ? fmt::format("character varying({})", m_length) : "character varying";
    case TypeId::Char: return m_length ? fmt::format("character({})", m_length) : "character";
    case TypeId::Bytea: return "bytea";
    case TypeId::Date: return "date";
    case TypeId::Timestamp: return "timestamp" + fraction() + " without time zone";
    case TypeId::TimestampTz: return "timestamp" + fraction() + " with time zone";
    case TypeId::Time: return "time" + fraction() + " without time zone";
    case TypeId::Uuid: return "uuid";
    case TypeId::Interval: return "interval";
    case TypeId::Json: return "json";
    case TypeId::Jsonb: return "jsonb";
    case TypeId::Array: return element().name() + "[]";
  }
  return "unknown";
}

std::optional<Type> typeFromName(std::string_view name) {
  static constexpr std::array<std::pair<std::string_view, TypeId>, 37> kNames{{
      {"boolean", TypeId::Boolean}, {"bool", TypeId::Boolean},
      {"smallint", TypeId::SmallInt}, {"int2", TypeId::SmallInt},
      {"integer", TypeId::Integer}, {"int", TypeId::Integer}, {"int4", TypeId::Integer},
      {"bigint", TypeId::BigInt}, {"int8", TypeId::BigInt},
      {"double precision", TypeId::Double}, {"float8", TypeId::Double}, {"float", TypeId::Double},
      {"real", TypeId::Real}, {"float4", TypeId::Real},
      {"numeric", TypeId::Numeric}, {"decimal", TypeId::Numeric}, {"dec", TypeId::Numeric},
      {"text", TypeId::Text}, {"string", TypeId::Text},
      {"varchar", TypeId::Varchar}, {"character varying", TypeId::Varchar},
      {"character", TypeId::Char}, {"char", TypeId::Char}, {"bpchar", TypeId::Char},
      {"bytea", TypeId::Bytea}, {"date", TypeId::Date},
      {"time", TypeId::Time}, {"time without time zone", TypeId::Time},
      {"timestamp", TypeId::Timestamp}, {"timestamp without time zone", TypeId::Timestamp},
      {"timestamptz", TypeId::TimestampTz}, {"timestamp with time zone", TypeId::TimestampTz},
      {"json", TypeId::Json}, {"jsonb", TypeId::Jsonb}, {"uuid", TypeId::Uuid}, {"interval", TypeId::Interval},
      {"unknown", TypeId::Unknown},
  }};
  std::string lower(name);
  std::ranges::transform(lower, lower.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  for (const auto& [text, id] : kNames)
    if (text == lower) return Type(id);
  return std::nullopt;
}

}  // namespace drift::types
