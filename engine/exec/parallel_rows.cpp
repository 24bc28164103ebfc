#include "exec/parallel_rows.h"

#include <algorithm>

#include "base/out_of_memory.h"
#include "exec/join_spill.h"
#include "exec/key_filter.h"
#include "exec/operator_kinds.h"
#include "plan/node_walk.h"
#include "runtime/worker_pool.h"
#include "storage/key_cuts.h"

namespace drift::exec {

using types::Chunk;

namespace {

/// Rows that a worker must have to read, so that it is worth waking a thread up.
constexpr std::uint64_t kRowsOfWorker = 16 * 1024;
constexpr std::uint64_t kRowsOfMorsel = 16 * 1024;
/// So many morsels for each worker, so that the last ones end at about the same time; and in all.
constexpr std::size_t kMorselsOfWorker = 8;
constexpr std::size_t kMorselsMax = 4096;
constexpr std::uint64_t kStepsMax = 4096;

bool areParallelSafe(const plan::Node& node) {
  bool safe = true;
  plan::eachExpression(node, [&](const plan::Expression& expression) { safe = safe && isParallelSafe(expression); });
  return safe;
}

bool isCuttable(const plan::Scan& scan) {
  const bool needsEnd = std::ranges::any_of(scan.columns, [](const auto& column) {
    return column.system == plan::SystemColumn::End || column.system == plan::SystemColumn::EndSeq;
  });
  return !scan.versions && !(scan.moment && needsEnd) && !scan.key && !scan.points && !scan.index && !scan.backwards &&
         scan.skipRows == 0 && scan.ranges.empty();
}

/// Goes down a pipeline and notes its joins; gives its scan, or null where the node is no pipeline.
Result<const plan::Node*> findPipeline(const plan::Node& node, const OperatorContext& context,
                                       std::vector<const plan::Node*>& joins) {
  if (const auto* scan = std::get_if<plan::Scan>(&node.body)) return isCuttable(*scan) ? &node : nullptr;
  const auto* join = std::get_if<plan::Join>(&node.body);
  const bool passes =
      join || std::holds_alternative<plan::Filter>(node.body) || std::holds_alternative<plan::Project>(node.body);
  if (!passes || !areParallelSafe(node)) return static_cast<const plan::Node*>(nullptr);
  if (join) {
    // What a right side met is noted in its table, which is nothing to be shared.
    const bool marks = join->kind == plan::JoinKind::Right || join->kind == plan::JoinKind::Full;
    if (marks || !join->parameters.empty()) return static_cast<const plan::Node*>(nullptr);
    DRIFT_ASSIGN(const bool readsLeft, readsLeftFirst(node, *join, context));
    if (readsLeft) return static_cast<const plan::Node*>(nullptr);
    joins.push_back(&node);
  }
  return findPipeline(*node.inputs[0], context, joins);
}

/// Rows of a part of the scan, then of the next one.
class MorselScan final : public Operator {
 public:
  MorselScan(const plan::Node& node, OperatorContext& context)
      : m_node(node), m_morsels(*context.pipeline->morsels), m_context(context) {}

  Result<bool> next(Chunk& out) override {
    out.clear();
    while (true) {
      if (m_morsels.isStopped()) return Error(ErrorKind::QueryCanceled, "another worker of the statement failed");
      DRIFT_TRY(m_context.query().cancel.check());
      if (!m_rows) {
        m_scan = m_morsels.take();
        if (!m_scan) return false;
        DRIFT_ASSIGN(m_rows, makeAnyScan(m_node, *m_scan, m_context));
        if (!m_test && m_morsels.filter()) {
          DRIFT_ASSIGN(m_test, KeyTest::of(*m_morsels.filter(), m_node, m_context));
        }
      }
      DRIFT_ASSIGN(const bool more, m_rows->next(out));
      if (!more) m_rows.reset();
      if (!more) continue;
      if (m_test) DRIFT_TRY(m_test->keepMet(out));
      if (out.rowCount() > 0) return true;
    }
  }

