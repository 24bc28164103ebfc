#include "faults/history.h"

#include <algorithm>
#include <array>
#include <bit>
#include <limits>
#include <utility>

#include "types/key_encoding.h"

namespace drift::faults {

using storage::RowChange;
using storage::RowLayout;
using types::TypeId;
using types::Value;

namespace {

constexpr std::size_t kColumnsMax = 9;
constexpr std::array kColumnTypes{TypeId::Boolean,     TypeId::SmallInt,  TypeId::Integer, TypeId::BigInt,
                                  TypeId::Double,      TypeId::Numeric,   TypeId::Text,    TypeId::Bytea,
                                  TypeId::Date,        TypeId::Timestamp, TypeId::Uuid,    TypeId::Interval,
                                  TypeId::TimestampTz, TypeId::Varchar,   TypeId::Real,    TypeId::Time,
                                  TypeId::Char};

std::string textOf(Random& random, std::size_t bytesMax) {
  static constexpr std::array kWords{"amber", "basalt", "cedar", "delta", "ember", "fjord", "", "gr\xc3\xbc\xc3\x9f"};
  std::string text;
  if (random.chance(60)) return kWords[random.below(kWords.size())];
  const auto bytes = random.below(bytesMax + 1);
  while (text.size() < bytes) text += static_cast<char>('a' + random.below(26));
  return text;
}

std::int64_t integerOf(Random& random, std::int64_t low, std::int64_t high) {
  switch (random.below(8)) {
    case 0: return low;
    case 1: return high;
    case 2: return static_cast<std::int64_t>(random.between(0, 3)) - 1;
    case 3:
      if (low == std::numeric_limits<std::int64_t>::min()) return static_cast<std::int64_t>(random.next());
      return low + static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(high - low) + 1));
    default: return static_cast<std::int64_t>(random.below(100));  // what most columns hold: a narrow range
  }
}

template <class T>
std::int64_t anyOf(Random& random) {
  return integerOf(random, std::numeric_limits<T>::min(), std::numeric_limits<T>::max());
}

double doubleOf(Random& random) {
  switch (random.below(8)) {
    case 0: return std::numeric_limits<double>::quiet_NaN();
    case 1: return -0.0;
    case 2: return std::numeric_limits<double>::infinity();
    case 3: return std::bit_cast<double>(0x3ff0'0000'0000'0000 | (random.next() >> 12));
    default: return static_cast<double>(random.below(1000)) / 4;
  }
}

types::Decimal decimalOf(Random& random) {
  if (random.chance(5)) return types::Decimal::nan();
  types::Int128 coefficient = static_cast<std::int64_t>(random.chance(50) ? random.below(10000) : random.next());
  if (random.chance(10)) coefficient *= 1'000'000'000'000'000'000;
  return {coefficient, static_cast<int>(random.below(5))};
}

Value valueOf(Random& random, types::Type type, std::size_t textBytesMax) {
  switch (type.id()) {
    case TypeId::Unknown: break;
    case TypeId::Boolean: return Value::boolean(random.chance(50));
    case TypeId::SmallInt:
    case TypeId::Integer:
    case TypeId::Date:
    case TypeId::BigInt:
    case TypeId::Timestamp:
    case TypeId::TimestampTz:
    case TypeId::Time: {
      const auto number = type.id() == TypeId::SmallInt                               ? anyOf<std::int16_t>(random)
                          : type.id() == TypeId::Integer || type.id() == TypeId::Date ? anyOf<std::int32_t>(random)
                                                                                      : anyOf<std::int64_t>(random);
      return {type, number};
    }
    case TypeId::Double: return Value::real(doubleOf(random));
    case TypeId::Real: return {type, static_cast<double>(static_cast<float>(doubleOf(random)))};
    case TypeId::Numeric: return Value::numeric(decimalOf(random));
    case TypeId::Text:
    case TypeId::Varchar:
    case TypeId::Char: return {type, textOf(random, textBytesMax)};
    case TypeId::Bytea: {
      auto bytes = textOf(random, textBytesMax / 2);
      if (random.chance(50)) bytes += std::string("\0\xff", 2);
      return Value::bytea(std::move(bytes));
    }
    case TypeId::Uuid: {
      types::Uuid uuid;
      const auto high = random.chance(30) ? 0 : random.next();
      for (std::size_t i = 0; i < uuid.bytes.size(); ++i)
        uuid.bytes[i] = static_cast<std::uint8_t>(high >> (i % 8 * 8));
      return Value::uuid(uuid);
    }
    case TypeId::Interval:
      return Value::interval({integerOf(random, -1'000'000'000, 1'000'000'000),
                              static_cast<std::int32_t>(random.below(40)),
                              static_cast<std::int32_t>(random.below(13)) - 6});
    case TypeId::Json:
    case TypeId::Jsonb:
    case TypeId::Array: break;  // to storage they are strings
  }
  return Value::null(type);
}

RowLayout catalogLayout() {
  return {{{1, TypeId::SmallInt, Value::null(TypeId::SmallInt)},
           {2, TypeId::Text, Value::null(TypeId::Text)},
           {3, TypeId::Bytea, Value::null(TypeId::Bytea)}}};
}

std::size_t positionOf(const RowLayout& layout, ColumnId id) {
  const auto found = std::ranges::find(layout.columns, id, &LayoutColumn::id);
  return static_cast<std::size_t>(found - layout.columns.begin());
}

std::string fieldAt(const Version& version, const LayoutColumn& column) {
  const auto at = positionOf(*version.layout, column.id);
  return at < version.fields.size() ? version.fields[at] : fieldOf(column.missing);
}

}  // namespace

