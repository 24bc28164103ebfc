#include "exec/index_keys.h"

#include <algorithm>

#include "catalog/index_key.h"
#include "plan/bound_index.h"
#include "types/text.h"

namespace drift::exec {

using types::Chunk;
using types::Vector;

namespace {

/// Places within a stored text mean nothing in the statement.
Result<Vector> computed(Evaluator& evaluator, const Chunk& rows) {
  auto values = evaluator.evaluate(rows);
  if (values.ok()) return values;
  const auto& error = values.error();
  return Error(error.kind(), error.message()).withHint(error.hint()).withDetail(error.detail());
}

}  // namespace

Result<IndexKeys> IndexKeys::open(const catalog::Table& table, catalog::Index index,
                                  const plan::BindEnvironment& binding, OperatorContext& context) {
  IndexKeys keys(std::move(index));
  const auto& definition = keys.m_index;
  plan::BoundIndex bound;
  if (definition.hasExpressions() || definition.isPartial()) {
    DRIFT_ASSIGN(bound, plan::bindIndex(table, definition, binding));
  }
  for (std::size_t at = 0; at < definition.columns.size(); ++at) {
    const auto& column = definition.columns[at];
    Part part{.column = 0, .expression = nullptr, .text = plan::indexPartText(table, column)};
    if (column.isExpression()) {
      DRIFT_ASSIGN(part.expression, makeEvaluator(*bound.parts[at], bound.inputs, context));
      keys.m_hasExpressions = true;
    } else {
      const auto found = std::ranges::find(table.columns, column.column, &catalog::Column::id);
      part.column = static_cast<std::size_t>(found - table.columns.begin());
    }
    keys.m_parts.push_back(std::move(part));
  }
  if (bound.predicate) {
    DRIFT_ASSIGN(keys.m_condition, makeEvaluator(*bound.predicate, bound.inputs, context));
  }
  return keys;
}

Result<IndexRows> IndexKeys::rows(const Chunk& columns) const {
  IndexRows rows;
  rows.m_keys = this;
  const Chunk* computedOf = &columns;
  Chunk chosen;
  types::Selection places;
  if (m_condition) {
    DRIFT_ASSIGN(auto holds, computed(*m_condition, columns));
    // Rows that are not in the index need not have a value for it.
    if (m_hasExpressions) {
      const auto in = trueRows(holds, columns.rowCount());
      if (in.size() < columns.rowCount()) {
        chosen = columns.selected(in);
        computedOf = &chosen;
        places.resize(columns.rowCount());
        for (std::size_t at = 0; at < in.size(); ++at) places[in[at]] = static_cast<std::uint16_t>(at);
      }
    }
    rows.m_holds = std::move(holds);
  }
  for (const auto& part : m_parts) {
    if (!part.expression) {
      rows.m_parts.push_back(columns.column(part.column));
      continue;
    }
    if (computedOf->rowCount() == 0) {
      rows.m_parts.emplace_back();  // nobody asks
      continue;
    }
    DRIFT_ASSIGN(auto values, computed(*part.expression, *computedOf));
    rows.m_parts.push_back(places.empty() ? std::move(values) : Vector::select(values, places));
  }
  return rows;
}

bool IndexRows::isIn(std::size_t row) const {
  if (!m_holds) return true;
  const auto view = m_holds->view();
  return !view.isNull(row) && view.at<std::uint8_t>(row);
}

bool IndexRows::isAlone(std::size_t row) const {
  return m_keys->m_index.unique && isIn(row) &&
         std::ranges::none_of(m_parts, [row](const auto& part) { return part.isNull(row); });
}

std::optional<std::string> IndexRows::key(std::size_t row, std::string_view rowKey) const {
  if (!isIn(row)) return std::nullopt;
  const auto& index = m_keys->m_index;
  std::string key;
  bool shared = !index.unique;
  for (std::size_t at = 0; at < m_parts.size(); ++at) {
    catalog::appendIndexPart(key, m_parts[at], row, index.columns[at]);
    shared = shared || m_parts[at].isNull(row);
  }
  if (shared) key += rowKey;
  return key;
}

std::string IndexRows::text(std::size_t row, const types::TextStyle& style) const {
  std::string names;
  std::string values;
  for (std::size_t at = 0; at < m_parts.size(); ++at) {
    if (at > 0) {
      names += ", ";
      values += ", ";
    }
    names += m_keys->m_parts[at].text;
    types::appendText(values, m_parts[at], row, style);
  }
  return fmt::format("({})=({})", names, values);
}

}  // namespace drift::exec
