#include "exec/window_aggregate.h"

#include <algorithm>
#include <numeric>

#include "exec/evaluator.h"
#include "exec/vector_copy.h"

namespace drift::exec {

using types::kChunkRows;
using types::Vector;

namespace {

constexpr std::size_t kStateAlignment = 16;
constexpr std::uint32_t kFanout = 16;  ///< of the tree of states

std::size_t chunkCount(std::size_t rows) { return (rows + kChunkRows - 1) / kChunkRows; }

/// States of one aggregate in places that stay.
class States final {
 public:
  States(const functions::AggregateFunction& function, const runtime::MemoryBudget& budget)
      : m_function(function),
        m_stateBytes((function.stateBytes + kStateAlignment - 1) / kStateAlignment * kStateAlignment),
        m_memory(budget) {}
  ~States() { clear(); }
  States(const States&) = delete;
  States& operator=(const States&) = delete;

  /// Adds fresh states up to `count`.
  Status growTo(std::size_t count) {
    while (m_count < count) {
      if (m_count / kChunkRows == m_blocks.size()) {
        DRIFT_TRY(m_memory.grow(kChunkRows * m_stateBytes));
        m_blocks.emplace_back(new (std::align_val_t{kStateAlignment}) std::byte[kChunkRows * m_stateBytes]);
      }
      m_function.initialize(place(m_count));
      ++m_count;
    }
    return {};
  }
  /// Takes all states away; their memory is kept for others.
  void clear() {
    if (m_function.destroy)
      for (std::size_t at = 0; at < m_count; ++at) m_function.destroy(place(at));
    m_count = 0;
  }
  std::size_t count() const { return m_count; }
  std::byte* at(std::size_t number) const { return place(number); }

 private:
  struct Free {
    void operator()(std::byte* block) const { ::operator delete[](block, std::align_val_t{kStateAlignment}); }
  };
  std::byte* place(std::size_t number) const {
    return m_blocks[number / kChunkRows].get() + number % kChunkRows * m_stateBytes;
  }

  const functions::AggregateFunction& m_function;
  const std::size_t m_stateBytes;
  std::vector<std::unique_ptr<std::byte[], Free>> m_blocks;
  std::size_t m_count = 0;
  MemoryReservation m_memory;
};

class Computation final {
 public:
  Computation(const WindowAggregate& aggregate, const WindowBatch& batch, const FrameShape& shape,
              const OperatorContext& context)
      : m_aggregate(aggregate), m_function(*aggregate.function), m_batch(batch), m_shape(shape), m_context(context) {}

  Result<std::vector<Vector>> run() {
    for (std::size_t chunk = 0; chunk < chunkCount(m_batch.rowCount()); ++chunk)
      m_out.emplace_back(m_aggregate.type, rowsIn(chunk));
    DRIFT_TRY(m_shape.isWhole() ? wholePartitions() : m_shape.isPrefix() ? prefixes() : anyFrames());
    return std::move(m_out);
  }

 private:
  std::size_t rowsIn(std::size_t chunk) const { return std::min(kChunkRows, m_batch.rowCount() - chunk * kChunkRows); }

  /// Adds the rows of a chunk to states: that of row i is stateOf(row number).
  template <class StateOf>
  Status update(std::size_t chunk, const StateOf& stateOf) {
    DRIFT_TRY(m_context.query().cancel.check());
    const auto first = chunk * kChunkRows;
    types::Selection rows(rowsIn(chunk));
    std::iota(rows.begin(), rows.end(), std::uint16_t{0});
    if (m_aggregate.filter) rows = trueRows(m_batch.rows->stored(*m_aggregate.filter, first), rows.size());
    if (rows.empty()) return {};
    std::vector<Vector> arguments;
    for (const auto column : m_aggregate.arguments) {
      const auto& values = m_batch.rows->stored(column, first);
      arguments.push_back(m_aggregate.filter ? Vector::select(values, rows) : values);
    }
    std::vector<std::byte*> states;
    states.reserve(rows.size());
    for (const auto row : rows) states.push_back(stateOf(first + row));
    return located(m_function.update(arguments, rows.size(), states.data()));
  }

