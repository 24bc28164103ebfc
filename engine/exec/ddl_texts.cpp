// What tables keep as text, as names in it change.
#include <algorithm>

#include <fmt/ranges.h>

#include "exec/ddl.h"
#include "plan/bind.h"
#include "plan/bound_generated.h"
#include "plan/bound_index.h"
#include "sql/column_name.h"
#include "sql/parser.h"

namespace drift::exec {

namespace {

/// A new name for columns in texts: of the column `renamed`; without it qualifiers are dropped.
class NewNames final {
 public:
  NewNames(std::optional<std::string_view> renamed, const std::string& name) : m_renamed(renamed), m_name(name) {}

  std::string in(const std::string& text, const plan::Expression& expression,
                 const std::vector<plan::Column>& inputs) const {
    return plan::withNames(text, expression, [&](const plan::Expression& column) -> std::optional<std::string> {
      const auto input = std::ranges::find(inputs, column.slot, &plan::Column::slot);
      const bool qualified = column.name.find('.') != std::string::npos;
      if (m_renamed ? input->name != *m_renamed : !qualified) return std::nullopt;
      return m_renamed ? m_name : input->name;
    });
  }

 private:
  const std::optional<std::string_view> m_renamed;
  const std::string& m_name;
};

}  // namespace

Status rewriteTexts(catalog::Table& table, std::optional<std::string_view> renamed, const std::string& name,
                    const WriteContext& context) {
  const NewNames names(renamed, name);
  DRIFT_ASSIGN(const auto checks, plan::bindChecks(table, context.binding));
  for (std::size_t at = 0; at < checks.size(); ++at)
    table.checks[at].sql = names.in(table.checks[at].sql, *checks[at].condition, checks[at].inputs);
  DRIFT_ASSIGN(const auto generated, plan::bindGenerated(table, context.binding));
  for (auto& index : table.indexes) {
    DRIFT_ASSIGN(const auto bound, plan::bindIndex(table, index, context.binding));
    for (std::size_t at = 0; at < index.columns.size(); ++at)
      if (auto& column = index.columns[at]; column.isExpression())
        column.expression = names.in(column.expression, *bound.parts[at], bound.inputs);
    if (bound.predicate) index.predicate = names.in(index.predicate, *bound.predicate, bound.inputs);
  }
  for (const auto& one : generated.columns) {
    auto& text = table.columns[one.position].generatedSql;
    text = names.in(text, *one.value, generated.inputs);
  }
  return {};
}

std::string indexNameParts(const catalog::Table& table, const std::vector<catalog::IndexColumn>& columns) {
  std::vector<std::string> names;
  for (const auto& column : columns) {
    std::string part = "expr";
    if (!column.isExpression()) part = table.findColumn(column.column)->name;
    else if (const auto tree = sql::parseExpression(column.expression); tree.ok()) part = sql::columnName(**tree);
    if (part == "?column?") part = "expr";
    auto name = part;
    for (int number = 1; std::ranges::find(names, name) != names.end(); ++number)
      name = fmt::format("{}{}", part, number);
    names.push_back(std::move(name));
  }
  return fmt::format("{}", fmt::join(names, "_"));
}

}  // namespace drift::exec
