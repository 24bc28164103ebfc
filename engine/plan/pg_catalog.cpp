// pg_catalog. Relations have the ids of their trees, indexes too; the index of a primary key, which is the table itself,
// has the table's id and kKeyIds. Lists of columns are texts in the form of arrays.
#include <algorithm>
#include <string>

#include "plan/bound_index.h"
#include "plan/catalog_relations.h"
#include "sql/keywords.h"
#include "sql/string_literal.h"

namespace drift::plan {

using types::TypeId;
using types::Value;

namespace {

using Row = CatalogRow;

constexpr std::int64_t kKeyIds = std::int64_t{1} << 32;
constexpr std::int64_t kConstraintIds = std::int64_t{1} << 33;
constexpr std::int64_t kPgCatalog = 11;
constexpr std::int64_t kPublic = 2200;
constexpr std::int64_t kInformationSchema = 13000;
constexpr std::int64_t kTemporarySchema = 13001;
constexpr std::int64_t kOwner = 10;

struct PgType {
  TypeId type;
  std::int64_t oid;
  std::int16_t length;
  const char* category;
};

// PostgreSQL's own ids.
constexpr PgType kTypes[] = {
    {TypeId::Boolean, 16, 1, "B"},      {TypeId::Bytea, 17, -1, "U"},       {TypeId::BigInt, 20, 8, "N"},
    {TypeId::SmallInt, 21, 2, "N"},     {TypeId::Integer, 23, 4, "N"},      {TypeId::Text, 25, -1, "S"},
    {TypeId::Double, 701, 8, "N"},      {TypeId::Varchar, 1043, -1, "S"},   {TypeId::Date, 1082, 4, "D"},
    {TypeId::Timestamp, 1114, 8, "D"},  {TypeId::TimestampTz, 1184, 8, "D"}, {TypeId::Interval, 1186, 16, "T"},
    {TypeId::Numeric, 1700, -1, "N"},   {TypeId::Uuid, 2950, 16, "U"},       {TypeId::Real, 700, 4, "N"},
    {TypeId::Time, 1083, 8, "D"},       {TypeId::Char, 1042, -1, "S"},
};

const PgType* pgType(TypeId type) {
  const auto found = std::ranges::find(kTypes, type, &PgType::type);
  return found == std::end(kTypes) ? nullptr : &*found;
}

Value text(std::string_view value) { return Value::text(std::string(value)); }
Value id(std::int64_t value) { return Value::bigInt(value); }
Value boolean(bool value) { return Value::boolean(value); }
Value small(std::size_t value) { return Value::smallInt(static_cast<std::int16_t>(value)); }
Value noText() { return Value::null(TypeId::Text); }

/// The place of a column in its table, from 1 on; 0 for an expression.
std::size_t placeOf(const catalog::Table& table, ColumnId column) {
  if (column == 0) return 0;  // an expression
  const auto found = std::ranges::find(table.columns, column, &catalog::Column::id);
  return static_cast<std::size_t>(found - table.columns.begin()) + 1;
}

/// "{1,2}", or with other signs.
std::string places(const catalog::Table& table, const std::vector<ColumnId>& columns, std::string_view open = "{",
                   std::string_view comma = ",", std::string_view close = "}") {
  std::string list(open);
  for (const auto column : columns) {
    if (list.size() > open.size()) list += comma;
    list += std::to_string(placeOf(table, column));
  }
  return list + std::string(close);
}

/// An index as users see it: one of CREATE INDEX, of UNIQUE, or the primary key.
struct ShownIndex {
  std::int64_t oid = 0;
  catalog::Index index;
  bool isPrimary = false;
};

std::vector<ShownIndex> indexesOf(const catalog::Table& table) {
  std::vector<ShownIndex> indexes;
  if (!table.primaryKey.empty()) {
    ShownIndex primary{table.id + kKeyIds, {table.primaryKeyName, table.id, {}, true, false}, true};
    for (const auto column : table.primaryKey) primary.index.columns.push_back({column, false, false});
    indexes.push_back(std::move(primary));
  }
  for (auto& index : table.allIndexes()) indexes.push_back({index.tree, std::move(index), false});
  return indexes;
}

std::string quotedIfNeeded(std::string_view name) {
  const auto isPlain = [](char letter) {
    return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_';
  };
  const auto keyword = sql::findKeyword(name);
  const bool reserved =
      keyword != sql::Keyword::NotKeyword && sql::keywordInfo(keyword).category != sql::KeywordClass::Unreserved;
  const bool plain = !name.empty() && std::ranges::all_of(name, isPlain) && !(name[0] >= '0' && name[0] <= '9');
  return plain && !reserved ? std::string(name) : sql::quotedIdentifier(name);
}

std::string definitionOf(const catalog::Table& table, const catalog::Index& index) {
  std::string columns;
  for (const auto& column : index.columns) {
    if (!columns.empty()) columns += ", ";
    const auto text = indexPartText(table, column);
    columns += !column.isExpression() ? quotedIfNeeded(text) : text.starts_with('(') ? "(" + text + ")" : text;
    if (column.descending) columns += " DESC";
    if (column.nullsFirst != column.descending) columns += column.nullsFirst ? " NULLS FIRST" : " NULLS LAST";
  }
  const auto where = index.isPartial() ? fmt::format(" WHERE ({})", index.predicate) : std::string();
  return fmt::format("CREATE {}INDEX {} ON public.{} USING btree ({}){}", index.unique ? "UNIQUE " : "",
                     quotedIfNeeded(index.name), quotedIfNeeded(table.name), columns, where);
}

void addNamespaces(const catalog::CatalogView&, std::vector<Row>& rows) {
  rows.push_back({id(kPgCatalog), text("pg_catalog"), id(kOwner)});
  rows.push_back({id(kPublic), text("public"), id(kOwner)});
  rows.push_back({id(kInformationSchema), text("information_schema"), id(kOwner)});
  rows.push_back({id(kTemporarySchema), text("pg_temp"), id(kOwner)});
}

void addTypes(const catalog::CatalogView&, std::vector<Row>& rows) {
  for (const auto& type : kTypes)
    rows.push_back({id(type.oid), text(shortTypeName(type.type)), id(kPgCatalog), id(kOwner),
                    Value::smallInt(type.length), text("b"), text(type.category), boolean(true)});
}

void addClasses(const catalog::CatalogView& view, std::vector<Row>& rows) {
  const auto add = [&](std::int64_t oid, std::string_view name, const char* kind, std::size_t columns,
                       std::size_t checks, bool hasIndex) {
    const bool isTemporary = txn::isTemporary(static_cast<TreeId>(oid));
    rows.push_back({id(oid), text(name), id(isTemporary ? kTemporarySchema : kPublic), id(kOwner), boolean(hasIndex),
                    text(isTemporary ? "t" : "p"), text(kind),
                    small(columns), small(checks), boolean(kind == std::string_view("v")), boolean(false),
                    boolean(false)});
  };
  for (const auto& table : view.tables()) {
    const auto indexes = indexesOf(*table);
    add(table->id, table->name, table->isView() ? "v" : table->isMaterialized() ? "m" : table->isSequence() ? "S" : "r", table->columns.size(),
        table->checks.size(), !indexes.empty());
    for (const auto& shown : indexes) add(shown.oid, shown.index.name, "i", shown.index.columns.size(), 0, false);
  }
}

/// PostgreSQL's atttypmod: -1 where there is none.
std::int32_t modifierOf(const types::Type& type) {
  if (type.fractionDigits() < types::Type::kFractionDigitsMax) return type.fractionDigits();
  if ((type.id() == TypeId::Varchar || type.id() == TypeId::Char) && type.length())
    return static_cast<std::int32_t>(type.length()) + 4;
  if (type.id() == TypeId::Numeric && type.precision())
    return (static_cast<std::int32_t>(type.precision()) << 16 | static_cast<std::int32_t>(type.scale())) + 4;
  return -1;
}

void addAttributes(const catalog::CatalogView& view, std::vector<Row>& rows) {
  for (const auto& table : view.tables())
    for (std::size_t at = 0; at < table->columns.size(); ++at) {
      const auto& column = table->columns[at];
      const auto* type = pgType(column.type.id());
      const bool inKey = std::ranges::find(table->primaryKey, column.id) != table->primaryKey.end();
      rows.push_back({id(table->id), text(column.name), id(type ? type->oid : 0),
                      Value::smallInt(type ? type->length : std::int16_t{-1}), small(at + 1),
                      Value::integer(modifierOf(column.type)), boolean(column.notNull || inKey),
                      boolean(!column.defaultSql.empty() || column.isGenerated()),
                      text(column.identity == catalog::Identity::None     ? ""
                           : column.identity == catalog::Identity::Always ? "a"
                                                                          : "d"),
                      text(column.isGenerated() ? "s" : ""), boolean(false)});
    }
}

void addDefaults(const catalog::CatalogView& view, std::vector<Row>& rows) {
  for (const auto& table : view.tables())
    for (std::size_t at = 0; at < table->columns.size(); ++at)
      if (const auto& column = table->columns[at]; !column.defaultSql.empty() || column.isGenerated())
        rows.push_back(
            {id(table->id), small(at + 1), text(column.isGenerated() ? column.generatedSql : column.defaultSql)});
}

void addIndexes(const catalog::CatalogView& view, std::vector<Row>& rows) {
  for (const auto& table : view.tables())
    for (const auto& shown : indexesOf(*table)) {
      std::vector<ColumnId> columns;
      for (const auto& column : shown.index.columns) columns.push_back(column.column);
      rows.push_back({id(shown.oid), id(table->id), small(columns.size()), small(columns.size()),
                      boolean(shown.index.unique), boolean(shown.isPrimary), boolean(!shown.index.building),
                      text(places(*table, columns, "", " ", ""))});
    }
}

const char* actionLetter(catalog::ReferenceAction action) {
  switch (action) {
    case catalog::ReferenceAction::NoAction: return "a";
    case catalog::ReferenceAction::Restrict: return "r";
    case catalog::ReferenceAction::Cascade: return "c";
    case catalog::ReferenceAction::SetNull: return "n";
    case catalog::ReferenceAction::SetDefault: return "d";
  }
  return "";
}

void addConstraints(const catalog::CatalogView& view, std::vector<Row>& rows) {
  for (const auto& table : view.tables()) {
    std::int64_t number = 0;
    const auto add = [&](const std::string& name, const char* kind, std::int64_t index, Value columns,
                         const catalog::ForeignKey* key, Value condition, bool validated = true) {
      const auto other = key ? view.find(key->table) : nullptr;
      rows.push_back({id(kConstraintIds + table->id * 1024 + number++), text(name), id(kPublic), text(kind),
                      boolean(key && key->deferrable), boolean(key && key->initiallyDeferred), boolean(validated),
                      id(table->id), id(index),
                      id(key ? key->table : 0), text(key ? actionLetter(key->onUpdate) : " "),
                      text(key ? actionLetter(key->onDelete) : " "), text(key ? "s" : " "), std::move(columns),
                      other ? text(places(*other, key->referenced)) : noText(), std::move(condition)});
    };
    if (!table->primaryKey.empty())
      add(table->primaryKeyName, "p", table->id + kKeyIds, text(places(*table, table->primaryKey)), nullptr, noText());
    for (const auto& unique : table->uniques)
      add(unique.name, "u", unique.index, text(places(*table, unique.columns)), nullptr, noText());
    for (const auto& key : table->foreignKeys)
      add(key.name, "f", key.key == key.table ? key.key + kKeyIds : key.key, text(places(*table, key.columns)), &key,
          noText(), key.validated);
    for (const auto& check : table->checks) 
      add(check.name, "c", 0, noText(), nullptr, text(check.sql), check.validated);
  }
}

void addDescriptions(const catalog::CatalogView& view, std::vector<Row>& rows) {
  constexpr std::int64_t kClasses = 1259;
  constexpr std::int64_t kConstraints = 2606;
  constexpr std::int64_t kFunctions = 1255;
  const auto add = [&](std::int64_t object, std::int64_t kind, std::size_t column, const std::string& comment) {
    if (!comment.empty())
      rows.push_back({id(object), id(kind), Value::integer(static_cast<std::int32_t>(column)), text(comment)});
  };
  for (const auto& table : view.tables()) {
    add(table->id, kClasses, 0, table->comment);
    for (std::size_t at = 0; at < table->columns.size(); ++at)
      add(table->id, kClasses, at + 1, table->columns[at].comment);
    for (const auto& index : table->indexes) add(index.tree, kClasses, 0, index.comment);
    // In the order of addConstraints().
    auto number = kConstraintIds + table->id * 1024;
    if (!table->primaryKey.empty()) add(number++, kConstraints, 0, table->primaryKeyComment);
    for (const auto& unique : table->uniques) add(number++, kConstraints, 0, unique.comment);
    for (const auto& key : table->foreignKeys) add(number++, kConstraints, 0, key.comment);
    for (const auto& check : table->checks) add(number++, kConstraints, 0, check.comment);
  }
  for (const auto& function : view.functions()) add(function->id, kFunctions, 0, function->comment);
}

void addShownTables(const catalog::CatalogView& view, std::vector<Row>& rows) {
  for (const auto& table : view.tables())
    if (table->viewSql.empty() && !table->isSequence())
      rows.push_back({text("public"), text(table->name), noText(), noText(), boolean(!indexesOf(*table).empty()),
                      boolean(false), boolean(false), boolean(false)});
}

void addShownViews(const catalog::CatalogView& view, std::vector<Row>& rows) {
  for (const auto& table : view.tables())
    if (table->isView()) rows.push_back({text("public"), text(table->name), noText(), text(table->viewSql)});
}

void addMaterializedViews(const catalog::CatalogView& view, std::vector<Row>& rows) {
  for (const auto& table : view.tables())
    if (table->isMaterialized())
      rows.push_back({text("public"), text(table->name), noText(), noText(), boolean(!table->indexes.empty()),
                      boolean(table->populated), text(table->viewSql)});
}

/// PostgreSQL's id of a type; an array's is that of its elements' array, which is not told.
std::int64_t typeId(const types::Type& type) {
  const auto* found = type.isArray() ? nullptr : pgType(type.id());
  return found ? found->oid : 0;
}

void addFunctions(const catalog::CatalogView& view, std::vector<Row>& rows) {
  constexpr std::int64_t kSql = 14;
  constexpr std::int64_t kRecord = 2249;
  const auto list = [](const std::vector<std::string>& items) {
    std::string all;
    for (const auto& item : items) all += (all.empty() ? "" : ",") + quotedIfNeeded(item);
    return items.empty() ? noText() : text("{" + all + "}");
  };
  for (const auto& function : view.functions()) {
    std::string types;
    std::vector<std::string> names;
    std::size_t defaults = 0;
    bool isNamed = !function->columns.empty();
    for (const auto& parameter : function->parameters) {
      types += (types.empty() ? "" : " ") + std::to_string(typeId(parameter.type));
      names.push_back(parameter.name);
      isNamed = isNamed || !parameter.name.empty();
      defaults += !parameter.defaultSql.empty();
    }
    for (const auto& column : function->columns) names.push_back(column.name);
    const auto* volatility = function->volatility == catalog::Volatility::Immutable ? "i"
                             : function->volatility == catalog::Volatility::Stable  ? "s"
                                                                                    : "v";
    const auto result = function->columns.empty()       ? typeId(function->result)
                        : function->columns.size() == 1 ? typeId(function->columns.front().type)
                                                        : kRecord;
    rows.push_back({id(function->id), text(function->name), id(kPublic), id(kOwner), id(kSql), text("f"),
                    boolean(false), boolean(function->strict), boolean(function->setOf), text(volatility),
                    small(function->parameters.size()), small(defaults), id(result), text(types),
                    isNamed ? list(names) : noText(), function->standardBody ? text("") : text(function->body),
                    function->standardBody ? text(function->body) : noText()});
  }
}

void addShownIndexes(const catalog::CatalogView& view, std::vector<Row>& rows) {
  for (const auto& table : view.tables())
    for (const auto& shown : indexesOf(*table))
      rows.push_back({text("public"), text(table->name), text(shown.index.name), noText(),
                      text(definitionOf(*table, shown.index))});
}

void addShownSequences(const catalog::CatalogView& view, std::vector<Row>& rows) {
  for (const auto& table : view.tables()) {
    if (!table->isSequence()) continue;
    const auto& sequence = *table->sequence;
    rows.push_back({text("public"), text(table->name), noText(), text(sequence.type.name()), id(sequence.start),
                    id(sequence.min), id(sequence.max), id(sequence.increment), boolean(sequence.cycle)});
  }
}

}  // namespace

const std::vector<CatalogRelation>& pgCatalogRelations() {
  constexpr auto kText = TypeId::Text;
  constexpr auto kId = TypeId::BigInt;
  constexpr auto kBoolean = TypeId::Boolean;
  constexpr auto kSmall = TypeId::SmallInt;
  static const std::vector<CatalogRelation> kRelations{
      {"pg_namespace", {{"oid", kId}, {"nspname", kText}, {"nspowner", kId}}, addNamespaces},
      {"pg_type",
       {{"oid", kId}, {"typname", kText}, {"typnamespace", kId}, {"typowner", kId}, {"typlen", kSmall},
        {"typtype", kText}, {"typcategory", kText}, {"typisdefined", kBoolean}},
       addTypes},
      {"pg_class",
       {{"oid", kId}, {"relname", kText}, {"relnamespace", kId}, {"relowner", kId}, {"relhasindex", kBoolean},
        {"relpersistence", kText}, {"relkind", kText}, {"relnatts", kSmall}, {"relchecks", kSmall},
        {"relhasrules", kBoolean}, {"relhastriggers", kBoolean}, {"relispartition", kBoolean}},
       addClasses},
      {"pg_attribute",
       {{"attrelid", kId}, {"attname", kText}, {"atttypid", kId}, {"attlen", kSmall}, {"attnum", kSmall},
        {"atttypmod", TypeId::Integer}, {"attnotnull", kBoolean}, {"atthasdef", kBoolean}, {"attidentity", kText},
        {"attgenerated", kText}, {"attisdropped", kBoolean}},
       addAttributes},
      {"pg_attrdef", {{"adrelid", kId}, {"adnum", kSmall}, {"adbin", kText}}, addDefaults},
      {"pg_index",
       {{"indexrelid", kId}, {"indrelid", kId}, {"indnatts", kSmall}, {"indnkeyatts", kSmall},
        {"indisunique", kBoolean}, {"indisprimary", kBoolean}, {"indisvalid", kBoolean}, {"indkey", kText}},
       addIndexes},
      {"pg_constraint",
       {{"oid", kId}, {"conname", kText}, {"connamespace", kId}, {"contype", kText}, {"condeferrable", kBoolean},
        {"condeferred", kBoolean}, {"convalidated", kBoolean}, {"conrelid", kId}, {"conindid", kId},
        {"confrelid", kId}, {"confupdtype", kText}, {"confdeltype", kText}, {"confmatchtype", kText},
        {"conkey", kText}, {"confkey", kText}, {"conbin", kText}},
       addConstraints},
      {"pg_description",
       {{"objoid", kId}, {"classoid", kId}, {"objsubid", TypeId::Integer}, {"description", kText}},
       addDescriptions},
      {"pg_tables",
       {{"schemaname", kText}, {"tablename", kText}, {"tableowner", kText}, {"tablespace", kText},
        {"hasindexes", kBoolean}, {"hasrules", kBoolean}, {"hastriggers", kBoolean}, {"rowsecurity", kBoolean}},
       addShownTables},
      {"pg_views",
       {{"schemaname", kText}, {"viewname", kText}, {"viewowner", kText}, {"definition", kText}},
       addShownViews},
      {"pg_matviews",
       {{"schemaname", kText}, {"matviewname", kText}, {"matviewowner", kText}, {"tablespace", kText},
        {"hasindexes", kBoolean}, {"ispopulated", kBoolean}, {"definition", kText}},
       addMaterializedViews},
      {"pg_proc",
       {{"oid", kId}, {"proname", kText}, {"pronamespace", kId}, {"proowner", kId}, {"prolang", kId},
        {"prokind", kText}, {"prosecdef", kBoolean}, {"proisstrict", kBoolean}, {"proretset", kBoolean},
        {"provolatile", kText}, {"pronargs", kSmall}, {"pronargdefaults", kSmall}, {"prorettype", kId},
        {"proargtypes", kText}, {"proargnames", kText}, {"prosrc", kText}, {"prosqlbody", kText}},
       addFunctions},
      {"pg_indexes",
       {{"schemaname", kText}, {"tablename", kText}, {"indexname", kText}, {"tablespace", kText},
        {"indexdef", kText}},
       addShownIndexes},
      {"pg_sequences",
       {{"schemaname", kText}, {"sequencename", kText}, {"sequenceowner", kText}, {"data_type", kText},
        {"start_value", kId}, {"min_value", kId}, {"max_value", kId}, {"increment_by", kId}, {"cycle", kBoolean}},
       addShownSequences},
  };
  return kRelations;
}

}  // namespace drift::plan
