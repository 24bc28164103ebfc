// Windows: the input comes sorted by partition and order, so whole partitions are taken from it, at least a chunk of
// rows at a time, and each call is computed over all of them at once. Holds the largest partition in memory.
#include <algorithm>

#include "exec/evaluator_kinds.h"
#include "exec/operator_kinds.h"
#include "exec/vector_copy.h"
#include "exec/window_aggregate.h"
#include "types/cast.h"

namespace drift::exec {

using functions::WindowFunctionKind;
using types::Chunk;
using types::kChunkRows;
using types::Vector;

namespace {

/// One call, with its inputs as columns of a batch.
struct WindowCallPlan {
  const functions::WindowFunction* function = nullptr;  ///< null: an aggregate
  std::vector<std::size_t> arguments;
  WindowAggregate aggregate;
  FrameShape frame;
  types::Type type;
  SourceSpan span;
};

/// Computes one call that is no aggregate over the rows of a batch.
class FunctionComputation final {
 public:
  FunctionComputation(const WindowCallPlan& call, const WindowBatch& batch) : m_call(call), m_batch(batch) {}

  Result<std::vector<Vector>> run() {
    for (std::size_t first = 0; first < m_batch.rowCount(); first += kChunkRows)
      m_out.emplace_back(m_call.type, std::min(kChunkRows, m_batch.rowCount() - first));
    Frames frames(m_call.frame, m_batch);
    for (std::size_t at = 0; at < m_batch.partitionCount(); ++at) {
      frames.enter(at);
      DRIFT_TRY(partition(m_batch.partition(at), frames));
    }
    if (!m_source.empty()) gatherValues();
    return std::move(m_out);
  }

 private:
  template <class T>
  T& out(std::uint32_t row) {
    return m_out[row / kChunkRows].data<T>()[row % kChunkRows];
  }

  Status partition(RowInterval rows, Frames& frames) {
    switch (m_call.function->kind) {
      case WindowFunctionKind::RowNumber:
        for (auto row = rows.from; row < rows.to; ++row) out<std::int64_t>(row) = row - rows.from + 1;
        return {};
      case WindowFunctionKind::Rank:
        for (auto row = rows.from; row < rows.to; ++row) out<std::int64_t>(row) = rankOf(row, rows);
        return {};
      case WindowFunctionKind::DenseRank:
        for (auto row = rows.from; row < rows.to; ++row)
          out<std::int64_t>(row) = m_batch.groupOf[row] - m_batch.groupOf[rows.from] + 1;
        return {};
      case WindowFunctionKind::PercentRank:
        for (auto row = rows.from; row < rows.to; ++row)
          out<double>(row) = rows.size() < 2 ? 0.0 : static_cast<double>(rankOf(row, rows) - 1) / (rows.size() - 1.0);
        return {};
      case WindowFunctionKind::CumeDist:
        for (auto row = rows.from; row < rows.to; ++row)
          out<double>(row) = static_cast<double>(m_batch.peers(row).to - rows.from) / rows.size();
        return {};
      case WindowFunctionKind::Ntile: return tiles(rows);
      case WindowFunctionKind::Lag:
      case WindowFunctionKind::Lead: return neighbours(rows);
      case WindowFunctionKind::FirstValue:
      case WindowFunctionKind::LastValue:
      case WindowFunctionKind::NthValue: return framed(rows, frames);
    }
    return {};
  }

  std::int64_t rankOf(std::uint32_t row, RowInterval rows) const { return m_batch.peers(row).from - rows.from + 1; }

  /// The integer in an argument; nothing for NULL.
  std::optional<std::int32_t> argument(std::size_t number, std::uint32_t row) const {
    const auto& view = m_batch.rows->view(m_call.arguments[number], row);
    if (view.isNull(row % kChunkRows)) return std::nullopt;
    return view.at<std::int32_t>(row % kChunkRows);
  }

  Status tiles(RowInterval rows) {
    const auto count = argument(0, rows.from);
    if (count && *count <= 0)
      return Error(ErrorKind::InvalidTileCount, "argument of ntile must be greater than zero").at(m_call.span);
    for (auto row = rows.from; row < rows.to; ++row) {
      if (!count) {
        m_out[row / kChunkRows].setNull(row % kChunkRows);
        continue;
      }
      // The first tiles have one row more, as many as the division leaves.
      const auto tileCount = static_cast<std::uint32_t>(*count);
      const auto small = rows.size() / tileCount;
      const auto large = rows.size() % tileCount;
      const auto at = row - rows.from;
      const auto inLarge = large * (small + 1);
      out<std::int32_t>(row) =
          static_cast<std::int32_t>(at < inLarge ? at / (small + 1) : large + (at - inLarge) / small) + 1;
    }
    return {};
  }

