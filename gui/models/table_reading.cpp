#include "models/table_reading.h"

#include <algorithm>

namespace drift::gui::models {

namespace {

api::PageRequest requestOf(const std::string& name, const TablePlace& place) {
  api::PageRequest request;
  request.table = name;
  request.at = place.at;
  request.offset = place.offset;
  request.rows = place.rows;
  request.fromKey = place.fromKey;
  return request;
}

Result<api::Page> readPage(const api::Database& database, const std::string& name, const TablePlace& place) {
  DRIFT_ASSIGN(auto page, database.page(requestOf(name, place)));
  const bool shortPage = place.fromKey && page.rows.rowCount() < place.rows && page.rowCount > page.rows.rowCount();
  if (!shortPage) return page;
  TablePlace last = place;
  last.fromKey.reset();
  last.offset = page.rowCount > place.rows ? page.rowCount - place.rows : 0;
  return database.page(requestOf(name, last));
}

TableReading failedWith(TableReading reading, Error error) {
  reading.error = std::move(error);
  return reading;
}

}  // namespace

TableReading readTable(const api::Database& database, const TableRef& table, const TablePlace& place) {
  TableReading reading;
  reading.asked = place.at;
  auto page = readPage(database, table.name, place);
  if (page.ok() && page.value().table.id == table.id) {
    reading.page = std::move(page).value();
    return reading;
  }
  if (!page.ok() && page.error().kind() != ErrorKind::UndefinedTable) return failedWith(reading, std::move(page).error());

  // The name means nothing, or another table, at that moment: look for the id.
  const auto schema = database.schemaAt(place.at);
  if (!schema.ok()) return failedWith(reading, schema.error());
  const auto& tables = schema.value().tables;
  const auto found = std::find_if(tables.begin(), tables.end(),
                                  [&](const api::TableInfo& info) { return info.id == table.id; });
  if (found == tables.end()) {
    reading.absent = true;
    return reading;
  }
  page = readPage(database, found->name, place);
  if (!page.ok()) return failedWith(reading, std::move(page).error());
  reading.page = std::move(page).value();
  return reading;
}

Result<std::vector<TableLife>> readTableLives(const api::Database& database) {
  std::vector<CommitNumber> commits;
  DRIFT_ASSIGN(const auto extent, database.extent());
  for (auto at = extent.last + 1; static_cast<int>(commits.size()) < kSchemaCommitsMax;) {
    DRIFT_ASSIGN(const auto before, database.step(at, false, kCatalogTree));
    if (!before || *before == 0) break;
    commits.push_back(at = *before);
  }
  std::vector<TableLife> lives;
  for (auto at = commits.rbegin(); at != commits.rend(); ++at) {
    DRIFT_ASSIGN(const auto schema, database.schemaAt(*at));
    for (const auto& info : schema.tables) {
      const auto known = std::find_if(lives.begin(), lives.end(),
                                      [&](const TableLife& life) { return life.table.id == info.id; });
      if (known == lives.end()) {
        lives.push_back({{info.id, info.name}, *at, kNoCommit});
      } else {
        known->table.name = info.name;
      }
    }
    for (auto& life : lives) {
      const bool there = std::any_of(schema.tables.begin(), schema.tables.end(),
                                     [&](const api::TableInfo& info) { return info.id == life.table.id; });
      if (!there && life.until == kNoCommit) life.until = *at;
    }
  }
  return lives;
}

}  // namespace drift::gui::models
