#include "plan_fixture.h"

#include <QtTest>

#include "sql/parser.h"

namespace drift::plan::test {

using types::Type;
using types::TypeId;

namespace {

constexpr TimeMicros kHour = 3'600'000'000;
constexpr TimeMicros kStart = 1'704'067'200'000'000;  // 2024-01-01T00:00Z

catalog::TableRef table(TreeId id, std::string name, std::vector<std::pair<std::string, Type>> columns,
                        std::vector<ColumnId> primaryKey) {
  catalog::Table result;
  result.id = id;
  result.name = std::move(name);
  for (auto& [columnName, type] : columns)
    result.columns.push_back({result.nextColumnId++, std::move(columnName), type, false, "", types::Value::null(type)});
  result.primaryKey = std::move(primaryKey);
  return std::make_shared<const catalog::Table>(std::move(result));
}

}  // namespace

FakeMoments::FakeMoments() {
  using Tables = std::vector<catalog::TableRef>;
  const auto first = table(64, "item", {{"id", TypeId::Integer}, {"name", TypeId::Text}}, {1});
  const auto item =
      table(64, "item", {{"id", TypeId::Integer}, {"name", TypeId::Text}, {"price", Type::numeric(10, 2)}}, {1});
  const auto old = table(65, "old", {{"a", TypeId::Integer}}, {});
  const auto wide = table(66, "wide", {{"a", TypeId::SmallInt}, {"b", TypeId::Text}, {"c", TypeId::Double}}, {1, 2});
  const auto part = table(67, "part", {{"item_id", TypeId::BigInt}, {"note", TypeId::Text}}, {});
  for (auto& tables : {Tables{}, Tables{}, Tables{first, old}, Tables{item, old}, Tables{item, part, wide}})
    m_views.push_back(std::make_shared<const catalog::CatalogView>(tables));
}

Result<CommitNumber> FakeMoments::commitAt(TimeMicros time) const {
  CommitNumber number = 0;
  while (number < lastCommit() && *timeOf(number + 1) <= time) ++number;
  return number;
}

Result<TimeMicros> FakeMoments::timeOf(CommitNumber number) const {
  return kStart + static_cast<TimeMicros>(number) * kHour;
}

Result<std::optional<CommitNumber>> FakeMoments::schemaStep(CommitNumber number, bool forward) const {
  const auto next = forward ? number + 1 : number - 1;
  if (next < 1 || next > lastCommit()) return std::optional<CommitNumber>();
  return std::optional(next);
}

Result<NodePtr> PlanFixture::bind(std::string_view sql, std::optional<CommitNumber> moment) {
  DRIFT_ASSIGN(const auto statement, sql::parseStatement(sql));
  const auto& query = *std::get<sql::QueryPtr>(statement->node);
  return bindQuery(query, BindEnvironment{m_moments, m_registry, m_context, parameters, moment});
}

std::string PlanFixture::plan(std::string_view sql, std::optional<CommitNumber> moment) {
  const auto root = bind(sql, moment);
  if (!root.ok()) return std::string(root.error().sqlState()) + " " + root.error().message();
  std::string text;
  for (const auto& line : explain(**root))
    text += (text.empty() ? "" : " < ") + line.substr(line.find_first_not_of(' '));
  return text;
}

std::string PlanFixture::columns(std::string_view sql) {
  const auto root = bind(sql, std::nullopt);
  if (!root.ok()) return root.error().message();
  std::string text;
  for (const auto& column : (*root)->columns)
    text += (text.empty() ? "" : ", ") + column.name + " " + column.type.name();
  return text;
}

Error PlanFixture::error(std::string_view sql) {
  auto root = bind(sql, std::nullopt);
  if (root.ok()) qFatal("no error: %s", std::string(sql).c_str());
  return std::move(root).error();
}

}  // namespace drift::plan::test
