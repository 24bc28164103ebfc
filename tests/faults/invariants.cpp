#include "faults/invariants.h"

#include <algorithm>
#include <limits>
#include <set>

#include <fmt/format.h>

namespace drift::faults {

using storage::kEndSeqColumn;
using storage::KeyRange;
using storage::kKeyColumn;
using storage::kOpColumn;
using storage::kSeqColumn;
using storage::RowChange;
using storage::ScanRequest;
using storage::Store;
using types::TypeId;
using types::Value;

namespace {

constexpr std::size_t kMostKept = 1'000'000;

const LayoutColumn kKey{kKeyColumn, TypeId::Bytea, Value::null(TypeId::Bytea)};
const LayoutColumn kSeq{kSeqColumn, TypeId::BigInt, Value::null(TypeId::BigInt)};
const LayoutColumn kEnd{kEndSeqColumn, TypeId::BigInt, Value::null(TypeId::BigInt)};
const LayoutColumn kOp{kOpColumn, TypeId::SmallInt, Value::null(TypeId::SmallInt)};

template <class... Args>
Error wrong(fmt::format_string<Args...> format, Args&&... args) {
  return makeError(ErrorKind::InternalError, "{}", fmt::format(format, std::forward<Args>(args)...));
}

std::string number(CommitNumber value) { return fieldOf(Value::bigInt(static_cast<std::int64_t>(value))); }
std::string endField(CommitNumber end) { return end == kNoCommit ? fieldOf(Value::null(TypeId::BigInt)) : number(end); }
std::string opField(RowOp op) { return fieldOf(Value::smallInt(static_cast<std::int16_t>(op))); }

std::string hex(std::string_view bytes) {
  std::string text;
  for (const auto c : bytes.substr(0, 60)) text += fmt::format("{:02x}", static_cast<unsigned char>(c));
  return bytes.size() > 60 ? text + "…" : text;
}

/// Everything a cursor gives: per row the fields one behind the other.
Result<std::vector<std::string>> drain(storage::Cursor& cursor, std::span<const types::Type> types) {
  std::vector<std::string> rows;
  types::Chunk chunk;
  Bytes fields;
  ByteWriter writer(fields);
  while (true) {
    DRIFT_ASSIGN(const bool more, cursor.next(chunk));
    if (!more) break;
    if (chunk.rowCount() == 0 || chunk.rowCount() > types::kChunkRows)
      return wrong("a chunk has {} rows", chunk.rowCount());
    if (chunk.columnCount() != types.size())
      return wrong("a chunk has {} columns instead of {}", chunk.columnCount(), types.size());
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
      fields.clear();
      for (std::size_t column = 0; column < types.size(); ++column) {
        const auto value = chunk.column(column).get(row);
        if (value.type() != types[column])
          return wrong("a column has the type {} instead of {}", value.type().name(), types[column].name());
        types::writeValue(writer, value);
      }
      rows.emplace_back(asText(fields));
    }
  }
  if (chunk.rowCount() != 0) return wrong("the end of a cursor has {} rows", chunk.rowCount());
  return rows;
}

std::vector<types::Type> typesOf(std::span<const LayoutColumn> columns) {
  std::vector<types::Type> types;
  for (const auto& column : columns) types.push_back(column.type);
  return types;
}

Result<std::vector<std::string>> drain(storage::Cursor& cursor, std::span<const LayoutColumn> columns) {
  return drain(cursor, typesOf(columns));
}

Status same(const std::vector<std::string>& found, const std::vector<std::string>& expected, std::string_view what) {
  for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i)
    if (found[i] != expected[i])
      return wrong("{}: row {} of {} is {} instead of {}", what, i, expected.size(), hex(found[i]), hex(expected[i]));
  if (found.size() != expected.size()) return wrong("{}: {} rows instead of {}", what, found.size(), expected.size());
  return {};
}

std::vector<std::string> tail(const std::vector<std::string>& rows, std::uint64_t skip) {
  return {rows.begin() + static_cast<std::ptrdiff_t>(std::min<std::uint64_t>(skip, rows.size())), rows.end()};
}

