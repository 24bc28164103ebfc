// What random queries answer, in a form that can be compared. Free functions, one thread at a time.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "api/database.h"

namespace drift::oracles {

using Rows = std::vector<std::string>;  ///< fields parted by |, in the order of their bytes

inline Result<Rows> rowsOf(api::Session& session, const std::string& sql) {
  DRIFT_ASSIGN(const auto result, session.execute(sql));
  Rows rows;
  api::Chunk chunk;
  while (true) {
    DRIFT_ASSIGN(const bool more, result->next(chunk));
    if (!more) break;
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
      std::string line;
      for (std::size_t column = 0; column < chunk.columnCount(); ++column) {
        const auto value = chunk.column(column).get(row);
        line += (column ? "|" : "") + (value.isNull() ? std::string("NULL") : types::toText(value));
      }
      rows.push_back(std::move(line));
    }
  }
  std::ranges::sort(rows);
  return rows;
}

/// True for an error that values may cause; any other one is a mistake of the query or of the engine.
inline bool isOfValues(const Error& error) {
  return error.kind() == ErrorKind::NumericValueOutOfRange || error.kind() == ErrorKind::DivisionByZero;
}

inline std::string textOf(const Rows& rows) {
  std::string text;
  for (std::size_t at = 0; at < rows.size() && at < 40; ++at) text += "\n    " + rows[at];
  return fmt::format("{} rows{}", rows.size(), text);
}

}  // namespace drift::oracles
