#include "plan/key_ranges.h"

#include <algorithm>

#include "catalog/index_key.h"
#include "plan/column_rule.h"
#include "types/key_encoding.h"

namespace drift::plan {

using types::Value;

namespace {

/// More ranges than this are not worth their while.
constexpr std::size_t kRangesMax = 1024;

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
KeyBounds restricted(const std::string& prefix, const KeyPart& part, const std::vector<const ColumnRule*>& rules) {
  auto bounds = allWith(prefix);
  // None of the rules is true of NULL, which comes before or after all values.
  const auto null = prefix + catalog::nullPart(part.column);
  if (part.column.nullsFirst) raise(bounds, types::keyAfterPrefix(null));
  else lower(bounds, null);
  for (const auto* rule : rules) {
    auto key = prefix;
    if (rule->kind == ColumnRule::Kind::Prefix) {
      key += prefixPart(rule->prefix, part);
      lower(bounds, types::keyAfterPrefix(key));
      raise(bounds, std::move(key));
      continue;
    }
    if (rule->kind == ColumnRule::Kind::NotNull) continue;
    catalog::appendIndexPart(key, rule->bound.value, part.column);
    const bool isLow = (rule->kind == ColumnRule::Kind::Lower) != part.column.descending;
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
  RangeBuilder(const std::vector<ColumnRule>& rules, std::optional<Slot> notNull)
      : m_rules(rules), m_notNull(notNull) {}

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
  std::vector<const ColumnRule*> rulesOf(Slot slot) const {
    std::vector<const ColumnRule*> found;
    for (const auto& rule : m_rules)
      if (rule.slot == slot) found.push_back(&rule);
    return found;
  }

  /// Takes a part that has one of a few values, or is NULL; gives whether it is one.
  bool addEqual(const KeyPart& part, const std::vector<const ColumnRule*>& rules) {
    std::optional<std::vector<std::string>> keys;
    std::size_t used = 0;
    bool mayBeNull = false;
    for (const auto* rule : rules) {
      if (rule->kind != ColumnRule::Kind::Values && rule->kind != ColumnRule::Kind::Null) continue;
      std::vector<std::string> own;
      if (rule->kind == ColumnRule::Kind::Null) own.emplace_back(1, catalog::nullPart(part.column));
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
      mayBeNull = mayBeNull || rule->kind == ColumnRule::Kind::Null;
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

  void addRange(const KeyPart& part, const std::vector<const ColumnRule*>& rules) {
    std::vector<const ColumnRule*> usable;
    for (const auto* rule : rules) {
      if (rule->kind == ColumnRule::Kind::Values || rule->kind == ColumnRule::Kind::Null) continue;
      usable.push_back(rule);
      m_used += rule->exact;
    }
    if (usable.empty() && part.slot != m_notNull) return;
    for (const auto& prefix : m_prefixes) m_result.ranges.push_back(restricted(prefix, part, usable));
    m_ended = true;
    m_result.endsInRange = true;
  }

  const std::vector<ColumnRule>& m_rules;
  const std::optional<Slot> m_notNull;
  std::vector<std::string> m_prefixes{{}};
  std::size_t m_used = 0;
  bool m_ended = false;  ///< the ranges are made
  KeyRanges m_result;
};

KeyPart partFor(const Scan& scan, const catalog::IndexColumn& column) {
  KeyPart part{.slot = {}, .column = column, .type = {}};
  if (column.isExpression()) return part;
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
  std::vector<ColumnRule> rules;
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
