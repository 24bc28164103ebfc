// CREATE VIEW, DROP VIEW, and what depends on views' tables.
#include <algorithm>

#include "exec/ddl.h"
#include "plan/bind.h"

namespace drift::exec {

namespace {

/// The columns that a view had must stay: whoever reads it relies on them.
Status checkReplacement(const catalog::Table& old, const catalog::Table& view, SourceSpan span) {
  if (view.columns.size() < old.columns.size())
    return Error(ErrorKind::InvalidTableDefinition, "cannot drop columns from view").at(span);
  for (std::size_t at = 0; at < old.columns.size(); ++at) {
    const auto& before = old.columns[at];
    const auto& after = view.columns[at];
    if (before.name != after.name)
      return makeError(ErrorKind::InvalidTableDefinition, "cannot change name of view column \"{}\" to \"{}\"",
                       before.name, after.name)
          .withHint("Drop the view and make it anew to change the names of its columns.")
          .at(span);
    if (before.type != after.type)
      return makeError(ErrorKind::InvalidTableDefinition, "cannot change data type of view column \"{}\" from {} to {}",
                       before.name, before.type.name(), after.type.name())
          .at(span);
  }
  return {};
}

/// The views that read any of `ids`, directly or by other views; in the order of their names.
std::vector<catalog::TableRef> viewsOver(const catalog::CatalogView& catalog, std::vector<TreeId> ids) {
  std::vector<catalog::TableRef> views;
  for (bool found = true; found;) {
    found = false;
    for (const auto& table : catalog.tables()) {
      if (!table->isView() || std::ranges::find(ids, table->id) != ids.end()) continue;
      const bool reads =
          std::ranges::any_of(table->dependsOn, [&](TreeId id) { return std::ranges::find(ids, id) != ids.end(); });
      if (!reads) continue;
      ids.push_back(table->id);
      views.push_back(table);
      found = true;
    }
  }
  return views;
}

}  // namespace

Status dropDependents(const catalog::Table& table, std::string_view words, bool cascade, std::span<const TreeId> also,
                      const WriteContext& context) {
  DRIFT_ASSIGN(const auto now, context.binding.moments.tablesNow());
  for (const auto& view : viewsOver(*now, {table.id})) {
    if (std::ranges::find(also, view->id) != also.end()) continue;
    if (!cascade) {
      const auto* kind = table.isView() ? "view" : "table";
      return makeError(ErrorKind::DependentObjects, "cannot {} {} because other objects depend on it", words,
                       table.name)
          .withDetail(fmt::format("view {} depends on {} {}", view->name, kind, table.name))
          .withHint("Use DROP ... CASCADE to drop the dependent objects too.");
    }
    DRIFT_TRY(context.operators.environment.catalog.dropTable(context.transaction(), *view));
  }
  return {};
}

Status refuseRename(const catalog::Table& table, SourceSpan span, const WriteContext& context) {
  DRIFT_ASSIGN(const auto now, context.binding.moments.tablesNow());
  const auto views = viewsOver(*now, {table.id});
  if (views.empty()) return {};
  return makeError(ErrorKind::FeatureNotSupported, "renaming what the view \"{}\" reads is not supported",
                   views.front()->name)
      .withHint("Drop the view, rename, and make it anew.")
      .at(span);
}

Status refuseTypeChange(const catalog::Table& table, const std::string& column, SourceSpan span,
                        const WriteContext& context) {
  DRIFT_ASSIGN(const auto now, context.binding.moments.tablesNow());
  const auto views = viewsOver(*now, {table.id});
  if (views.empty()) return {};
  return Error(ErrorKind::FeatureNotSupported, "cannot alter type of a column used by a view or rule")
      .withDetail(fmt::format("view {} reads table {}, of which column \"{}\" is one", views.front()->name, table.name,
                              column))
      .withHint("Drop the view, alter the column, and make the view anew.")
      .at(span);
}

Result<ExecutionPtr> runCreateView(const sql::CreateView& create, const WriteContext& context) {
  DRIFT_ASSIGN(const auto name, plan::bindNewName(create.name, context.binding));
  DRIFT_ASSIGN(const auto now, context.binding.moments.tablesNow());
  const auto old = now->find(name);
  if (now->findByIndex(name) || (old && !create.orReplace))
    return makeError(ErrorKind::DuplicateTable, "relation \"{}\" already exists", name).at(create.name.span);
  if (old && !old->isView())
    return makeError(ErrorKind::WrongObjectType, "\"{}\" is not a view", name).at(create.name.span);
  DRIFT_ASSIGN(auto view, plan::bindViewDefinition(create, context.operators.environment.text, context.binding));
  view.name = name;
  const auto& catalog = context.operators.environment.catalog;
  if (old) {
    DRIFT_TRY(checkReplacement(*old, view, create.name.span));
    const auto readers = viewsOver(*now, {old->id});
    const bool circular = std::ranges::any_of(view.dependsOn, [&](TreeId id) {
      return id == old->id || std::ranges::find(readers, id, &catalog::Table::id) != readers.end();
    });
    if (circular)
      return makeError(ErrorKind::InvalidRecursion, "infinite recursion detected in view \"{}\"", name)
          .at(create.query->span);
    view.id = old->id;
  } else {
    DRIFT_ASSIGN(view.id, catalog.allocateTrees(context.transaction(), 1));
  }
  DRIFT_TRY(catalog.putTable(context.transaction(), view));
  return std::make_unique<DoneExecution>("CREATE VIEW");
}

Result<ExecutionPtr> runDropView(const sql::DropView& drop, const WriteContext& context) {
  std::vector<catalog::TableRef> views;
  std::vector<TreeId> ids;
  for (const auto& name : drop.names) {
    DRIFT_ASSIGN(const auto bare, plan::bindNewName(name, context.binding));
    DRIFT_ASSIGN(const auto now, context.binding.moments.tablesNow());
    auto view = now->find(bare);
    if (!view && drop.ifExists) continue;
    if (!view) return makeError(ErrorKind::UndefinedTable, "view \"{}\" does not exist", bare).at(name.span);
    if (!view->isView())
      return makeError(ErrorKind::WrongObjectType, "\"{}\" is not a view", bare)
          .withHint("Use DROP TABLE to remove a table.")
          .at(name.span);
    ids.push_back(view->id);
    views.push_back(std::move(view));
  }
  for (const auto& view : views) {
    DRIFT_TRY(dropDependents(*view, "drop view", drop.behavior == sql::DropBehavior::Cascade, ids, context));
    DRIFT_TRY(context.operators.environment.catalog.dropTable(context.transaction(), *view));
  }
  return std::make_unique<DoneExecution>("DROP VIEW");
}

}  // namespace drift::exec
