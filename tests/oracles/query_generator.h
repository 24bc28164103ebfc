// QueryGenerator: random tables, and random expressions over them that are sound: types fit, and divisors are not zero.
// What is PostgreSQL's alone is left out where a query is to run in SQLite, too.
//
// Thread rule: one thread at a time. Refers to the Random that it draws from.
#pragma once

#include <string>
#include <vector>

#include "faults/random.h"

namespace drift::oracles {

enum class Kind { Integer, Numeric, Text, Boolean, Date };

struct GeneratedColumn {
  std::string name;
  Kind kind = Kind::Integer;
};

struct GeneratedTable {
  std::string name;
  std::vector<GeneratedColumn> columns;  ///< the first is "id", an integer that is the primary key
};

/// A table of a query by its alias.
struct Source {
  std::string alias;
  const GeneratedTable* table = nullptr;
};

class QueryGenerator final {
 public:
  QueryGenerator(faults::Random& random, bool portable) : m_random(random), m_portable(portable) {}

  /// Makes a table of 2 to 5 columns beside its key; nothing is run.
  GeneratedTable table(const std::string& name);
  std::string createStatement(const GeneratedTable& table) const;
  /// INSERT of rows with these ids.
  std::string insertStatement(const GeneratedTable& table, int firstId, int rows);

  /// Expressions over the columns of tables, at most about `depth` levels deep.
  std::string expression(Kind kind, const std::vector<Source>& sources, int depth);
  std::string condition(const std::vector<Source>& sources, int depth) {
    return expression(Kind::Boolean, sources, depth);
  }
  /// A kind that a column of some table has; never Boolean.
  Kind someKind(const std::vector<Source>& sources);
  /// Tables that subqueries in conditions read.
  void setSubqueryTables(std::vector<const GeneratedTable*> tables) { m_subqueryTables = std::move(tables); }

 private:
  std::string constant(Kind kind);
  std::string column(Kind kind, const std::vector<Source>& sources);
  std::string boolean(const std::vector<Source>& sources, int depth);
  std::string integer(const std::vector<Source>& sources, int depth);
  std::string text(const std::vector<Source>& sources, int depth);
  std::string subqueryCondition(const std::vector<Source>& sources, int depth);

  faults::Random& m_random;
  const bool m_portable;
  std::vector<const GeneratedTable*> m_subqueryTables;
  int m_subqueryDepth = 0;
};

}  // namespace drift::oracles
