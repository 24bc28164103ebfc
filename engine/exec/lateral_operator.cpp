// LATERAL whose right side could not be parted from the left one: it runs once for each left row.
#include <algorithm>

#include "exec/operator_kinds.h"

namespace drift::exec {

using plan::JoinKind;
using types::Chunk;
using types::Vector;

namespace {

class LateralOperator final : public Operator {
 public:
  LateralOperator(OperatorPtr left, const plan::Node& right, JoinKind kind, std::vector<plan::Slot> parameters,
                  std::vector<std::size_t> positions, const OperatorContext& context)
      : m_left(std::move(left)), m_right(right), m_kind(kind), m_positions(std::move(positions)), m_context(context) {
    m_frame.columns = std::move(parameters);
    m_frame.outer = context.parameters;
    m_context.parameters = &m_frame;
  }

  /// The join's condition over both sides; its evaluator must not see the parameters, so it is made outside.
  void setCondition(EvaluatorPtr condition) { m_condition = std::move(condition); }

  Result<bool> next(Chunk& out) override {
    while (true) {
      DRIFT_TRY(m_context.query().cancel.check());
      if (!m_rows) {
        DRIFT_ASSIGN(const bool more, startRow());
        if (!more) {
          out.clear();
          return false;
        }
      }
      Chunk right;
      DRIFT_ASSIGN(const bool some, m_rows->next(right));
      if (!some) {
        m_rows.reset();
        const auto row = m_row++;
        if (m_kind != JoinKind::Left || m_matched) continue;
        out = leftRow(row, 1);
        for (const auto& column : m_right.columns) out.addColumn(Vector::constant(types::Value::null(column.type)));
        return true;
      }
      DRIFT_ASSIGN(const bool any, pairs(right, out));
      if (any) return true;
    }
  }

 private:
  /// Takes the next left row and starts the right side for it; gives false at the end.
  Result<bool> startRow() {
    if (m_row >= m_chunk.rowCount()) {
      m_row = 0;
      DRIFT_ASSIGN(const bool more, m_left->next(m_chunk));
      if (!more) return false;
    }
    m_frame.values.clear();
    for (const auto position : m_positions) m_frame.values.push_back(m_chunk.column(position).get(m_row));
    m_matched = false;
    DRIFT_ASSIGN(m_rows, makeOperator(m_right, m_context));
    return true;
  }

  Chunk leftRow(std::size_t row, std::size_t times) const {
    return m_chunk.selected(types::Selection(times, static_cast<std::uint16_t>(row)));
  }

  Result<bool> pairs(const Chunk& right, Chunk& out) {
    out = leftRow(m_row, right.rowCount());
    for (std::size_t column = 0; column < right.columnCount(); ++column) out.addColumn(right.column(column));
    if (m_condition) {
      DRIFT_ASSIGN(const auto holds, m_condition->evaluate(out));
      const auto kept = trueRows(holds, out.rowCount());
      if (kept.empty()) return false;
      if (kept.size() < out.rowCount()) out = out.selected(kept);
    }
    m_matched = true;
    return true;
  }

  const OperatorPtr m_left;
  const plan::Node& m_right;
  const JoinKind m_kind;
  const std::vector<std::size_t> m_positions;  ///< of the parameters among the left columns
  EvaluatorPtr m_condition;                    ///< null = none
  ParameterFrame m_frame;
  OperatorContext m_context;  ///< with m_frame
  Chunk m_chunk;
  std::size_t m_row = 0;
  bool m_matched = false;
  OperatorPtr m_rows;  ///< null: the next row is to be started
};

}  // namespace

Result<OperatorPtr> makeLateral(const plan::Node& node, const plan::Join& join, OperatorPtr left,
                                OperatorContext& context) {
  std::vector<std::size_t> positions;
  const auto& columns = node.inputs[0]->columns;
  for (const auto slot : join.parameters) {
    const auto column = std::ranges::find(columns, slot, &plan::Column::slot);
    if (column == columns.end())
      return Error(ErrorKind::InternalError, "the right side of a join reads a column that the left side lacks");
    positions.push_back(static_cast<std::size_t>(column - columns.begin()));
  }
  auto made = std::make_unique<LateralOperator>(std::move(left), *node.inputs[1], join.kind, join.parameters,
                                                std::move(positions), context);
  if (join.condition) {
    DRIFT_ASSIGN(auto condition, makeEvaluator(*join.condition, bothSides(node), context));
    made->setCondition(std::move(condition));
  }
  return made;
}

}  // namespace drift::exec