  Status neighbours(RowInterval rows) {
    startSources();
    for (auto row = rows.from; row < rows.to; ++row) {
      std::int64_t offset = 1;
      if (m_call.arguments.size() > 1) {
        const auto given = argument(1, row);
        if (!given) continue;
        offset = *given;
      }
      if (m_call.function->kind == WindowFunctionKind::Lag) offset = -offset;
      const auto place = std::int64_t{row} + offset;
      if (place >= rows.from && place < rows.to) m_source[row] = static_cast<std::uint32_t>(place);
      else if (m_call.arguments.size() > 2) m_source[row] = kSubstitute;
    }
    return {};
  }

  Status framed(RowInterval rows, Frames& frames) {
    startSources();
    for (auto row = rows.from; row < rows.to; ++row) {
      const auto parts = frames.parts(row);
      if (m_call.function->kind == WindowFunctionKind::FirstValue) {
        if (!parts.empty()) m_source[row] = parts.front().from;
      } else if (m_call.function->kind == WindowFunctionKind::LastValue) {
        if (!parts.empty()) m_source[row] = parts.back().to - 1;
      } else {
        const auto number = argument(1, row);
        if (!number) continue;
        if (*number <= 0)
          return Error(ErrorKind::InvalidNthValue, "argument of nth_value must be greater than zero").at(m_call.span);
        auto left = static_cast<std::uint32_t>(*number) - 1;
        for (const auto& part : parts) {
          if (left < part.size()) {
            m_source[row] = part.from + left;
            break;
          }
          left -= part.size();
        }
      }
    }
    return {};
  }

  void startSources() {
    if (m_source.empty()) m_source.assign(m_batch.rowCount(), kNoRow);
  }

  /// Copies values from the rows that were chosen.
  void gatherValues() {
    for (std::size_t chunk = 0; chunk < m_out.size(); ++chunk) {
      const auto first = chunk * kChunkRows;
      auto& values = m_out[chunk];
      for (std::size_t at = 0; at < values.capacity(); ++at) {
        const auto source = m_source[first + at];
        if (source == kNoRow) {
          values.setNull(at);
        } else if (source == kSubstitute) {
          const auto& view = m_batch.rows->view(m_call.arguments[2], first + at);
          copyRow(view, at, values, at);
        } else {
          copyRow(m_batch.rows->view(m_call.arguments[0], source), source % kChunkRows, values, at);
        }
      }
      if (m_call.type.physical() == types::PhysicalType::String) values.keep(m_batch.rows);
    }
  }

  /// Stands for the third argument of lag() and lead().
  static constexpr std::uint32_t kSubstitute = kNoRow - 1;

  const WindowCallPlan& m_call;
  const WindowBatch& m_batch;
  std::vector<Vector> m_out;
  std::vector<std::uint32_t> m_source;  ///< by row: where its value comes from; kNoRow for NULL
};

/// What a batch holds beside the input's columns: values that are computed.
struct BatchLayout {
  std::size_t inputColumns = 0;
  std::vector<EvaluatorPtr> computed;
  std::vector<types::Type> types;
  std::vector<std::size_t> partitions;
  std::vector<std::size_t> order;
};

class WindowOperator final : public Operator {
 public:
  WindowOperator(OperatorPtr input, BatchLayout layout, std::vector<WindowCallPlan> calls,
                 const OperatorContext& context)
      : m_input(std::move(input)),
        m_layout(std::move(layout)),
        m_calls(std::move(calls)),
        m_context(context),
        m_memory(context.query().memory) {}

  Result<bool> next(Chunk& out) override {
    out.clear();
    if (!m_batch.rows || m_at == m_batch.rowCount()) {
      DRIFT_ASSIGN(const bool more, nextBatch());
      if (!more) return false;
    }
    const auto count = std::min(kChunkRows, m_batch.rowCount() - m_at);
    for (std::size_t column = 0; column < m_layout.inputColumns; ++column)
      out.addColumn(m_batch.rows->stored(column, m_at));
    for (auto& values : m_values) out.addColumn(std::move(values[m_at / kChunkRows]));
    out.setRowCount(count);
    m_at += count;
    return true;
  }

