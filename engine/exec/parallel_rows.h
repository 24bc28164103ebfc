// ParallelRows: the rows of a pipeline, which several threads pull at the same time.
//
// A pipeline is the scan of a large table with what is done to its rows one by one on the way up: filters, projections,
// joins whose other side is in memory, and aggregation where groups come in the order of the scan. Each worker has
// operators of its own for all of it. Shared are the tables of the joins, which the calling thread reads first, and the
// morsels that the scan is cut into: whoever is free takes the next one (V. Leis et al., "Morsel-Driven Parallelism",
// SIGMOD 2014; here a morsel is a range of leaves, or some of the keys that a join looks up).
//
// Only operators that need all rows before they give any ask for more than one thread, by run(): aggregation, and the
// side of a join that is read into memory. So nothing runs while nobody asks for rows, and nothing is read too far.
//
// Thread rule: one thread at a time, that of the statement; run() uses others until it returns. What runs there reads
// one snapshot, and writes to what it owns, or what its header calls thread-safe: budgets, cancel tokens, analyses.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <mutex>
#include <span>
#include <string>
#include <variant>

#include "exec/join_parts.h"
#include "exec/join_table.h"
#include "exec/operator.h"

namespace drift::exec {

/// The side of a join that is read first, once for all copies of a pipeline.
struct SharedSide {
  explicit SharedSide(const OperatorContext& context) : budget(context.query().memory, context.workBytes()) {}

  OperatorPtr input;
  std::vector<EvaluatorPtr> keys;  ///< over its columns
  WorkerKeys workerKeys;           ///< the same for the other workers of `input`
  std::vector<types::Type> rowTypes;
  std::vector<types::Type> keyTypes;
  std::vector<KeyTarget> targets;
  runtime::MemoryBudget budget;
  std::shared_ptr<JoinTable> table;
  bool complete = false;  ///< the table has all rows; else those that fit, and `input` gives the others

  /// Reads it and tells the scans below the other side. OutOfMemory …
  Status read(const OperatorContext& context);
};

/// A part of a scan.
struct Morsel {
  plan::Scan scan;
  std::span<const std::string> keys;  ///< set: of an index scan, the keys of its rows
};

/// The parts of a scan, to be taken by whoever is free: ranges of keys; or, where the joins above told which rows they
/// need, some of these rows, neighbours in the tree, so that each of its pages is read by one worker.
class Morsels final {
 public:
  /// `keyParts`: rows that are equal in so many columns of the key stay in one part; 0: any row may be anywhere.
  Morsels(const plan::Scan& scan, std::size_t keyParts, std::shared_ptr<KeyFilter> filter, storage::Snapshot snapshot)
      : m_scan(scan), m_keyParts(keyParts), m_filter(std::move(filter)), m_snapshot(std::move(snapshot)) {}

  /// Cuts the scan, once the joins above it have told their keys. DataCorrupted, IoError.
  Status cut(std::size_t workers, const OperatorContext& context);
  std::size_t count() const { return m_parts.size(); }

  /// Gives the next part; nothing at the end. Any thread.
  std::optional<Morsel> take();
  /// Lets nobody go on; for when something failed. Any thread.
  void stop() { m_stopped.store(true, std::memory_order_relaxed); }
  bool isStopped() const { return m_stopped.load(std::memory_order_relaxed); }

  const KeyFilter* filter() const { return m_filter.get(); }
  const storage::Snapshot& snapshot() const { return m_snapshot; }

 private:
  /// Positions in m_keys, or in the ranges of the narrowed scan.
  struct Slice {
    std::size_t from = 0;
    std::size_t to = 0;
  };

  Status cutNarrowed(std::size_t workers, const OperatorContext& context);

  const plan::Scan& m_scan;
  const std::size_t m_keyParts;
  const std::shared_ptr<KeyFilter> m_filter;  ///< null: no join tells anything
  const storage::Snapshot m_snapshot;
  std::optional<std::vector<std::string>> m_keys;  ///< set: of the rows that an index finds
  std::vector<std::variant<plan::KeyBounds, Slice>> m_parts;
  std::atomic<std::size_t> m_next{0};
  std::atomic<bool> m_stopped{false};
};

/// What all copies of a pipeline share.
struct Pipeline {
  const plan::Node* scan = nullptr;                                ///< the node at its lower end
  std::map<const plan::Node*, std::shared_ptr<SharedSide>> sides;  ///< of its joins
  std::vector<SharedSide*> order;  ///< the same from above to below: in this order they are read
  std::unique_ptr<Morsels> morsels;

  bool isComplete() const;
};

class ParallelRows final : public Operator {
 public:
  /// Takes rows on one of several threads; gives false where no more are wanted for now.
  using Consume = std::function<Result<bool>(std::size_t worker, types::Chunk& rows)>;

  ParallelRows(std::unique_ptr<Pipeline> pipeline, OperatorContext& context)
      : m_pipeline(std::move(pipeline)), m_context(context) {}

  /// Adds the copy of one more worker.
  Status addWorker(const plan::Node& node);
  std::size_t workerCount() const { return m_workers.size(); }

  /// Pulls rows on as many threads as are free, up to workerCount(), and calls `consume` there, for each worker one
  /// call after the other. Gives true at the end of the rows, and false where `consume` wanted no more: the rows that
  /// are left come by next() then. The first error of any thread ends all.
  Result<bool> run(const Consume& consume);
  /// The rows that are left, one worker's after the other.
  Result<bool> next(types::Chunk& out) override;
  ParallelRows* parallel() override { return this; }

 private:
  struct Worker {
    std::unique_ptr<OperatorContext> context;
    OperatorPtr rows;
    bool ended = false;
  };

  Status prepare();
  Status pull(std::size_t worker, const Consume& consume, std::atomic<bool>& halted);

  const std::unique_ptr<Pipeline> m_pipeline;
  OperatorContext& m_context;
  std::vector<Worker> m_workers;
  bool m_prepared = false;
};

/// Makes the operator of a node whose rows are all read before any are given: ParallelRows where the node is a pipeline
/// that is worth it, otherwise the same as makeOperator().
Result<OperatorPtr> makeParallel(const plan::Node& node, OperatorContext& context);

/// True if an aggregation should give its groups as they come in the order of a scan. It should not where they are few
/// and rows are many: several threads can hash these. DataCorrupted, IoError.
Result<bool> streamsGroups(const plan::Node& node, const plan::Aggregate& aggregate, const OperatorContext& context);

/// The inside of makeOperator() for the lower end of a pipeline's copy.
Result<OperatorPtr> makeMorselScan(const plan::Node& node, OperatorContext& context);

/// True if an expression may be evaluated on several threads: it has neither subqueries, nor state of the session's.
bool isParallelSafe(const plan::Expression& expression);

}  // namespace drift::exec
