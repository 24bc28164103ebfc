// Value: one SQL value with its type. For literals, parameters, keys and results at the edges; rows in
// bulk travel as Chunks. Plain value, no thread rule.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

#include "base/bytes.h"
#include "base/ids.h"
#include "types/decimal.h"
#include "types/type.h"

namespace drift::types {

/// 16 bytes in network order (RFC 9562).
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};
  friend auto operator<=>(const Uuid&, const Uuid&) = default;
};

/// PostgreSQL's interval: months, days and microseconds are kept apart. 16 bytes.
struct Interval {
  std::int64_t micros = 0;
  std::int32_t days = 0;
  std::int32_t months = 0;
  friend bool operator==(const Interval&, const Interval&) = default;
};

/// One value. Integers, dates, times and timestamps are held as std::int64_t; text and bytea as std::string.
class Value final {
 public:
  using Storage = std::variant<std::monostate, bool, std::int64_t, double, Decimal, std::string, Uuid, Interval>;

  /// NULL of unknown type.
  Value() = default;
  /// By assignment: where a copy of a string runs out of memory, the copy constructor of the variant of GCC 12, which
  /// takes itself for never empty, destroys what never was. So Storage is not copied otherwise either.
  Value(const Value& other) : m_type(other.m_type) { m_storage = other.m_storage; }
  Value(Value&&) noexcept = default;
  Value& operator=(const Value&) = default;
  Value& operator=(Value&&) noexcept = default;
  ~Value() = default;
  static Value null(Type type) { return Value(type, std::monostate{}); }
  static Value boolean(bool value) { return Value(TypeId::Boolean, value); }
  static Value smallInt(std::int16_t value) { return Value(TypeId::SmallInt, std::int64_t{value}); }
  static Value integer(std::int32_t value) { return Value(TypeId::Integer, std::int64_t{value}); }
  static Value bigInt(std::int64_t value) { return Value(TypeId::BigInt, value); }
  static Value real(double value) { return Value(TypeId::Double, value); }
  static Value time(TimeMicros microsOfDay) { return Value(TypeId::Time, std::int64_t{microsOfDay}); }
  static Value numeric(Decimal value) { return Value(TypeId::Numeric, value); }
  static Value text(std::string value) { return Value(TypeId::Text, std::move(value)); }
  /// An untyped string literal, to be coerced by its context.
  static Value unknown(std::string value) { return Value(TypeId::Unknown, std::move(value)); }
  static Value bytea(std::string value) { return Value(TypeId::Bytea, std::move(value)); }
  static Value date(std::int32_t days) { return Value(TypeId::Date, std::int64_t{days}); }
  static Value timestamp(TimeMicros micros) { return Value(TypeId::Timestamp, std::int64_t{micros}); }
  static Value timestampTz(TimeMicros micros) { return Value(TypeId::TimestampTz, std::int64_t{micros}); }
  static Value uuid(Uuid value) { return Value(TypeId::Uuid, value); }
  static Value interval(Interval value) { return Value(TypeId::Interval, value); }
  /// Any type with storage that fits it (see the class comment); asserted.
  Value(Type type, Storage storage);

  Type type() const { return m_type; }
  bool isNull() const { return std::holds_alternative<std::monostate>(m_storage); }
  bool asBool() const { return std::get<bool>(m_storage); }
  std::int64_t asInt() const { return std::get<std::int64_t>(m_storage); }
  double asDouble() const { return std::get<double>(m_storage); }
  const Decimal& asDecimal() const { return std::get<Decimal>(m_storage); }
  const std::string& asString() const { return std::get<std::string>(m_storage); }
  const Uuid& asUuid() const { return std::get<Uuid>(m_storage); }
  const Interval& asInterval() const { return std::get<Interval>(m_storage); }
  /// The same value as one of another type with the same storage; asserted.
  Value withType(Type type) const;

  /// Same type and same value; two NULLs of one type are the same. Not SQL's "=".
  friend bool operator==(const Value& a, const Value& b);

 private:
  Type m_type;
  Storage m_storage;
};

/// Writes a value so that readValue() gives it back: type id, modifiers, value. On disk: do not change.
void writeValue(ByteWriter& out, const Value& value);
/// Reads one value. DataCorrupted for anything writeValue does not produce.
Result<Value> readValue(ByteReader& in);
/// Writes and reads a type with its modifiers. On disk: do not change.
void writeType(ByteWriter& out, Type type);
Result<Type> readType(ByteReader& in);

}  // namespace drift::types
