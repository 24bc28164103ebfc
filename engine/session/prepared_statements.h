// PreparedStatements: what PREPARE keeps for EXECUTE: the text of a statement and the types of its parameters. Its plan
// is kept by its text like that of any other query.
//
// Thread rule: one thread at a time, the session's.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "sql/ast.h"
#include "types/type.h"
#include "types/value.h"

namespace drift::session {

struct PreparedStatement {
  std::string text;
  std::vector<types::Type> types;    ///< of the first parameters; Unknown: by their place
  std::size_t parameterCount = 0;
};

class PreparedStatements final {
 public:
  /// Keeps a statement; `sql` is the text of the PREPARE. DuplicateObject.
  Status add(const sql::Prepare& prepare, std::string_view sql);
  /// UndefinedObject.
  Result<PreparedStatement> find(const sql::Identifier& name) const;
  /// Forgets one, or all of them. UndefinedObject.
  Status remove(const sql::Deallocate& deallocate);

 private:
  std::map<std::string, PreparedStatement> m_statements;
};

/// The type and text of an argument of EXECUTE that is no calculation: a text without a type, or NULL.
std::optional<types::Value> untypedArgument(const sql::Expression& argument);
/// Holds the number of values against that of the parameters: SyntaxError.
Status checkArgumentCount(const PreparedStatement& prepared, const sql::ExecutePrepared& execute);

}  // namespace drift::session
