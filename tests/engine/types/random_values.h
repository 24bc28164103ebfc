// Random values of every type for property tests. The seed comes from DRIFT_SEED, or the clock, and
// is printed, so that a failure can be repeated.
#pragma once

#include <cstdlib>
#include <limits>
#include <random>
#include <string>

#include "types/ascii.h"
#include "types/calendar.h"
#include "types/utf8.h"
#include "types/value.h"

namespace drift::types::testing {

class RandomValues final {
 public:
  RandomValues() : m_seed(seedFromEnvironment()), m_engine(m_seed) { qInfo("DRIFT_SEED=%u", m_seed); }

  std::uint64_t bits() { return m_engine(); }
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return std::uniform_int_distribution<std::int64_t>(low, high)(m_engine);
  }

  /// A number of random magnitude, so that small ones and limits both occur.
  std::int64_t integer(std::int64_t min, std::int64_t max) {
    switch (between(0, 9)) {
      case 0: return min;
      case 1: return max;
      case 2: return 0;
      default: break;
    }
    const auto value = static_cast<std::int64_t>(bits()) >> between(0, 63);
    return value < min || value > max ? between(min, max) : value;
  }

  Decimal decimal() {
    if (between(0, 30) == 0) return Decimal::nan();
    Int128 value = 0;
    for (auto digits = between(0, 38); digits > 0; --digits) value = value * 10 + between(0, 9);
    return Decimal(between(0, 1) ? -value : value, static_cast<int>(between(0, 38)));
  }

  double real() {
    switch (between(0, 12)) {
      case 0: return std::numeric_limits<double>::quiet_NaN();
      case 1: return std::numeric_limits<double>::infinity();
      case 2: return -std::numeric_limits<double>::infinity();
      case 3: return -0.0;
      case 4: return static_cast<double>(between(-100, 100));
      default: break;
    }
    const double value = std::bit_cast<double>(bits());
    return std::isnan(value) ? 1.5 : value;
  }

  std::string text() {
    std::string result;
    for (auto left = between(0, 20); left > 0; --left) {
      constexpr char32_t kLimits[] = {0x7f, 0x7ff, 0xd7ff, 0x10ffff};
      auto point = static_cast<char32_t>(between(1, kLimits[between(0, 3)]));
      if (point >= 0xd800 && point <= 0xdfff) point = 'x';
      appendCodePoint(result, point);
    }
    return result;
  }

  std::string bytes() {
    std::string result;
    for (auto left = between(0, 12); left > 0; --left)
      result += static_cast<char>(between(0, 3) == 0 ? 0 : between(0, 255));
    return result;
  }

  Value value(TypeId type) {
    switch (type) {
      case TypeId::Boolean: return Value::boolean(between(0, 1) != 0);
      case TypeId::SmallInt: return Value(type, integer(INT16_MIN, INT16_MAX));
      case TypeId::Integer: return Value(type, integer(INT32_MIN, INT32_MAX));
      case TypeId::BigInt: return Value(type, integer(INT64_MIN, INT64_MAX));
      case TypeId::Double: return Value::real(real());
      case TypeId::Real: return Value(type, static_cast<double>(static_cast<float>(real())));
      case TypeId::Time: return Value(type, integer(0, kMicrosPerDay));
      case TypeId::Char: return Value(type, std::string(withoutBlanksAtEnd(text())));
      case TypeId::Numeric: return Value::numeric(decimal());
      case TypeId::Unknown:
      case TypeId::Text:
      case TypeId::Varchar: return Value(type, text());
      case TypeId::Bytea: return Value::bytea(bytes());
      case TypeId::Date:
        switch (between(0, 10)) {
          case 0: return Value::date(kDateInfinity);
          case 1: return Value::date(kDateMinusInfinity);
          default: return Value(type, integer(kDateMin, kDateMax));
        }
      case TypeId::Timestamp:
      case TypeId::TimestampTz:
        switch (between(0, 10)) {
          case 0: return Value(type, std::int64_t{kTimeInfinity});
          case 1: return Value(type, std::int64_t{kTimeMinusInfinity});
          default: return Value(type, integer(kTimeMin, kTimeEnd - 1));
        }
      case TypeId::Uuid: {
        Uuid uuid;
        for (auto& byte : uuid.bytes) byte = static_cast<std::uint8_t>(between(0, 255));
        return Value::uuid(uuid);
      }
      case TypeId::Interval:
        return Value::interval({integer(INT64_MIN, INT64_MAX), static_cast<std::int32_t>(integer(INT32_MIN, INT32_MAX)),
                                static_cast<std::int32_t>(integer(INT32_MIN, INT32_MAX))});
      case TypeId::Json:
      case TypeId::Jsonb:
      case TypeId::Array: break;  // made of others, or of a form of their own
    }
    return Value();
  }

 private:
  static unsigned seedFromEnvironment() {
    if (const char* text = std::getenv("DRIFT_SEED")) return static_cast<unsigned>(std::strtoul(text, nullptr, 10));
    return std::random_device{}();
  }

  unsigned m_seed;
  std::mt19937_64 m_engine;
};

inline constexpr TypeId kAllTypes[] = {TypeId::Boolean,  TypeId::SmallInt,  TypeId::Integer,     TypeId::BigInt,
                                       TypeId::Double,   TypeId::Numeric,   TypeId::Text,        TypeId::Bytea,
                                       TypeId::Date,     TypeId::Timestamp, TypeId::TimestampTz, TypeId::Uuid,
                                       TypeId::Interval, TypeId::Varchar,   TypeId::Real,        TypeId::Time,
                                       TypeId::Char};

}  // namespace drift::types::testing
