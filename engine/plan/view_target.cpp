#include "plan/view_target.h"

#include <algorithm>
#include <utility>

#include "sql/parser.h"

namespace drift::plan {

namespace {

/// The SELECT of a query that gives rows of one table as they are; null for any other.
const sql::SelectBody* plainSelect(const sql::Query& query) {
  if (query.with || query.limit || query.offset || query.asOf) return nullptr;
  const auto* select = std::get_if<sql::SelectBody>(&query.body.node);
  if (!select || select->distinct || !select->distinctOn.empty() || !select->groupBy.empty() ||
      !select->groupingSets.empty() || select->having || !select->windows.empty() || select->from.size() != 1)
    return nullptr;
  const auto* table = std::get_if<sql::TableReference>(&select->from.front()->node);
  const bool plain = table && !table->time && !table->sample && (!table->alias || table->alias->columns.empty());
  return plain ? select : nullptr;
}

/// The table's column that an item of SELECT is; nothing where it is computed.
std::optional<std::size_t> columnOf(const sql::SelectItem& item, const catalog::Table& table) {
  const auto* reference = sql::getIf<sql::ColumnReference>(*item.expression);
  if (!reference) return std::nullopt;
  const auto found = std::ranges::find(table.columns, reference->name.last().text, &catalog::Column::name);
  if (found == table.columns.end()) return std::nullopt;
  return static_cast<std::size_t>(found - table.columns.begin());
}

/// Parses the query of a view; gives its SELECT where that is plain, and null otherwise.
const sql::SelectBody* parseView(const catalog::Table& view, sql::StatementPtr& query) {
  auto parsed = sql::parseStatement(view.viewSql);
  if (!parsed.ok()) return nullptr;
  query = std::move(parsed).value();
  const auto* whole = std::get_if<sql::QueryPtr>(&query->node);
  const auto* select = whole ? plainSelect(**whole) : nullptr;
  return select && select->items.size() == view.columns.size() ? select : nullptr;
}

const sql::TableReference& tableOf(const sql::SelectBody& select) {
  return std::get<sql::TableReference>(select.from.front()->node);
}

/// Positions of a view's columns in its table; empty where one is computed, or comes twice.
std::vector<std::size_t> shownColumns(const sql::SelectBody& select, const catalog::Table& table) {
  std::vector<std::size_t> shown;
  if (!table.viewSql.empty() || table.isSequence()) return shown;
  for (const auto& item : select.items) {
    const auto position = columnOf(item, table);
    if (!position || std::ranges::find(shown, *position) != shown.end()) return {};
    shown.push_back(*position);
  }
  return shown;
}

}  // namespace

Result<std::optional<WriteTarget>> targetOfView(const catalog::Table& view, Binder& binder) {
  WriteTarget target;
  const auto* select = parseView(view, target.query);
  if (!select) return std::optional<WriteTarget>();
  const auto& reference = tableOf(*select);
  DRIFT_ASSIGN(target.table, binder.currentTable(reference.name));
  target.shown = shownColumns(*select, *target.table);
  if (target.shown.empty()) return std::optional<WriteTarget>();
  auto seen = *target.table;
  seen.name = view.name;
  for (auto& column : seen.columns) column.name.insert(0, 1, '\0');
  for (std::size_t at = 0; at < target.shown.size(); ++at) seen.columns[target.shown[at]].name = view.columns[at].name;
  target.isView = true;
  target.seen = std::make_shared<const catalog::Table>(std::move(seen));
  target.tableName = reference.alias ? reference.alias->name.text : target.table->name;
  target.where = select->where.get();
  return std::optional<WriteTarget>(std::move(target));
}

bool isUpdatableView(const catalog::Table& view, const catalog::CatalogView& catalog) {
  sql::StatementPtr query;
  const auto* select = parseView(view, query);
  const auto table = select ? catalog.find(tableOf(*select).name.last().text) : nullptr;
  return table && !shownColumns(*select, *table).empty();
}

Status showViewColumns(Scope& scope, const WriteTarget& target) {
  if (!target.isView) return {};
  auto table = scope.tables().front();
  const auto all = std::exchange(table.columns, {});
  for (const auto at : target.shown) table.columns.push_back(all[at]);
  scope = Scope();
  return scope.add(std::move(table), SourceSpan{});
}

Result<ExpressionPtr> bindViewCondition(const WriteTarget& target, const std::vector<ScopeColumn>& columns,
                                        Binder& binder) {
  ScopeTable table{target.tableName, columns, {}, {}};
  for (std::size_t at = 0; at < columns.size(); ++at) table.columns[at].name = target.table->columns[at].name;
  Scope scope;
  DRIFT_TRY(scope.add(std::move(table), SourceSpan{}));
  // The view's query sees no WITH of the statement.
  const auto* tables = binder.commonTables();
  binder.setCommonTables(nullptr);
  auto condition = binder.bindCondition(*target.where, scope, Clause::Where);
  binder.setCommonTables(tables);
  if (condition.ok()) return condition;
  const auto& error = condition.error();
  return Error(error.kind(), error.message())
      .withHint(error.hint())
      .withDetail(fmt::format("In the query of view \"{}\".", target.seen->name));
}

}  // namespace drift::plan
