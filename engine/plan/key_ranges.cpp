#include "plan/key_ranges.h"

#include <algorithm>

#include "catalog/index_key.h"
#include "types/key_encoding.h"

namespace drift::plan {

using types::TypeId;
using types::Value;

namespace {

/// More ranges than this are not worth their while.
constexpr std::size_t kRangesMax = 1024;

struct Bound {
  Value value;
  bool inclusive = true;
};

/// What one condition says of one column. Exactly one of the fields counts, as `kind` says.
struct Rule {
  enum class Kind : std::uint8_t { Values, Null, NotNull, Lower, Upper, Prefix };
  Kind kind = Kind::Values;
  Slot slot = 0;
  std::vector<Value> values{};  ///< Values: one of these
  Bound bound{};                ///< Lower, Upper
  std::string prefix{};         ///< Prefix: a text that begins so
  bool exact = true;            ///< the rule is all that the condition says
};

std::string_view mirrored(std::string_view op) {
  if (op == "<") return ">";
  if (op == "<=") return ">=";
  if (op == ">") return "<";
  if (op == ">=") return "<=";
  return op;
}

/// The column under a widening of integers or of varchar: these keep order and equality.
const Expression* columnOf(const Expression& expression) {
  if (expression.kind == ExpressionKind::Column) return &expression;
  if (expression.kind != ExpressionKind::Cast) return nullptr;
  const auto& inner = *expression.arguments[0];
  const bool widens = (inner.type.isInteger() && expression.type.isInteger()) ||
                      (inner.type.isText() && expression.type.isText() && expression.type.length() == 0);
  return widens && inner.kind == ExpressionKind::Column ? &inner : nullptr;
}

/// The constant as a value of the column's type; nothing where it is not one exactly.
std::optional<Value> asColumnValue(const Value& constant, types::Type column) {
  if (constant.isNull()) return std::nullopt;
  if (column.isText() && constant.type().isText()) return constant.withType(column);
  if (column.id() == constant.type().id()) return constant;
  if (!column.isInteger() || !constant.type().isInteger()) return std::nullopt;
  const auto number = constant.asInt();
  if (column.id() == TypeId::SmallInt && (number < INT16_MIN || number > INT16_MAX)) return std::nullopt;
  if (column.id() == TypeId::Integer && (number < INT32_MIN || number > INT32_MAX)) return std::nullopt;
  return Value(column, number);
}

/// A LIKE pattern up to its first wildcard. `rest` is what follows it.
struct Pattern {
  std::string literal;
  std::string_view rest;
};

std::optional<Pattern> splitPattern(std::string_view pattern) {
  Pattern result;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] == '%' || pattern[at] == '_') {
      result.rest = pattern.substr(at);
      return result;
    }
    if (pattern[at] == '\\' && ++at == pattern.size()) return std::nullopt;  // an error when it runs
    result.literal += pattern[at];
  }
  return result;
}

std::optional<Rule> likeRule(const Expression& call) {
  const auto* column = columnOf(*call.arguments[0]);
  const auto& constant = *call.arguments[1];
  if (!column || !column->type.isText() || constant.kind != ExpressionKind::Constant || constant.value.isNull())
    return std::nullopt;
  const auto pattern = splitPattern(constant.value.asString());
  if (!pattern || (pattern->literal.empty() && !pattern->rest.empty())) return std::nullopt;
  if (pattern->rest.empty())
    return Rule{.kind = Rule::Kind::Values, .slot = column->slot, .values = {Value(column->type, pattern->literal)}};
  return Rule{
      .kind = Rule::Kind::Prefix, .slot = column->slot, .prefix = pattern->literal, .exact = pattern->rest == "%"};
}

std::optional<Rule> comparisonRule(const Expression& call) {
  if (call.arguments.size() != 2) return std::nullopt;
  const std::string_view name = call.function.function->name;
  if (name == "~~") return likeRule(call);
  if (name != "=" && name != "<" && name != "<=" && name != ">" && name != ">=") return std::nullopt;
  for (const std::size_t side : {0, 1}) {
    const auto* column = columnOf(*call.arguments[side]);
    const auto& other = *call.arguments[1 - side];
    if (!column || other.kind != ExpressionKind::Constant) continue;
    auto value = asColumnValue(other.value, column->type);
    if (!value) return std::nullopt;
    const auto op = side == 0 ? name : mirrored(name);
    if (op == "=") return Rule{.kind = Rule::Kind::Values, .slot = column->slot, .values = {std::move(*value)}};
    return Rule{.kind = op[0] == '>' ? Rule::Kind::Lower : Rule::Kind::Upper,
                .slot = column->slot,
                .bound = {std::move(*value), op.size() == 2}};
  }
  return std::nullopt;
}

std::optional<Rule> ruleOf(const Expression& condition);

