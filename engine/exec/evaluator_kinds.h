// The families of evaluators, for makeEvaluator() alone. One thread at a time.
#pragma once

#include "exec/evaluator.h"

namespace drift::exec {

/// What all families are made of: the expression and its arguments' evaluators, in order.
struct EvaluatorParts {
  const plan::Expression& expression;
  std::vector<EvaluatorPtr> arguments;
  OperatorContext& context;
  std::span<const plan::Column> columns;  ///< of the chunks that it will be given
};

/// And, Or, Not, IsNull, IsTruth, IsDistinct.
Result<EvaluatorPtr> makeLogicEvaluator(EvaluatorParts parts);
/// Case, Coalesce, NullIf, Greatest, Least.
Result<EvaluatorPtr> makeBranchEvaluator(EvaluatorParts parts);
/// InList.
Result<EvaluatorPtr> makeMembershipEvaluator(EvaluatorParts parts);
/// ScalarQuery, Exists, InQuery.
Result<EvaluatorPtr> makeSubqueryEvaluator(EvaluatorParts parts);

/// ArrayAny.
Result<EvaluatorPtr> makeArrayAnyEvaluator(EvaluatorParts parts);
/// Sequence.
Result<EvaluatorPtr> makeSequenceEvaluator(EvaluatorParts parts);

/// Gives the places [0, rows) as a selection.
types::Selection allRows(std::size_t rows);

}  // namespace drift::exec