/// Some of the columns, in any order.
std::vector<LayoutColumn> someOf(std::vector<LayoutColumn> columns, Random& random) {
  for (std::size_t i = columns.size(); i > 1; --i) std::swap(columns[i - 1], columns[random.below(i)]);
  columns.resize(random.below(columns.size() + 1));
  return columns;
}

/// A key of the tree, one between its keys, or nothing.
std::optional<std::string> anyBound(const History& history, TreeId tree, Random& random) {
  const auto& keys = history.keys(tree);
  if (keys.empty() || random.chance(20)) return std::nullopt;
  auto key = std::next(keys.begin(), static_cast<std::ptrdiff_t>(random.below(keys.size())))->first;
  if (random.chance(30)) key += '\1';
  if (random.chance(10)) key.pop_back();
  return key;
}

std::vector<std::string> someKeys(const History& history, TreeId tree, Random& random, const Effort& effort) {
  const auto& keys = history.keys(tree);
  std::vector<std::string> chosen;
  if (effort.everyMoment) {
    for (const auto& [key, versions] : keys) chosen.push_back(key);
  } else {
    for (std::size_t i = 0; i < effort.keys && !keys.empty(); ++i)
      chosen.push_back(std::next(keys.begin(), static_cast<std::ptrdiff_t>(random.below(keys.size())))->first);
  }
  chosen.emplace_back("\1 is no key");
  return chosen;
}

std::vector<CommitNumber> someMoments(CommitNumber last, Random& random, const Effort& effort) {
  std::vector<CommitNumber> moments;
  if (effort.everyMoment) {
    for (CommitNumber n = 0; n <= last; ++n) moments.push_back(n);
    return moments;
  }
  moments = {0, last};
  for (std::size_t i = 0; i < effort.moments; ++i) moments.push_back(random.below(last + 1));
  return moments;
}

std::vector<TreeId> treesAndNone(const History& history) {
  auto trees = history.trees();
  trees.push_back(History::kUnused);
  return trees;
}

/// What a scan of a moment gives within a range, with the system columns behind.
std::vector<std::string> expectedRange(const History& history, TreeId tree, CommitNumber at,
                                       std::span<const LayoutColumn> columns, const KeyRange& range) {
  std::vector<std::string> rows;
  for (const auto& [key, versions] : history.keys(tree)) {
    if ((range.from && key < *range.from) || (range.to && key >= *range.to)) continue;
    const auto* version = History::lastUpTo(versions, at);
    if (!version || version->op == RowOp::Delete) continue;
    rows.push_back(History::row(*version, columns) + fieldOf(Value::bytea(key)) + number(version->seq) +
                   opField(version->op));
  }
  return rows;
}

Status checkTreeAt(const Store& store, const History& history, TreeId tree, CommitNumber at, Random& random,
                   const Effort& effort) {
  const auto what = fmt::format("tree {} as of commit {}", tree, at);
  const auto columns = history.columns(tree);
  DRIFT_ASSIGN(const auto snapshot, store.at(at));
  const auto expected = history.rowsAt(tree, at, columns);
  DRIFT_ASSIGN(auto cursor, snapshot.scan({.tree = tree, .columns = columns}));
  DRIFT_ASSIGN(const auto rows, drain(*cursor, columns));
  DRIFT_TRY(same(rows, expected, what));
  DRIFT_ASSIGN(const auto count, snapshot.rowCount(tree));
  if (count != expected.size()) return wrong("{}: rowCount() is {} instead of {}", what, count, expected.size());

  const auto skip = random.below(expected.size() + 2);
  DRIFT_ASSIGN(cursor, snapshot.scan({.tree = tree, .columns = columns, .skipRows = skip}));
  DRIFT_ASSIGN(const auto page, drain(*cursor, columns));
  DRIFT_TRY(same(page, tail(expected, skip), fmt::format("{} behind {} rows", what, skip)));

  // A range, some columns, the system's columns, and a page of it.
  KeyRange range{anyBound(history, tree, random), anyBound(history, tree, random)};
  const auto some = someOf(columns, random);
  const auto inRange = expectedRange(history, tree, at, some, range);
  auto asked = some;
  asked.insert(asked.end(), {kKey, kSeq, kOp});
  const auto skipped = random.chance(50) ? 0 : random.below(inRange.size() + 2);
  DRIFT_ASSIGN(cursor, snapshot.scan({.tree = tree, .columns = asked, .range = range, .skipRows = skipped}));
  DRIFT_ASSIGN(const auto found, drain(*cursor, asked));
  DRIFT_TRY(same(found, tail(inRange, skipped), fmt::format("a range of {} behind {} rows", what, skipped)));

  for (const auto& key : someKeys(history, tree, random, effort)) {
    DRIFT_ASSIGN(const auto row, snapshot.get(tree, key, some));
    const auto* version = history.liveAt(tree, key, at);
    if (row.has_value() != (version != nullptr))
      return wrong("{}: key {} is {}", what, hex(key), row ? "there" : "missing");
    if (!row) continue;
    if (row->seq != version->seq || row->op != version->op)
      return wrong("{}: key {} has the version of commit {} instead of {}", what, hex(key), row->seq, version->seq);
    std::string fields;
    for (const auto& value : row->values) fields += fieldOf(value);
    if (fields != History::row(*version, some)) return wrong("{}: key {} has other values", what, hex(key));
  }
  return {};
}

