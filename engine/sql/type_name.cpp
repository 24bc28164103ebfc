#include "sql/type_name.h"

#include <algorithm>
#include <array>

namespace drift::sql {

namespace {

using types::Type;
using types::TypeId;

constexpr std::int64_t kVarcharLengthMax = 10485760;  // PostgreSQL's limit
constexpr std::int64_t kNumericDigitsMax = 38;

// Types of PostgreSQL that a user may well write; anything else is simply unknown.
constexpr std::array<std::string_view, 25> kKnownElsewhere{
    "bit",     "box",    "cidr",  "circle",   "citext", "inet",     "line",
    "lseg",    "macaddr", "money", "name",    "oid",    "path",     "point",
    "polygon", "regclass", "serial", "bigserial", "smallserial", "time with time zone", "timetz",
    "tsquery", "tsvector", "xml", "hstore",
};

Error invalidModifiers(const TypeName& name) {
  return makeError(ErrorKind::InvalidParameterValue, "invalid modifiers for type {}", name.name).at(name.span);
}

Result<Type> numericType(const TypeName& name) {
  if (name.modifiers.empty()) return Type(TypeId::Numeric);
  if (name.modifiers.size() > 2) return invalidModifiers(name);
  const std::int64_t precision = name.modifiers[0];
  const std::int64_t scale = name.modifiers.size() == 2 ? name.modifiers[1] : 0;
  if (precision < 1 || precision > kNumericDigitsMax)
    return makeError(ErrorKind::InvalidParameterValue, "NUMERIC precision {} must be between 1 and {}", precision,
                     kNumericDigitsMax)
        .at(name.span);
  if (scale < 0 || scale > precision)
    return makeError(ErrorKind::InvalidParameterValue, "NUMERIC scale {} must be between 0 and precision {}", scale,
                     precision)
        .at(name.span);
  return Type::numeric(static_cast<int>(precision), static_cast<int>(scale));
}

/// VARCHAR(n) and CHAR(n). CHAR is CHAR(1), the type's own name bpchar has no bound.
Result<Type> lengthType(const TypeName& name, bool padded) {
  const auto make = [padded](std::uint32_t length) { return padded ? Type::character(length) : Type::varchar(length); };
  const std::string_view shown = padded ? "char" : "varchar";
  if (name.modifiers.empty()) return make(padded && name.name != "bpchar" ? 1 : 0);
  if (name.modifiers.size() > 1) return invalidModifiers(name);
  const std::int64_t length = name.modifiers[0];
  if (length < 1)
    return makeError(ErrorKind::InvalidParameterValue, "length for type {} must be at least 1", shown).at(name.span);
  if (length > kVarcharLengthMax)
    return makeError(ErrorKind::InvalidParameterValue, "length for type {} cannot exceed {}", shown, kVarcharLengthMax)
        .at(name.span);
  return make(static_cast<std::uint32_t>(length));
}

// FLOAT(1) to FLOAT(24) is REAL, FLOAT(25) to FLOAT(53) is DOUBLE PRECISION.
Result<Type> floatType(const TypeName& name) {
  if (name.modifiers.size() > 1) return invalidModifiers(name);
  if (!name.modifiers.empty() && (name.modifiers[0] < 1 || name.modifiers[0] > 53))
    return Error(ErrorKind::InvalidParameterValue, "precision for type float must be between 1 and 53 bits")
        .at(name.span);
  return !name.modifiers.empty() && name.modifiers[0] <= 24 ? Type(TypeId::Real) : Type(TypeId::Double);
}

/// The type without the brackets behind it.
Result<Type> resolveElement(const TypeName& name) {
  const bool elsewhere = std::ranges::find(kKnownElsewhere, name.name) != kKnownElsewhere.end();
  if (elsewhere)
    return makeError(ErrorKind::FeatureNotSupported, "the type {} is not supported yet", name.name).at(name.span);
  const std::optional<Type> type = types::typeFromName(name.name);
  // "unknown" is the engine's own name for literals without a type.
  if (!type || type->id() == TypeId::Unknown)
    return makeError(ErrorKind::UndefinedObject, "type \"{}\" does not exist", name.name).at(name.span);
  if (type->id() == TypeId::Numeric) return numericType(name);
  if (type->id() == TypeId::Varchar || type->id() == TypeId::Char) return lengthType(name, type->id() == TypeId::Char);
  if (name.name == "float") return floatType(name);
  if (name.modifiers.empty()) return *type;
  const bool fraction =
      type->id() == TypeId::Timestamp || type->id() == TypeId::TimestampTz || type->id() == TypeId::Time;
  const bool precision = fraction || type->id() == TypeId::Interval;
  if (!precision)
    return makeError(ErrorKind::SyntaxError, "type modifier is not allowed for type \"{}\"", name.name).at(name.span);
  if (name.modifiers.size() != 1 || name.modifiers[0] < 0) return invalidModifiers(name);
  // Six digits are what every value keeps; more is read as six, as in PostgreSQL.
  if (fraction)
    return Type::withFraction(type->id(), static_cast<int>(std::min<std::int64_t>(name.modifiers[0], 6)));
  if (name.modifiers[0] < 6)
    return makeError(ErrorKind::FeatureNotSupported, "{}({}) is not supported yet, only the full precision of 6",
                     name.name, name.modifiers[0])
        .at(name.span);
  return *type;
}

}  // namespace

Result<Type> resolveType(const TypeName& name) {
  DRIFT_ASSIGN(const auto type, resolveElement(name));
  return name.array ? Type::array(type) : type;
}

}  // namespace drift::sql
