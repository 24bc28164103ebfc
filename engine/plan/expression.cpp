#include "plan/expression.h"

#include <algorithm>

#include "functions/collation.h"
#include "types/text.h"

namespace drift::plan {

ExpressionPtr makeColumn(Slot slot, types::Type type, std::string name, SourceSpan span) {
  auto column = std::make_unique<Expression>(ExpressionKind::Column, type, span);
  column->slot = slot;
  column->name = std::move(name);
  return column;
}

ExpressionPtr makeConstant(types::Value value, SourceSpan span) {
  auto constant = std::make_unique<Expression>(ExpressionKind::Constant, value.type(), span);
  constant->value = std::move(value);
  return constant;
}

ExpressionPtr makeAnd(std::vector<ExpressionPtr> conditions) {
  if (conditions.empty()) return nullptr;
  if (conditions.size() == 1) return std::move(conditions.front());
  auto all = std::make_unique<Expression>(ExpressionKind::And, types::TypeId::Boolean, conditions.front()->span);
  all->arguments = std::move(conditions);
  return all;
}

ExpressionPtr clone(const Expression& expression) {
  auto copy = std::make_unique<Expression>(expression.kind, expression.type, expression.span);
  copy->arguments.reserve(expression.arguments.size());
  for (const auto& argument : expression.arguments) copy->arguments.push_back(clone(*argument));
  copy->slot = expression.slot;
  copy->name = expression.name;
  copy->value = expression.value;
  copy->parameter = expression.parameter;
  copy->function = expression.function;
  copy->castContext = expression.castContext;
  copy->negated = expression.negated;
  copy->truth = expression.truth;
  copy->aggregate = expression.aggregate;
  copy->distinct = expression.distinct;
  copy->order = expression.order;
  if (expression.filter) copy->filter = clone(*expression.filter);
  copy->window = expression.window;
  copy->set = expression.set;
  copy->query = expression.query;
  copy->parameters = expression.parameters;
  return copy;
}

bool sameExpression(const Expression& a, const Expression& b) {
  if (a.kind == ExpressionKind::NextKey || a.kind == ExpressionKind::Sequence) return false;
  if (a.kind != b.kind || a.type != b.type || a.arguments.size() != b.arguments.size()) return false;
  if (a.slot != b.slot || a.negated != b.negated || a.truth != b.truth || a.distinct != b.distinct ||
      a.order != b.order)
    return false;
  if (a.value != b.value || a.query != b.query || a.castContext != b.castContext) return false;
  if (a.function.function != b.function.function || a.aggregate.function != b.aggregate.function) return false;
  if (a.function.function && a.function.function->volatility == functions::Volatility::Volatile) return false;
  if (!a.set != !b.set || (a.set && a.set->function != b.set->function)) return false;
  if (!a.window != !b.window || (a.window && *a.window != *b.window)) return false;
  if (!a.filter != !b.filter || (a.filter && !sameExpression(*a.filter, *b.filter))) return false;
  return std::equal(a.arguments.begin(), a.arguments.end(), b.arguments.begin(),
                    [](const auto& left, const auto& right) { return sameExpression(*left, *right); });
}

void visit(const Expression& expression, const std::function<void(const Expression&)>& visitor) {
  visitor(expression);
  for (const auto& argument : expression.arguments) visit(*argument, visitor);
  if (expression.filter) visit(*expression.filter, visitor);
}

Status rewrite(ExpressionPtr& expression, const std::function<Result<ExpressionPtr>(Expression&)>& replace) {
  DRIFT_ASSIGN(auto replacement, replace(*expression));
  if (replacement) {
    expression = std::move(replacement);
    return {};
  }
  for (auto& argument : expression->arguments) DRIFT_TRY(rewrite(argument, replace));
  if (expression->filter) DRIFT_TRY(rewrite(expression->filter, replace));
  return {};
}

bool isVolatile(const Expression& expression) {
  bool found = false;
  visit(expression, [&found](const Expression& node) {
    const auto* function = node.function.function;
    found = found || node.kind == ExpressionKind::NextKey || node.kind == ExpressionKind::Sequence;
    found = found || (function && function->volatility == functions::Volatility::Volatile);
  });
  return found;
}

void addSlots(const Expression& expression, std::vector<Slot>& slots) {
  visit(expression, [&slots](const Expression& node) {
    if (node.kind == ExpressionKind::Column && std::find(slots.begin(), slots.end(), node.slot) == slots.end())
      slots.push_back(node.slot);
  });
}

void splitAnd(ExpressionPtr condition, std::vector<ExpressionPtr>& into) {
  if (condition->kind != ExpressionKind::And) {
    into.push_back(std::move(condition));
    return;
  }
  for (auto& part : condition->arguments) splitAnd(std::move(part), into);
}

namespace {

std::string joined(const Expression& expression, std::string_view separator) {
  std::string text;
  for (const auto& argument : expression.arguments) {
    if (!text.empty()) text += separator;
    text += toText(*argument);
  }
  return text;
}

std::string call(const Expression& expression, std::string_view name) {
  return fmt::format("{}({})", name, joined(expression, ", "));
}

std::string constantText(const Expression& expression) {
  if (expression.value.isNull()) return "NULL";
  const auto text = types::toText(expression.value);
  return expression.type.isNumber() || expression.type.id() == types::TypeId::Boolean ? text : "'" + text + "'";
}

/// a[1][2], a[1:2]; a bound that was left out stands for the array's own.
std::string subscriptText(const Expression& expression) {
  const bool slice = expression.function.function->name == functions::kSliceName;
  auto text = toText(*expression.arguments[0]);
  for (std::size_t at = 1; at < expression.arguments.size(); at += slice ? 2 : 1) {
    text += "[" + toText(*expression.arguments[at]);
    if (slice) text += ":" + toText(*expression.arguments[at + 1]);
    text += "]";
  }
  return text;
}

std::string functionText(const Expression& expression) {
  const auto& name = expression.function.function->name;
  if (name == functions::kCollationKeyName)
    return fmt::format("({} COLLATE \"{}\")", toText(*expression.arguments[0]),
                       expression.arguments[1]->value.asString());
  if (name == functions::kArrayName) return "ARRAY[" + joined(expression, ", ") + "]";
  if (name == functions::kSubscriptName || name == functions::kSliceName) return subscriptText(expression);
  const bool isOperator = !name.empty() && !std::isalpha(static_cast<unsigned char>(name.front())) && name[0] != '_';
  if (isOperator && expression.arguments.size() == 2) return "(" + joined(expression, " " + name + " ") + ")";
  if (isOperator) return name + joined(expression, "");
  return call(expression, name);
}

std::string aggregateText(const Expression& expression) {
  const auto own = expression.arguments.size() - expression.order.size();
  std::string arguments = own == 0 ? "*" : "";
  for (std::size_t at = 0; at < expression.arguments.size(); ++at) {
    if (at > 0) arguments += at == own ? " ORDER BY " : ", ";
    arguments += toText(*expression.arguments[at]);
    if (at >= own && expression.order[at - own].descending) arguments += " DESC";
  }
  auto text =
      fmt::format("{}({}{})", expression.aggregate.function->name, expression.distinct ? "DISTINCT " : "", arguments);
  if (expression.filter) text += fmt::format(" FILTER (WHERE {})", toText(*expression.filter));
  return text;
}

/// The window itself is left out: the plan's node names what it has in common.
std::string windowText(const Expression& expression) {
  std::string arguments;
  for (std::size_t at = 0; at < expression.window->argumentCount; ++at)
    arguments += (at ? ", " : "") + toText(*expression.arguments[at]);
  const auto* function = expression.window->function;
  if (!function && expression.window->argumentCount == 0) arguments = "*";
  auto text = fmt::format("{}({})", function ? function->name : std::string_view(expression.aggregate.function->name),
                          arguments);
  if (expression.filter) text += fmt::format(" FILTER (WHERE {})", toText(*expression.filter));
  return text + " OVER";
}

std::string caseText(const Expression& expression) {
  std::string text = "CASE";
  std::size_t at = 0;
  for (; at + 1 < expression.arguments.size(); at += 2)
    text += fmt::format(" WHEN {} THEN {}", toText(*expression.arguments[at]), toText(*expression.arguments[at + 1]));
  return text + fmt::format(" ELSE {} END", toText(*expression.arguments[at]));
}

std::string truthText(const Expression& expression) {
  const auto* what = !expression.truth ? "UNKNOWN" : *expression.truth ? "TRUE" : "FALSE";
  return fmt::format("({} IS {}{})", toText(*expression.arguments[0]), expression.negated ? "NOT " : "", what);
}

std::string inListText(const Expression& expression) {
  std::string items;
  for (std::size_t at = 1; at < expression.arguments.size(); ++at)
    items += (at > 1 ? ", " : "") + toText(*expression.arguments[at]);
  return fmt::format("({} {}IN ({}))", toText(*expression.arguments[0]), expression.negated ? "NOT " : "", items);
}

}  // namespace

std::string toText(const Expression& expression) {
  const auto* no = expression.negated ? "NOT " : "";
  switch (expression.kind) {
    case ExpressionKind::Column: return expression.name;
    case ExpressionKind::Constant: return constantText(expression);
    case ExpressionKind::Function: return functionText(expression);
    case ExpressionKind::Cast: return fmt::format("{}::{}", toText(*expression.arguments[0]), expression.type.name());
    case ExpressionKind::And: return "(" + joined(expression, " AND ") + ")";
    case ExpressionKind::Or: return "(" + joined(expression, " OR ") + ")";
    case ExpressionKind::Not: return "NOT " + toText(*expression.arguments[0]);
    case ExpressionKind::IsNull: return fmt::format("({} IS {}NULL)", toText(*expression.arguments[0]), no);
    case ExpressionKind::IsTruth: return truthText(expression);
    case ExpressionKind::IsDistinct:
      return fmt::format("({} IS {}DISTINCT FROM {})", toText(*expression.arguments[0]), no,
                         toText(*expression.arguments[1]));
    case ExpressionKind::Case: return caseText(expression);
    case ExpressionKind::Coalesce: return call(expression, "COALESCE");
    case ExpressionKind::NullIf: return call(expression, "NULLIF");
    case ExpressionKind::Greatest: return call(expression, "GREATEST");
    case ExpressionKind::Least: return call(expression, "LEAST");
    case ExpressionKind::InList: return inListText(expression);
    case ExpressionKind::Aggregate: return aggregateText(expression);
    case ExpressionKind::Grouping: return call(expression, "GROUPING");
    case ExpressionKind::ArrayAny:
      return fmt::format("({} {} {}({}))", toText(*expression.arguments[0]), expression.function.function->name,
                         *expression.truth ? "ANY" : "ALL", toText(*expression.arguments[1]));
    case ExpressionKind::SetFunction: return call(expression, expression.set->function->name);
    case ExpressionKind::NextKey: return "next key";
    case ExpressionKind::Sequence: return call(expression, expression.name);
    case ExpressionKind::Window: return windowText(expression);
    case ExpressionKind::ScalarQuery: return "(subquery)";
    case ExpressionKind::Exists: return fmt::format("{}EXISTS (subquery)", no);
    case ExpressionKind::InQuery: return fmt::format("({} {}IN (subquery))", toText(*expression.arguments[0]), no);
  }
  return {};
}

}  // namespace drift::plan