/// A row as the two sides of a difference show it.
std::string nulls(std::span<const LayoutColumn> columns) {
  std::string fields;
  for (const auto& column : columns) fields += fieldOf(Value::null(column.type));
  return fields;
}

Status checkTreeDiff(const Store& store, const History& history, TreeId tree, CommitNumber from, CommitNumber to) {
  const auto what = fmt::format("diff of tree {} from commit {} to {}", tree, from, to);
  const auto columns = history.columns(tree);
  std::vector<std::string> expected;
  for (const auto& [key, versions] : history.keys(tree)) {
    const auto* before = history.liveAt(tree, key, from);
    const auto* after = history.liveAt(tree, key, to);
    if (!before && !after) continue;
    const auto old = before ? History::row(*before, columns) : nulls(columns);
    const auto now = after ? History::row(*after, columns) : nulls(columns);
    if (before && after && old == now) continue;
    const auto op = !before ? RowOp::Insert : !after ? RowOp::Delete : RowOp::Update;
    expected.push_back(opField(op) + fieldOf(Value::bytea(key)) + old + now);
  }
  std::vector<types::Type> types{TypeId::SmallInt, TypeId::Bytea};
  for (int side = 0; side < 2; ++side)
    for (const auto& column : columns) types.push_back(column.type);
  DRIFT_ASSIGN(const auto cursor, store.diff(tree, from, to, columns, {}));
  DRIFT_ASSIGN(const auto rows, drain(*cursor, types));
  return same(rows, expected, what);
}

/// As of `to` = as of `from` + what the store says is different, without asking the oracle.
Status checkDiffAddsUp(const Store& store, TreeId tree, std::vector<LayoutColumn> columns, CommitNumber from,
                       CommitNumber to) {
  auto keyed = columns;
  keyed.push_back(kKey);
  const auto stateAt = [&](CommitNumber at) -> Result<std::map<std::string, std::string>> {
    std::map<std::string, std::string> rows;
    DRIFT_ASSIGN(const auto snapshot, store.at(at));
    DRIFT_ASSIGN(const auto cursor, snapshot.scan({.tree = tree, .columns = keyed}));
    types::Chunk chunk;
    while (true) {
      DRIFT_ASSIGN(const bool more, cursor->next(chunk));
      if (!more) return rows;
      for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
        std::string fields;
        for (std::size_t column = 0; column < columns.size(); ++column)
          fields += fieldOf(chunk.column(column).get(row));
        rows[chunk.column(columns.size()).get(row).asString()] = std::move(fields);
      }
    }
  };
  DRIFT_ASSIGN(auto state, stateAt(from));
  DRIFT_ASSIGN(const auto wanted, stateAt(to));
  DRIFT_ASSIGN(const auto cursor, store.diff(tree, from, to, columns, {}));
  types::Chunk chunk;
  while (true) {
    DRIFT_ASSIGN(const bool more, cursor->next(chunk));
    if (!more) break;
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
      const auto key = chunk.column(1).get(row).asString();
      if (chunk.column(0).get(row).asInt() == static_cast<std::int64_t>(RowOp::Delete)) {
        state.erase(key);
        continue;
      }
      std::string fields;
      for (std::size_t column = 0; column < columns.size(); ++column)
        fields += fieldOf(chunk.column(2 + columns.size() + column).get(row));
      state[key] = std::move(fields);
    }
  }
  if (state != wanted) return wrong("tree {}: commit {} and the difference do not give commit {}", tree, from, to);
  return {};
}

