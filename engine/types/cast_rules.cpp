// Which casts there are: PostgreSQL 15's pg_cast for our types, and the choice of a common type.
#include <algorithm>
#include <array>

#include "types/cast.h"

namespace drift::types {

namespace {

/// Place of a number type on the way along which implicit casts go.
std::ptrdiff_t numberRank(TypeId id) {
  constexpr std::array kWay{TypeId::SmallInt, TypeId::Integer, TypeId::BigInt,
                            TypeId::Numeric,  TypeId::Real,    TypeId::Double};
  return std::ranges::find(kWay, id) - kWay.begin();
}

/// The weakest context in which a cast between two different types happens, if there is a cast.
std::optional<CastContext> castContext(TypeId from, TypeId to) {
  if (from == TypeId::Unknown) return CastContext::Implicit;
  if (to == TypeId::Unknown) return std::nullopt;
  const auto source = categoryOf(from);
  const auto target = categoryOf(to);
  if (source == Category::String && target == Category::String) return CastContext::Implicit;
  if (target == Category::String) return CastContext::Assignment;  // through the text form
  if (source == Category::String) return CastContext::Explicit;
  if (source == Category::Json && target == Category::Json) return CastContext::Assignment;
  if (from == TypeId::Jsonb && (target == Category::Number || target == Category::Boolean))
    return CastContext::Explicit;
  if (source == Category::Number && target == Category::Number)
    return numberRank(from) < numberRank(to) ? CastContext::Implicit : CastContext::Assignment;
  if (from == TypeId::Time) return to == TypeId::Interval ? std::optional(CastContext::Implicit) : std::nullopt;
  if (to == TypeId::Time) {
    const bool has = from == TypeId::Timestamp || from == TypeId::TimestampTz || from == TypeId::Interval;
    return has ? std::optional(CastContext::Assignment) : std::nullopt;
  }
  if (source == Category::DateTime && target == Category::DateTime) {
    // Date, Timestamp, TimestampTz stand in this order in TypeId.
    return from < to ? CastContext::Implicit : CastContext::Assignment;
  }
  if ((from == TypeId::Boolean && to == TypeId::Integer) || (from == TypeId::Integer && to == TypeId::Boolean))
    return CastContext::Explicit;
  return std::nullopt;
}

}  // namespace

Category categoryOf(Type type) {
  switch (type.id()) {
    case TypeId::Unknown: return Category::Unknown;
    case TypeId::Boolean: return Category::Boolean;
    case TypeId::SmallInt:
    case TypeId::Integer:
    case TypeId::BigInt:
    case TypeId::Double:
    case TypeId::Real:
    case TypeId::Numeric: return Category::Number;
    case TypeId::Text:
    case TypeId::Varchar:
    case TypeId::Char: return Category::String;
    case TypeId::Bytea: return Category::Bytes;
    case TypeId::Date:
    case TypeId::Timestamp:
    case TypeId::TimestampTz:
    case TypeId::Time: return Category::DateTime;
    case TypeId::Uuid: return Category::Uuid;
    case TypeId::Interval: return Category::Timespan;
    case TypeId::Array: return Category::Array;
    case TypeId::Json:
    case TypeId::Jsonb: return Category::Json;
  }
  return Category::Unknown;
}

bool isPreferred(Type type) {
  const auto id = type.id();
  return id == TypeId::Double || id == TypeId::Text || id == TypeId::TimestampTz || id == TypeId::Boolean ||
         id == TypeId::Interval;
}

bool canCast(Type from, Type to, CastContext context) {
  if (from.isArray() && to.isArray()) return canCast(from.element(), to.element(), context);
  if (from.id() == to.id()) return true;
  const auto needed = castContext(from.id(), to.id());
  return needed && *needed <= context;
}

std::optional<Type> commonType(std::span<const Type> inputs) {
  Type chosen = TypeId::Unknown;
  bool sameModifiers = true;
  for (const auto input : inputs) {
    if (input.id() == TypeId::Unknown) continue;
    if (chosen.id() == TypeId::Unknown) {
      chosen = input;
    } else if (input.bare() == chosen.bare()) {
      sameModifiers = sameModifiers && input == chosen;
    } else if (input.isArray() && chosen.isArray()) {
      const Type elements[] = {chosen.element(), input.element()};
      const auto common = commonType(elements);
      if (!common) return std::nullopt;
      chosen = Type::array(*common);
      sameModifiers = false;
    } else {
      if (categoryOf(input) != categoryOf(chosen)) return std::nullopt;
      sameModifiers = false;
      if (!isPreferred(chosen) && canCast(chosen, input, CastContext::Implicit) &&
          !canCast(input, chosen, CastContext::Implicit))
        chosen = input;
    }
  }
  if (chosen.id() == TypeId::Unknown) return Type(TypeId::Text);
  const Type result = sameModifiers ? chosen : chosen.bare();
  for (const auto input : inputs)
    if (!canCast(input, result, CastContext::Implicit)) return std::nullopt;
  return result;
}

}  // namespace drift::types
