// What the operators of joins are made of. One thread at a time.
#pragma once

#include <vector>

#include "exec/key_filter.h"
#include "exec/operator.h"

namespace drift::exec {

struct SharedSide;

/// The keys of one side of a join, once for each worker but the first.
using WorkerKeys = std::vector<std::vector<EvaluatorPtr>>;

struct JoinParts {
  plan::JoinKind kind = plan::JoinKind::Inner;
  OperatorPtr left;
  OperatorPtr right;
  std::vector<EvaluatorPtr> leftKeys;
  std::vector<EvaluatorPtr> rightKeys;
  std::vector<types::Type> keyTypes;
  EvaluatorPtr condition;  ///< over the left columns, then the right ones; null = none
  std::vector<types::Type> leftTypes;
  std::vector<types::Type> rightTypes;
  std::vector<KeyTarget> targets;  ///< scans on the side that passes by
  WorkerKeys readKeys;             ///< of the side that is read first, where several threads read it
  WorkerKeys passingKeys;          ///< of the other side, where the operator lets several threads pull it
  std::vector<EvaluatorPtr> passingConditions;
  std::shared_ptr<SharedSide> shared;  ///< set: the right side, which other workers' joins use as well
  std::size_t worker = 0;              ///< which of them this one is
};

/// Makes the evaluators of the keys of one side. InternalError.
Result<std::vector<EvaluatorPtr>> makeKeys(const plan::Join& join, bool right, std::span<const plan::Column> columns,
                                           OperatorContext& context);
/// The same for each further worker of an input; none where it has no workers.
Result<WorkerKeys> makeWorkerKeys(Operator& input, const plan::Join& join, bool right,
                                  std::span<const plan::Column> columns, OperatorContext& context);

/// Semi-join or anti-join that reads its left side into memory: for one that is much smaller than the right one.
OperatorPtr makeSemiJoin(JoinParts parts, const OperatorContext& context);

}  // namespace drift::exec