Status checkInfo(const storage::CommitInfo& info, const History& history) {
  const auto& commit = history.commit(info.number);
  const auto what = fmt::format("the info of commit {}", info.number);
  if (info.time != commit.time) return wrong("{} has the time {} instead of {}", what, info.time, commit.time);
  if (info.author != commit.request.author || info.message != commit.request.message)
    return wrong("{} has another author or message", what);
  if (info.changesSchema != commit.counts.contains(kCatalogTree)) return wrong("{} is wrong on the schema", what);
  std::vector<storage::TreeCounts> expected;
  for (const auto& [tree, counts] : commit.counts)
    if (tree >= kFirstUserTree && !History::isIndex(tree)) expected.push_back(counts);
  const auto isSame = [](const auto& a, const auto& b) {
    return a.tree == b.tree && a.inserted == b.inserted && a.updated == b.updated && a.deleted == b.deleted;
  };
  if (!std::ranges::equal(info.trees, expected, isSame)) return wrong("{} has other counts", what);
  return {};
}

Status checkChanges(std::vector<RowChange> found, std::vector<RowChange> expected, CommitNumber at) {
  const auto place = [](const RowChange& change) { return std::tie(change.tree, change.key); };
  std::ranges::sort(found, {}, place);
  std::ranges::sort(expected, {}, place);
  if (found.size() != expected.size())
    return wrong("commit {} has {} changes instead of {}", at, found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) {
    const auto& a = found[i];
    const auto& b = expected[i];
    const bool sameLayout = (a.layout == nullptr) == (b.layout == nullptr) && (!a.layout || *a.layout == *b.layout);
    if (a.tree != b.tree || a.key != b.key || a.op != b.op || a.row != b.row || a.changed != b.changed ||
        a.previous != b.previous || !sameLayout)
      return wrong("commit {}: the change of key {} of tree {} came out different", at, hex(b.key), b.tree);
  }
  return {};
}

/// What the commits of [start, end) did to a tree, or to all that count.
storage::HistoryBucket expectedBucket(const History& history, CommitNumber last, TimeMicros start, TimeMicros end,
                                      TreeId tree) {
  storage::HistoryBucket bucket;
  for (CommitNumber n = 1; n <= last; ++n) {
    const auto& commit = history.commit(n);
    if (commit.time < start || commit.time >= end) continue;
    if (tree != 0 && !commit.counts.contains(tree)) continue;
    ++bucket.commits;
    if (bucket.first == 0) bucket.first = n;
    bucket.last = n;
    if (commit.counts.contains(kCatalogTree)) ++bucket.schemaChanges;
    for (const auto& [id, counts] : commit.counts) {
      const bool counted = tree != 0 ? id == tree : id >= kFirstUserTree && !History::isIndex(id);
      if (!counted) continue;
      bucket.inserted += counts.inserted;
      bucket.updated += counts.updated;
      bucket.deleted += counts.deleted;
    }
  }
  return bucket;
}

Status checkSummary(const Store& store, const History& history, TimeMicros from, TimeMicros to, std::size_t count,
                    TreeId tree) {
  const auto what = fmt::format("the summary of [{}, {}) in {} for tree {}", from, to, count, tree);
  DRIFT_ASSIGN(const auto buckets, store.summary(from, to, count, tree));
  if (from >= to || count == 0) return buckets.empty() ? Status() : wrong("{} is not empty", what);
  if (buckets.size() != count) return wrong("{} has {} buckets", what, buckets.size());
  auto start = from;
  for (const auto& bucket : buckets) {
    if (bucket.start != start || bucket.end < bucket.start) return wrong("{} leaves a gap at {}", what, start);
    start = bucket.end;
    const auto expected = expectedBucket(history, store.lastCommit(), bucket.start, bucket.end, tree);
    if (bucket.commits != expected.commits || bucket.inserted != expected.inserted ||
        bucket.updated != expected.updated || bucket.deleted != expected.deleted || bucket.first != expected.first ||
        bucket.last != expected.last)
      return wrong("{}: [{}, {}) has {} commits {} to {} instead of {} commits {} to {}, or other rows", what,
                   bucket.start, bucket.end, bucket.commits, bucket.first, bucket.last, expected.commits,
                   expected.first, expected.last);
    // What the schema did is told of the whole file; of a single tree nothing is promised.
    if (tree == 0 && bucket.schemaChanges != expected.schemaChanges)
      return wrong("{}: [{}, {}) has {} schema changes instead of {}", what, bucket.start, bucket.end,
                   bucket.schemaChanges, expected.schemaChanges);
  }
  if (start != to) return wrong("{} ends at {}", what, start);
  return {};
}

}  // namespace

