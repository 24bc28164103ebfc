// CREATE VIEW, DROP VIEW, and what depends on views' tables.
#include <algorithm>
#include <utility>

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

/// A view, or a function with a standard body: what keeps others from being dropped.
struct Dependent {
  catalog::TableRef view;
  catalog::FunctionRef function;  ///< set where `view` is not

  TreeId id() const { return view ? view->id : function->id; }
  std::string words() const {
    if (function) return "function " + function->signature();
    return (view->isMaterialized() ? "materialized view " : "view ") + view->name;
  }
};

/// What reads any of `ids`, directly or by others.
std::vector<Dependent> dependentsOf(const catalog::CatalogView& catalog, std::vector<TreeId> ids) {
  std::vector<Dependent> dependents;
  bool found = true;
  const auto look = [&](const std::vector<TreeId>& needs, Dependent dependent) {
    const auto isListed = [&](TreeId id) { return std::ranges::find(ids, id) != ids.end(); };
    if (isListed(dependent.id()) || !std::ranges::any_of(needs, isListed)) return;
    ids.push_back(dependent.id());
    dependents.push_back(std::move(dependent));
    found = true;
  };
  while (std::exchange(found, false)) {
    for (const auto& table : catalog.tables()) look(table->dependsOn, {table, nullptr});
    for (const auto& function : catalog.functions()) look(function->dependsOn, {nullptr, function});
  }
  return dependents;
}

}  // namespace

Status dropDependents(const catalog::Table& table, std::string_view words, bool cascade, std::span<const TreeId> also,
                      const WriteContext& context) {
  const auto* kind = table.isMaterialized() ? "materialized view" : table.isView() ? "view" : "table";
  return dropDependentsOf(table.id, fmt::format("{} {}", words, table.name), fmt::format("{} {}", kind, table.name),
                          cascade, also, context);
}

Status dropDependentsOf(TreeId id, std::string_view words, std::string_view what, bool cascade,
                        std::span<const TreeId> also, const WriteContext& context) {
  DRIFT_ASSIGN(const auto now, context.binding.moments.tablesNow());
  const auto& catalog = context.operators.environment.catalog;
  for (const auto& dependent : dependentsOf(*now, {id})) {
    if (std::ranges::find(also, dependent.id()) != also.end()) continue;
    if (!cascade)
      return makeError(ErrorKind::DependentObjects, "cannot {} because other objects depend on it", words)
          .withDetail(fmt::format("{} depends on {}", dependent.words(), what))
          .withHint("Use DROP ... CASCADE to drop the dependent objects too.");
    if (dependent.function) DRIFT_TRY(catalog.dropFunction(context.transaction(), *dependent.function));
    else DRIFT_TRY(catalog.dropTable(context.transaction(), *dependent.view));
  }
  return {};
}

Status refuseRename(const catalog::Table& table, SourceSpan span, const WriteContext& context) {
  DRIFT_ASSIGN(const auto now, context.binding.moments.tablesNow());
  const auto dependents = dependentsOf(*now, {table.id});
  if (dependents.empty()) return {};
  const auto& first = dependents.front();
  if (first.function)
    return makeError(ErrorKind::FeatureNotSupported, "renaming what the function {} reads is not supported",
                     first.function->signature())
        .withHint("Drop the function, rename, and make it anew.")
        .at(span);
  return makeError(ErrorKind::FeatureNotSupported, "renaming what the view \"{}\" reads is not supported",
                   first.view->name)
      .withHint("Drop the view, rename, and make it anew.")
      .at(span);
}

Status refuseTypeChange(const catalog::Table& table, const std::string& column, SourceSpan span,
                        const WriteContext& context) {
  DRIFT_ASSIGN(const auto now, context.binding.moments.tablesNow());
  const auto dependents = dependentsOf(*now, {table.id});
  if (dependents.empty()) return {};
  const bool isFunction = dependents.front().function != nullptr;
  return makeError(ErrorKind::FeatureNotSupported, "cannot alter type of a column used by a {}",
                   isFunction ? "function" : "view or rule")
      .withDetail(fmt::format("{} reads table {}, of which column \"{}\" is one", dependents.front().words(), table.name,
                              column))
      .withHint(fmt::format("Drop the {0}, alter the column, and make the {0} anew.", isFunction ? "function" : "view"))
      .at(span);
}

