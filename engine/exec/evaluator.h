// Evaluator: a bound expression made ready to run over chunks: slots are positions, constants are vectors.
//
// Branches run only on the rows that reach them, so a division by zero behind CASE, AND or COALESCE does
// not happen. Errors carry the place of the innermost expression that failed.
//
// Thread rule: one thread at a time. An evaluator owns all it needs but the OperatorContext.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "base/result.h"
#include "exec/operator_context.h"
#include "plan/node.h"
#include "types/vector.h"

namespace drift::exec {

class Evaluator {
 public:
  virtual ~Evaluator() = default;
  /// Computes the expression for each row of `input`. The result may be of any VectorKind, and may share
  /// buffers with the input.
  virtual Result<types::Vector> evaluate(const types::Chunk& input) = 0;
};

using EvaluatorPtr = std::unique_ptr<Evaluator>;

/// Makes the evaluator of an expression over chunks that have `columns`. InternalError for a slot that is
/// not among them.
Result<EvaluatorPtr> makeEvaluator(const plan::Expression& expression, std::span<const plan::Column> columns,
                                   OperatorContext& context);

/// Gives the rows where a boolean vector is true: NULL is not.
types::Selection trueRows(const types::Vector& condition, std::size_t rows);

/// Computes an expression that reads no columns.
Result<types::Value> evaluateConstant(const plan::Expression& expression, OperatorContext& context);

}  // namespace drift::exec