Status replay(Store& store, ClockSetter& clock, const History& history, CommitNumber to) {
  for (auto next = store.lastCommit() + 1; next <= to; ++next) {
    const auto& commit = history.commit(next);
    clock.set(commit.clock);
    DRIFT_ASSIGN(const auto receipt, store.commit(commit.request, {}));
    if (receipt.number != next || receipt.time != commit.time)
      return wrong("commit {} at {} became commit {} at {}", next, commit.time, receipt.number, receipt.time);
  }
  return {};
}

Status checkMoment(const Store& store, const History& history, CommitNumber number, Random& random,
                   const Effort& effort) {
  DRIFT_ASSIGN(const auto snapshot, store.at(number));
  DRIFT_ASSIGN(const auto time, snapshot.time());
  if (snapshot.number() != number || time != history.timeOf(number))
    return wrong("the snapshot of commit {} says {} at {}", number, snapshot.number(), time);
  for (const auto tree : treesAndNone(history)) DRIFT_TRY(checkTreeAt(store, history, tree, number, random, effort));
  return {};
}

Status checkDiff(const Store& store, const History& history, CommitNumber from, CommitNumber to) {
  Random random(from * 1'000'003 + to);
  for (const auto tree : treesAndNone(history)) {
    DRIFT_TRY(checkTreeDiff(store, history, tree, from, to));
    DRIFT_TRY(checkDiffAddsUp(store, tree, someOf(history.columns(tree), random), from, to));
  }
  return {};
}

Status checkVersions(const Store& store, const History& history, TreeId tree, Random& random, const Effort& effort) {
  const auto what = fmt::format("the versions of tree {}", tree);
  const auto last = store.lastCommit();
  const auto columns = random.chance(50) ? history.columns(tree) : someOf(history.columns(tree), random);
  auto asked = columns;
  asked.insert(asked.end(), {kKey, kSeq, kEnd, kOp});
  struct Expected {
    std::string key, row;
    CommitNumber start, end;
  };
  std::vector<Expected> all;
  for (const auto& [key, versions] : history.keys(tree))
    for (std::size_t i = 0; i < versions.size() && versions[i].seq <= last; ++i) {
      const auto& version = versions[i];
      if (version.op == RowOp::Delete) continue;
      const bool ended = i + 1 < versions.size() && versions[i + 1].seq <= last;
      const auto end = ended ? versions[i + 1].seq : kNoCommit;
      all.push_back({key,
                     History::row(version, columns) + fieldOf(Value::bytea(key)) + number(version.seq) + endField(end) +
                         opField(version.op),
                     version.seq, end});
    }
  const auto check = [&](storage::VersionRange range, const KeyRange& keys, std::uint64_t skip) -> Status {
    std::vector<std::string> expected;
    for (const auto& version : all)
      if (version.start < range.to && version.end > range.from && (!keys.from || version.key >= *keys.from) &&
          (!keys.to || version.key < *keys.to))
        expected.push_back(version.row);
    DRIFT_ASSIGN(const auto cursor,
                 store.scanVersions({.tree = tree, .columns = asked, .range = keys, .skipRows = skip}, range));
    DRIFT_ASSIGN(const auto rows, drain(*cursor, asked));
    return same(rows, tail(expected, skip), fmt::format("{} in ({}, {})", what, range.from, range.to));
  };
  DRIFT_TRY(check({}, {}, 0));
  DRIFT_TRY(check({}, {anyBound(history, tree, random), anyBound(history, tree, random)}, random.below(5)));
  for (const auto at : someMoments(last, random, effort)) {
    DRIFT_TRY(check({at, at + 1}, {}, 0));
    const auto to = at + random.below(last - at + 2);
    DRIFT_TRY(check({at, to}, {anyBound(history, tree, random), anyBound(history, tree, random)}, 0));
  }

  // They tile time: told by the store alone, version by version.
  DRIFT_ASSIGN(const auto cursor, store.scanVersions({.tree = tree, .columns = {kKey, kSeq, kEnd, kOp}}, {}));
  types::Chunk chunk;
  std::string key;
  CommitNumber end = 0;
  while (true) {
    DRIFT_ASSIGN(const bool more, cursor->next(chunk));
    if (!more) break;
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
      auto nextKey = chunk.column(0).get(row).asString();
      const auto start = static_cast<CommitNumber>(chunk.column(1).get(row).asInt());
      const auto endValue = chunk.column(2).get(row);
      const bool inserted = chunk.column(3).get(row).asInt() == static_cast<std::int64_t>(RowOp::Insert);
      const bool sameKey = key == nextKey;
      if (!sameKey && nextKey < key) return wrong("{} are not in order of their keys", what);
      if (sameKey && (inserted ? start <= end : start != end))
        return wrong("{}: key {} has a version from {} on, the one before ends at {}", what, hex(nextKey), start, end);
      if (!sameKey && !inserted) return wrong("{}: key {} begins without an insert", what, hex(nextKey));
      end = endValue.isNull() ? kNoCommit : static_cast<CommitNumber>(endValue.asInt());
      if (end <= start) return wrong("{}: a version ends before it begins", what);
      key = std::move(nextKey);
    }
  }
  return {};
}