  Status finalize(const States& states, std::size_t first, std::size_t count, Vector& out) const {
    std::vector<std::byte*> places(count);
    for (std::size_t at = 0; at < count; ++at) places[at] = states.at(first + at);
    return located(m_function.finalize(places.data(), count, out));
  }

  Status located(Status status) const {
    if (status.ok()) return {};
    return std::move(status).error().at(m_aggregate.span);
  }

  Status wholePartitions() {
    States states(m_function, m_context.query().memory);
    DRIFT_TRY(states.growTo(m_batch.partitionCount()));
    std::size_t partition = 0;
    const auto partitionOf = [&](std::size_t row) {
      while (row >= m_batch.partitionStarts[partition + 1]) ++partition;
      return partition;
    };
    for (std::size_t chunk = 0; chunk < m_out.size(); ++chunk)
      DRIFT_TRY(update(chunk, [&](std::size_t row) { return states.at(partitionOf(row)); }));
    std::vector<Vector> values;
    for (std::size_t first = 0; first < states.count(); first += kChunkRows) {
      const auto count = std::min(kChunkRows, states.count() - first);
      DRIFT_TRY(finalize(states, first, count, values.emplace_back(m_aggregate.type, count)));
    }
    partition = 0;
    share(values, [&](std::size_t row) { return std::optional(partitionOf(row)); });
    return {};
  }

  /// Row by row, the state of the partition up to there.
  Status prefixes() {
    States leaves(m_function, m_context.query().memory);
    States sums(m_function, m_context.query().memory);
    States carried(m_function, m_context.query().memory);
    std::vector<Vector> values;
    std::size_t partition = 0;
    for (std::size_t chunk = 0; chunk < m_out.size(); ++chunk) {
      const auto first = chunk * kChunkRows;
      const auto count = rowsIn(chunk);
      leaves.clear();
      sums.clear();
      DRIFT_TRY(leaves.growTo(count));
      DRIFT_TRY(sums.growTo(count));
      DRIFT_TRY(update(chunk, [&](std::size_t row) { return leaves.at(row - first); }));
      for (std::size_t at = 0; at < count; ++at) {
        while (first + at >= m_batch.partitionStarts[partition + 1]) ++partition;
        const bool starts = first + at == m_batch.partitionStarts[partition];
        if (!starts) DRIFT_TRY(located(m_function.merge(at ? sums.at(at - 1) : carried.at(0), sums.at(at))));
        DRIFT_TRY(located(m_function.merge(leaves.at(at), sums.at(at))));
      }
      carried.clear();
      DRIFT_TRY(carried.growTo(1));
      DRIFT_TRY(located(m_function.merge(sums.at(count - 1), carried.at(0))));
      DRIFT_TRY(finalize(sums, 0, count, values.emplace_back(m_aggregate.type, count)));
    }
    if (m_shape.unit == sql::FrameUnit::Rows && m_shape.end == sql::FrameBoundKind::CurrentRow) {
      m_out = std::move(values);
      return {};
    }
    DRIFT_TRY(makeEmptyValue());
    Frames frames(m_shape, m_batch);
    partition = 0;
    frames.enter(0);
    share(values, [&](std::size_t row) -> std::optional<std::size_t> {
      while (row >= m_batch.partitionStarts[partition + 1]) frames.enter(++partition);
      const auto frame = frames.bounds(static_cast<std::uint32_t>(row));
      if (frame.size() == 0) return std::nullopt;
      return frame.to - 1;
    });
    return {};
  }

  Status makeEmptyValue() {
    States none(m_function, m_context.query().memory);
    DRIFT_TRY(none.growTo(1));
    m_empty = Vector(m_aggregate.type, 1);
    return finalize(none, 0, 1, m_empty);
  }

