// GeneratedColumns: computes the generated columns of a table's rows, wherever rows are written. One thread at a time.
#pragma once

#include <vector>

#include "exec/evaluator.h"
#include "plan/environment.h"

namespace drift::exec {

class GeneratedColumns final {
 public:
  /// Binds those of a table; there may be none.
  static Result<GeneratedColumns> open(const catalog::Table& table, const plan::BindEnvironment& binding,
                                       OperatorContext& context);

  bool any() const { return !m_columns.empty(); }
  /// Computes them for rows that begin with the table's columns in order. The errors of what is computed, without a
  /// place.
  Status compute(types::Chunk& rows) const;

 private:
  struct One {
    std::size_t position = 0;
    EvaluatorPtr value;
  };
  std::vector<One> m_columns;
};

}  // namespace drift::exec
