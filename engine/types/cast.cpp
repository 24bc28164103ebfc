#include "types/cast.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "types/array.h"
#include "types/ascii.h"
#include "types/calendar.h"
#include "types/json.h"
#include "types/time_zone.h"
#include "types/utf8.h"

namespace drift::types {

namespace {

/// What one cast works on.
struct Job {
  const Vector& input;
  VectorView view;
  std::size_t rows;
  Type to;
  CastContext context;
  const TextStyle& style;
  Vector& out;
};

/// Calls convert(value, result) for each row that is not NULL; it returns a Status.
template <class From, class To, class Convert>
Status convertRows(Job& job, const Convert& convert) {
  auto* out = job.out.data<To>();
  for (std::size_t row = 0; row < job.rows; ++row) {
    if (job.view.isNull(row)) job.out.setNull(row);
    else DRIFT_TRY(convert(job.view.at<From>(row), out[row]));
  }
  return {};
}

/// As convertRows(), for conversions that cannot fail.
template <class From, class To, class Convert>
Status mapRows(Job& job, const Convert& convert) {
  auto* out = job.out.data<To>();
  for (std::size_t row = 0; row < job.rows; ++row) out[row] = convert(job.view.at<From>(row));
  if (job.view.mayHaveNulls())
    for (std::size_t row = 0; row < job.rows; ++row)
      if (job.view.isNull(row)) job.out.setNull(row);
  return {};
}

Error outOfRange(Type type) { return makeError(ErrorKind::NumericValueOutOfRange, "{} out of range", type.name()); }

template <class To>
Status narrow(std::int64_t value, To& result, Type type) {
  if (value < std::numeric_limits<To>::min() || value > std::numeric_limits<To>::max()) return outOfRange(type);
  result = static_cast<To>(value);
  return {};
}

/// Stores a decimal with the modifiers of the target.
Status storeDecimal(const Decimal& value, Decimal& result, Type type) {
  if (!type.precision()) {
    result = value;
    return {};
  }
  DRIFT_ASSIGN(result, rescale(value, type.precision(), type.scale()));
  return {};
}

/// Rounds to a float.
Status narrowToReal(double value, double& result) {
  result = static_cast<float>(value);
  if (std::isinf(result) && !std::isinf(value))
    return Error(ErrorKind::NumericValueOutOfRange, "value out of range: overflow");
  if (result == 0 && value != 0) return Error(ErrorKind::NumericValueOutOfRange, "value out of range: underflow");
  return {};
}

template <class From>
Status integerToNumber(Job& job) {
  const auto to = job.to;
  const auto id = to.id();
  if (id == TypeId::SmallInt)
    return convertRows<From, std::int16_t>(job, [&](From value, auto& result) { return narrow(value, result, to); });
  if (id == TypeId::Integer)
    return convertRows<From, std::int32_t>(job, [&](From value, auto& result) { return narrow(value, result, to); });
  if (id == TypeId::BigInt) return mapRows<From, std::int64_t>(job, [](From value) { return std::int64_t{value}; });
  if (id == TypeId::Double) return mapRows<From, double>(job, [](From value) { return static_cast<double>(value); });
  if (id == TypeId::Real) return mapRows<From, double>(job, [](From value) { return static_cast<float>(value); });
  if (id == TypeId::Boolean) return mapRows<From, std::uint8_t>(job, [](From value) { return value != 0; });
  return convertRows<From, Decimal>(
      job, [&](From value, Decimal& result) { return storeDecimal(Decimal::fromInteger(value), result, to); });
}

template <class To>
Status doubleToInteger(Job& job) {
  return convertRows<double, To>(job, [&](double value, To& result) -> Status {
    // Half to even, the floating-point default; the limits are powers of two and exact.
    const double rounded = std::nearbyint(value);
    constexpr double kEnd = -static_cast<double>(std::numeric_limits<To>::min());
    if (!(rounded >= -kEnd && rounded < kEnd)) return outOfRange(job.to);
    result = static_cast<To>(rounded);
    return {};
  });
}

/// The six digits that every float keeps, as PostgreSQL has it.
Result<Decimal> decimalFromReal(double value) {
  if (!std::isfinite(value)) return decimalFromDouble(value);
  return parseDecimal(fmt::format("{:.6g}", value));
}

Status doubleToNumber(Job& job) {
  const auto id = job.to.id();
  if (id == TypeId::SmallInt) return doubleToInteger<std::int16_t>(job);
  if (id == TypeId::Integer) return doubleToInteger<std::int32_t>(job);
  if (id == TypeId::BigInt) return doubleToInteger<std::int64_t>(job);
  if (id == TypeId::Real) return convertRows<double, double>(job, narrowToReal);
  const bool fromReal = job.input.type().id() == TypeId::Real;
  return convertRows<double, Decimal>(job, [&](double value, Decimal& result) -> Status {
    DRIFT_ASSIGN(const auto decimal, fromReal ? decimalFromReal(value) : decimalFromDouble(value));
    return storeDecimal(decimal, result, job.to);
  });
}

template <class To>
Status decimalToInteger(Job& job) {
  return convertRows<Decimal, To>(job, [&](const Decimal& value, To& result) -> Status {
    if (value.isNan()) return makeError(ErrorKind::FeatureNotSupported, "cannot convert NaN to {}", job.to.name());
    const auto integer = toInteger(value);
    return integer ? narrow(*integer, result, job.to) : Status(outOfRange(job.to));
  });
}

Status decimalToNumber(Job& job) {
  const auto id = job.to.id();
  if (id == TypeId::SmallInt) return decimalToInteger<std::int16_t>(job);
  if (id == TypeId::Integer) return decimalToInteger<std::int32_t>(job);
  if (id == TypeId::BigInt) return decimalToInteger<std::int64_t>(job);
  if (id == TypeId::Double) return mapRows<Decimal, double>(job, [](const Decimal& value) { return toDouble(value); });
  if (id == TypeId::Real) {
    // From the digits, so that it is rounded once.
    return convertRows<Decimal, double>(job, [](const Decimal& value, double& result) -> Status {
      DRIFT_ASSIGN(const auto real, parseText(toString(value), TypeId::Real));
      result = real.asDouble();
      return {};
    });
  }
  return convertRows<Decimal, Decimal>(
      job, [&](const Decimal& value, Decimal& result) { return storeDecimal(value, result, job.to); });
}

/// Between DATE, TIMESTAMP and TIMESTAMPTZ.
Status temporalToTemporal(Job& job) {
  DRIFT_ASSIGN(const auto zone, TimeZone::find(job.style.timeZone));
  const auto from = job.input.type().id();
  const auto to = job.to.id();
  if (from == TypeId::Date) {
    return convertRows<std::int32_t, TimeMicros>(job, [&](std::int32_t days, TimeMicros& result) -> Status {
      DRIFT_ASSIGN(result, timeFromDate(days));
      if (to == TypeId::TimestampTz) result = zone.toUtc(result);
      return {};
    });
  }
  const bool fromZone = from == TypeId::TimestampTz;
  if (to == TypeId::Date) {
    return convertRows<TimeMicros, std::int32_t>(job, [&](TimeMicros micros, std::int32_t& result) -> Status {
      DRIFT_ASSIGN(result, dateFromTime(fromZone ? zone.toLocal(micros) : micros));
      return {};
    });
  }
  if (to == TypeId::Time) {
    auto* out = job.out.data<TimeMicros>();
    for (std::size_t row = 0; row < job.rows; ++row) {
      const auto micros = job.view.isNull(row) ? kTimeInfinity : job.view.at<TimeMicros>(row);
      if (isInfiniteTime(micros)) job.out.setNull(row);
      else out[row] = floorModulo(fromZone ? zone.toLocal(micros) : micros, kMicrosPerDay);
    }
    return {};
  }
  if (to == job.input.type().id())  // to another number of digits
    return mapRows<TimeMicros, TimeMicros>(job, [](TimeMicros micros) { return micros; });
  return mapRows<TimeMicros, TimeMicros>(
      job, [&](TimeMicros micros) { return fromZone ? zone.toLocal(micros) : zone.toUtc(micros); });
}

Status timeToAny(Job& job) {
  if (job.to.id() == TypeId::Time) return mapRows<TimeMicros, TimeMicros>(job, [](TimeMicros time) { return time; });
  return mapRows<TimeMicros, Interval>(job, [](TimeMicros time) { return Interval{time, 0, 0}; });
}

/// The part of an interval below a day, as the time that it points to on a clock.
Status intervalToTime(Job& job) {
  return mapRows<Interval, TimeMicros>(
      job, [](const Interval& interval) { return floorModulo(interval.micros, kMicrosPerDay); });
}

Error tooLong(Type type) {
  return makeError(ErrorKind::StringDataRightTruncation, "value too long for type {}", type.name());
}

/// Gives the part of a text that fits a VARCHAR(n) or CHAR(n).
Result<std::string_view> fitLength(std::string_view text, const Job& job) {
  if (job.to.id() == TypeId::Char) text = withoutBlanksAtEnd(text);
  if (job.to.length() == 0 || text.size() <= job.to.length()) return text;
  const auto kept = text.substr(0, codePointOffset(text, job.to.length()));
  if (job.context != CastContext::Explicit && text.find_first_not_of(' ', kept.size()) != text.npos)
    return tooLong(job.to);
  return job.to.id() == TypeId::Char ? withoutBlanksAtEnd(kept) : kept;
}

Status stringToString(Job& job) {
  job.out.keepHeapsOf(job.input);
  auto* out = job.out.data<StringRef>();
  for (std::size_t row = 0; row < job.rows; ++row) {
    if (job.view.isNull(row)) {
      job.out.setNull(row);
      continue;
    }
    const auto& text = job.view.at<StringRef>(row);
    DRIFT_ASSIGN(const auto kept, fitLength(text.view(), job));
    out[row] = kept.size() == text.size() ? text : StringRef(kept);
  }
  return {};
}

Status anyToString(Job& job) {
  std::string text;
  const bool isBoolean = job.input.type().id() == TypeId::Boolean;
  for (std::size_t row = 0; row < job.rows; ++row) {
    if (job.view.isNull(row)) {
      job.out.setNull(row);
      continue;
    }
    text.clear();
    if (isBoolean) text = job.view.at<std::uint8_t>(row) ? "true" : "false";  // the text form proper is t and f
    else appendText(text, job.input, row, job.style);
    DRIFT_ASSIGN(const auto kept, fitLength(text, job));
    job.out.setString(row, kept);
  }
  return {};
}

Status stringToAny(Job& job) {
  for (std::size_t row = 0; row < job.rows; ++row) {
    if (job.view.isNull(row)) {
      job.out.setNull(row);
      continue;
    }
    // Elements are held to their modifiers by the rules of a cast.
    const auto read = job.to.isArray() ? job.to.bare() : job.to;
    DRIFT_ASSIGN(auto value, parseText(job.view.at<StringRef>(row).view(), read, job.style));
    if (read != job.to) {
      DRIFT_ASSIGN(value, cast(value, job.to, job.context, job.style));
    }
    job.out.set(row, value);
  }
  return {};
}

/// Element by element; the shape stays.
Status arrayToArray(Job& job) {
  const auto from = job.input.type().element();
  for (std::size_t row = 0; row < job.rows; ++row) {
    if (job.view.isNull(row)) {
      job.out.setNull(row);
      continue;
    }
    DRIFT_ASSIGN(auto reader, ArrayReader::open(job.view.at<StringRef>(row).view(), from));
    Vector elements(from, std::max<std::size_t>(reader.count(), 1));
    for (std::size_t at = 0; !reader.atEnd(); ++at) {
      DRIFT_ASSIGN(const auto value, reader.nextValue());
      elements.set(at, value);
    }
    DRIFT_ASSIGN(const auto converted, cast(elements, reader.count(), job.to.element(), job.context, job.style));
    ArrayBuilder builder;
    for (std::size_t at = 0; at < reader.count(); ++at) builder.add(converted, at);
    job.out.setString(row, builder.finish(reader.shape()));
  }
  return {};
}

/// Between json and jsonb.
Status jsonToJson(Job& job) {
  for (std::size_t row = 0; row < job.rows; ++row) {
    if (job.view.isNull(row)) {
      job.out.setNull(row);
      continue;
    }
    const auto from = job.view.at<StringRef>(row).view();
    if (job.to.id() == TypeId::Jsonb) {
      DRIFT_ASSIGN(const auto blob, parseJsonb(from));
      job.out.setString(row, blob);
    } else {
      DRIFT_ASSIGN(const auto text, JsonbView(from).text());
      job.out.setString(row, text);
    }
  }
  return {};
}

/// The number or boolean that a jsonb value is.
Status jsonbToScalar(Job& job) {
  const bool wantsBoolean = job.to.id() == TypeId::Boolean;
  for (std::size_t row = 0; row < job.rows; ++row) {
    if (job.view.isNull(row)) {
      job.out.setNull(row);
      continue;
    }
    const JsonbView view(job.view.at<StringRef>(row).view());
    DRIFT_ASSIGN(const auto kind, view.kind());
    const bool boolean = kind == JsonKind::True || kind == JsonKind::False;
    if (wantsBoolean ? !boolean : kind != JsonKind::Number)
      return makeError(ErrorKind::InvalidParameterValue, "cannot cast jsonb {} to type {}",
                       kind == JsonKind::Number ? "numeric" : jsonKindName(kind), job.to.name());
    if (wantsBoolean) {
      job.out.data<std::uint8_t>()[row] = kind == JsonKind::True;
      continue;
    }
    DRIFT_ASSIGN(const auto number, view.number());
    DRIFT_ASSIGN(const auto value, cast(Value::numeric(number), job.to, CastContext::Explicit, job.style));
    job.out.set(row, value);
  }
  return {};
}

bool isStringLike(Type type) { return type.isText() || type.id() == TypeId::Unknown; }

Status run(Job& job) {
  const auto from = job.input.type();
  if (isStringLike(from)) return job.to.isText() ? stringToString(job) : stringToAny(job);
  if (job.to.isText()) return anyToString(job);
  switch (from.id()) {
    case TypeId::Boolean:
      return mapRows<std::uint8_t, std::int32_t>(job, [](std::uint8_t value) { return std::int32_t{value}; });
    case TypeId::SmallInt: return integerToNumber<std::int16_t>(job);
    case TypeId::Integer: return integerToNumber<std::int32_t>(job);
    case TypeId::BigInt: return integerToNumber<std::int64_t>(job);
    case TypeId::Real:
    case TypeId::Double: return doubleToNumber(job);
    case TypeId::Numeric: return decimalToNumber(job);
    case TypeId::Date:
    case TypeId::Timestamp:
    case TypeId::TimestampTz: return temporalToTemporal(job);
    case TypeId::Time: return timeToAny(job);
    case TypeId::Interval: return intervalToTime(job);
    case TypeId::Array: return arrayToArray(job);
    case TypeId::Json: return jsonToJson(job);
    case TypeId::Jsonb: return job.to.id() == TypeId::Json ? jsonToJson(job) : jsonbToScalar(job);
    case TypeId::Unknown:
    case TypeId::Text:
    case TypeId::Varchar:
    case TypeId::Char:
    case TypeId::Bytea:
    case TypeId::Uuid: break;  // only to and from text, which was handled above
  }
  return makeError(ErrorKind::CannotCoerce, "cannot cast type {} to {}", from.name(), job.to.name());
}

/// True where the values stay as they are and only the type's name changes.
bool isRelabel(Type from, Type to) {
  if (from.isArray() && to.isArray()) return isRelabel(from.element(), to.element());
  if (from.isArray() || to.isArray() || from.physical() != to.physical()) return false;
  if (from.id() == to.id() && from.id() != TypeId::Numeric && !from.isText())
    return to.fractionDigits() == Type::kFractionDigitsMax || from == to;
  if (from.id() == TypeId::Real && to.id() == TypeId::Double) return true;
  if (to.id() == TypeId::Numeric) return from == to || !to.precision();
  if (to.id() == TypeId::Char && from.id() != TypeId::Char) return false;  // blanks at the end go
  if (to.isText() && isStringLike(from)) return to.length() == 0 || from == to;
  return false;
}

}  // namespace

Result<Vector> cast(const Vector& input, std::size_t rows, Type to, CastContext context, const TextStyle& style) {
  if (!canCast(input.type(), to, context))
    return makeError(ErrorKind::CannotCoerce, "cannot cast type {} to {}", input.type().name(), to.name());
  if (isRelabel(input.type(), to)) {
    Vector result = input;
    result.relabel(to);
    return result;
  }
  const bool isConstant = input.kind() == VectorKind::Constant;
  const std::size_t converted = isConstant ? std::min<std::size_t>(rows, 1) : rows;
  Vector result(to, std::max<std::size_t>(converted, 1));
  Job job{input, input.view(), converted, to, context, style, result};
  DRIFT_TRY(run(job));
  if (const int digits = to.fractionDigits(); digits < Type::kFractionDigitsMax) {
    auto* times = result.data<TimeMicros>();
    const auto view = result.view();
    for (std::size_t row = 0; row < converted; ++row)
      if (!view.isNull(row)) times[row] = roundFraction(times[row], digits);
  }
  if (!isConstant) return result;
  return rows == 0 ? Vector::constant(Value::null(to)) : Vector::constant(result.get(0));
}

Result<Value> cast(const Value& input, Type to, CastContext context, const TextStyle& style) {
  DRIFT_ASSIGN(const auto result, cast(Vector::constant(input), 1, to, context, style));
  return result.get(0);
}

}  // namespace drift::types
