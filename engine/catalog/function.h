// SQL functions as of one moment. Plain values, immutable once shared. Rows of the catalog's tree like tables, see
// docs/formats/catalog.md.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"
#include "types/type.h"

namespace drift::catalog {

/// On disk: do not change.
enum class Volatility : std::uint8_t { Volatile = 0, Stable = 1, Immutable = 2 };

/// One parameter, or one column of RETURNS TABLE.
struct FunctionParameter {
  std::string name;  ///< empty: known by its number alone
  types::Type type;
  std::string defaultSql;  ///< text of the DEFAULT expression; empty = none
};

/// CREATE FUNCTION … LANGUAGE sql: a query with parameters.
struct Function {
  TreeId id = 0;  ///< of the space of table ids; no tree has it
  std::string name;
  std::vector<FunctionParameter> parameters;
  types::Type result;                      ///< of functions without `columns`
  std::vector<FunctionParameter> columns;  ///< RETURNS TABLE; it gives rows
  bool setOf = false;                      ///< it gives rows, not one value
  bool strict = false;                     ///< a NULL argument gives NULL, or no rows
  Volatility volatility = Volatility::Volatile;
  std::string body;              ///< a query; parameters are named, or $1, $2 …
  bool standardBody = false;     ///< of RETURN or BEGIN ATOMIC: what it names cannot be dropped
  std::vector<TreeId> dependsOn;  ///< of a standard body: the tables, views and functions that it names
  std::string comment;

  /// "f(integer, text)"
  std::string signature() const;
};

using FunctionRef = std::shared_ptr<const Function>;

/// Gives the bytes of everything but id and name, which are columns of the catalog row.
std::string encodeFunction(const Function& function);
/// DataCorrupted, or NewerFormat.
Result<Function> decodeFunction(TreeId id, std::string_view name, ByteSpan bytes);

}  // namespace drift::catalog