Status checkKey(const Store& store, const History& history, TreeId tree, const std::string& key, Random& random) {
  const auto what = fmt::format("the history of key {} of tree {}", hex(key), tree);
  const auto last = store.lastCommit();
  const auto columns = someOf(history.columns(tree), random);
  const auto found = history.keys(tree).find(key);
  std::vector<Version> expected;
  if (found != history.keys(tree).end())
    for (const auto& version : found->second)
      if (version.seq <= last) expected.insert(expected.begin(), version);
  const auto isSame = [&](const storage::RowVersion& a, const Version& b) {
    if (a.seq != b.seq || a.op != b.op) return false;
    if (b.op == RowOp::Delete) return a.values.empty();
    std::string fields;
    for (const auto& value : a.values) fields += fieldOf(value);
    return fields == History::row(b, columns);
  };
  DRIFT_ASSIGN(const auto all, store.history(tree, key, columns, kNoCommit, kMostKept));
  if (!std::ranges::equal(all, expected, isSame))
    return wrong("{} has {} versions instead of {}, or others", what, all.size(), expected.size());

  const auto before = random.below(last + 3);
  const auto limit = random.below(5);
  std::vector<Version> some;
  for (const auto& version : expected)
    if (version.seq < before && some.size() < limit) some.push_back(version);
  DRIFT_ASSIGN(const auto part, store.history(tree, key, columns, before, limit));
  if (!std::ranges::equal(part, some, isSame))
    return wrong("{} below commit {} has {} of {} versions, or others", what, before, part.size(), some.size());

  const auto from = random.below(last + 2);
  std::optional<CommitNumber> earlier, later;
  for (const auto& version : expected) {  // from new to old
    if (version.seq > from) later = version.seq;
    if (version.seq < from && !earlier) earlier = version.seq;
  }
  DRIFT_ASSIGN(const auto forward, store.stepRow(tree, key, from, true));
  DRIFT_ASSIGN(const auto backward, store.stepRow(tree, key, from, false));
  if (forward != later || backward != earlier)
    return wrong("{} steps from commit {} back to {} and on to {} instead of {} and {}", what, from,
                 backward.value_or(0), forward.value_or(0), earlier.value_or(0), later.value_or(0));

  auto asked = columns;
  asked.push_back(kSeq);
  DRIFT_ASSIGN(const auto cursor, store.scanVersions({.tree = tree, .columns = asked, .range = {key, key + '\0'}}, {}));
  DRIFT_ASSIGN(auto versions, drain(*cursor, asked));
  std::ranges::reverse(versions);
  std::vector<std::string> lived;
  for (const auto& version : all) {
    if (version.op == RowOp::Delete) continue;
    std::string fields;
    for (const auto& value : version.values) fields += fieldOf(value);
    lived.push_back(fields + number(version.seq));
  }
  return same(versions, lived, what);
}