std::string fieldOf(const Value& value) {
  Bytes bytes;
  ByteWriter writer(bytes);
  types::writeValue(writer, value);
  return std::string(asText(bytes));
}

History::History(std::uint64_t seed, HistoryShape shape)
    : m_random(seed), m_shape(shape), m_trees{kCatalogTree, kNumbers, kTexts, kIndex} {
  for (const auto tree : m_trees) {
    auto& state = m_state[tree];
    RowLayout layout = catalogLayout();
    if (tree == kIndex) layout = {{{1, TypeId::Bytea, Value::null(TypeId::Bytea)}}};
    if (tree == kNumbers || tree == kTexts) {
      layout.columns.clear();
      const auto columns = m_random.between(2, 6);
      for (ColumnId id = 1; id <= columns; ++id) {
        const types::Type type = kColumnTypes[m_random.below(kColumnTypes.size())];
        layout.columns.push_back({id, type, Value::null(type)});
      }
    }
    state.everyColumn = layout.columns;
    state.layout = std::make_shared<const RowLayout>(std::move(layout));
    for (int i = 0; i < 3; ++i) state.hot.push_back(keyOf(tree, m_random.below(m_shape.keysMax)));
  }
}

History History::forkedAt(CommitNumber last, std::uint64_t seed) const {
  History fork = *this;
  fork.m_random = Random(seed);
  fork.m_commits.resize(last);
  for (auto& [tree, state] : fork.m_state) {
    for (auto key = state.keys.begin(); key != state.keys.end();) {
      auto& versions = key->second;
      while (!versions.empty() && versions.back().seq > last) versions.pop_back();
      key = versions.empty() ? state.keys.erase(key) : std::next(key);
    }
  }
  // Layouts stay as they are, with columns that the lost commits added: rows are written with any layout.
  return fork;
}

std::string History::keyOf(TreeId tree, std::uint64_t number) const {
  std::string key;
  if (tree == kTexts) {
    auto text = std::to_string(number / 3);
    for (auto i = number % 3; i > 0; --i) text += '\0';
    types::appendKey(key, Value::text(text));
  } else if (tree == kIndex) {
    types::appendKey(key, Value::integer(static_cast<std::int32_t>(number % 5)), true);
    types::appendKey(key, Value::text(std::to_string(number)));
  } else {
    types::appendKey(key, Value::bigInt(static_cast<std::int64_t>(number * 11) - 300));
  }
  return key;
}

