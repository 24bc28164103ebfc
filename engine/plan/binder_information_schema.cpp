// information_schema (SQL:2016 part 11; PostgreSQL chapter 37), and what it shares with pg_catalog: views of the catalog as of the moment of the query,
// whose rows are known as the query is bound.
#include <algorithm>

#include "plan/binder.h"
#include "plan/catalog_relations.h"
#include "plan/view_target.h"

namespace drift::plan {

using types::TypeId;
using types::Value;

namespace {

constexpr std::string_view kCatalog = "drift";
constexpr std::string_view kSchema = "public";

using Row = CatalogRow;
using Relation = CatalogRelation;

Value text(std::string_view value) { return Value::text(std::string(value)); }
Value yesOrNo(bool value) { return text(value ? "YES" : "NO"); }
Value number(std::optional<std::int32_t> value) {
  return value ? Value::integer(*value) : Value::null(TypeId::Integer);
}
Value noText() { return Value::null(TypeId::Text); }

/// Catalog, schema and name, as three columns.
void addName(Row& row, std::string_view name) {
  row.push_back(text(kCatalog));
  row.push_back(text(kSchema));
  row.push_back(text(name));
}

void addTables(const catalog::CatalogView& view, std::vector<Row>& rows) {
  for (const auto& table : view.tables()) {
    if (table->isSequence() || table->isMaterialized()) continue;
    Row row;
    addName(row, table->name);
    row.push_back(text(table->isView() ? "VIEW" : "BASE TABLE"));
    row.push_back(yesOrNo(!table->isView() || isUpdatableView(*table, view)));
    row.push_back(text("NO"));
    rows.push_back(std::move(row));
  }
}

std::optional<std::int32_t> numericPrecision(const types::Type& type) {
  switch (type.id()) {
    case TypeId::SmallInt: return 16;
    case TypeId::Integer: return 32;
    case TypeId::BigInt: return 64;
    case TypeId::Real: return 24;
    case TypeId::Double: return 53;
    case TypeId::Numeric: return type.precision() ? std::optional<std::int32_t>(type.precision()) : std::nullopt;
    default: return std::nullopt;
  }
}

std::optional<std::int32_t> numericScale(const types::Type& type) {
  if (type.isInteger()) return 0;
  if (type.id() == TypeId::Numeric && type.precision()) return type.scale();
  return std::nullopt;
}

std::optional<std::int32_t> datetimePrecision(types::Type type) {
  if (type.id() == TypeId::Date) return 0;
  if (type.isTemporal() || type.id() == TypeId::Time || type.id() == TypeId::Interval) return type.fractionDigits();
  return std::nullopt;
}

void addColumns(const catalog::CatalogView& view, std::vector<Row>& rows) {
  for (const auto& table : view.tables()) {
    if (table->isSequence() || table->isMaterialized()) continue;
    std::int32_t position = 0;
    const bool isUpdatable = !table->isView() || isUpdatableView(*table, view);
    for (const auto& column : table->columns) {
      const auto id = column.type.id();
      const bool inKey = std::ranges::find(table->primaryKey, column.id) != table->primaryKey.end();
      const bool isIdentity = column.identity != catalog::Identity::None;
      Row row;
      addName(row, table->name);
      row.push_back(text(column.name));
      row.push_back(Value::integer(++position));
      row.push_back(column.defaultSql.empty() ? noText() : text(column.defaultSql));
      row.push_back(yesOrNo(!column.notNull && !inKey));
      row.push_back(text(column.type.isArray() ? "ARRAY" : column.type.bare().name()));
      row.push_back(number((id == TypeId::Varchar || id == TypeId::Char) && column.type.length()
                               ? std::optional(static_cast<std::int32_t>(column.type.length()))
                               : std::nullopt));
      row.push_back(number(numericPrecision(column.type)));
      row.push_back(number(!column.type.isNumber() ? std::nullopt
                           : id == TypeId::Numeric ? std::optional<std::int32_t>(10)
                                                   : std::optional<std::int32_t>(2)));
      row.push_back(number(numericScale(column.type)));
      row.push_back(number(datetimePrecision(column.type)));
      row.push_back(text("pg_catalog"));
      row.push_back(text(column.type.isArray() ? "_" + std::string(shortTypeName(column.type.element().id()))
                                           : std::string(shortTypeName(id))));
      row.push_back(yesOrNo(isIdentity));
      row.push_back(!isIdentity                                    ? noText()
                    : column.identity == catalog::Identity::Always ? text("ALWAYS")
                                                                   : text("BY DEFAULT"));
      row.push_back(text(column.isGenerated() ? "ALWAYS" : "NEVER"));
      row.push_back(column.isGenerated() ? text("(" + column.generatedSql + ")") : noText());
      row.push_back(yesOrNo(isUpdatable));
      rows.push_back(std::move(row));
    }
  }
}

/// Calls `visit` with name, kind and columns of each constraint of a table.
template <class Visit>
void eachConstraint(const catalog::Table& table, const Visit& visit) {
  constexpr const catalog::ForeignKey* kNone = nullptr;
  if (!table.primaryKey.empty()) visit(table.primaryKeyName, "PRIMARY KEY", table.primaryKey, kNone);
  for (const auto& unique : table.uniques) visit(unique.name, "UNIQUE", unique.columns, kNone);
  for (const auto& key : table.foreignKeys) visit(key.name, "FOREIGN KEY", key.columns, &key);
  for (const auto& check : table.checks) visit(check.name, "CHECK", std::vector<ColumnId>(), kNone);
}

void addTableConstraints(const catalog::CatalogView& view, std::vector<Row>& rows) {
  for (const auto& table : view.tables())
    eachConstraint(*table, [&](const std::string& name, const char* kind, const auto&, const auto*) {
      Row row;
      addName(row, name);
      addName(row, table->name);
      row.push_back(text(kind));
      row.push_back(text("NO"));
      row.push_back(text("NO"));
      row.push_back(text("YES"));
      rows.push_back(std::move(row));
    });
}

/// The columns of a referenced key in its own order.
std::vector<ColumnId> keyColumns(const catalog::Table& table, TreeId key) {
  if (key == table.id) return table.primaryKey;
  std::vector<ColumnId> columns;
  for (const auto& index : table.allIndexes())
    if (index.tree == key)
      for (const auto& column : index.columns) columns.push_back(column.column);
  return columns;
}

void addKeyColumnUsage(const catalog::CatalogView& view, std::vector<Row>& rows) {
  for (const auto& table : view.tables())
    eachConstraint(*table, [&](const std::string& name, const char*, const auto& columns, const auto* foreignKey) {
      for (std::size_t at = 0; at < columns.size(); ++at) {
        Row row;
        addName(row, name);
        addName(row, table->name);
        row.push_back(text(table->findColumn(columns[at])->name));
        row.push_back(Value::integer(static_cast<std::int32_t>(at + 1)));
        std::optional<std::int32_t> place;
        const auto other = foreignKey ? view.find(foreignKey->table) : nullptr;
        if (other) {
          const auto key = keyColumns(*other, foreignKey->key);
          place = static_cast<std::int32_t>(std::ranges::find(key, foreignKey->referenced[at]) - key.begin() + 1);
        }
        row.push_back(number(place));
        rows.push_back(std::move(row));
      }
    });
}

std::string_view ruleText(catalog::ReferenceAction action) {
  switch (action) {
    case catalog::ReferenceAction::NoAction: return "NO ACTION";
    case catalog::ReferenceAction::Restrict: return "RESTRICT";
    case catalog::ReferenceAction::Cascade: return "CASCADE";
    case catalog::ReferenceAction::SetNull: return "SET NULL";
    case catalog::ReferenceAction::SetDefault: return "SET DEFAULT";
  }
  return {};
}

void addReferentialConstraints(const catalog::CatalogView& view, std::vector<Row>& rows) {
  for (const auto& table : view.tables())
    for (const auto& key : table->foreignKeys) {
      const auto other = view.find(key.table);
      if (!other) continue;
      std::string unique = other->primaryKeyName;
      for (const auto& index : other->allIndexes())
        if (index.tree == key.key) unique = index.name;
      Row row;
      addName(row, key.name);
      addName(row, unique);
      row.push_back(text("NONE"));
      row.push_back(text(ruleText(key.onUpdate)));
      row.push_back(text(ruleText(key.onDelete)));
      rows.push_back(std::move(row));
    }
}

void addCheckConstraints(const catalog::CatalogView& view, std::vector<Row>& rows) {
  for (const auto& table : view.tables())
    for (const auto& check : table->checks) {
      Row row;
      addName(row, check.name);
      row.push_back(text("(" + check.sql + ")"));
      rows.push_back(std::move(row));
    }
}

void addViews(const catalog::CatalogView& view, std::vector<Row>& rows) {
  for (const auto& table : view.tables()) {
    if (!table->isView()) continue;
    Row row;
    addName(row, table->name);
    row.push_back(text(table->viewSql));
    row.push_back(text("NONE"));
    const bool isUpdatable = isUpdatableView(*table, view);
    row.push_back(yesOrNo(isUpdatable));
    row.push_back(yesOrNo(isUpdatable));
    rows.push_back(std::move(row));
  }
}

void addSequences(const catalog::CatalogView& view, std::vector<Row>& rows) {
  for (const auto& table : view.tables()) {
    if (!table->isSequence()) continue;
    const auto& sequence = *table->sequence;
    Row row;
    addName(row, table->name);
    row.push_back(text(sequence.type.name()));
    for (const auto value : {sequence.start, sequence.min, sequence.max, sequence.increment})
      row.push_back(text(std::to_string(value)));
    row.push_back(yesOrNo(sequence.cycle));
    rows.push_back(std::move(row));
  }
}

/// The name that tells functions of one name apart.
std::string specificName(const catalog::Function& function) {
  return fmt::format("{}_{}", function.name, function.id);
}

std::string typeText(const types::Type& type) { return type.isArray() ? "ARRAY" : type.bare().name(); }

void addRoutines(const catalog::CatalogView& view, std::vector<Row>& rows) {
  for (const auto& function : view.functions()) {
    Row row;
    addName(row, specificName(*function));
    addName(row, function->name);
    row.push_back(text("FUNCTION"));
    row.push_back(text(function->columns.empty() ? typeText(function->result) : std::string("record")));
    row.push_back(text("SQL"));
    row.push_back(text(function->body));
    row.push_back(text("SQL"));
    row.push_back(yesOrNo(function->volatility == catalog::Volatility::Immutable));
    row.push_back(yesOrNo(function->strict));
    rows.push_back(std::move(row));
  }
}

void addParameters(const catalog::CatalogView& view, std::vector<Row>& rows) {
  for (const auto& function : view.functions()) {
    std::int32_t position = 0;
    const auto add = [&](const catalog::FunctionParameter& parameter, const char* mode) {
      Row row;
      addName(row, specificName(*function));
      row.push_back(Value::integer(++position));
      row.push_back(text(mode));
      row.push_back(parameter.name.empty() ? noText() : text(parameter.name));
      row.push_back(text(typeText(parameter.type)));
      row.push_back(parameter.defaultSql.empty() ? noText() : text(parameter.defaultSql));
      rows.push_back(std::move(row));
    };
    for (const auto& parameter : function->parameters) add(parameter, "IN");
    for (const auto& column : function->columns) add(column, "OUT");
  }
}

void addSchemata(const catalog::CatalogView&, std::vector<Row>& rows) {
  for (const auto name : {std::string_view("information_schema"), kSchema})
    rows.push_back({text(kCatalog), text(name)});
}

const std::vector<Relation>& relations() {
  constexpr auto kText = TypeId::Text;
  constexpr auto kInteger = TypeId::Integer;
  static const std::vector<Relation> kRelations = {
      {"tables",
       {{"table_catalog", kText},
        {"table_schema", kText},
        {"table_name", kText},
        {"table_type", kText},
        {"is_insertable_into", kText},
        {"is_typed", kText}},
       addTables},
      {"columns",
       {{"table_catalog", kText},
        {"table_schema", kText},
        {"table_name", kText},
        {"column_name", kText},
        {"ordinal_position", kInteger},
        {"column_default", kText},
        {"is_nullable", kText},
        {"data_type", kText},
        {"character_maximum_length", kInteger},
        {"numeric_precision", kInteger},
        {"numeric_precision_radix", kInteger},
        {"numeric_scale", kInteger},
        {"datetime_precision", kInteger},
        {"udt_schema", kText},
        {"udt_name", kText},
        {"is_identity", kText},
        {"identity_generation", kText},
        {"is_generated", kText},
        {"generation_expression", kText},
        {"is_updatable", kText}},
       addColumns},
      {"table_constraints",
       {{"constraint_catalog", kText},
        {"constraint_schema", kText},
        {"constraint_name", kText},
        {"table_catalog", kText},
        {"table_schema", kText},
        {"table_name", kText},
        {"constraint_type", kText},
        {"is_deferrable", kText},
        {"initially_deferred", kText},
        {"enforced", kText}},
       addTableConstraints},
      {"key_column_usage",
       {{"constraint_catalog", kText},
        {"constraint_schema", kText},
        {"constraint_name", kText},
        {"table_catalog", kText},
        {"table_schema", kText},
        {"table_name", kText},
        {"column_name", kText},
        {"ordinal_position", kInteger},
        {"position_in_unique_constraint", kInteger}},
       addKeyColumnUsage},
      {"referential_constraints",
       {{"constraint_catalog", kText},
        {"constraint_schema", kText},
        {"constraint_name", kText},
        {"unique_constraint_catalog", kText},
        {"unique_constraint_schema", kText},
        {"unique_constraint_name", kText},
        {"match_option", kText},
        {"update_rule", kText},
        {"delete_rule", kText}},
       addReferentialConstraints},
      {"check_constraints",
       {{"constraint_catalog", kText},
        {"constraint_schema", kText},
        {"constraint_name", kText},
        {"check_clause", kText}},
       addCheckConstraints},
      {"views",
       {{"table_catalog", kText},
        {"table_schema", kText},
        {"table_name", kText},
        {"view_definition", kText},
        {"check_option", kText},
        {"is_updatable", kText},
        {"is_insertable_into", kText}},
       addViews},
      {"sequences",
       {{"sequence_catalog", kText},
        {"sequence_schema", kText},
        {"sequence_name", kText},
        {"data_type", kText},
        {"start_value", kText},
        {"minimum_value", kText},
        {"maximum_value", kText},
        {"increment", kText},
        {"cycle_option", kText}},
       addSequences},
      {"routines",
       {{"specific_catalog", kText},
        {"specific_schema", kText},
        {"specific_name", kText},
        {"routine_catalog", kText},
        {"routine_schema", kText},
        {"routine_name", kText},
        {"routine_type", kText},
        {"data_type", kText},
        {"routine_body", kText},
        {"routine_definition", kText},
        {"external_language", kText},
        {"is_deterministic", kText},
        {"is_null_call", kText}},
       addRoutines},
      {"parameters",
       {{"specific_catalog", kText},
        {"specific_schema", kText},
        {"specific_name", kText},
        {"ordinal_position", kInteger},
        {"parameter_mode", kText},
        {"parameter_name", kText},
        {"data_type", kText},
        {"parameter_default", kText}},
       addParameters},
      {"schemata", {{"catalog_name", kText}, {"schema_name", kText}}, addSchemata},
  };
  return kRelations;
}

}  // namespace

std::string_view shortTypeName(TypeId type) {
  switch (type) {
    case TypeId::Boolean: return "bool";
    case TypeId::SmallInt: return "int2";
    case TypeId::Integer: return "int4";
    case TypeId::BigInt: return "int8";
    case TypeId::Real: return "float4";
    case TypeId::Double: return "float8";
    case TypeId::Numeric: return "numeric";
    case TypeId::Unknown:
    case TypeId::Text: return "text";
    case TypeId::Varchar: return "varchar";
    case TypeId::Char: return "bpchar";
    case TypeId::Bytea: return "bytea";
    case TypeId::Date: return "date";
    case TypeId::Time: return "time";
    case TypeId::Timestamp: return "timestamp";
    case TypeId::TimestampTz: return "timestamptz";
    case TypeId::Uuid: return "uuid";
    case TypeId::Interval: return "interval";
    case TypeId::Json: return "json";
    case TypeId::Jsonb: return "jsonb";
    case TypeId::Array: return "anyarray";
  }
  return "text";
}

NodePtr rowsNode(std::vector<CatalogRow> rows, std::vector<Column> columns) {
  const bool empty = rows.empty();
  if (empty) {
    rows.emplace_back();
    for (const auto& column : columns) rows.back().push_back(Value::null(column.type));
  }
  Values values;
  for (auto& row : rows) {
    std::vector<ExpressionPtr> expressions;
    for (auto& value : row) expressions.push_back(makeConstant(std::move(value), SourceSpan{}));
    values.rows.push_back(std::move(expressions));
  }
  auto node = std::make_unique<Node>(std::move(values), std::move(columns));
  return empty ? makeOver(std::move(node), Limit{0, 0}) : std::move(node);
}

Result<BoundFrom> Binder::bindInformationSchema(const sql::TableReference& reference, SourceSpan span) {
  const auto& name = reference.name.last().text;
  const bool isStandard = reference.name.parts.front().text == "information_schema";
  const auto& all = isStandard ? relations() : pgCatalogRelations();
  const auto relation = std::ranges::find(all, name, &Relation::name);
  if (relation == all.end()) {
    std::string names;
    for (const auto& other : all) names += (names.empty() ? "" : ", ") + std::string(other.name);
    return makeError(ErrorKind::UndefinedTable, "relation \"{}\" does not exist", reference.name.toString())
        .withHint(fmt::format("Of {} there are {}.", isStandard ? "information_schema" : "pg_catalog", names))
        .at(reference.name.span);
  }
  if (reference.time && reference.time->kind != sql::TimeRangeKind::AsOf)
    return notSupported(fmt::format("versions of rows of {} are", isStandard ? "information_schema" : "pg_catalog"),
                        reference.time->span);
  DRIFT_ASSIGN(const auto point, pointOf(reference));
  if (m_environment.traits) m_environment.traits->lasting = false;  // the catalog becomes part of the plan
  DRIFT_ASSIGN(const auto view,
               point.number ? m_environment.moments.tablesAt(*point.number) : m_environment.moments.tablesNow());
  std::vector<Row> rows;
  relation->addRows(*view, rows);
  std::vector<Column> columns;
  for (const auto& [column, type] : relation->columns) columns.push_back({newSlot(), type, column, {}, {}});
  return named(rowsNode(std::move(rows), std::move(columns)), name, reference.alias, span);
}

}  // namespace drift::plan
