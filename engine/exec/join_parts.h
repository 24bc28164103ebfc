// What the operators of joins are made of. One thread at a time.
#pragma once

#include <vector>

#include "exec/key_filter.h"
#include "exec/operator.h"

namespace drift::exec {

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
};

/// Semi-join or anti-join that reads its left side into memory: for one that is much smaller than the right one.
OperatorPtr makeSemiJoin(JoinParts parts, const OperatorContext& context);

}  // namespace drift::exec
