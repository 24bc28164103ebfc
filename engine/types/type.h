// Type: an SQL type with its modifiers. Plain value, no thread rule.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drift::types {

/// SQL types. Numbers on disk: do not change.
enum class TypeId : std::uint8_t {
  Unknown = 0,      ///< a bare NULL or an untyped string literal before it is coerced
  Boolean = 1,
  SmallInt = 2,
  Integer = 3,
  BigInt = 4,
  Double = 5,       ///< DOUBLE PRECISION
  Numeric = 6,      ///< to 38 digits
  Text = 7,
  Bytea = 8,
  Date = 9,         ///< days since 1970-01-01
  Timestamp = 10,   ///< without time zone, microseconds since 1970-01-01
  TimestampTz = 11, ///< microseconds since 1970-01-01T00:00Z
  Uuid = 12,
  Interval = 13,
  Varchar = 14,     ///< VARCHAR(n); length() 0 = no bound
  Json = 15,        ///< the text as it was written
  Jsonb = 16,       ///< one blob, see types/jsonb.h
  Array = 17,       ///< element() says what of; one blob, see types/array.h
  Real = 18,        ///< a double whose value is one of the float's
  Time = 19,        ///< WITHOUT TIME ZONE, microseconds since midnight, to 24:00 inclusive
  Char = 20,        ///< CHAR(n); kept without the blanks at its end, shown with them; length() 0 = no bound
};

/// How a value lies in a Vector's data array.
enum class PhysicalType : std::uint8_t {
  Bool,     ///< std::uint8_t, 0 or 1
  Int16,
  Int32,    ///< Integer, Date
  Int64,    ///< BigInt, Timestamp, TimestampTz, Time
  Double,   ///< Double, Real
  Decimal,  ///< types::Decimal
  String,   ///< types::StringRef: Text, Varchar, Char, Bytea, Unknown, Json, Jsonb, Array
  Uuid,     ///< types::Uuid, 16 bytes in network order
  Interval, ///< types::Interval
};

/// An SQL type: id and modifiers. Equality compares both.
class Type final {
 public:
  /// Digits behind the second that every time keeps.
  static constexpr int kFractionDigitsMax = 6;

  constexpr Type() = default;
  constexpr Type(TypeId id) : m_id(id) {}  // NOLINT: implicit on purpose
  /// NUMERIC(precision, scale): 1 <= precision <= 38, 0 <= scale <= precision. A bare NUMERIC is Type(TypeId::Numeric).
  static constexpr Type numeric(int precision, int scale) {
    Type type(TypeId::Numeric);
    type.m_precision = static_cast<std::uint8_t>(precision);
    type.m_scale = static_cast<std::uint8_t>(scale);
    return type;
  }
  /// VARCHAR(length); 0 = without bound.
  static constexpr Type varchar(std::uint32_t length) {
    Type type(TypeId::Varchar);
    type.m_length = length;
    return type;
  }
  /// CHAR(length); 0 = without bound.
  static constexpr Type character(std::uint32_t length) {
    Type type(TypeId::Char);
    type.m_length = length;
    return type;
  }
  /// TIME(digits), TIMESTAMP(digits) or TIMESTAMPTZ(digits) with 0 <= digits < 6; with 6, the type without modifiers.
  static constexpr Type withFraction(TypeId id, int digits) {
    Type type(id);
    if (digits < kFractionDigitsMax) type.m_precision = static_cast<std::uint8_t>(digits + 1);
    return type;
  }
  /// An array of any number of dimensions; its elements have `element`'s modifiers. Arrays are no elements.
  static constexpr Type array(Type element) {
    Type type = element;
    type.m_element = element.m_id;
    type.m_id = TypeId::Array;
    return type;
  }

  constexpr TypeId id() const { return m_id; }
  constexpr bool isArray() const { return m_id == TypeId::Array; }
  /// Type of an array's elements, with their modifiers; Unknown for what is no array.
  constexpr Type element() const {
    Type type = *this;
    type.m_id = m_element;
    type.m_element = TypeId::Unknown;
    return type;
  }
  /// The same type without modifiers: numeric for numeric(10,2), numeric[] for numeric(10,2)[].
  constexpr Type bare() const {
    Type type(m_id);
    type.m_element = m_element;
    return type;
  }
  /// 0 = a NUMERIC without declared precision: each value keeps its own scale.
  constexpr int precision() const { return m_precision; }
  constexpr int scale() const { return m_scale; }
  /// Digits behind the second of a TIME or a timestamp.
  constexpr int fractionDigits() const {
    const bool has = m_id == TypeId::Time || m_id == TypeId::Timestamp || m_id == TypeId::TimestampTz;
    return has && m_precision ? m_precision - 1 : kFractionDigitsMax;
  }
  /// Most code points of a VARCHAR or CHAR; 0 = no bound.
  constexpr std::uint32_t length() const { return m_length; }
  PhysicalType physical() const;

  bool isInteger() const { return m_id == TypeId::SmallInt || m_id == TypeId::Integer || m_id == TypeId::BigInt; }
  bool isNumber() const {
    return isInteger() || m_id == TypeId::Double || m_id == TypeId::Real || m_id == TypeId::Numeric;
  }
  bool isText() const { return m_id == TypeId::Text || m_id == TypeId::Varchar || m_id == TypeId::Char; }
  /// A date or a moment; no time of day.
  bool isTemporal() const {
    return m_id == TypeId::Date || m_id == TypeId::Timestamp || m_id == TypeId::TimestampTz;
  }

  /// Gives PostgreSQL's name: "integer", "numeric(10,2)", "character varying(20)", "timestamp with time zone",
  /// "integer[]".
  std::string name() const;

  friend constexpr bool operator==(const Type&, const Type&) = default;

 private:
  TypeId m_id = TypeId::Unknown;
  std::uint8_t m_precision = 0;
  std::uint8_t m_scale = 0;
  TypeId m_element = TypeId::Unknown;  ///< Array
  std::uint32_t m_length = 0;
};

/// Gives the type of a one-word or two-word SQL name ("int4", "double precision", "timestamptz"), without
/// modifiers; nothing where the name is not a type. Case is ignored.
std::optional<Type> typeFromName(std::string_view name);

}  // namespace drift::types