std::optional<Rule> listRule(const Expression& list) {
  const auto* column = columnOf(*list.arguments[0]);
  if (!column || list.negated) return std::nullopt;
  Rule rule{.kind = Rule::Kind::Values, .slot = column->slot};
  for (std::size_t at = 1; at < list.arguments.size(); ++at) {
    const auto& item = *list.arguments[at];
    if (item.kind != ExpressionKind::Constant) return std::nullopt;
    if (item.value.isNull()) continue;  // equal to nothing
    auto value = asColumnValue(item.value, column->type);
    if (value) rule.values.push_back(std::move(*value));
    else if (!column->type.isInteger() || !item.value.type().isInteger()) return std::nullopt;
  }
  return rule;
}

/// a = 1 OR a = 2 OR a IN (3, 4): values of one column.
std::optional<Rule> eitherRule(const Expression& either) {
  std::optional<Rule> all;
  for (const auto& argument : either.arguments) {
    auto one = ruleOf(*argument);
    if (!one || one->kind != Rule::Kind::Values || (all && all->slot != one->slot)) return std::nullopt;
    if (!all) all = std::move(one);
    else all->values.insert(all->values.end(), one->values.begin(), one->values.end());
  }
  return all;
}

std::optional<Rule> ruleOf(const Expression& condition) {
  switch (condition.kind) {
    case ExpressionKind::Function: return comparisonRule(condition);
    case ExpressionKind::InList: return listRule(condition);
    case ExpressionKind::Or: return eitherRule(condition);
    case ExpressionKind::IsNull: {
      const auto* column = columnOf(*condition.arguments[0]);
      if (!column) return std::nullopt;
      return Rule{.kind = condition.negated ? Rule::Kind::NotNull : Rule::Kind::Null, .slot = column->slot};
    }
    case ExpressionKind::Column:
      return Rule{.kind = Rule::Kind::Values, .slot = condition.slot, .values = {Value(condition.type, true)}};
    case ExpressionKind::Not: {
      const auto& inner = *condition.arguments[0];
      if (inner.kind != ExpressionKind::Column) return std::nullopt;
      return Rule{.kind = Rule::Kind::Values, .slot = inner.slot, .values = {Value(inner.type, false)}};
    }
    default: return std::nullopt;  // everything else is left to the filter
  }
}

/// The bytes that all keys have whose part begins with a text: the part without its end.
std::string prefixPart(const std::string& prefix, const KeyPart& part) {
  std::string bytes;
  catalog::appendIndexPart(bytes, Value(part.type, prefix), part.column);
  bytes.resize(bytes.size() - 2);
  return bytes;
}

void raise(KeyBounds& bounds, std::string key) {
  if (!bounds.from || key > *bounds.from) bounds.from = std::move(key);
}

/// An empty key is no bound: nothing lies behind.
void lower(KeyBounds& bounds, std::string key) {
  if (!key.empty() && (!bounds.to || key < *bounds.to)) bounds.to = std::move(key);
}

KeyBounds allWith(const std::string& prefix) {
  KeyBounds bounds;
  if (prefix.empty()) return bounds;
  bounds.from = prefix;
  lower(bounds, types::keyAfterPrefix(prefix));
  return bounds;
}

/// Cuts the keys that begin with `prefix` down to those whose next part obeys the rules.
KeyBounds restricted(const std::string& prefix, const KeyPart& part, const std::vector<const Rule*>& rules) {
  auto bounds = allWith(prefix);
  // None of the rules is true of NULL, which comes before or after all values.
  const auto null = prefix + catalog::nullPart(part.column);
  if (part.column.nullsFirst) raise(bounds, types::keyAfterPrefix(null));
  else lower(bounds, null);
  for (const auto* rule : rules) {
    auto key = prefix;
    if (rule->kind == Rule::Kind::Prefix) {
      key += prefixPart(rule->prefix, part);
      lower(bounds, types::keyAfterPrefix(key));
      raise(bounds, std::move(key));
      continue;
    }
    if (rule->kind == Rule::Kind::NotNull) continue;
    catalog::appendIndexPart(key, rule->bound.value, part.column);
    const bool isLow = (rule->kind == Rule::Kind::Lower) != part.column.descending;
    const bool past = isLow != rule->bound.inclusive;
    auto edge = past ? types::keyAfterPrefix(key) : key;
    if (!isLow) lower(bounds, std::move(edge));
    else if (!edge.empty()) raise(bounds, std::move(edge));
  }
  return bounds;
}

bool isEmpty(const KeyBounds& bounds) { return bounds.from && bounds.to && *bounds.from >= *bounds.to; }

/// Goes through the parts of a key from the left, as far as the rules reach.
class RangeBuilder final {
 public:
  RangeBuilder(const std::vector<Rule>& rules, std::optional<Slot> notNull) : m_rules(rules), m_notNull(notNull) {}

