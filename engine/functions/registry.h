// Registry: SQL functions, operators and aggregates by name and argument types.
//
// Operators are functions whose name is the operator ("+", "=", "||", "~~" for LIKE). Overloads are chosen
// by PostgreSQL's rules (chapter 10.2 to 10.4): exact match, then implicit casts, unknown literals last.
// AND, OR, NOT, IS NULL, IS DISTINCT FROM, CASE, COALESCE, NULLIF, GREATEST, LEAST and casts are not here:
// they are expression nodes of their own, since they decide what is evaluated.
//
// Thread rule: immutable after construction; share it freely. No singleton: whoever binds gets a reference.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "types/cast.h"
#include "types/type.h"
#include "types/vector.h"

namespace drift::functions {

/// What kernels may ask about their surroundings.
struct FunctionContext {
  TimeMicros transactionTime = 0;
  TimeMicros statementTime = 0;
  TimeMicros (*clockNow)(const void*) = nullptr;  ///< for clock_timestamp()
  const void* clock = nullptr;
  types::TextStyle text;
};

enum class Volatility : std::uint8_t {
  Immutable,  ///< may be folded at plan time
  Stable,     ///< one value a statement (now())
  Volatile,   ///< evaluated for each row (random())
};

/// Computes `rows` rows. Arguments have the declared parameter types; any VectorKind. `out` is a fresh flat
/// vector of the result type with room for `rows`. A strict function's kernel must give NULL where an
/// argument is NULL (helpers in functions/kernels.h do it). An error ends the statement.
using ScalarKernel = Status (*)(const FunctionContext& context, std::span<const types::Vector> arguments,
                                std::size_t rows, types::Vector& out);

struct ScalarFunction {
  std::string name;
  std::vector<types::Type> parameters;
  bool variadic = false;               ///< the last parameter may repeat
  types::Type result;
  /// Where the result's modifiers depend on the arguments' (numeric scale); null = `result`.
  types::Type (*resultOf)(std::span<const types::Type> arguments) = nullptr;
  Volatility volatility = Volatility::Immutable;
  ScalarKernel kernel = nullptr;
  std::string_view description;        ///< one line for completion and the manual
};

/// An aggregate. States live in memory of the caller, `stateBytes` each, aligned to 16.
struct AggregateFunction {
  std::string name;
  std::vector<types::Type> parameters;  ///< empty: count(*)
  bool ordered = false;                 ///< the result depends on the order of the rows
  types::Type result;
  std::size_t stateBytes = 0;
  void (*initialize)(std::byte* state) = nullptr;
  void (*destroy)(std::byte* state) = nullptr;  ///< null: nothing to free
  /// Adds row i of the arguments to states[i].
  Status (*update)(std::span<const types::Vector> arguments, std::size_t rows, std::byte* const* states) = nullptr;
  /// Adds `from` to `into`.
  Status (*merge)(const std::byte* from, std::byte* into) = nullptr;
  /// Stores the result of states[i] in row i of `out`.
  Status (*finalize)(std::byte* const* states, std::size_t count, types::Vector& out) = nullptr;
  std::string_view description;
};

/// Names of calls that have a syntax of their own.
inline constexpr std::string_view kArrayName = "ARRAY[]";  ///< ARRAY[a, b]
inline constexpr std::string_view kSubscriptName = "[]";   ///< a[i]: the array, then a number for each dimension
inline constexpr std::string_view kSliceName = "[:]";      ///< a[i:j]: the array, then two numbers for each dimension

/// A column of the rows that a function gives.
struct SetColumn {
  std::string name;  ///< empty: the function's own
  types::Type type;
};

/// Rows that a call of a set-returning function gives, in chunks. One writer.
class SetRows final {
 public:
  explicit SetRows(std::vector<types::Type> types) : m_types(std::move(types)) {}
  /// Adds a row; one value for each column.
  void add(std::span<const types::Value> row);
  std::size_t rowCount() const { return m_rowCount; }
  /// The chunk that a row is in, at its number modulo kChunkRows.
  const types::Chunk& chunkOf(std::size_t row) const { return m_chunks[row / types::kChunkRows]; }
  void clear() {
    m_chunks.clear();
    m_rowCount = 0;
  }

 private:
  std::vector<types::Type> m_types;
  std::vector<types::Chunk> m_chunks;
  std::size_t m_rowCount = 0;
};

/// A function that gives rows: unnest(), jsonb_each().
struct SetFunction {
  std::string name;
  std::vector<types::Type> parameters;
  std::vector<SetColumn> columns;
  bool separate = false;  ///< takes any number of arrays, each of which gives one column: unnest(a, b)
  /// Adds the rows of one call. Arguments may be NULL.
  Status (*rows)(const FunctionContext& context, std::span<const types::Value> arguments, SetRows& out) = nullptr;
  std::string_view description;
};

struct SetMatch {
  const SetFunction* function = nullptr;
  std::vector<types::Type> parameters;  ///< one per argument
  std::vector<SetColumn> columns;
};

/// A chosen overload: cast each argument to parameters[i] (implicit context), then call.
struct ScalarMatch {
  const ScalarFunction* function = nullptr;
  std::vector<types::Type> parameters;  ///< one per argument
  types::Type result;
};

struct AggregateMatch {
  const AggregateFunction* function = nullptr;
  std::vector<types::Type> parameters;
  types::Type result;
};

class Registry final {
 public:
  /// Registers everything built in.
  Registry();
  ~Registry();
  Registry(const Registry&) = delete;
  Registry& operator=(const Registry&) = delete;

  bool isScalar(std::string_view name) const;
  bool isAggregate(std::string_view name) const;
  /// A function that gives rows.
  bool isSet(std::string_view name) const;
  /// UndefinedFunction (with "did you mean" where one is near) or AmbiguousFunction; sentences are
  /// PostgreSQL's: function lower(integer) does not exist / operator does not exist: text + integer.
  Result<ScalarMatch> resolveScalar(std::string_view name, std::span<const types::Type> arguments) const;
  Result<ScalarMatch> resolveOperator(std::string_view op, std::span<const types::Type> arguments) const;
  Result<AggregateMatch> resolveAggregate(std::string_view name, std::span<const types::Type> arguments) const;
  Result<SetMatch> resolveSet(std::string_view name, std::span<const types::Type> arguments) const;
  /// All names with a description, sorted, operators left out. For completion and the manual.
  std::vector<std::pair<std::string, std::string>> names() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> m_impl;
};

}  // namespace drift::functions
