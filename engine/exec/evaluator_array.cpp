// x op ANY (array) and x op ALL (array): the elements of many rows are compared in one go.
#include "exec/evaluator_kinds.h"
#include "types/array.h"

namespace drift::exec {

using types::Chunk;
using types::kChunkRows;
using types::Selection;
using types::StringRef;
using types::Vector;

namespace {

class ArrayAnyEvaluator final : public Evaluator {
 public:
  explicit ArrayAnyEvaluator(EvaluatorParts parts)
      : m_left(std::move(parts.arguments[0])),
        m_array(std::move(parts.arguments[1])),
        m_element(parts.expression.arguments[1]->type.element()),
        m_function(parts.expression.function.function),
        m_any(*parts.expression.truth),
        m_span(parts.expression.span),
        m_context(parts.context) {}

  Result<Vector> evaluate(const Chunk& input) override {
    const auto rows = input.rowCount();
    DRIFT_ASSIGN(const auto left, m_left->evaluate(input));
    DRIFT_ASSIGN(const auto arrays, m_array->evaluate(input));
    const auto view = arrays.view();
    m_decided.assign(rows, 0);
    m_unknown.assign(rows, 0);
    startBatch();
    for (std::size_t row = 0; row < rows; ++row) {
      if (view.isNull(row)) {
        m_unknown[row] = 1;
        continue;
      }
      DRIFT_ASSIGN(auto reader, types::ArrayReader::open(view.at<StringRef>(row).view(), m_element));
      while (!reader.atEnd() && !m_decided[row]) {
        DRIFT_ASSIGN(const auto value, reader.nextValue());
        m_elements.set(m_owners.size(), value);
        m_owners.push_back(static_cast<std::uint16_t>(row));
        if (m_owners.size() < kChunkRows) continue;
        DRIFT_TRY(m_context.query().cancel.check());
        DRIFT_TRY(compareBatch(left));
      }
    }
    DRIFT_TRY(compareBatch(left));
    Vector out(types::TypeId::Boolean, rows);
    for (std::size_t row = 0; row < rows; ++row) {
      out.data<std::uint8_t>()[row] = (m_decided[row] != 0) == m_any;
      if (!m_decided[row] && m_unknown[row]) out.setNull(row);
    }
    return out;
  }

 private:
  void startBatch() {
    m_elements = Vector(m_element);
    m_owners.clear();
  }

  /// One true decides ANY, one false ALL; a NULL leaves it open.
  Status compareBatch(const Vector& left) {
    if (m_owners.empty()) return {};
    const auto count = m_owners.size();
    const std::vector<Vector> arguments{Vector::select(left, m_owners), m_elements};
    Vector holds(types::TypeId::Boolean, count);
    if (auto status = m_function->kernel(m_context.functions, arguments, count, holds); !status.ok())
      return std::move(status).error().at(m_span);
    for (std::size_t at = 0; at < count; ++at) {
      if (holds.isNull(at)) m_unknown[m_owners[at]] = 1;
      else if ((holds.data<std::uint8_t>()[at] != 0) == m_any) m_decided[m_owners[at]] = 1;
    }
    startBatch();
    return {};
  }

  const EvaluatorPtr m_left;
  const EvaluatorPtr m_array;
  const types::Type m_element;
  const functions::ScalarFunction* m_function;
  const bool m_any;
  const SourceSpan m_span;
  const OperatorContext& m_context;
  Vector m_elements;
  Selection m_owners;  ///< the row that each of m_elements belongs to
  std::vector<std::uint8_t> m_decided;
  std::vector<std::uint8_t> m_unknown;
};

}  // namespace

Result<EvaluatorPtr> makeArrayAnyEvaluator(EvaluatorParts parts) {
  return std::make_unique<ArrayAnyEvaluator>(std::move(parts));
}

}  // namespace drift::exec