 private:
  Result<bool> nextBatch() {
    m_memory.clear();
    m_values.clear();
    m_at = 0;
    m_batch = WindowBatch();
    m_batch.rows = std::make_shared<RowBuffer>(m_layout.types, m_context.query().memory);
    DRIFT_TRY(read());
    if (m_batch.rowCount() == 0) return false;
    m_batch.partitionStarts.push_back(static_cast<std::uint32_t>(m_batch.rowCount()));
    m_batch.groupStarts.push_back(static_cast<std::uint32_t>(m_batch.rowCount()));
    for (const auto& call : m_calls) {
      DRIFT_TRY(m_context.query().cancel.check());
      auto values = call.function ? FunctionComputation(call, m_batch).run()
                                  : call.aggregate.compute(m_batch, call.frame, m_context);
      if (!values.ok()) return std::move(values).error();
      m_values.push_back(std::move(values).value());
    }
    return true;
  }

  Status read() {
    bool full = false;
    while (!full) {
      Chunk rows;
      if (m_pending) {
        rows = std::move(*m_pending);
        m_pending.reset();
      } else {
        DRIFT_TRY(m_context.query().cancel.check());
        DRIFT_ASSIGN(const bool more, m_input->next(rows));
        if (!more) break;
        std::vector<Vector> computed;
        for (const auto& evaluator : m_layout.computed) {
          DRIFT_ASSIGN(auto values, evaluator->evaluate(rows));
          computed.push_back(std::move(values));
        }
        for (auto& values : computed) rows.addColumn(std::move(values));
      }
      DRIFT_ASSIGN(full, take(rows));
    }
    return {};
  }

  /// Adds rows to the batch. Gives true, with the rest put by, where a partition begins and the batch has rows enough.
  Result<bool> take(const Chunk& chunk) {
    const auto first = static_cast<std::uint32_t>(m_batch.rowCount());
    std::vector<std::uint16_t> partitions;
    std::vector<std::uint16_t> groups;
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
      const bool starts = differs(chunk, row, m_layout.partitions);
      if (starts) partitions.push_back(static_cast<std::uint16_t>(row));
      if (starts || differs(chunk, row, m_layout.order)) groups.push_back(static_cast<std::uint16_t>(row));
    }
    auto count = static_cast<std::uint32_t>(chunk.rowCount());
    const bool full = !partitions.empty() && first + partitions.back() >= kChunkRows;
    if (full) count = partitions.back();
    DRIFT_TRY(m_memory.grow(count * 2 * sizeof(std::uint32_t)));
    for (const auto row : partitions)
      if (row < count) m_batch.partitionStarts.push_back(first + row);
    auto group = groups.begin();
    for (std::uint32_t row = 0; row < count; ++row) {
      if (group != groups.end() && *group == row) {
        m_batch.groupStarts.push_back(first + row);
        ++group;
      }
      m_batch.groupOf.push_back(static_cast<std::uint32_t>(m_batch.groupStarts.size() - 1));
    }
    types::Selection rows = allRows(chunk.rowCount());
    DRIFT_TRY(m_batch.rows->append(chunk, std::span(rows).first(count)));
    if (full) m_pending = chunk.selected(std::span(rows).subspan(count));
    return full;
  }

  /// True if a row is not equal to the one before it in some columns, or has none before it in the batch.
  bool differs(const Chunk& chunk, std::size_t row, const std::vector<std::size_t>& columns) const {
    const auto stored = m_batch.rowCount();
    if (row == 0 && stored == 0) return true;
    for (const auto column : columns) {
      const auto view = chunk.column(column).view();
      const auto& before = row > 0 ? view : m_batch.rows->view(column, stored - 1);
      const auto place = row > 0 ? row - 1 : (stored - 1) % kChunkRows;
      const bool null = view.isNull(row);
      if (null != before.isNull(place)) return true;
      if (!null && types::compareRows(view, row, before, place, m_layout.types[column].physical()) != 0) return true;
    }
    return false;
  }

  const OperatorPtr m_input;
  const BatchLayout m_layout;
  const std::vector<WindowCallPlan> m_calls;
  const OperatorContext& m_context;
  MemoryReservation m_memory;
  WindowBatch m_batch;
  std::vector<std::vector<Vector>> m_values;  ///< by call, by chunk of the batch
  std::optional<Chunk> m_pending;             ///< read, but not of this batch
  std::size_t m_at = 0;
};

class WindowPlanner final {
 public:
  WindowPlanner(const plan::Node& node, OperatorContext& context)
      : m_columns(node.inputs[0]->columns), m_context(context) {
    m_layout.inputColumns = m_columns.size();
    m_layout.types = typesOf(m_columns);
  }

