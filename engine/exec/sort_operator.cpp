// Sorting: rows go to a RowSorter, which holds them in memory or in sorted runs on disk.
#include "exec/operator_kinds.h"
#include "exec/row_sorter.h"

namespace drift::exec {

using types::Chunk;

namespace {

class SortOperator final : public Operator {
 public:
  SortOperator(OperatorPtr input, std::vector<EvaluatorPtr> keys, std::vector<plan::KeyOrder> order,
               std::optional<std::uint64_t> limit, std::vector<types::Type> types, const OperatorContext& context)
      : m_input(std::move(input)),
        m_keys(std::move(keys)),
        m_context(context),
        m_sorter(std::move(types), std::move(order), limit, context) {}

  Result<bool> next(Chunk& out) override {
    if (!m_sorted) DRIFT_TRY(readAll());
    return m_sorter.next(out);
  }

 private:
  Status readAll() {
    Chunk chunk;
    while (true) {
      DRIFT_TRY(m_context.query().cancel.check());
      DRIFT_ASSIGN(const bool more, m_input->next(chunk));
      if (!more) break;
      std::vector<types::Vector> keys;
      for (const auto& key : m_keys) {
        DRIFT_ASSIGN(auto values, key->evaluate(chunk));
        keys.push_back(std::move(values));
      }
      DRIFT_TRY(m_sorter.append(chunk, keys));
    }
    m_sorted = true;
    return m_sorter.finish();
  }

  const OperatorPtr m_input;
  const std::vector<EvaluatorPtr> m_keys;
  const OperatorContext& m_context;
  RowSorter m_sorter;
  bool m_sorted = false;
};

}  // namespace

Result<OperatorPtr> makeSort(const plan::Node& node, const plan::Sort& sort, OperatorPtr input,
                             OperatorContext& context) {
  std::vector<EvaluatorPtr> keys;
  std::vector<plan::KeyOrder> order;
  for (const auto& key : sort.keys) {
    DRIFT_ASSIGN(auto evaluator, makeEvaluator(*key.expression, node.inputs[0]->columns, context));
    keys.push_back(std::move(evaluator));
    order.push_back({key.descending, key.nullsFirst});
  }
  return std::make_unique<SortOperator>(std::move(input), std::move(keys), std::move(order), sort.limit,
                                        typesOf(node.columns), context);
}

}  // namespace drift::exec