  KeyRanges build(const std::vector<KeyPart>& parts) {
    for (const auto& part : parts) {
      if (!part.slot) break;
      const auto rules = rulesOf(*part.slot);
      if (!rules.empty() && addEqual(part, rules)) continue;
      addRange(part, rules);
      break;
    }
    if (m_result.ranges.empty() && !m_ended)
      for (const auto& prefix : m_prefixes) m_result.ranges.push_back(allWith(prefix));
    std::erase_if(m_result.ranges, isEmpty);
    m_result.bounded = m_result.ranges.size() != 1 || m_result.ranges[0].from || m_result.ranges[0].to;
    m_result.exact = m_used == m_rules.size();
    return std::move(m_result);
  }

 private:
  std::vector<const Rule*> rulesOf(Slot slot) const {
    std::vector<const Rule*> found;
    for (const auto& rule : m_rules)
      if (rule.slot == slot) found.push_back(&rule);
    return found;
  }

  /// Takes a part that has one of a few values, or is NULL; gives whether it is one.
  bool addEqual(const KeyPart& part, const std::vector<const Rule*>& rules) {
    std::optional<std::vector<std::string>> keys;
    std::size_t used = 0;
    bool mayBeNull = false;
    for (const auto* rule : rules) {
      if (rule->kind != Rule::Kind::Values && rule->kind != Rule::Kind::Null) continue;
      std::vector<std::string> own;
      if (rule->kind == Rule::Kind::Null) own.emplace_back(1, catalog::nullPart(part.column));
      for (const auto& value : rule->values) catalog::appendIndexPart(own.emplace_back(), value, part.column);
      std::sort(own.begin(), own.end());
      own.erase(std::unique(own.begin(), own.end()), own.end());
      if (keys) {
        std::vector<std::string> both;
        std::ranges::set_intersection(*keys, own, std::back_inserter(both));
        own = std::move(both);
      }
      keys = std::move(own);
      used += rule->exact;
      mayBeNull = mayBeNull || rule->kind == Rule::Kind::Null;
    }
    if (!keys || m_prefixes.size() * keys->size() > kRangesMax) return false;
    std::vector<std::string> longer;
    for (const auto& prefix : m_prefixes)
      for (const auto& key : *keys) longer.push_back(prefix + key);
    m_prefixes = std::move(longer);
    m_used += used;
    m_result.mayBeNull = m_result.mayBeNull || mayBeNull;
    ++m_result.equalParts;
    if (keys->size() == 1 && m_result.fixedParts + 1 == m_result.equalParts) ++m_result.fixedParts;
    return true;
  }

  void addRange(const KeyPart& part, const std::vector<const Rule*>& rules) {
    std::vector<const Rule*> usable;
    for (const auto* rule : rules) {
      if (rule->kind == Rule::Kind::Values || rule->kind == Rule::Kind::Null) continue;
      usable.push_back(rule);
      m_used += rule->exact;
    }
    if (usable.empty() && part.slot != m_notNull) return;
    for (const auto& prefix : m_prefixes) m_result.ranges.push_back(restricted(prefix, part, usable));
    m_ended = true;
    m_result.endsInRange = true;
  }

  const std::vector<Rule>& m_rules;
  const std::optional<Slot> m_notNull;
  std::vector<std::string> m_prefixes{{}};
  std::size_t m_used = 0;
  bool m_ended = false;  ///< the ranges are made
  KeyRanges m_result;
};

KeyPart partFor(const Scan& scan, const catalog::IndexColumn& column) {
  KeyPart part{.slot = {}, .column = column, .type = {}};
  const auto* defined = scan.table->findColumn(column.column);
  part.type = defined->type;
  part.notNull = defined->notNull;
  const auto read = std::ranges::find_if(
      scan.columns, [&](const auto& other) { return other.column && other.column->id == column.column; });
  if (read != scan.columns.end()) part.slot = read->slot;
  return part;
}

}  // namespace

std::vector<KeyPart> partsOf(const Scan& scan, const catalog::Index& index) {
  std::vector<KeyPart> parts;
  for (const auto& column : index.columns) parts.push_back(partFor(scan, column));
  return parts;
}

std::vector<KeyPart> primaryParts(const Scan& scan) {
  std::vector<KeyPart> parts;
  for (const auto id : scan.table->primaryKey) parts.push_back(partFor(scan, {.column = id}));
  return parts;
}

KeyRanges rangesFor(const std::vector<KeyPart>& parts, const std::vector<const Expression*>& conditions,
                    std::optional<Slot> notNull) {
  std::vector<Rule> rules;
  bool all = true;
  for (const auto* condition : conditions) {
    if (auto rule = ruleOf(*condition)) rules.push_back(std::move(*rule));
    else all = false;
  }
  auto result = RangeBuilder(rules, notNull).build(parts);
  result.exact = result.exact && all;
  return result;
}

void addConditions(const Expression& condition, std::vector<const Expression*>& conditions) {
  if (condition.kind != ExpressionKind::And) {
    conditions.push_back(&condition);
    return;
  }
  for (const auto& argument : condition.arguments) addConditions(*argument, conditions);
}

}  // namespace drift::plan
