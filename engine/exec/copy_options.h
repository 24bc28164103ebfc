// What the options of COPY mean. Plain value; free function, thread-safe.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "catalog/table.h"
#include "sql/ast_statement.h"

namespace drift::exec {

struct CopyOptions {
  enum class Header : std::uint8_t { None, Skip, Match };

  bool csv = false;
  char delimiter = '\t';
  std::string null = "\\N";
  char quote = '"';
  char escape = '"';
  Header header = Header::None;
  const sql::CopyOption* forceQuote = nullptr;    ///< columns that are quoted always
  const sql::CopyOption* forceNotNull = nullptr;  ///< columns in which nothing reads as NULL
  const sql::CopyOption* forceNull = nullptr;     ///< columns in which quoted text may read as NULL
};

/// Reads the options, which outlive the result. SyntaxError, InvalidParameterValue and FeatureNotSupported, as
/// PostgreSQL says them.
Result<CopyOptions> copyOptions(const sql::Copy& copy);

/// Refuses a generated column in the list of COPY: InvalidColumnReference.
Status refuseGenerated(const catalog::Column& column, SourceSpan span);

}  // namespace drift::exec