  /// Gives each row the value whose number placeOf(row) gives; nothing is the value of no rows.
  template <class PlaceOf>
  void share(const std::vector<Vector>& values, const PlaceOf& placeOf) {
    std::vector<types::VectorView> views;
    for (const auto& part : values) views.push_back(part.view());
    for (std::size_t chunk = 0; chunk < m_out.size(); ++chunk) {
      auto& out = m_out[chunk];
      std::optional<std::size_t> kept;
      for (std::size_t at = 0; at < rowsIn(chunk); ++at) {
        const auto place = placeOf(chunk * kChunkRows + at);
        if (!place) {
          copyRow(m_empty.view(), 0, out, at);
          continue;
        }
        const auto part = *place / kChunkRows;
        copyRow(views[part], *place % kChunkRows, out, at);
        if (kept != part) out.keepHeapsOf(values[part]);
        kept = part;
      }
      if (m_empty.capacity() > 0) out.keepHeapsOf(m_empty);
    }
  }

  /// A tree over all rows of the batch; no frame reaches beyond its partition.
  Status anyFrames() {
    auto& memory = m_context.query().memory;
    std::vector<std::unique_ptr<States>> levels;
    levels.push_back(std::make_unique<States>(m_function, memory));
    DRIFT_TRY(levels[0]->growTo(m_batch.rowCount()));
    for (std::size_t chunk = 0; chunk < m_out.size(); ++chunk)
      DRIFT_TRY(update(chunk, [&](std::size_t row) { return levels[0]->at(row); }));
    while (levels.back()->count() > kFanout) {
      const auto& below = *levels.back();
      auto level = std::make_unique<States>(m_function, memory);
      DRIFT_TRY(level->growTo((below.count() + kFanout - 1) / kFanout));
      for (std::size_t at = 0; at < below.count(); ++at)
        DRIFT_TRY(located(m_function.merge(below.at(at), level->at(at / kFanout))));
      levels.push_back(std::move(level));
    }
    Frames frames(m_shape, m_batch);
    States results(m_function, memory);
    std::size_t partition = 0;
    frames.enter(0);
    for (std::size_t chunk = 0; chunk < m_out.size(); ++chunk) {
      DRIFT_TRY(m_context.query().cancel.check());
      results.clear();
      DRIFT_TRY(results.growTo(rowsIn(chunk)));
      for (std::size_t at = 0; at < rowsIn(chunk); ++at) {
        const auto row = static_cast<std::uint32_t>(chunk * kChunkRows + at);
        while (row >= m_batch.partitionStarts[partition + 1]) frames.enter(++partition);
        for (const auto& part : frames.parts(row)) DRIFT_TRY(mergeInterval(levels, part, results.at(at)));
      }
      DRIFT_TRY(finalize(results, 0, rowsIn(chunk), m_out[chunk]));
    }
    return {};
  }

  /// From the left, since there are aggregates that care for the order.
  Status mergeInterval(const std::vector<std::unique_ptr<States>>& levels, RowInterval rows, std::byte* into) {
    m_right.clear();
    auto [from, to] = rows;
    for (std::size_t level = 0; from < to; ++level) {
      const bool top = level + 1 == levels.size();
      while (from < to && (top || from % kFanout != 0))
        DRIFT_TRY(located(m_function.merge(levels[level]->at(from++), into)));
      while (from < to && to % kFanout != 0) m_right.push_back(levels[level]->at(--to));
      from /= kFanout;
      to /= kFanout;
    }
    for (auto state = m_right.rbegin(); state != m_right.rend(); ++state)
      DRIFT_TRY(located(m_function.merge(*state, into)));
    return {};
  }

  const WindowAggregate& m_aggregate;
  const functions::AggregateFunction& m_function;
  const WindowBatch& m_batch;
  const FrameShape& m_shape;
  const OperatorContext& m_context;
  std::vector<Vector> m_out;
  Vector m_empty;  ///< of a frame without rows
  std::vector<const std::byte*> m_right;
};

}  // namespace

Result<std::vector<Vector>> WindowAggregate::compute(const WindowBatch& batch, const FrameShape& shape,
                                                     const OperatorContext& context) const {
  return Computation(*this, batch, shape, context).run();
}

}  // namespace drift::exec
