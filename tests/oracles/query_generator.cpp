#include "query_generator.h"

#include <fmt/format.h>

namespace drift::oracles {

namespace {

const char* typeName(Kind kind) {
  switch (kind) {
    case Kind::Integer: return "integer";
    case Kind::Numeric: return "numeric(8, 2)";
    case Kind::Text: return "text";
    case Kind::Boolean: return "boolean";
    case Kind::Date: return "date";
  }
  return "";
}

template <std::size_t N>
const char* oneOf(faults::Random& random, const char* const (&words)[N]) {
  return words[random.below(N)];
}

}  // namespace

GeneratedTable QueryGenerator::table(const std::string& name) {
  GeneratedTable table{name, {{"id", Kind::Integer}}};
  const auto count = m_random.between(2, 5);
  for (std::uint64_t at = 0; at < count; ++at) {
    constexpr Kind kAll[] = {Kind::Integer, Kind::Text, Kind::Numeric, Kind::Boolean, Kind::Date};
    const auto kind = at == 0 ? Kind::Integer : at == 1 ? Kind::Text : kAll[m_random.below(m_portable ? 2 : 5)];
    table.columns.push_back({fmt::format("c{}", at), kind});
  }
  return table;
}

std::string QueryGenerator::createStatement(const GeneratedTable& table) const {
  std::string list;
  for (const auto& column : table.columns)
    list += fmt::format("{}{} {}{}", list.empty() ? "" : ", ", column.name, typeName(column.kind),
                        list.empty() ? " PRIMARY KEY" : "");
  return fmt::format("CREATE TABLE {} ({})", table.name, list);
}

std::string QueryGenerator::insertStatement(const GeneratedTable& table, int firstId, int rows) {
  std::string list;
  for (int row = 0; row < rows; ++row) {
    list += fmt::format("{}({}", row ? ", " : "", firstId + row);
    for (std::size_t at = 1; at < table.columns.size(); ++at)
      list += ", " + (m_random.chance(20) ? std::string("NULL") : constant(table.columns[at].kind));
    list += ")";
  }
  return fmt::format("INSERT INTO {} VALUES {}", table.name, list);
}

std::string QueryGenerator::constant(Kind kind) {
  switch (kind) {
    case Kind::Integer: return std::to_string(static_cast<int>(m_random.below(14)) - 3);
    case Kind::Numeric: return fmt::format("{}.{:02}", m_random.below(9), m_random.below(4) * 25);
    case Kind::Text: {
      static constexpr const char* kTexts[] = {"''", "'a'", "'b'", "'ab'", "'A'", "'abc'", "'b a'", "'a%'", "'zz'"};
      return oneOf(m_random, kTexts);
    }
    case Kind::Boolean: return m_random.chance(50) ? "true" : "false";
    case Kind::Date: return fmt::format("DATE '2024-02-{:02}'", m_random.between(26, 29));
  }
  return "NULL";
}

std::string QueryGenerator::column(Kind kind, const std::vector<Source>& sources) {
  std::vector<std::string> fitting;
  for (const auto& source : sources)
    for (const auto& column : source.table->columns)
      if (column.kind == kind) fitting.push_back(source.alias + "." + column.name);
  return fitting.empty() ? constant(kind) : fitting[m_random.below(fitting.size())];
}

Kind QueryGenerator::someKind(const std::vector<Source>& sources) {
  const auto& columns = sources[m_random.below(sources.size())].table->columns;
  const auto kind = columns[m_random.below(columns.size())].kind;
  return kind == Kind::Boolean ? Kind::Integer : kind;
}

std::string QueryGenerator::expression(Kind kind, const std::vector<Source>& sources, int depth) {
  if (kind == Kind::Boolean) return boolean(sources, depth);
  if (depth <= 0) return m_random.chance(70) ? column(kind, sources) : constant(kind);
  const auto inner = [&](Kind of) { return expression(of, sources, depth - 1); };
  switch (m_random.below(7)) {
    case 0: return fmt::format("CASE WHEN {} THEN {} ELSE {} END", inner(Kind::Boolean), inner(kind), inner(kind));
    case 1: return fmt::format("coalesce({}, {})", inner(kind), inner(kind));
    case 2: return fmt::format("nullif({}, {})", inner(kind), inner(kind));
    case 3: return column(kind, sources);
    default: break;
  }
  if (kind == Kind::Integer) return integer(sources, depth);
  if (kind == Kind::Text) return text(sources, depth);
  if (kind == Kind::Date) return fmt::format("({} + {})", column(kind, sources), m_random.below(3));
  return fmt::format("({} {} {})", column(kind, sources), m_random.chance(50) ? "+" : "-", inner(kind));
}

std::string QueryGenerator::integer(const std::vector<Source>& sources, int depth) {
  const auto inner = [&](Kind of) { return expression(of, sources, depth - 1); };
  switch (m_random.below(m_portable ? 6 : 7)) {
    case 0: return fmt::format("({} + {})", inner(Kind::Integer), column(Kind::Integer, sources));
    case 1: return fmt::format("({} - {})", inner(Kind::Integer), column(Kind::Integer, sources));
    case 2: return fmt::format("({} * {})", column(Kind::Integer, sources), m_random.below(4));
    case 3: return fmt::format("abs({})", inner(Kind::Integer));
    case 4: return fmt::format("length({})", inner(Kind::Text));
    case 5:
      return fmt::format("({} {} {})", inner(Kind::Integer), m_random.chance(50) ? "/" : "%", m_random.between(1, 4));
    default: return fmt::format("greatest({}, {})", inner(Kind::Integer), inner(Kind::Integer));
  }
}

std::string QueryGenerator::text(const std::vector<Source>& sources, int depth) {
  const auto inner = [&](Kind of) { return expression(of, sources, depth - 1); };
  switch (m_random.below(5)) {
    case 0: return fmt::format("({} || {})", inner(Kind::Text), column(Kind::Text, sources));
    case 1: return fmt::format("upper({})", inner(Kind::Text));
    case 2: return fmt::format("lower({})", inner(Kind::Text));
    case 3: return fmt::format("substr({}, {}, {})", inner(Kind::Text), m_random.between(1, 3), m_random.below(3));
    default: return fmt::format("replace({}, 'a', {})", inner(Kind::Text), constant(Kind::Text));
  }
}

std::string QueryGenerator::boolean(const std::vector<Source>& sources, int depth) {
  static constexpr const char* kOperators[] = {"=", "<>", "<", "<=", ">", ">="};
  const auto kind = someKind(sources);
  const auto inner = [&](Kind of) { return expression(of, sources, depth - 1); };
  const auto* negated = m_random.chance(30) ? "NOT " : "";
  if (depth <= 0)
    return m_random.chance(75)
               ? fmt::format("({} {} {})", column(kind, sources), oneOf(m_random, kOperators), constant(kind))
               : fmt::format("({} IS {}NULL)", column(kind, sources), negated);
  switch (m_random.below(m_portable ? 11 : 14)) {
    case 0:
    case 1: return fmt::format("({} AND {})", inner(Kind::Boolean), inner(Kind::Boolean));
    case 2: return fmt::format("({} OR {})", inner(Kind::Boolean), inner(Kind::Boolean));
    case 3: return fmt::format("(NOT {})", inner(Kind::Boolean));
    case 4: return fmt::format("({} {}BETWEEN {} AND {})", inner(kind), negated, inner(kind), inner(kind));
    case 5: {
      const auto value = inner(kind);
      std::string list = m_random.chance(15) ? "NULL" : constant(kind);
      for (auto more = m_random.below(4); more > 0; --more) list += ", " + constant(kind);
      return fmt::format("({} {}IN ({}))", value, negated, list);
    }
    case 6: {
      static constexpr const char* kPatterns[] = {"'a%'", "'%b'", "'_'", "'%'", "'a_c'", "''", "'%a%'"};
      return fmt::format("({} {}LIKE {})", inner(Kind::Text), negated, oneOf(m_random, kPatterns));
    }
    case 7: return fmt::format("({} IS {}NULL)", inner(kind), negated);
    case 8: return subqueryCondition(sources, depth);
    case 9:
    case 10: return fmt::format("({} {} {})", inner(kind), oneOf(m_random, kOperators), inner(kind));
    case 11: return fmt::format("({} IS {}DISTINCT FROM {})", inner(kind), negated, inner(kind));
    case 12: {
      static constexpr const char* kTests[] = {"TRUE", "FALSE", "UNKNOWN"};
      return fmt::format("({} IS {}{})", inner(Kind::Boolean), negated, oneOf(m_random, kTests));
    }
    default: return column(Kind::Boolean, sources);
  }
}

std::string QueryGenerator::subqueryCondition(const std::vector<Source>& sources, int depth) {
  if (m_subqueryTables.empty() || m_subqueryDepth >= 2)
    return fmt::format("({} > {})", column(Kind::Integer, sources), constant(Kind::Integer));
  const auto& table = *m_subqueryTables[m_random.below(m_subqueryTables.size())];
  ++m_subqueryDepth;
  const Source own{fmt::format("s{}", m_subqueryDepth), &table};
  auto visible = sources;
  if (m_random.chance(60)) visible.push_back(own);
  else visible = {own};
  const auto where = condition(visible, depth - 1);
  const auto from = fmt::format("FROM {} {} WHERE {}", table.name, own.alias, where);
  const auto* negated = m_random.chance(40) ? "NOT " : "";
  std::string result;
  switch (m_random.below(3)) {
    case 0: result = fmt::format("({}EXISTS (SELECT 1 {}))", negated, from); break;
    case 1:
      result = fmt::format("({} {}IN (SELECT {} {}))", column(Kind::Integer, sources), negated,
                           column(Kind::Integer, {own}), from);
      break;
    default:
      result =
          fmt::format("({} < (SELECT max({}) {}))", column(Kind::Integer, sources), column(Kind::Integer, {own}), from);
  }
  --m_subqueryDepth;
  return result;
}

}  // namespace drift::oracles
