// Views: the text that a view keeps, and its rows where it is named in FROM.
#include <algorithm>

#include "plan/bind.h"
#include "plan/binder.h"
#include "sql/parser.h"

namespace drift::plan {

namespace {

/// Views that read views, one in the other; more is a circle that slipped through.
constexpr std::uint32_t kViewDepthMax = 100;

/// Places within a view's text mean nothing in the statement that names the view.
Error inView(const Error& error, const std::string& name, SourceSpan span) {
  auto detail = fmt::format("In the query of view \"{}\".", name);
  if (!error.detail().empty()) detail += " " + error.detail();
  return Error(error.kind(), error.message()).withHint(error.hint()).withDetail(std::move(detail)).at(span);
}

}  // namespace

Error notATable(const catalog::Table& view, SourceSpan span) {
  return makeError(ErrorKind::WrongObjectType, "\"{}\" is not a table", view.name)
      .withDetail(fmt::format("This operation is not supported for {}.", view.isView()           ? "views"
                                                                         : view.isMaterialized() ? "materialized views"
                                                                                                 : "sequences"))
      .at(span);
}

Result<BoundFrom> Binder::bindView(const catalog::TableRef& view, const Point& point,
                                   const sql::TableReference& reference, SourceSpan span) {
  if (m_viewDepth == kViewDepthMax)
    return makeError(ErrorKind::InvalidRecursion, "infinite recursion detected in view \"{}\"", view->name).at(span);
  auto parsed = sql::parseStatement(view->viewSql);
  if (!parsed.ok()) return inView(parsed.error(), view->name, span);
  const auto* query = std::get_if<sql::QueryPtr>(&(*parsed)->node);
  if (!query) return makeError(ErrorKind::DataCorrupted, "view \"{}\" is not a query", view->name).at(span);
  // A view sees no WITH tables and no windows of the statement around it, but its moment.
  const auto* tables = std::exchange(m_commonTables, nullptr);
  auto* notes = std::exchange(m_viewNotes, nullptr);
  const auto moment = std::exchange(m_queryMoment, point);
  ++m_viewDepth;
  auto root = bindQuery(**query, nullptr);
  --m_viewDepth;
  m_queryMoment = moment;
  m_viewNotes = notes;
  m_commonTables = tables;
  if (!root.ok()) return inView(root.error(), view->name, span);
  DRIFT_TRY(resolveUnknownColumns(*root));
  auto node = std::move(root).value();
  if (node->columns.size() != view->columns.size())
    return makeError(ErrorKind::InvalidTableDefinition, "view \"{}\" has {} columns, but its query gives {}",
                     view->name, view->columns.size(), node->columns.size())
        .at(span);
  for (std::size_t at = 0; at < node->columns.size(); ++at) {
    node->columns[at].name = view->columns[at].name;
    node->columns[at].table.reset();
    node->columns[at].column.reset();
  }
  return named(std::move(node), view->name, reference.alias, span);
}

Status addResultColumns(catalog::Table& table, std::span<const Column> produced,
                        std::span<const sql::Identifier> names, SourceSpan span) {
  for (std::size_t at = 0; at < produced.size(); ++at) {
    catalog::Column column;
    column.id = table.nextColumnId++;
    column.name = at < names.size() ? names[at].text : produced[at].name;
    column.type = produced[at].type;
    column.missing = types::Value::null(column.type);
    if (table.findColumn(column.name))
      return makeError(ErrorKind::DuplicateColumn, "column \"{}\" specified more than once", column.name).at(span);
    table.columns.push_back(std::move(column));
  }
  return {};
}

Result<catalog::Table> bindViewDefinition(const sql::CreateView& create, std::string_view text,
                                          const BindEnvironment& environment) {
  auto surroundings = environment;
  surroundings.parameters = {};
  Binder binder(surroundings);
  ViewNotes notes;
  binder.setViewNotes(&notes);
  DRIFT_ASSIGN(auto root, binder.bindQuery(*create.query, nullptr));
  DRIFT_TRY(binder.resolveUnknownColumns(root));
  if (create.columns.size() > root->columns.size())
    return Error(ErrorKind::SyntaxError, "CREATE VIEW specifies more column names than columns")
        .at(create.columns.back().span);
  catalog::Table view;
  DRIFT_TRY(addResultColumns(view, root->columns, create.columns, create.name.span));
  const auto& span = create.query->span;
  view.viewSql = std::string(text.substr(std::min<std::size_t>(span.offsetBytes, text.size()), span.lengthBytes));
  // From the back, so that places further to the front stay.
  std::ranges::sort(notes.stars, std::ranges::greater(), [](const auto& star) { return star.span.offsetBytes; });
  for (const auto& star : notes.stars) {
    const auto at = star.span.offsetBytes - span.offsetBytes;
    // TABLE t has no * to write out; its columns are all that there are.
    if (view.viewSql[at + star.span.lengthBytes - 1] == '*')
      view.viewSql.replace(at, star.span.lengthBytes, star.columns);
  }
  std::ranges::sort(notes.tables);
  notes.tables.erase(std::ranges::unique(notes.tables).begin(), notes.tables.end());
  view.dependsOn = std::move(notes.tables);
  return view;
}

}  // namespace drift::plan
