#include "types/value.h"

#include <bit>
#include <cassert>
#include <limits>

#include "types/wide_int.h"

namespace drift::types {

namespace {

/// Index of the alternative of Value::Storage that a type uses.
std::size_t storageIndex(Type type) {
  switch (type.physical()) {
    case PhysicalType::Bool: return 1;
    case PhysicalType::Int16:
    case PhysicalType::Int32:
    case PhysicalType::Int64: return 2;
    case PhysicalType::Double: return 3;
    case PhysicalType::Decimal: return 4;
    case PhysicalType::String: return 5;
    case PhysicalType::Uuid: return 6;
    case PhysicalType::Interval: return 7;
  }
  return 0;
}

Error corrupted() { return Error(ErrorKind::DataCorrupted, "a value in the file is malformed"); }

}  // namespace

Value::Value(Type type, Storage storage) : m_type(type), m_storage(std::move(storage)) {
  assert(m_storage.index() == 0 || m_storage.index() == storageIndex(type));
}

Value Value::withType(Type type) const {
  Value value = *this;
  value.m_type = type;
  assert(isNull() || m_storage.index() == storageIndex(type));
  return value;
}

bool operator==(const Value& a, const Value& b) {
  if (a.m_type != b.m_type || a.m_storage.index() != b.m_storage.index()) return false;
  if (const auto* decimal = std::get_if<Decimal>(&a.m_storage)) {
    const auto& other = std::get<Decimal>(b.m_storage);
    return decimal->isNan() == other.isNan() && decimal->coefficient() == other.coefficient() &&
           decimal->scale() == other.scale();
  }
  // Bit by bit: NaN is the same as itself, and -0 is not the same as 0.
  if (const auto* number = std::get_if<double>(&a.m_storage))
    return std::bit_cast<std::uint64_t>(*number) == std::bit_cast<std::uint64_t>(std::get<double>(b.m_storage));
  return std::visit(
      [&](const auto& left) {
        using T = std::remove_cvref_t<decltype(left)>;
        if constexpr (std::is_same_v<T, Decimal>) return false;
        else return left == std::get<T>(b.m_storage);
      },
      a.m_storage);
}

void writeType(ByteWriter& out, Type type) {
  out.fixed(static_cast<std::uint8_t>(type.id()));
  out.fixed(static_cast<std::uint8_t>(type.precision()));
  out.fixed(static_cast<std::uint8_t>(type.scale()));
  out.varint(type.length());
  if (type.isArray()) out.fixed(static_cast<std::uint8_t>(type.element().id()));
}

Result<Type> readType(ByteReader& in) {
  DRIFT_ASSIGN(const auto id, in.fixed<std::uint8_t>());
  DRIFT_ASSIGN(const auto precision, in.fixed<std::uint8_t>());
  DRIFT_ASSIGN(const auto scale, in.fixed<std::uint8_t>());
  DRIFT_ASSIGN(const auto length, in.varint());
  const auto known = [](std::uint8_t number) { return number <= static_cast<std::uint8_t>(TypeId::Char); };
  if (!known(id) || length > std::numeric_limits<std::uint32_t>::max()) return corrupted();
  const auto withModifiers = [&](TypeId named) -> Result<Type> {
    if (precision > Decimal::kDigitsMax || scale > precision) return corrupted();
    if (named == TypeId::Numeric) return Type::numeric(precision, scale);
    if (named == TypeId::Varchar) return Type::varchar(static_cast<std::uint32_t>(length));
    if (named == TypeId::Char) return Type::character(static_cast<std::uint32_t>(length));
    const bool hasFraction = named == TypeId::Time || named == TypeId::Timestamp || named == TypeId::TimestampTz;
    if (hasFraction && precision && precision <= Type::kFractionDigitsMax && !scale && !length)
      return Type::withFraction(named, precision - 1);
    if (precision || scale || length) return corrupted();
    return Type(named);
  };
  if (static_cast<TypeId>(id) != TypeId::Array) return withModifiers(static_cast<TypeId>(id));
  DRIFT_ASSIGN(const auto element, in.fixed<std::uint8_t>());
  if (!known(element) || element == id || element == static_cast<std::uint8_t>(TypeId::Unknown)) return corrupted();
  DRIFT_ASSIGN(const auto type, withModifiers(static_cast<TypeId>(element)));
  return Type::array(type);
}

void writeValue(ByteWriter& out, const Value& value) {
  writeType(out, value.type());
  out.fixed(static_cast<std::uint8_t>(value.isNull() ? 0 : 1));
  if (value.isNull()) return;
  switch (value.type().physical()) {
    case PhysicalType::Bool: out.fixed(static_cast<std::uint8_t>(value.asBool())); break;
    case PhysicalType::Int16:
    case PhysicalType::Int32:
    case PhysicalType::Int64: out.zigzag(value.asInt()); break;
    case PhysicalType::Double: out.fixedDouble(value.asDouble()); break;
    case PhysicalType::Decimal: {
      const auto& decimal = value.asDecimal();
      out.fixed(static_cast<std::uint8_t>(decimal.isNan() ? 0xff : decimal.scale()));
      out.fixed(static_cast<std::uint64_t>(decimal.coefficient()));
      out.fixed(static_cast<std::int64_t>(decimal.coefficient() >> 64));
      break;
    }
    case PhysicalType::String: out.string(value.asString()); break;
    case PhysicalType::Uuid: out.raw(std::as_bytes(std::span(value.asUuid().bytes))); break;
    case PhysicalType::Interval:
      out.zigzag(value.asInterval().micros);
      out.zigzag(value.asInterval().days);
      out.zigzag(value.asInterval().months);
      break;
  }
}

Result<Value> readValue(ByteReader& in) {
  DRIFT_ASSIGN(const auto type, readType(in));
  DRIFT_ASSIGN(const auto present, in.fixed<std::uint8_t>());
  if (present > 1) return corrupted();
  if (!present) return Value::null(type);
  switch (type.physical()) {
    case PhysicalType::Bool: {
      DRIFT_ASSIGN(const auto raw, in.fixed<std::uint8_t>());
      if (raw > 1) return corrupted();
      return Value::boolean(raw == 1);
    }
    case PhysicalType::Int16:
    case PhysicalType::Int32:
    case PhysicalType::Int64: {
      DRIFT_ASSIGN(const auto raw, in.zigzag());
      if (type.physical() == PhysicalType::Int16 && raw != static_cast<std::int16_t>(raw)) return corrupted();
      if (type.physical() == PhysicalType::Int32 && raw != static_cast<std::int32_t>(raw)) return corrupted();
      return Value(type, raw);
    }
    case PhysicalType::Double: {
      DRIFT_ASSIGN(const auto raw, in.fixedDouble());
      return Value(type, raw);
    }
    case PhysicalType::Decimal: {
      DRIFT_ASSIGN(const auto scale, in.fixed<std::uint8_t>());
      DRIFT_ASSIGN(const auto low, in.fixed<std::uint64_t>());
      DRIFT_ASSIGN(const auto high, in.fixed<std::int64_t>());
      if (scale == 0xff) return Value(type, Decimal::nan());
      const auto coefficient = (static_cast<Int128>(high) << 64) | low;
      constexpr auto kEnd = static_cast<Int128>(kPowersOfTen[Decimal::kDigitsMax]);
      if (scale > Decimal::kDigitsMax || coefficient >= kEnd || coefficient <= -kEnd) return corrupted();
      return Value(type, Decimal(coefficient, scale));
    }
    case PhysicalType::String: {
      DRIFT_ASSIGN(const auto raw, in.string());
      return Value(type, std::string(raw));
    }
    case PhysicalType::Uuid: {
      DRIFT_ASSIGN(const auto raw, in.raw(16));
      Uuid uuid;
      std::memcpy(uuid.bytes.data(), raw.data(), 16);
      return Value(type, uuid);
    }
    case PhysicalType::Interval: {
      Interval interval;
      DRIFT_ASSIGN(interval.micros, in.zigzag());
      DRIFT_ASSIGN(const auto days, in.zigzag());
      DRIFT_ASSIGN(const auto months, in.zigzag());
      if (days != static_cast<std::int32_t>(days) || months != static_cast<std::int32_t>(months)) return corrupted();
      interval.days = static_cast<std::int32_t>(days);
      interval.months = static_cast<std::int32_t>(months);
      return Value(type, interval);
    }
  }
  return corrupted();
}

}  // namespace drift::types
