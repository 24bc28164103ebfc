// Casts between SQL types (PostgreSQL 15, chapter 10 and pg_cast). Stateless, thread-safe.
#pragma once

#include <optional>
#include <span>

#include "base/result.h"
#include "types/text.h"
#include "types/value.h"
#include "types/vector.h"

namespace drift::types {

/// When a cast may happen; each level includes those before it.
enum class CastContext : std::uint8_t {
  Implicit,    ///< in expressions, by itself
  Assignment,  ///< storing into a column
  Explicit,    ///< CAST(x AS t), x::t
};

/// PostgreSQL's type categories, by which overloads and common types are chosen.
enum class Category : std::uint8_t { Unknown, Boolean, Number, String, DateTime, Timespan, Bytes, Uuid, Array, Json };

Category categoryOf(Type type);
/// True for the type that its category prefers: double precision, text, timestamptz, boolean, interval.
bool isPreferred(Type type);

/// True if `from` can become `to` in that context.
bool canCast(Type from, Type to, CastContext context);

/// The type that several inputs of UNION, CASE, VALUES, COALESCE share (PostgreSQL 10.5), if there is one.
/// Unknown counts as whatever the others are; Text if all are.
std::optional<Type> commonType(std::span<const Type> inputs);

/// Casts `rows` rows. Truncation to VARCHAR(n) follows the context: Explicit cuts, Assignment refuses
/// non-blanks. Errors as parseText() and NumericValueOutOfRange; CannotCoerce where canCast() is false.
Result<Vector> cast(const Vector& input, std::size_t rows, Type to, CastContext context, const TextStyle& style = {});
Result<Value> cast(const Value& input, Type to, CastContext context, const TextStyle& style = {});

/// Orders two non-NULL values of one type as SQL does (text by bytes; NaN above all numbers).
std::strong_ordering compareValues(const Value& a, const Value& b);
/// Orders row `a` of `left` against row `b` of `right`; neither is NULL; one physical type.
std::strong_ordering compareRows(const VectorView& left, std::size_t a, const VectorView& right, std::size_t b,
                                 PhysicalType type);
/// Mixes the hash of each row into hashes[0..rows). Equal values (1.0 and 1.00) hash equally; NULLs alike.
void hashRows(const Vector& input, std::size_t rows, std::span<std::uint64_t> hashes);

}  // namespace drift::types