 private:
  const plan::Node& m_node;
  Morsels& m_morsels;
  OperatorContext& m_context;
  std::optional<plan::Scan> m_scan;  ///< that m_rows refers to
  OperatorPtr m_rows;                ///< null: between two parts
  std::optional<KeyTest> m_test;
};

Result<std::shared_ptr<SharedSide>> makeSide(const plan::Node& node, OperatorContext& context) {
  const auto& join = std::get<plan::Join>(node.body);
  auto side = std::make_shared<SharedSide>(context);
  side->targets = findKeyTargets(node, join, false, context);
  side->rowTypes = typesOf(node.inputs[1]->columns);
  for (const auto& [left, right] : join.keys) side->keyTypes.push_back(right->type);
  return side;
}

/// The second half of making a side: when all joins above have looked for what they can tell.
Status openSide(SharedSide& side, const plan::Node& node, OperatorContext& context) {
  const auto& join = std::get<plan::Join>(node.body);
  DRIFT_ASSIGN(side.input, makeParallel(*node.inputs[1], context));
  DRIFT_ASSIGN(side.keys, makeKeys(join, true, node.inputs[1]->columns, context));
  DRIFT_ASSIGN(side.workerKeys, makeWorkerKeys(*side.input, join, true, node.inputs[1]->columns, context));
  return {};
}

}  // namespace

bool isParallelSafe(const plan::Expression& expression) {
  bool safe = !plan::isVolatile(expression);
  plan::visit(expression, [&](const plan::Expression& part) { safe = safe && !part.query; });
  return safe;
}

Status SharedSide::read(const OperatorContext& context) {
  table = std::make_shared<JoinTable>(rowTypes, keyTypes, budget);
  JoinSide side{std::move(input), nullptr};
  DRIFT_ASSIGN(complete, fill(side, keys, workerKeys, *table, budget, context));
  if (!complete) {
    input = std::move(side.input);
    return {};
  }
  DRIFT_TRY(table->finish());
  return narrow(targets, *table, keys, context);
}

Status Morsels::cut(std::size_t workers) {
  // Rows that are looked up by their keys stay together: they meet in the same pages, and at the lock of the cache.
  if (m_filter && m_filter->narrowed) {
    m_parts.push_back(m_filter->narrowed->bounds);
    return {};
  }
  const auto most = workers * kMorselsOfWorker;
  const storage::KeyRange range{m_scan.bounds.from, m_scan.bounds.to};
  DRIFT_ASSIGN(const auto rows, m_snapshot.estimateRows(m_scan.table->id, range, kStepsMax));
  const auto wanted = std::min(std::max<std::size_t>(most, rows / kRowsOfMorsel), kMorselsMax);
  DRIFT_ASSIGN(const auto cuts, storage::cutKeys(m_snapshot, m_scan.table->id, range, wanted - 1));
  auto from = m_scan.bounds.from;
  for (const auto& key : cuts) {
    m_parts.push_back({from, key});
    from = key;
  }
  m_parts.push_back({from, m_scan.bounds.to});
  return {};
}

std::optional<plan::Scan> Morsels::take() {
  const auto at = m_next.fetch_add(1, std::memory_order_relaxed);
  if (at >= m_parts.size()) return std::nullopt;
  auto scan = m_filter && m_filter->narrowed ? *m_filter->narrowed : m_scan;
  scan.bounds = m_parts[at];
  return scan;
}

bool Pipeline::isComplete() const {
  return std::ranges::all_of(order, [](const auto* side) { return side->complete; });
}

Status ParallelRows::addWorker(const plan::Node& node) {
  Worker worker;
  worker.context = std::make_unique<OperatorContext>(OperatorContext{m_context.environment, m_context.functions});
  worker.context->analysis = m_context.analysis;
  worker.context->pipeline = m_pipeline.get();
  worker.context->worker = m_workers.size();
  DRIFT_ASSIGN(worker.rows, makeOperator(node, *worker.context));
  m_workers.push_back(std::move(worker));
  return {};
}

Status ParallelRows::prepare() {
  if (m_prepared) return {};
  for (auto* side : m_pipeline->order) DRIFT_TRY(side->read(m_context));
  DRIFT_TRY(m_pipeline->morsels->cut(m_workers.size()));
  m_prepared = true;
  return {};
}

Status ParallelRows::pull(std::size_t worker, const Consume& consume, std::atomic<bool>& halted) {
  auto& own = m_workers[worker];
  Chunk chunk;
  while (!own.ended && !halted.load(std::memory_order_relaxed)) {
    DRIFT_ASSIGN(const bool more, own.rows->next(chunk));
    own.ended = !more;
    if (!more) break;
    DRIFT_ASSIGN(const bool goOn, consume(worker, chunk));
    if (!goOn) halted.store(true, std::memory_order_relaxed);
  }
  return {};
}

Result<bool> ParallelRows::run(const Consume& consume) {
  DRIFT_TRY(prepare());
  // A side that did not fit is joined part by part, by the first worker.
  const auto shares = m_pipeline->isComplete() ? std::min(m_workers.size(), m_pipeline->morsels->count()) : 1;
  std::atomic<bool> halted{false};
  std::mutex mutex;  // guards the error
  Status first;
  m_context.environment.workers->run(shares, [&](std::size_t worker) {
    auto status = catchBadAlloc([&] { return pull(worker, consume, halted); });
    if (status.ok()) return;
    {
      const std::scoped_lock lock(mutex);
      if (first.ok()) first = std::move(status);
    }
    // Behind the error: what the others say when they are stopped comes second.
    m_pipeline->morsels->stop();
    halted.store(true, std::memory_order_relaxed);
  });
  if (!first.ok()) return std::move(first).error();
  return !halted.load(std::memory_order_relaxed);
}

Result<bool> ParallelRows::next(Chunk& out) {
  DRIFT_TRY(prepare());
  for (auto& worker : m_workers) {
    if (worker.ended) continue;
    DRIFT_ASSIGN(const bool more, worker.rows->next(out));
    if (more) return true;
    worker.ended = true;
  }
  out.clear();
  return false;
}

Result<OperatorPtr> makeMorselScan(const plan::Node& node, OperatorContext& context) {
  return std::make_unique<MorselScan>(node, context);
}

Result<OperatorPtr> makeParallel(const plan::Node& node, OperatorContext& context) {
  const auto& environment = context.environment;
  const auto& transaction = environment.transaction;
  const bool mayBe = environment.workers && environment.parallelWorkers > 1 && !context.pipeline &&
                     !context.parameters && context.workTables.empty() && !transaction.hasWrites();
  if (!mayBe) return makeOperator(node, context);
  std::vector<const plan::Node*> joins;
  DRIFT_ASSIGN(const auto* scanNode, findPipeline(node, context, joins));
  if (!scanNode) return makeOperator(node, context);
  const auto& scan = std::get<plan::Scan>(scanNode->body);
  auto snapshot = transaction.snapshot();
  if (scan.moment) {
    DRIFT_ASSIGN(snapshot, transaction.store().at(*scan.moment));
  }
  DRIFT_ASSIGN(const auto rows, snapshot.estimateRows(scan.table->id, {scan.bounds.from, scan.bounds.to}, kStepsMax));
  const auto workers = std::min<std::uint64_t>(environment.parallelWorkers, rows / kRowsOfWorker);
  if (workers < 2) return makeOperator(node, context);

  auto pipeline = std::make_unique<Pipeline>();
  pipeline->scan = scanNode;
  for (const auto* join : joins) {
    DRIFT_ASSIGN(auto side, makeSide(*join, context));
    pipeline->order.push_back(side.get());
    pipeline->sides.emplace(join, std::move(side));
  }
  std::shared_ptr<KeyFilter> filter;
  if (const auto found = context.keyFilters.find(&scan); found != context.keyFilters.end()) {
    // Taken out, as the same plan may run again with other keys.
    filter = std::move(found->second);
    context.keyFilters.erase(found);
  }
  pipeline->morsels = std::make_unique<Morsels>(scan, std::move(filter), std::move(snapshot));
  for (const auto* join : joins) DRIFT_TRY(openSide(*pipeline->sides[join], *join, context));
  auto made = std::make_unique<ParallelRows>(std::move(pipeline), context);
  for (std::uint64_t worker = 0; worker < workers; ++worker) DRIFT_TRY(made->addWorker(node));
  return made;
}

}  // namespace drift::exec
