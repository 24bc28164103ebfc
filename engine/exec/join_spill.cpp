#include "exec/join_spill.h"

#include <mutex>

#include "exec/parallel_rows.h"

namespace drift::exec {

using types::Chunk;

namespace {

Status addRows(SpillPartitions& into, const Chunk& rows, const std::vector<EvaluatorPtr>& keys) {
  Chunk values;
  for (const auto& key : keys) {
    DRIFT_ASSIGN(auto column, key->evaluate(rows));
    values.addColumn(std::move(column));
  }
  values.setRowCount(rows.rowCount());
  return into.add(rows, values);
}

/// Parts what is left of a side, after the rows of `table` if there is one.
Result<std::vector<SpillStreamPtr>> partSide(JoinSide& side, const JoinTable* table,
                                             const std::vector<EvaluatorPtr>& keys,
                                             const std::vector<types::Type>& types, unsigned level,
                                             const OperatorContext& context) {
  SpillPartitions parts(types, *context.spill(), level);
  for (std::size_t first = 0; table && first < table->rows()->rowCount(); first += types::kChunkRows)
    DRIFT_TRY(addRows(parts, chunkOf(table->rows(), first), keys));
  Chunk chunk;
  while (true) {
    DRIFT_TRY(context.query().cancel.check());
    DRIFT_ASSIGN(const bool more, side.next(chunk));
    if (!more) return parts.finish();
    DRIFT_TRY(addRows(parts, chunk, keys));
  }
}

/// What fill() does, on several threads: they only take turns at adding.
Result<bool> fillInParallel(ParallelRows& rows, const std::vector<EvaluatorPtr>& keys, const WorkerKeys& workerKeys,
                            JoinTable& table, const runtime::MemoryBudget& budget, const OperatorContext& context) {
  std::mutex mutex;  // guards the table's rows
  return rows.run([&](std::size_t worker, Chunk& chunk) -> Result<bool> {
    DRIFT_ASSIGN(auto chunkKeys, table.keysOf(chunk, worker == 0 ? keys : workerKeys[worker - 1]));
    const std::scoped_lock lock(mutex);
    DRIFT_TRY(table.add(chunk, std::move(chunkKeys)));
    return !(context.spill() && budget.isFull());
  });
}

}  // namespace

Status JoinSide::keep(const std::vector<types::Type>& types, const OperatorContext& context) {
  if (stream) return {};
  auto rows = std::make_unique<SpillStream>(types, *context.spill());
  Chunk chunk;
  while (true) {
    DRIFT_TRY(context.query().cancel.check());
    DRIFT_ASSIGN(const bool more, input->next(chunk));
    if (!more) break;
    DRIFT_TRY(rows->append(chunk));
  }
  DRIFT_TRY(rows->finish());
  stream = std::move(rows);
  return {};
}

Result<bool> fill(JoinSide& side, const std::vector<EvaluatorPtr>& keys, const WorkerKeys& workerKeys, JoinTable& table,
                  const runtime::MemoryBudget& budget, const OperatorContext& context) {
  if (auto* rows = side.stream ? nullptr : side.input->parallel()) {
    DRIFT_ASSIGN(const bool ended, fillInParallel(*rows, keys, workerKeys, table, budget, context));
    if (!ended) return false;
  }
  Chunk chunk;
  while (true) {
    DRIFT_TRY(context.query().cancel.check());
    DRIFT_ASSIGN(const bool more, side.next(chunk));
    if (!more) return true;
    DRIFT_ASSIGN(auto chunkKeys, table.keysOf(chunk, keys));
    DRIFT_TRY(table.add(chunk, std::move(chunkKeys)));
    if (context.spill() && budget.isFull()) return false;
  }
}

Result<std::vector<JoinPair>> partPair(JoinPair pair, const JoinTable& table, bool readsLeft, const JoinParts& parts,
                                       const OperatorContext& context) {
  const auto partLeft = [&] {
    return partSide(pair.left, readsLeft ? &table : nullptr, parts.leftKeys, parts.leftTypes, pair.level, context);
  };
  const auto partRight = [&] {
    return partSide(pair.right, readsLeft ? nullptr : &table, parts.rightKeys, parts.rightTypes, pair.level, context);
  };
  std::vector<SpillStreamPtr> left;
  if (readsLeft) {
    DRIFT_ASSIGN(left, partLeft());
  }
  DRIFT_ASSIGN(auto right, partRight());
  if (!readsLeft) {
    DRIFT_ASSIGN(left, partLeft());
  }
  std::uint64_t readRows = 0;
  for (const auto& part : readsLeft ? left : right) readRows += part->rowCount();
  std::vector<JoinPair> pairs;
  for (std::size_t at = 0; at < left.size(); ++at) {
    if (left[at]->rowCount() == 0 && right[at]->rowCount() == 0) continue;
    JoinPair made;
    // Where nearly all rows went the same way, they have one key, and would do so again.
    const auto own = (readsLeft ? left : right)[at]->rowCount();
    made.splits = pair.level + 1 < SpillPartitions::kLevelsMax && own < readRows - readRows / 8;
    made.level = pair.level + 1;
    for (const auto& [side, stream] : {std::pair(&made.left, &left[at]), std::pair(&made.right, &right[at])}) {
      side->stream = std::move(*stream);
      side->stream->rewind(SpillStream::Reading::Again);
    }
    pairs.push_back(std::move(made));
  }
  return pairs;
}

}  // namespace drift::exec
