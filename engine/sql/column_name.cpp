#include "sql/column_name.h"
#include "sql/call_names.h"

namespace drift::sql {

namespace {

// PostgreSQL names a cast after its operand if that has a strong name, and after its type otherwise.
enum class Strength : std::uint8_t { None, Weak, Strong };

struct Naming {
  std::string name;
  Strength strength = Strength::None;
};

// PostgreSQL's internal name of a type, which is what it shows here.
std::string internalTypeName(const std::string& name) {
  struct Pair {
    std::string_view shown;
    std::string_view internal;
  };
  static constexpr Pair kPairs[] = {
      {"integer", "int4"},           {"int", "int4"},
      {"bigint", "int8"},            {"smallint", "int2"},
      {"boolean", "bool"},           {"real", "float4"},
      {"double precision", "float8"}, {"float", "float8"},
      {"character varying", "varchar"}, {"character", "bpchar"},
      {"timestamp without time zone", "timestamp"}, {"timestamp with time zone", "timestamptz"},
      {"time without time zone", "time"}, {"time with time zone", "timetz"},
  };
  for (const Pair& pair : kPairs)
    if (pair.shown == name) return std::string(pair.internal);
  const std::size_t dot = name.rfind('.');
  return dot == std::string::npos ? name : name.substr(dot + 1);
}

std::string_view conditionalName(ConditionalKind kind) {
  switch (kind) {
    case ConditionalKind::Coalesce: return "coalesce";
    case ConditionalKind::NullIf: return "nullif";
    case ConditionalKind::Greatest: return "greatest";
    case ConditionalKind::Least: return "least";
  }
  return {};
}

std::string_view systemValueName(SystemValueKind kind) {
  switch (kind) {
    case SystemValueKind::CurrentDate: return "current_date";
    case SystemValueKind::CurrentTime: return "current_time";
    case SystemValueKind::CurrentTimestamp: return "current_timestamp";
    case SystemValueKind::LocalTime: return "localtime";
    case SystemValueKind::LocalTimestamp: return "localtimestamp";
    case SystemValueKind::CurrentUser: return "current_user";
    case SystemValueKind::SessionUser: return "session_user";
    case SystemValueKind::CurrentRole: return "current_role";
    case SystemValueKind::CurrentCatalog: return "current_catalog";
    case SystemValueKind::CurrentSchema: return "current_schema";
  }
  return {};
}

Naming nameOf(const Expression& expression);

// A subquery is named after its first column.
Naming nameOfQuery(const Query& query) {
  const QueryBody* body = &query.body;
  while (true) {
    if (const auto* inner = std::get_if<QueryPtr>(&body->node)) {
      body = &(*inner)->body;
    } else if (const auto* operation = std::get_if<SetOperation>(&body->node)) {
      body = &operation->arms.front();
    } else {
      break;
    }
  }
  const auto* select = std::get_if<SelectBody>(&body->node);
  if (!select) return {"column1", Strength::Strong};
  const SelectItem& first = select->items.front();
  if (first.alias) return {first.alias->text, Strength::Strong};
  return nameOf(*first.expression);
}

Naming nameOfCase(const CaseExpression& node) {
  if (node.otherwise) {
    Naming naming = nameOf(*node.otherwise);
    if (naming.strength == Strength::Strong) return naming;
  }
  return {"case", Strength::Weak};
}

Naming nameOfCast(const CastExpression& node) {
  Naming naming = nameOf(*node.operand);
  if (naming.strength == Strength::Strong) return naming;
  return {internalTypeName(node.type.name), Strength::Weak};
}

Naming nameOf(const Expression& expression) {
  const ExpressionNode& node = expression.node;
  if (const auto* column = std::get_if<ColumnReference>(&node)) return {column->name.last().text, Strength::Strong};
  if (const auto* call = std::get_if<FunctionCall>(&node)) {
    if (call->name.last().text == kCollateCall) return nameOf(*call->arguments[0]);
    return {call->name.last().text, Strength::Strong};
  }
  if (const auto* conditional = std::get_if<ConditionalExpression>(&node))
    return {std::string(conditionalName(conditional->kind)), Strength::Strong};
  if (const auto* value = std::get_if<SystemValue>(&node))
    return {std::string(systemValueName(value->kind)), Strength::Strong};
  if (std::holds_alternative<ExistsExpression>(node)) return {"exists", Strength::Strong};
  if (std::holds_alternative<RowExpression>(node)) return {"row", Strength::Strong};
  if (std::holds_alternative<ArrayExpression>(node)) return {"array", Strength::Strong};
  if (const auto* subscript = std::get_if<SubscriptExpression>(&node)) return nameOf(*subscript->operand);
  if (const auto* subquery = std::get_if<ScalarSubquery>(&node)) return nameOfQuery(*subquery->query);
  if (const auto* cast = std::get_if<CastExpression>(&node)) return nameOfCast(*cast);
  if (const auto* choice = std::get_if<CaseExpression>(&node)) return nameOfCase(*choice);
  if (const auto* literal = std::get_if<Literal>(&node); literal && literal->kind == LiteralKind::Boolean)
    return {"bool", Strength::Weak};
  return {};
}

}  // namespace

std::string columnName(const Expression& expression) {
  Naming naming = nameOf(expression);
  return naming.strength == Strength::None ? "?column?" : std::move(naming.name);
}

std::string columnName(const SelectItem& item) {
  return item.alias ? item.alias->text : columnName(*item.expression);
}

}  // namespace drift::sql