Status checkLog(const Store& store, const History& history, Random& random, const Effort& effort) {
  const auto last = store.lastCommit();
  std::map<std::pair<TreeId, std::string>, std::string> state;
  const auto moments = someMoments(last, random, effort);
  const std::set<CommitNumber> chosen(moments.begin(), moments.end());
  for (CommitNumber n = 1; n <= last; ++n) {
    DRIFT_ASSIGN(auto changes, store.commitChanges(n));
    for (const auto& change : changes) {
      if (change.op == RowOp::Delete) {
        state.erase({change.tree, change.key});
        continue;
      }
      DRIFT_ASSIGN(const auto values, storage::decodeRow(*change.layout, asBytes(change.row)));
      Version version{n, change.op, change.layout, {}};
      for (const auto& value : values) version.fields.push_back(fieldOf(value));
      state[{change.tree, change.key}] = History::row(version, history.columns(change.tree));
    }
    DRIFT_TRY(checkChanges(std::move(changes), history.commit(n).request.changes, n));
    if (!chosen.contains(n)) continue;
    for (const auto tree : history.trees()) {
      const auto columns = history.columns(tree);
      DRIFT_ASSIGN(const auto snapshot, store.at(n));
      DRIFT_ASSIGN(const auto cursor, snapshot.scan({.tree = tree, .columns = columns}));
      DRIFT_ASSIGN(const auto rows, drain(*cursor, columns));
      std::vector<std::string> replayed;
      for (auto row = state.lower_bound({tree, ""}); row != state.end() && row->first.first == tree; ++row)
        replayed.push_back(row->second);
      DRIFT_TRY(same(rows, replayed, fmt::format("tree {} as of commit {}, against the log", tree, n)));
    }
  }
  DRIFT_ASSIGN(const auto none, store.commitInfo(0));
  DRIFT_ASSIGN(const auto beyond, store.commitInfo(last + 1));
  if (none || beyond) return wrong("there is an info of a commit that is not there");
  if (store.commitChanges(0).ok() || store.commitChanges(last + 1).ok() || store.at(last + 1).ok())
    return wrong("a commit that is not there can be read");
  DRIFT_ASSIGN(const auto infos, store.commitInfos(0, kMostKept));
  if (infos.size() != last) return wrong("there are {} infos of {} commits", infos.size(), last);
  for (const auto& info : infos) DRIFT_TRY(checkInfo(info, history));
  const auto first = random.between(1, last + 1);
  const auto limit = random.below(6);
  DRIFT_ASSIGN(const auto some, store.commitInfos(first, limit));
  if (some.size() != std::min<std::uint64_t>(limit, last + 1 - first) ||
      (!some.empty() && some.front().number != first))
    return wrong("{} infos from commit {} on are {}", limit, first, some.size());
  return {};
}