Value History::valueFor(const LayoutColumn& column) {
  if (m_random.chance(column.id % 3 == 0 ? 50 : 8)) return Value::null(column.type);
  // Most columns of real tables repeat themselves.
  if (column.id % 4 == 1 && m_random.chance(70)) {
    Random few(column.id * 1000 + m_random.below(3));
    return valueOf(few, column.type, m_shape.textBytesMax);
  }
  const bool large = m_shape.largePercent > 0 && m_random.chance(m_shape.largePercent);
  return valueOf(m_random, column.type, large ? 100'000 : m_shape.textBytesMax);
}

void History::change(TreeId id, std::string key, storage::CommitRequest& request, std::optional<bool> wanted) {
  auto& tree = m_state.at(id);
  const CommitNumber seq = m_commits.size() + 1;
  auto& versions = tree.keys[key];
  if (!versions.empty() && versions.back().seq == seq) return;  // one change a key and commit
  const auto* before = versions.empty() || versions.back().op == RowOp::Delete ? nullptr : &versions.back();
  if (!before && wanted == false) {
    if (versions.empty()) tree.keys.erase(key);
    return;
  }
  RowChange change;
  change.tree = id;
  change.key = std::move(key);
  change.previous = before ? before->seq : 0;
  Version version;
  version.seq = seq;
  const bool deletes = before && (wanted ? !*wanted : m_random.chance(18));
  if (deletes) {
    change.op = version.op = RowOp::Delete;
  } else {
    const auto& columns = tree.layout->columns;
    const bool replacesAll = !before || m_random.chance(5);
    const auto first = m_random.below(columns.size());
    std::vector<Value> values;
    for (std::size_t at = 0; at < columns.size(); ++at) {
      const auto& column = columns[at];
      const bool fresh = replacesAll || at == first || m_random.chance(10);
      if (fresh) {
        values.push_back(valueFor(column));
      } else {
        const auto field = fieldAt(*before, column);
        ByteReader reader(asBytes(field));
        values.push_back(types::readValue(reader).value());
      }
      version.fields.push_back(fieldOf(values.back()));
      const bool differs = before && version.fields.back() != fieldAt(*before, column);
      if (before && (replacesAll || differs)) change.changed.push_back(column.id);
    }
    if (before && change.changed.empty()) return;  // an update that changes nothing is not written
    change.op = version.op = before ? RowOp::Update : RowOp::Insert;
    change.layout = version.layout = tree.layout;
    Bytes row;
    storage::encodeRow(*change.layout, values, row);
    change.row = std::string(asText(row));
  }
  versions.push_back(std::move(version));
  request.changes.push_back(std::move(change));
}

void History::changeSchema(Tree& tree, storage::CommitRequest& request) {
  auto layout = *tree.layout;
  if (layout.columns.size() > 2 && m_random.chance(40)) {
    layout.columns.erase(layout.columns.begin() + static_cast<std::ptrdiff_t>(m_random.below(layout.columns.size())));
  } else if (tree.everyColumn.size() < kColumnsMax) {
    const types::Type type = kColumnTypes[m_random.below(kColumnTypes.size())];
    const auto missing = m_random.chance(50) ? Value::null(type) : valueOf(m_random, type, m_shape.textBytesMax);
    layout.columns.push_back({tree.everyColumn.back().id + 1, type, missing});
    tree.everyColumn.push_back(layout.columns.back());
  }
  tree.layout = std::make_shared<const RowLayout>(std::move(layout));
  change(kCatalogTree, keyOf(kCatalogTree, m_random.below(4)), request, true);
}

/// Inserts, changes or deletes neighbours, so that leaves fill up, split and become empty.
void History::changeRun(TreeId id, storage::CommitRequest& request) {
  const auto first = m_random.below(m_shape.keysMax);
  const auto count = m_random.between(1, m_shape.runMax);
  const bool deletes = m_random.chance(40);
  const bool dense = m_random.chance(70);
  for (auto i = first; i < std::min<std::uint64_t>(first + count, m_shape.keysMax); ++i)
    if (dense || m_random.chance(50)) change(id, keyOf(id, i), request, !deletes);
}

void History::changeSome(storage::CommitRequest& request) {
  for (auto i = m_random.between(1, m_shape.changesMax); i > 0; --i) {
    const auto tree = m_random.chance(15) ? kIndex : m_random.chance(60) ? kNumbers : kTexts;
    const bool hot = m_random.chance(m_shape.hotPercent);
    const auto& hotKeys = m_state.at(tree).hot;
    change(tree, hot ? hotKeys[m_random.below(hotKeys.size())] : keyOf(tree, m_random.below(m_shape.keysMax)), request);
  }
}

void History::grow(std::size_t commits) {
  for (; commits > 0; --commits) {
    HistoryCommit commit;
    auto& request = commit.request;
    if (m_random.chance(m_shape.schemaPercent))
      changeSchema(m_state.at(m_random.chance(50) ? kNumbers : kTexts), request);
    if (m_random.chance(m_shape.runPercent)) changeRun(m_random.chance(70) ? kNumbers : kTexts, request);
    else if (!m_random.chance(3)) changeSome(request);  // else it has no changes, or few
    request.author = m_random.chance(50) ? "anna" : "";
    request.message = m_random.chance(30) ? textOf(m_random, 200) : "";
    request.indexTrees = {kIndex};

    const auto last = timeOf(m_commits.size());
    const auto base = m_commits.empty() ? TimeMicros{1'000'000} : last;
    // The clock may stand still or go back: times increase all the same.
    commit.clock = base + static_cast<TimeMicros>(m_random.below(3'000'000)) - 500'000;
    commit.time = m_commits.empty() ? commit.clock : std::max(commit.clock, last + 1);
    if (m_random.chance(20)) {
      commit.time = base + static_cast<TimeMicros>(m_random.between(1, 90'000'000));
      request.time = commit.time;
    }
    for (const auto& change : request.changes) {
      auto& counts = commit.counts[change.tree];
      counts.tree = change.tree;
      ++(change.op == RowOp::Insert ? counts.inserted : change.op == RowOp::Update ? counts.updated : counts.deleted);
    }
    m_commits.push_back(std::move(commit));
  }
}

TimeMicros History::timeOf(CommitNumber number) const {
  return number == 0 ? std::numeric_limits<TimeMicros>::min() : m_commits[number - 1].time;
}

std::vector<LayoutColumn> History::columns(TreeId tree) const {
  const auto found = m_state.find(tree);
  return found == m_state.end() ? std::vector<LayoutColumn>{{1, TypeId::Text, {}}} : found->second.everyColumn;
}

const std::map<std::string, std::vector<Version>>& History::keys(TreeId tree) const {
  static const std::map<std::string, std::vector<Version>> kNone;
  const auto found = m_state.find(tree);
  return found == m_state.end() ? kNone : found->second.keys;
}

const Version* History::lastUpTo(const std::vector<Version>& versions, CommitNumber number) {
  const auto after = std::ranges::upper_bound(versions, number, {}, &Version::seq);
  return after == versions.begin() ? nullptr : &*std::prev(after);
}

const Version* History::liveAt(TreeId tree, const std::string& key, CommitNumber number) const {
  const auto found = keys(tree).find(key);
  if (found == keys(tree).end()) return nullptr;
  const auto* version = lastUpTo(found->second, number);
  return version && version->op != RowOp::Delete ? version : nullptr;
}

std::string History::row(const Version& version, std::span<const LayoutColumn> columns) {
  std::string fields;
  for (const auto& column : columns) fields += fieldAt(version, column);
  return fields;
}

std::vector<std::string> History::rowsAt(TreeId tree, CommitNumber number,
                                         std::span<const LayoutColumn> columns) const {
  std::vector<std::string> rows;
  for (const auto& [key, versions] : keys(tree)) {
    const auto* version = lastUpTo(versions, number);
    if (version && version->op != RowOp::Delete) rows.push_back(row(*version, columns));
  }
  return rows;
}

}  // namespace drift::faults
