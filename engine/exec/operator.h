// Operator: one step of a running query: rows are pulled from it chunk by chunk, and it pulls from its
// inputs. One thread at a time; operators own their inputs.
//
// States: made -> next() gives true any number of times -> false once, or an error. Work that must see all
// rows first (sorting, building a hash table) happens in the first next().
#pragma once

#include <memory>
#include <vector>

#include "base/result.h"
#include "exec/operator_context.h"
#include "plan/node.h"
#include "types/vector.h"

namespace drift::exec {

class ParallelRows;

class Operator {
 public:
  virtual ~Operator() = default;
  /// Fills `out` with the next 1 to types::kChunkRows rows, in the columns of its plan node; gives false,
  /// with no rows, at the end.
  virtual Result<bool> next(types::Chunk& out) = 0;
  /// This, where its rows may be pulled on several threads; see parallel_rows.h.
  virtual ParallelRows* parallel() { return nullptr; }
};

using OperatorPtr = std::unique_ptr<Operator>;

/// Builds the operators of a plan, which must outlive them.
Result<OperatorPtr> makeOperator(const plan::Node& node, OperatorContext& context);

}  // namespace drift::exec
