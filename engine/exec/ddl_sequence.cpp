// CREATE, ALTER and DROP SEQUENCE; sequences of serial and identity columns.
#include <algorithm>

#include "exec/ddl.h"
#include "plan/bind.h"
#include "sql/type_name.h"

namespace drift::exec {

namespace {

Error invalid(std::string sentence, SourceSpan span) {
  return Error(ErrorKind::InvalidParameterValue, std::move(sentence)).at(span);
}

std::pair<std::int64_t, std::int64_t> limitsOf(const types::Type& type) {
  if (type.id() == types::TypeId::SmallInt) return {INT16_MIN, INT16_MAX};
  if (type.id() == types::TypeId::Integer) return {INT32_MIN, INT32_MAX};
  return {INT64_MIN, INT64_MAX};
}

/// The table and column that OWNED BY names, as their ids.
Result<std::pair<TreeId, ColumnId>> ownerOf(const sql::QualifiedName& name, const WriteContext& context) {
  if (name.parts.size() < 2)
    return Error(ErrorKind::SyntaxError, "invalid OWNED BY option")
        .withHint("Specify OWNED BY table.column or OWNED BY NONE.")
        .at(name.span);
  sql::QualifiedName table{{name.parts.begin(), name.parts.end() - 1}, name.span};
  DRIFT_ASSIGN(const auto found, plan::bindTable(table, context.binding));
  const auto* column = found->findColumn(name.last().text);
  if (!column)
    return makeError(ErrorKind::UndefinedColumn, "column \"{}\" of relation \"{}\" does not exist", name.last().text,
                     found->name)
        .at(name.last().span);
  return std::pair(found->id, column->id);
}

/// True if the DEFAULT of a column takes numbers from a sequence.
Result<bool> takesFrom(const catalog::Column& column, TreeId sequence, const WriteContext& context) {
  if (column.sequence == sequence) return true;
  if (column.defaultSql.find("nextval") == std::string::npos) return false;
  DRIFT_ASSIGN(const auto bound, plan::bindDefault(column, context.binding));
  bool found = false;
  plan::visit(*bound, [&](const plan::Expression& node) {
    found = found || (node.kind == plan::ExpressionKind::Sequence && node.slot == sequence);
  });
  return found;
}

struct User {
  catalog::TableRef table;
  const catalog::Column* column = nullptr;
};

/// The columns that take numbers from a sequence.
Result<std::vector<User>> usersOf(const catalog::Table& sequence, const WriteContext& context) {
  DRIFT_ASSIGN(const auto view, context.binding.moments.tablesNow());
  std::vector<User> users;
  for (const auto& table : view->tables())
    for (const auto& column : table->columns) {
      DRIFT_ASSIGN(const bool takes, takesFrom(column, sequence.id, context));
      if (takes) users.push_back({table, &column});
    }
  return users;
}

/// The sequence that a name means; null where there is none and that is fine.
Result<catalog::TableRef> findSequence(const sql::QualifiedName& name, bool ifExists, const WriteContext& context) {
  DRIFT_ASSIGN(const auto bare, plan::bindNewName(name, context.binding));
  DRIFT_ASSIGN(const auto view, context.binding.moments.tablesNow());
  auto found = view->find(bare);
  if (!found && ifExists) return catalog::TableRef();
  if (!found) return makeError(ErrorKind::UndefinedTable, "sequence \"{}\" does not exist", bare).at(name.span);
  if (!found->isSequence())
    return makeError(ErrorKind::WrongObjectType, "\"{}\" is not a sequence", bare).at(name.span);
  return found;
}

}  // namespace

Status setSequence(catalog::Sequence& sequence, const sql::SequenceOptions& options, bool isNew) {
  const auto span = options.span;
  if (options.type) {
    DRIFT_ASSIGN(sequence.type, sql::resolveType(*options.type));
    if (!sequence.type.isInteger())
      return invalid("sequence type must be smallint, integer, or bigint", options.type->span);
  }
  if (options.increment) sequence.increment = *options.increment;
  if (sequence.increment == 0) return invalid("INCREMENT must not be zero", span);
  const auto [least, most] = limitsOf(sequence.type);
  const bool up = sequence.increment > 0;
  if (options.maximum) sequence.max = *options.maximum;
  else if (isNew || options.noMaximum || options.type) sequence.max = up ? most : -1;
  if (options.minimum) sequence.min = *options.minimum;
  else if (isNew || options.noMinimum || options.type) sequence.min = up ? 1 : least;
  if (sequence.max > most || sequence.min < least)
    return invalid(
        fmt::format("{} ({}) is out of range for sequence data type {}", sequence.max > most ? "MAXVALUE" : "MINVALUE",
                    sequence.max > most ? sequence.max : sequence.min, sequence.type.name()),
        span);
  if (sequence.min >= sequence.max)
    return invalid(fmt::format("MINVALUE ({}) must be less than MAXVALUE ({})", sequence.min, sequence.max), span);
  if (options.start) sequence.start = *options.start;
  else if (isNew) sequence.start = up ? sequence.min : sequence.max;
  if (sequence.start < sequence.min)
    return invalid(fmt::format("START value ({}) cannot be less than MINVALUE ({})", sequence.start, sequence.min),
                   span);
  if (sequence.start > sequence.max)
    return invalid(fmt::format("START value ({}) cannot be greater than MAXVALUE ({})", sequence.start, sequence.max),
                   span);
  if (options.cache && *options.cache < 1)
    return invalid(fmt::format("CACHE ({}) must be greater than zero", *options.cache), span);
  if (options.cycle) sequence.cycle = *options.cycle;
  return {};
}

Status storeSequence(std::string name, TreeId tree, catalog::Sequence sequence, const WriteContext& context) {
  catalog::Table table;
  table.id = tree;
  table.name = std::move(name);
  table.columns = catalog::sequenceColumns();
  table.nextColumnId = static_cast<ColumnId>(table.columns.size() + 1);
  table.sequence = sequence;
  const auto& catalog = context.operators.environment.catalog;
  DRIFT_TRY(catalog.putTable(context.transaction(), table));
  return catalog.sequences().begin(table, context.transaction());
}

Status dropOwnedSequences(TreeId table, std::optional<ColumnId> column, const WriteContext& context) {
  DRIFT_ASSIGN(const auto view, context.binding.moments.tablesNow());
  for (const auto& other : view->tables())
    if (other->isSequence() && other->sequence->ownerTable == table &&
        (!column || other->sequence->ownerColumn == *column))
      DRIFT_TRY(context.operators.environment.catalog.dropTable(context.transaction(), *other));
  return {};
}

Result<ExecutionPtr> runCreateSequence(const sql::CreateSequence& create, const WriteContext& context) {
  DRIFT_ASSIGN(auto name, plan::bindNewName(create.name, context.binding));
  DRIFT_ASSIGN(const auto view, context.binding.moments.tablesNow());
  if (view->find(name) || view->findByIndex(name)) {
    if (create.ifNotExists) return std::make_unique<DoneExecution>("CREATE SEQUENCE");
    return makeError(ErrorKind::DuplicateTable, "relation \"{}\" already exists", name).at(create.name.span);
  }
  catalog::Sequence sequence;
  DRIFT_TRY(setSequence(sequence, create.options, true));
  if (create.options.ownedBy) {
    DRIFT_ASSIGN(const auto owner, ownerOf(*create.options.ownedBy, context));
    sequence.ownerTable = owner.first;
    sequence.ownerColumn = owner.second;
  }
  DRIFT_ASSIGN(const auto tree, context.operators.environment.catalog.allocateTrees(context.transaction(), 1));
  DRIFT_TRY(storeSequence(std::move(name), tree, sequence, context));
  return std::make_unique<DoneExecution>("CREATE SEQUENCE");
}

Result<ExecutionPtr> runAlterSequence(const sql::AlterSequence& alter, const WriteContext& context) {
  DRIFT_ASSIGN(const auto found, findSequence(alter.name, alter.ifExists, context));
  if (!found) return std::make_unique<DoneExecution>("ALTER SEQUENCE");
  const auto& catalog = context.operators.environment.catalog;
  auto changed = *found;
  if (alter.renameTo) {
    DRIFT_ASSIGN(const auto users, usersOf(*found, context));
    // Columns that own their sequence know it by its id; the text of a DEFAULT names it.
    for (const auto& user : users)
      if (user.column->sequence != found->id)
        return makeError(ErrorKind::FeatureNotSupported,
                         "renaming a sequence that the DEFAULT of column \"{}\" of table \"{}\" names is not supported",
                         user.column->name, user.table->name)
            .at(alter.renameTo->span);
    DRIFT_TRY(requireFreeIndexName(changed, *alter.renameTo, context));
    changed.name = alter.renameTo->text;
    DRIFT_TRY(catalog.putBesideWriters(context.transaction(), changed));
    return std::make_unique<DoneExecution>("ALTER SEQUENCE");
  }
  auto& sequence = *changed.sequence;
  DRIFT_TRY(setSequence(sequence, alter.options, false));
  if (alter.options.ownedByNone) sequence.ownerTable = sequence.ownerColumn = 0;
  if (alter.options.ownedBy) {
    DRIFT_ASSIGN(const auto owner, ownerOf(*alter.options.ownedBy, context));
    sequence.ownerTable = owner.first;
    sequence.ownerColumn = owner.second;
  }
  const auto next = alter.options.restartWith.value_or(sequence.start);
  if (alter.options.restart && (next < sequence.min || next > sequence.max))
    return invalid(
        fmt::format("RESTART value ({}) cannot be {} than {} ({})", next, next < sequence.min ? "less" : "greater",
                    next < sequence.min ? "MINVALUE" : "MAXVALUE", next < sequence.min ? sequence.min : sequence.max),
        alter.options.span);
  DRIFT_TRY(catalog.putBesideWriters(context.transaction(), changed));
  if (alter.options.restart) DRIFT_TRY(catalog.sequences().set(changed, next, false, context.transaction()));
  return std::make_unique<DoneExecution>("ALTER SEQUENCE");
}

Result<ExecutionPtr> runDropSequence(const sql::DropSequence& drop, const WriteContext& context) {
  const auto& catalog = context.operators.environment.catalog;
  for (const auto& name : drop.names) {
    DRIFT_ASSIGN(const auto found, findSequence(name, drop.ifExists, context));
    if (!found) continue;
    DRIFT_ASSIGN(const auto users, usersOf(*found, context));
    for (const auto& user : users) {
      const bool isIdentity = user.column->identity != catalog::Identity::None;
      if (isIdentity)
        return makeError(ErrorKind::DependentObjects,
                         "cannot drop sequence {} because column {} of table {} requires it", found->name,
                         user.column->name, user.table->name)
            .withHint(fmt::format("You can drop column {} of table {} instead.", user.column->name, user.table->name))
            .at(name.span);
      if (drop.behavior != sql::DropBehavior::Cascade)
        return makeError(ErrorKind::DependentObjects, "cannot drop sequence {} because other objects depend on it",
                         found->name)
            .withDetail(fmt::format("default value for column {} of table {} depends on sequence {}", user.column->name,
                                    user.table->name, found->name))
            .withHint("Use DROP ... CASCADE to drop the dependent objects too.")
            .at(name.span);
      DRIFT_ASSIGN(const auto view, context.binding.moments.tablesNow());
      auto changed = *view->find(user.table->id);
      for (auto& column : changed.columns)
        if (column.id == user.column->id) {
          column.sequence = 0;
          column.defaultSql.clear();
        }
      DRIFT_TRY(catalog.putBesideWriters(context.transaction(), changed));
    }
    DRIFT_TRY(catalog.dropTable(context.transaction(), *found));
  }
  return std::make_unique<DoneExecution>("DROP SEQUENCE");
}

}  // namespace drift::exec
