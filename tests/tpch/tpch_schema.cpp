#include "tpch_schema.h"

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>

#include <fmt/format.h>

namespace drift::tpch {

namespace {

using types::Type;
using types::TypeId;

Table makeTable(std::string name, std::string_view columns, std::vector<std::string> key,
                std::vector<std::vector<std::string>> indexes) {
  Table table{std::move(name), {}, std::move(key), std::move(indexes)};
  // "name:t" with i = integer, n = numeric, d = date, t = text.
  std::istringstream words{std::string(columns)};
  for (std::string word; words >> word;) {
    const auto letter = word.back();
    const Type type = letter == 'i'   ? Type(TypeId::Integer)
                      : letter == 'n' ? Type::numeric(15, 2)
                      : letter == 'd' ? Type(TypeId::Date)
                                      : Type(TypeId::Text);
    table.columns.push_back({word.substr(0, word.size() - 2), type});
  }
  return table;
}

std::string listOf(const std::vector<std::string>& names) { return fmt::format("{}", fmt::join(names, ", ")); }

}  // namespace

const std::vector<Table>& tables() {
  static const std::vector<Table> all{
      makeTable("region", "r_regionkey:i r_name:t r_comment:t", {"r_regionkey"}, {}),
      makeTable("nation", "n_nationkey:i n_name:t n_regionkey:i n_comment:t", {"n_nationkey"}, {{"n_regionkey"}}),
      makeTable("supplier", "s_suppkey:i s_name:t s_address:t s_nationkey:i s_phone:t s_acctbal:n s_comment:t",
                {"s_suppkey"}, {{"s_nationkey"}}),
      makeTable("part",
                "p_partkey:i p_name:t p_mfgr:t p_brand:t p_type:t p_size:i p_container:t p_retailprice:n p_comment:t",
                {"p_partkey"}, {}),
      makeTable("partsupp", "ps_partkey:i ps_suppkey:i ps_availqty:i ps_supplycost:n ps_comment:t",
                {"ps_partkey", "ps_suppkey"}, {{"ps_suppkey"}}),
      makeTable("customer",
                "c_custkey:i c_name:t c_address:t c_nationkey:i c_phone:t c_acctbal:n c_mktsegment:t c_comment:t",
                {"c_custkey"}, {{"c_nationkey"}}),
      makeTable("orders",
                "o_orderkey:i o_custkey:i o_orderstatus:t o_totalprice:n o_orderdate:d o_orderpriority:t o_clerk:t "
                "o_shippriority:i o_comment:t",
                {"o_orderkey"}, {{"o_custkey"}}),
      makeTable("lineitem",
                "l_orderkey:i l_partkey:i l_suppkey:i l_linenumber:i l_quantity:n l_extendedprice:n l_discount:n "
                "l_tax:n l_returnflag:t l_linestatus:t l_shipdate:d l_commitdate:d l_receiptdate:d l_shipinstruct:t "
                "l_shipmode:t l_comment:t",
                {"l_orderkey", "l_linenumber"}, {{"l_partkey", "l_suppkey"}, {"l_suppkey"}}),
  };
  return all;
}

const Table* findTable(std::string_view name) {
  const auto found = std::ranges::find(tables(), name, &Table::name);
  return found == tables().end() ? nullptr : &*found;
}

std::string createTable(const Table& table) {
  std::string sql = "CREATE TABLE " + table.name + " (";
  for (const auto& column : table.columns) sql += column.name + " " + column.type.name() + " NOT NULL, ";
  return sql + "PRIMARY KEY (" + listOf(table.primaryKey) + "))";
}

std::vector<std::string> createIndexes(const Table& table) {
  std::vector<std::string> statements;
  for (const auto& columns : table.indexes)
    statements.push_back(
        fmt::format("CREATE INDEX {} ON {} ({})", columns.front() + "_index", table.name, listOf(columns)));
  return statements;
}

std::string queryText(std::size_t number) {
  std::ifstream file(fmt::format(DRIFT_SOURCE_DIR "/tests/tpch/queries/q{:02}.sql", number));
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string queryTextForSqlite(std::size_t number) {
  auto text = queryText(number);
  static const std::pair<std::regex, const char*> kRules[] = {
      {std::regex(R"(date '([0-9-]+)' ([+-]) interval '(\d+)' (\w+))"), "date('$1', '$2$3 $4')"},
      {std::regex(R"(date '([0-9-]+)')"), "'$1'"},
      {std::regex(R"(extract\(year FROM (\w+)\))"), "CAST(strftime('%Y', $1) AS INTEGER)"},
      {std::regex(R"(substring\((\w+) FROM (\d+) FOR (\d+)\))"), "substr($1, $2, $3)"},
  };
  for (const auto& [pattern, replacement] : kRules) text = std::regex_replace(text, pattern, replacement);
  return text;
}

}  // namespace drift::tpch