Status checkTimes(const Store& store, const History& history, Random& random, const Effort& effort) {
  const auto last = store.lastCommit();
  const auto expectedAt = [&](TimeMicros time) {
    CommitNumber n = last;
    while (n > 0 && history.timeOf(n) > time) --n;
    return n;
  };
  const auto checkAt = [&](TimeMicros time) -> Status {
    DRIFT_ASSIGN(const auto found, store.commitAt(time));
    if (found != expectedAt(time)) return wrong("commitAt({}) is {} instead of {}", time, found, expectedAt(time));
    return {};
  };
  auto trees = treesAndNone(history);
  trees.push_back(0);
  const auto touches = [&](CommitNumber n, TreeId tree) {
    return tree == 0 || history.commit(n).counts.contains(tree);
  };
  DRIFT_TRY(checkAt(std::numeric_limits<TimeMicros>::min()));
  DRIFT_TRY(checkAt(std::numeric_limits<TimeMicros>::max()));
  for (const auto at : someMoments(last, random, effort)) {
    DRIFT_ASSIGN(const auto time, store.timeOf(at));
    if (time != history.timeOf(at)) return wrong("timeOf({}) is {}", at, time);
    if (at > 0)
      for (const TimeMicros by : {-1, 0, 1}) DRIFT_TRY(checkAt(history.timeOf(at) + by));
    for (const auto tree : trees) {
      std::optional<CommitNumber> after, before;
      for (auto n = at + 1; n <= last && !after; ++n)
        if (touches(n, tree)) after = n;
      for (auto n = at; n > 1 && !before; --n)
        if (touches(n - 1, tree)) before = n - 1;
      DRIFT_ASSIGN(const auto next, store.step(at, true, tree));
      if (next != after) return wrong("the step from commit {} on in tree {} is wrong", at, tree);
      DRIFT_ASSIGN(const auto previous, store.step(at, false, tree));
      if (previous != before) return wrong("the step back from commit {} in tree {} is wrong", at, tree);
      if (tree == 0) continue;
      const auto change = at > 0 && touches(at, tree) ? at : before.value_or(0);
      DRIFT_ASSIGN(const auto found, store.lastChange(tree, at));
      if (found != change)
        return wrong("the last change of tree {} up to commit {} is {} instead of {}", tree, at, found, change);
    }
  }
  const auto first = last == 0 ? TimeMicros{0} : history.timeOf(1);
  const auto end = last == 0 ? TimeMicros{10} : history.timeOf(last);
  for (const auto tree : trees) {
    DRIFT_TRY(checkSummary(store, history, first, end + 1, 1 + random.below(40), tree));
    for (std::size_t i = 0; i < std::max<std::size_t>(1, effort.pairs / 2); ++i) {
      const auto length = static_cast<std::uint64_t>(end - first) + 1;
      const auto from = first - 1000 + static_cast<TimeMicros>(random.below(length));
      const auto to = from + static_cast<TimeMicros>(random.chance(30) ? random.below(50) : random.below(length));
      DRIFT_TRY(checkSummary(store, history, from, to, random.below(60), tree));
    }
  }
  return {};
}

Status checkVerify(const Store& store, const Effort& effort) {
  DRIFT_ASSIGN(auto report, store.verify({}));
  if (effort.afterPowerCut)
    std::erase_if(report.findings, [&](const auto& finding) {
      return (finding.offset == 0 && finding.sentence.starts_with("one of the two superblocks")) ||
             (store.readOnly() && finding.sentence.ends_with("are not part of the database"));
    });
  if (!report.findings.empty())
    return wrong("verify() finds at byte {}: {}", report.findings.front().offset, report.findings.front().sentence);
  if (report.commits != store.lastCommit())
    return wrong("verify() counts {} commits of {}", report.commits, store.lastCommit());
  return {};
}

Status checkEverything(const Store& store, const History& history, Random& random, const Effort& effort) {
  const auto last = store.lastCommit();
  if (last > history.size()) return wrong("the store has {} commits, the history {}", last, history.size());
  if (store.latest().number() != last)
    return wrong("the newest snapshot is that of commit {}", store.latest().number());
  for (const auto at : someMoments(last, random, effort)) DRIFT_TRY(checkMoment(store, history, at, random, effort));
  for (std::size_t i = 0; i < effort.pairs; ++i) {
    const auto from = random.below(last + 1);
    DRIFT_TRY(checkDiff(store, history, from, from + random.below(last - from + 1)));
  }
  DRIFT_TRY(checkDiff(store, history, 0, last));
  for (const auto tree : treesAndNone(history)) {
    DRIFT_TRY(checkVersions(store, history, tree, random, effort));
    for (const auto& key : someKeys(history, tree, random, effort))
      DRIFT_TRY(checkKey(store, history, tree, key, random));
    std::string highest;
    for (const auto& [key, versions] : history.keys(tree))
      if (versions.front().seq <= last) highest = key;
    DRIFT_ASSIGN(const auto found, store.latest().highestKey(tree));
    if (found != highest)
      return wrong("the highest key of tree {} is {} instead of {}", tree, hex(found), hex(highest));
  }
  DRIFT_TRY(checkLog(store, history, random, effort));
  DRIFT_TRY(checkTimes(store, history, random, effort));
  return checkVerify(store, effort);
}

}  // namespace drift::faults
