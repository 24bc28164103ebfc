#include "exec/parallel_rows.h"

#include <algorithm>

#include "base/out_of_memory.h"
#include "exec/join_spill.h"
#include "exec/key_filter.h"
#include "exec/operator_kinds.h"
#include "plan/node_walk.h"
#include "plan/row_order.h"
#include "runtime/worker_pool.h"
#include "storage/key_cuts.h"
#include "types/key_encoding.h"

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
/// Fewest rows of a part that are looked up by their keys.
constexpr std::size_t kLookupsOfMorselMin = 64;
/// Keys of rows that an index finds are put in order before the rows are read, up to this number.
constexpr std::size_t kIndexKeysMax = 1u << 20;

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

/// The beginning of a key that its first columns make; nothing where it cannot be told.
std::optional<std::string> keyPrefix(const catalog::Table& table, std::string_view key, std::size_t parts) {
  std::vector<types::Type> types;
  for (const auto id : table.primaryKey)
    types.push_back(std::ranges::find(table.columns, id, &catalog::Column::id)->type);
  const auto values = types::decodeKey(key, types);
  if (!values.ok()) return std::nullopt;
  std::string prefix;
  for (std::size_t part = 0; part < parts; ++part) types::appendKey(prefix, (*values)[part]);
  return prefix;
}

Result<storage::Snapshot> snapshotOf(const plan::Scan& scan, const OperatorContext& context) {
  const auto& transaction = context.environment.transaction;
  if (!scan.moment) return transaction.snapshot();
  return transaction.store().at(*scan.moment);
}

/// What findPipeline() met on its way.
struct Found {
  std::vector<const plan::Node*> joins;
  std::size_t keyParts = 0;  ///< see Morsels
};

/// Goes down a pipeline; gives its scan, or null where the node is no pipeline.
Result<const plan::Node*> findPipeline(const plan::Node& node, const OperatorContext& context, Found& found) {
  if (const auto* scan = std::get_if<plan::Scan>(&node.body)) return isCuttable(*scan) ? &node : nullptr;
  if (const auto* aggregate = std::get_if<plan::Aggregate>(&node.body)) {
    if (!areParallelSafe(node)) return static_cast<const plan::Node*>(nullptr);
    DRIFT_ASSIGN(const bool streams, streamsGroups(node, *aggregate, context));
    if (!streams) return static_cast<const plan::Node*>(nullptr);
    found.keyParts = plan::groupOrder(node, *aggregate).keyParts;
    return findPipeline(*node.inputs[0], context, found);
  }
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
    found.joins.push_back(&node);
  }
  return findPipeline(*node.inputs[0], context, found);
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
        m_morsel = m_morsels.take();
        if (!m_morsel) return false;
        DRIFT_ASSIGN(m_rows, m_morsel->keys.empty() ? makeAnyScan(m_node, m_morsel->scan, m_context)
                                                    : makeLookupOf(m_morsel->keys, m_morsel->scan, m_context));
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
  std::optional<Morsel> m_morsel;  ///< that m_rows refers to
  OperatorPtr m_rows;              ///< null: between two parts
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