  Result<OperatorPtr> make(const plan::Window& window, OperatorPtr input) {
    for (const auto& partition : window.partitions) {
      DRIFT_ASSIGN(const auto column, columnOf(*partition));
      m_layout.partitions.push_back(column);
    }
    for (const auto& key : window.order) {
      DRIFT_ASSIGN(const auto column, columnOf(*key.expression));
      m_layout.order.push_back(column);
    }
    std::vector<WindowCallPlan> calls;
    for (const auto& call : window.calls) {
      DRIFT_ASSIGN(auto made, planCall(*call, window));
      calls.push_back(std::move(made));
    }
    return std::make_unique<WindowOperator>(std::move(input), std::move(m_layout), std::move(calls), m_context);
  }

 private:
  Result<std::size_t> columnOf(const plan::Expression& expression) {
    if (expression.kind == plan::ExpressionKind::Column) {
      const auto found = std::ranges::find(m_columns, expression.slot, &plan::Column::slot);
      if (found != m_columns.end()) return static_cast<std::size_t>(found - m_columns.begin());
    }
    DRIFT_ASSIGN(auto evaluator, makeEvaluator(expression, m_columns, m_context));
    m_layout.computed.push_back(std::move(evaluator));
    m_layout.types.push_back(expression.type);
    return m_layout.types.size() - 1;
  }

  Result<WindowCallPlan> planCall(const plan::Expression& call, const plan::Window& window) {
    const auto& form = *call.window;
    WindowCallPlan made;
    made.function = form.function;
    made.type = call.type;
    made.span = call.span;
    for (std::size_t at = 0; at < form.argumentCount; ++at) {
      DRIFT_ASSIGN(const auto column, columnOf(*call.arguments[at]));
      made.arguments.push_back(column);
    }
    if (!form.function) {
      made.aggregate.function = call.aggregate.function;
      made.aggregate.arguments = made.arguments;
      made.aggregate.type = call.type;
      made.aggregate.span = call.span;
      if (call.filter) {
        DRIFT_ASSIGN(made.aggregate.filter, columnOf(*call.filter));
      }
    }
    auto& frame = made.frame;
    frame.unit = form.unit;
    frame.start = form.start;
    frame.end = form.end;
    frame.exclusion = form.exclusion;
    frame.isOrdered = !window.order.empty();
    auto at = form.argumentCount;
    if (form.startIsCounted()) {
      DRIFT_ASSIGN(frame.startOffset, offsetOf(*call.arguments[at++], form.unit, "starting"));
    }
    if (form.endIsCounted()) {
      DRIFT_ASSIGN(frame.endOffset, offsetOf(*call.arguments[at++], form.unit, "ending"));
    }
    if (form.unit != sql::FrameUnit::Range || !(form.startIsCounted() || form.endIsCounted())) return made;
    frame.descending = window.order.front().descending;
    frame.physical = call.arguments[at]->type.physical();
    DRIFT_ASSIGN(frame.value, columnOf(*call.arguments[at++]));
    if (form.startIsCounted()) {
      DRIFT_ASSIGN(frame.startBound, columnOf(*call.arguments[at++]));
    }
    if (form.endIsCounted()) {
      DRIFT_ASSIGN(frame.endBound, columnOf(*call.arguments[at++]));
    }
    return made;
  }

  /// Checks an offset; gives its value where it counts rows or groups.
  Result<std::uint64_t> offsetOf(const plan::Expression& expression, sql::FrameUnit unit, std::string_view which) {
    DRIFT_ASSIGN(const auto value, evaluateConstant(expression, m_context));
    if (value.isNull())
      return makeError(ErrorKind::NullNotAllowed, "frame {} offset must not be null", which).at(expression.span);
    if (unit != sql::FrameUnit::Range) {
      if (value.asInt() < 0)
        return makeError(ErrorKind::InvalidFrameSize, "frame {} offset must not be negative", which)
            .at(expression.span);
      return static_cast<std::uint64_t>(value.asInt());
    }
    DRIFT_ASSIGN(const auto zero, types::cast(types::Value::text("0"), value.type(), types::CastContext::Explicit));
    const bool isNan = value.type().id() == types::TypeId::Double && value.asDouble() != value.asDouble();
    if (isNan || types::compareValues(value, zero) < 0)
      return Error(ErrorKind::InvalidFrameSize, "invalid preceding or following size in window function")
          .at(expression.span);
    return std::uint64_t{0};
  }

  const std::vector<plan::Column>& m_columns;
  OperatorContext& m_context;
  BatchLayout m_layout;
};

}  // namespace

Result<OperatorPtr> makeWindow(const plan::Node& node, const plan::Window& window, OperatorPtr input,
                               OperatorContext& context) {
  return WindowPlanner(node, context).make(window, std::move(input));
}

}  // namespace drift::exec