Result<ExecutionPtr> runCreateView(const sql::CreateView& create, const WriteContext& context) {
  DRIFT_ASSIGN(const auto name, plan::bindNewName(create.name, context.binding));
  DRIFT_ASSIGN(const auto now, context.binding.moments.tablesNow());
  const auto old = now->find(name);
  if (create.ifNotExists && (old || now->findByIndex(name)))
    return std::make_unique<DoneExecution>("CREATE MATERIALIZED VIEW");
  if (now->findByIndex(name) || (old && !create.orReplace))
    return makeError(ErrorKind::DuplicateTable, "relation \"{}\" already exists", name).at(create.name.span);
  if (old && !old->isView())
    return makeError(ErrorKind::WrongObjectType, "\"{}\" is not a view", name).at(create.name.span);
  DRIFT_ASSIGN(auto view, plan::bindViewDefinition(create, context.operators.environment.text, context.binding));
  view.name = name;
  if (std::ranges::any_of(view.dependsOn, txn::isTemporary))
    return create.materialized
               ? Error(ErrorKind::FeatureNotSupported, "materialized views must not use temporary tables or views")
                     .at(create.query->span)
               : Error(ErrorKind::FeatureNotSupported, "a view over a temporary table is not supported")
                     .at(create.query->span);
  if (create.materialized) return runCreateMaterialized(std::move(view), create, context);
  const auto& catalog = context.operators.environment.catalog;
  if (old) {
    DRIFT_TRY(checkReplacement(*old, view, create.name.span));
    const auto readers = dependentsOf(*now, {old->id});
    const bool circular = std::ranges::any_of(view.dependsOn, [&](TreeId id) {
      return id == old->id || std::ranges::find(readers, id, &Dependent::id) != readers.end();
    });
    if (circular)
      return makeError(ErrorKind::InvalidRecursion, "infinite recursion detected in view \"{}\"", name)
          .at(create.query->span);
    view.id = old->id;
    view.comment = old->comment;
    for (std::size_t at = 0; at < old->columns.size(); ++at) view.columns[at].comment = old->columns[at].comment;
  } else {
    DRIFT_ASSIGN(view.id, catalog.allocateTrees(context.transaction(), 1));
  }
  DRIFT_TRY(catalog.putTable(context.transaction(), view));
  return std::make_unique<DoneExecution>("CREATE VIEW");
}

std::string dropHint(const catalog::Table& table) {
  if (table.isMaterialized()) return "Use DROP MATERIALIZED VIEW to remove a materialized view.";
  if (table.isView()) return "Use DROP VIEW to remove a view.";
  if (table.isSequence()) return "Use DROP SEQUENCE to remove a sequence.";
  return "Use DROP TABLE to remove a table.";
}

Result<ExecutionPtr> runDropView(const sql::DropView& drop, const WriteContext& context) {
  std::vector<catalog::TableRef> views;
  std::vector<TreeId> ids;
  for (const auto& name : drop.names) {
    DRIFT_ASSIGN(const auto bare, plan::bindNewName(name, context.binding));
    DRIFT_ASSIGN(const auto now, context.binding.moments.tablesNow());
    auto view = now->find(bare);
    if (!view && drop.ifExists) continue;
    const auto* kind = drop.materialized ? "materialized view" : "view";
    if (!view)
      return makeError(ErrorKind::UndefinedTable, "{} \"{}\" does not exist", kind, bare).at(name.span);
    if (drop.materialized ? !view->isMaterialized() : !view->isView())
      return makeError(ErrorKind::WrongObjectType, "\"{}\" is not a {}", bare, kind)
          .withHint(dropHint(*view))
          .at(name.span);
    ids.push_back(view->id);
    views.push_back(std::move(view));
  }
  for (const auto& view : views) {
    DRIFT_TRY(dropDependents(*view, drop.materialized ? "drop materialized view" : "drop view",
                             drop.behavior == sql::DropBehavior::Cascade, ids, context));
    DRIFT_TRY(context.operators.environment.catalog.dropTable(context.transaction(), *view));
  }
  return std::make_unique<DoneExecution>(drop.materialized ? "DROP MATERIALIZED VIEW" : "DROP VIEW");
}

}  // namespace drift::exec