Result<bool> streamsGroups(const plan::Node& node, const plan::Aggregate& aggregate, const OperatorContext& context) {
  if (!aggregatesInOrder(node, aggregate)) return false;
  const auto& environment = context.environment;
  if (context.pipeline || !environment.workers || environment.parallelWorkers < 2 || !aggregatesInParts(aggregate))
    return true;
  // Groups are many where no two of some keys from all over the table are in the same one.
  constexpr std::size_t kKeys = 64;
  const auto order = plan::groupOrder(node, aggregate);
  const auto& scan = *order.scan;
  DRIFT_ASSIGN(const auto snapshot, snapshotOf(scan, context));
  DRIFT_ASSIGN(const auto keys,
               storage::cutKeys(snapshot, scan.table->id, {scan.bounds.from, scan.bounds.to}, kKeys));
  std::optional<std::string> last;
  for (const auto& key : keys) {
    auto prefix = keyPrefix(*scan.table, key, order.keyParts);
    if (!prefix || prefix == last) return false;
    last = std::move(prefix);
  }
  return true;
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

Status Morsels::cutNarrowed(std::size_t workers, const OperatorContext& context) {
  const auto& scan = *m_filter->narrowed;
  if (scan.index && m_keyParts == 0) {
    DRIFT_ASSIGN(m_keys, readIndexKeys(scan, m_snapshot, kIndexKeysMax, context));
  }
  if (m_keyParts > 0 || (scan.index && !m_keys) || (!scan.index && scan.ranges.empty())) {
    m_parts.emplace_back(scan.bounds);
    return {};
  }
  const auto count = m_keys ? m_keys->size() : scan.ranges.size();
  const auto size = std::clamp(count / (workers * kMorselsOfWorker), kLookupsOfMorselMin, types::kChunkRows);
  for (std::size_t from = 0; from < count; from += size)
    m_parts.emplace_back(Slice{from, std::min(count, from + size)});
  return {};
}

Status Morsels::cut(std::size_t workers, const OperatorContext& context) {
  if (m_filter && m_filter->narrowed) return cutNarrowed(workers, context);
  const auto most = workers * kMorselsOfWorker;
  const storage::KeyRange range{m_scan.bounds.from, m_scan.bounds.to};
  DRIFT_ASSIGN(const auto rows, m_snapshot.estimateRows(m_scan.table->id, range, kStepsMax));
  const auto wanted = std::min(std::max<std::size_t>(most, rows / kRowsOfMorsel), kMorselsMax);
  DRIFT_ASSIGN(const auto cuts, storage::cutKeys(m_snapshot, m_scan.table->id, range, wanted - 1));
  auto from = m_scan.bounds.from;
  for (const auto& cut : cuts) {
    const auto key = m_keyParts == 0 ? cut : keyPrefix(*m_scan.table, cut, m_keyParts);
    if (!key || (from && *key <= *from)) continue;  // both are in one group, or nobody knows
    m_parts.emplace_back(plan::KeyBounds{from, *key});
    from = *key;
  }
  m_parts.emplace_back(plan::KeyBounds{from, m_scan.bounds.to});
  return {};
}

std::optional<Morsel> Morsels::take() {
  const auto at = m_next.fetch_add(1, std::memory_order_relaxed);
  if (at >= m_parts.size()) return std::nullopt;
  if (const auto* bounds = std::get_if<plan::KeyBounds>(&m_parts[at])) {
    Morsel morsel{m_filter && m_filter->narrowed ? *m_filter->narrowed : m_scan, {}};
    morsel.scan.bounds = *bounds;
    return morsel;
  }
  const auto slice = std::get<Slice>(m_parts[at]);
  const auto& narrowed = *m_filter->narrowed;
  if (m_keys) return Morsel{narrowed, std::span(*m_keys).subspan(slice.from, slice.to - slice.from)};
  const auto ranges = std::span(narrowed.ranges).subspan(slice.from, slice.to - slice.from);
  Morsel morsel{m_scan, {}};
  morsel.scan.bounds = {};
  morsel.scan.points = narrowed.points;
  morsel.scan.ranges.assign(ranges.begin(), ranges.end());
  return morsel;
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
  DRIFT_TRY(m_pipeline->morsels->cut(m_workers.size(), m_context));
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
                     !context.parameters && context.workTables.empty() && !transaction.hasWrites() &&
                     !transaction.hasWrites(txn::kTemporaryCatalogTree);
  if (!mayBe) return makeOperator(node, context);
  Found found;
  DRIFT_ASSIGN(const auto* scanNode, findPipeline(node, context, found));
  if (!scanNode) return makeOperator(node, context);
  const auto& scan = std::get<plan::Scan>(scanNode->body);
  DRIFT_ASSIGN(auto snapshot, snapshotOf(scan, context));
  DRIFT_ASSIGN(const auto rows, snapshot.estimateRows(scan.table->id, {scan.bounds.from, scan.bounds.to}, kStepsMax));
  const auto workers = std::min<std::uint64_t>(environment.parallelWorkers, rows / kRowsOfWorker);
  if (workers < 2) return makeOperator(node, context);

  auto pipeline = std::make_unique<Pipeline>();
  pipeline->scan = scanNode;
  for (const auto* join : found.joins) {
    DRIFT_ASSIGN(auto side, makeSide(*join, context));
    pipeline->order.push_back(side.get());
    pipeline->sides.emplace(join, std::move(side));
  }
  std::shared_ptr<KeyFilter> filter;
  if (const auto known = context.keyFilters.find(&scan); known != context.keyFilters.end()) {
    // Taken out, as the same plan may run again with other keys.
    filter = std::move(known->second);
    context.keyFilters.erase(known);
  }
  pipeline->morsels = std::make_unique<Morsels>(scan, found.keyParts, std::move(filter), std::move(snapshot));
  for (const auto* join : found.joins) DRIFT_TRY(openSide(*pipeline->sides[join], *join, context));
  auto made = std::make_unique<ParallelRows>(std::move(pipeline), context);
  for (std::uint64_t worker = 0; worker < workers; ++worker) DRIFT_TRY(made->addWorker(node));
  return made;
}

}  // namespace drift::exec
