#include "fake/fake_database.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>

#include "api/highlight.h"

namespace drift::test {

namespace {

constexpr TimeMicros kStart = 1'760'000'000'000'000;  // 9 October 2025
constexpr TimeMicros kMinute = 60'000'000;
constexpr TreeId kOrders = 64;
constexpr TreeId kCoupons = 65;
constexpr TreeId kRefunds = 66;

std::string keyOf(int id) {
  std::string key(4, '\0');
  for (int byte = 0; byte < 4; ++byte) key[static_cast<std::size_t>(byte)] = static_cast<char>(id >> (24 - 8 * byte));
  return key;
}

api::ColumnInfo column(ColumnId id, const char* name, api::Type type, bool key = false) {
  api::ColumnInfo info;
  info.id = id;
  info.name = name;
  info.type = type;
  info.notNull = key;
  info.inPrimaryKey = key;
  return info;
}

FakeTable makeTable(TreeId id, const char* name) {
  FakeTable table;
  table.info.id = id;
  table.info.name = name;
  table.info.columns = {column(1, "id", api::TypeId::Integer, true), column(2, "status", api::TypeId::Text),
                        column(3, "total", api::Type::numeric(10, 2))};
  table.info.indexes = {{std::string(name) + "_pkey", {"id"}, true, true}};
  return table;
}

std::vector<api::Value> order(int id, const char* status, int cents) {
  auto total = api::Value::numeric(types::Decimal(cents, 2));
  return {api::Value::integer(id), id % 7 ? api::Value::text(status) : api::Value::null(api::TypeId::Text), total};
}

void setRow(FakeTable& table, CommitNumber commit, int id, const char* status, int cents) {
  table.rows[keyOf(id)] = {order(id, status, cents), commit};
  table.info.rowCount = table.rows.size();
}

api::Chunk chunkOf(const FakeTable& table, std::size_t offset, std::size_t count) {
  std::vector<api::Type> types;
  for (const auto& info : table.info.columns) types.push_back(info.type);
  api::Chunk chunk(types, std::max<std::size_t>(count, 1));
  auto row = std::next(table.rows.begin(), static_cast<std::ptrdiff_t>(offset));
  for (std::size_t at = 0; at < count; ++at, ++row)
    for (std::size_t c = 0; c < types.size(); ++c) chunk.column(c).set(at, row->second.first[c]);
  chunk.setRowCount(count);
  return chunk;
}

/// Lets a statement wait for its cancel.
struct CancelFlag {
  std::mutex mutex;
  std::condition_variable changed;
  bool running = false;
  bool cancelled = false;
};

class FakeResult final : public api::ResultSet {
 public:
  FakeResult(FakeTable table, bool endless, std::string tag) : m_table(std::move(table)), m_endless(endless), m_tag(std::move(tag)) {
    for (const auto& info : m_table.info.columns) m_columns.push_back({info.name, info.type, m_table.info.id, info.id});
  }
  const std::vector<api::ResultColumn>& columns() const override { return m_columns; }
  Result<bool> next(api::Chunk& out) override {
    const std::size_t left = m_table.rows.size() - (m_endless ? 0 : m_given);
    const std::size_t count = std::min<std::size_t>(left, 2048);
    out = m_columns.empty() ? api::Chunk() : chunkOf(m_table, m_endless ? 0 : m_given, count);
    m_given += count;
    return count > 0 && !m_columns.empty();
  }
  std::string commandTag() const override { return m_tag.empty() ? "SELECT " + std::to_string(m_given) : m_tag; }
  std::uint64_t affectedRows() const override { return m_given; }
  std::optional<CommitNumber> committed() const override { return std::nullopt; }

 private:
  FakeTable m_table;
  bool m_endless;
  std::string m_tag;
  std::vector<api::ResultColumn> m_columns;
  std::size_t m_given = 0;
};

class FakeSession final : public api::Session {
 public:
  explicit FakeSession(std::shared_ptr<FakeDatabase> database) : m_database(std::move(database)) {}

  Result<std::unique_ptr<api::ResultSet>> execute(std::string_view sql, const api::ExecuteOptions& options) override {
    const std::string text(sql);
    if (text == "SLOW") return waitForCancel();
    for (const char* word : {"BEGIN", "COMMIT", "ROLLBACK"}) {
      if (text != word) continue;
      m_inTransaction = text == "BEGIN";
      return std::unique_ptr<api::ResultSet>(std::make_unique<FakeResult>(FakeTable{}, false, text));
    }
    const bool endless = text == "ENDLESS";
    if (endless || text.starts_with("SELECT")) {
      const auto schema = m_database->schemaAt(m_moment.value_or(kNoCommit));
      for (const auto& info : schema.value().tables) {
        if (!endless && text.find("FROM " + info.name) == std::string::npos) continue;
        api::PageRequest request;
        request.table = info.name;
        request.at = m_moment.value_or(kNoCommit);
        request.rows = 2048;
        const auto page = m_database->page(request);
        FakeTable table;
        table.info = info;
        for (std::size_t row = 0; row < page.value().keys.size(); ++row) {
          std::vector<api::Value> values;
          for (std::size_t c = 0; c < info.columns.size(); ++c) values.push_back(page.value().rows.column(c).get(row));
          table.rows[page.value().keys[row]] = {values, 0};
        }
        return std::unique_ptr<api::ResultSet>(std::make_unique<FakeResult>(table, endless, ""));
      }
    }
    const auto wrong = text.find("wrong");
    SourceSpan span = options.origin;
    if (wrong != std::string::npos) {
      span.offsetBytes += static_cast<std::uint32_t>(wrong);
      span.column += static_cast<std::uint32_t>(wrong);
      span.lengthBytes = 5;
    }
    return Error(ErrorKind::SyntaxError, "syntax error at or near \"wrong\"").at(span);
  }
  void cancel() override {
    const std::lock_guard lock(m_flag.mutex);
    if (!m_flag.running) return;
    m_flag.cancelled = true;
    m_flag.changed.notify_all();
  }
  bool inTransaction() const override { return m_inTransaction; }
  Status setMoment(std::optional<CommitNumber> at) override {
    m_moment = at;
    return {};
  }
  std::optional<CommitNumber> moment() const override { return m_moment; }
  Result<std::uint64_t> append(std::string_view, std::span<const std::string>, const api::Chunk&) override { return 0; }
  void describeNextCommit(std::string, std::optional<TimeMicros>) override {}

 private:
  Result<std::unique_ptr<api::ResultSet>> waitForCancel() {
    std::unique_lock lock(m_flag.mutex);
    m_flag.running = true;
    m_flag.changed.wait(lock, [this] { return m_flag.cancelled; });
    m_flag.running = false;
    m_flag.cancelled = false;
    return Error(ErrorKind::QueryCanceled, "canceling statement due to user request");
  }

  std::shared_ptr<FakeDatabase> m_database;
  std::optional<CommitNumber> m_moment;
  bool m_inTransaction = false;
  CancelFlag m_flag;
};

}  // namespace

FakeSnapshot& FakeDatabase::begin(const std::string& message) {
  FakeSnapshot next = m_snapshots.back();
  next.commit = {};
  next.commit.number = m_snapshots.size();
  next.commit.time = kStart + static_cast<TimeMicros>(next.commit.number) * kMinute;
  next.commit.author = "anna";
  next.commit.message = message;
  m_snapshots.push_back(std::move(next));
  return m_snapshots.back();
}

std::shared_ptr<FakeDatabase> FakeDatabase::shop() {
  auto database = std::make_shared<FakeDatabase>();
  database->m_snapshots.emplace_back();
  for (CommitNumber number = 1; number <= 60; ++number) {
    FakeSnapshot& snapshot = database->begin("change " + std::to_string(number));
    auto& commit = snapshot.commit;
    if (number == 2) {
      FakeTable orders = makeTable(kOrders, "orders");
      for (int id = 1; id <= 500; ++id) setRow(orders, number, id, "open", id * 10);
      snapshot.tables[kOrders] = std::move(orders);
      commit.changesSchema = true;
      commit.tables.push_back({kOrders, "orders", 500, 0, 0});
    } else if (number == 5) {
      snapshot.tables[kCoupons] = makeTable(kCoupons, "coupons");
      commit.changesSchema = true;
    } else if (number == 20) {
      snapshot.tables.erase(kCoupons);
      commit.changesSchema = true;
    } else if (number == 40) {
      snapshot.tables[kRefunds] = makeTable(kRefunds, "refunds");
      commit.changesSchema = true;
    } else if (number > 2) {
      setRow(snapshot.tables[kOrders], number, static_cast<int>(number), "paid", static_cast<int>(number) * 10);
      commit.tables.push_back({kOrders, "orders", 0, 1, 0});
    }
  }
  return database;
}

void FakeDatabase::commitUpdate(int id) {
  std::vector<std::shared_ptr<std::function<void(CommitNumber)>>> listeners;
  CommitNumber number = 0;
  {
    const std::lock_guard lock(m_mutex);
    FakeSnapshot& snapshot = begin("update");
    number = snapshot.commit.number;
    setRow(snapshot.tables[kOrders], number, id, "sent", 99900);
    snapshot.commit.tables.push_back({kOrders, "orders", 0, 1, 0});
    for (const auto& listener : m_listeners)
      if (auto alive = listener.lock()) listeners.push_back(std::move(alive));
  }
  for (const auto& listener : listeners) (*listener)(number);
}

const FakeSnapshot& FakeDatabase::at(CommitNumber number) const {
  return m_snapshots[std::min<std::size_t>(number, m_snapshots.size() - 1)];
}

std::unique_ptr<api::Session> FakeDatabase::newSession(std::string) {
  return std::make_unique<FakeSession>(shared_from_this());
}

Result<api::HistoryExtent> FakeDatabase::extent() const {
  const std::lock_guard lock(m_mutex);
  return api::HistoryExtent{1, m_snapshots.back().commit.number, m_snapshots[1].commit.time, m_snapshots.back().commit.time};
}

Result<std::vector<api::HistoryBucket>> FakeDatabase::historySummary(TimeMicros from, TimeMicros to,
                                                                     std::size_t buckets, TreeId table) const {
  const std::lock_guard lock(m_mutex);
  std::vector<api::HistoryBucket> result(buckets);
  for (std::size_t at = 0; at < buckets; ++at) {
    const auto edge = [&](std::size_t i) {
      return from + static_cast<TimeMicros>(static_cast<double>(to - from) * static_cast<double>(i) / static_cast<double>(buckets));
    };
    auto& bucket = result[at];
    bucket.start = edge(at);
    bucket.end = edge(at + 1);
    for (std::size_t number = 1; number < m_snapshots.size(); ++number) {
      const auto& commit = m_snapshots[number].commit;
      if (commit.time < bucket.start || commit.time >= bucket.end) continue;
      ++bucket.commits;
      if (!bucket.first) bucket.first = commit.number;
      bucket.last = commit.number;
      bucket.schemaChanges += commit.changesSchema;
      for (const auto& counts : commit.tables) {
        if (table && counts.table != table) continue;
        bucket.inserted += counts.inserted;
        bucket.updated += counts.updated;
        bucket.deleted += counts.deleted;
      }
    }
  }
  return result;
}

Result<std::optional<api::Commit>> FakeDatabase::commit(CommitNumber number) const {
  const std::lock_guard lock(m_mutex);
  if (number == 0 || number >= m_snapshots.size()) return std::optional<api::Commit>();
  return std::optional(m_snapshots[number].commit);
}

Result<std::vector<api::Commit>> FakeDatabase::commits(CommitNumber first, std::size_t limit) const {
  const std::lock_guard lock(m_mutex);
  std::vector<api::Commit> list;
  for (auto number = std::max<CommitNumber>(first, 1); number < m_snapshots.size() && list.size() < limit; ++number)
    list.push_back(m_snapshots[number].commit);
  return list;
}

Result<CommitNumber> FakeDatabase::commitAt(TimeMicros time) const {
  const std::lock_guard lock(m_mutex);
  CommitNumber found = 0;
  for (std::size_t number = 1; number < m_snapshots.size(); ++number)
    if (m_snapshots[number].commit.time <= time) found = number;
  return found;
}

Result<TimeMicros> FakeDatabase::timeOf(CommitNumber number) const {
  const std::lock_guard lock(m_mutex);
  return at(number).commit.time;
}

Result<std::optional<CommitNumber>> FakeDatabase::step(CommitNumber from, bool forward, TreeId table) const {
  const std::lock_guard lock(m_mutex);
  const auto last = static_cast<std::int64_t>(m_snapshots.size()) - 1;
  for (auto number = static_cast<std::int64_t>(from) + (forward ? 1 : -1); number >= 1 && number <= last;
       number += forward ? 1 : -1) {
    const auto& commit = m_snapshots[static_cast<std::size_t>(number)].commit;
    const bool touched = table == 0 || (table == kCatalogTree && commit.changesSchema) ||
                         std::any_of(commit.tables.begin(), commit.tables.end(),
                                     [&](const api::TableCounts& counts) { return counts.table == table; });
    if (touched) return static_cast<CommitNumber>(number);
  }
  return std::nullopt;
}

Result<api::Schema> FakeDatabase::schemaAt(CommitNumber number) const {
  const std::lock_guard lock(m_mutex);
  api::Schema schema;
  schema.at = number;
  for (const auto& [id, table] : at(number).tables) schema.tables.push_back(table.info);
  return schema;
}

Result<api::Page> FakeDatabase::page(const api::PageRequest& request) const {
  const std::lock_guard lock(m_mutex);
  const auto& snapshot = at(request.at);
  for (const auto& [id, table] : snapshot.tables) {
    if (table.info.name != request.table) continue;
    api::Page page;
    page.at = snapshot.commit.number;
    page.table = table.info;
    page.rowCount = table.rows.size();
    page.offset = std::min<std::uint64_t>(request.offset, page.rowCount);
    if (request.fromKey)
      page.offset = static_cast<std::uint64_t>(std::distance(table.rows.begin(), table.rows.lower_bound(*request.fromKey)));
    const std::size_t count = std::min<std::size_t>(request.rows, page.rowCount - page.offset);
    page.rows = chunkOf(table, page.offset, count);
    auto row = std::next(table.rows.begin(), static_cast<std::ptrdiff_t>(page.offset));
    for (std::size_t n = 0; n < count; ++n, ++row) {
      page.keys.push_back(row->first);
      page.changedAt.push_back(row->second.second);
    }
    return page;
  }
  return makeError(ErrorKind::UndefinedTable, "no table named \"{}\"", request.table);
}

std::shared_ptr<void> FakeDatabase::onCommit(std::function<void(CommitNumber)> notify) {
  const std::lock_guard lock(m_mutex);
  auto listener = std::make_shared<std::function<void(CommitNumber)>>(std::move(notify));
  m_listeners.push_back(listener);
  return listener;
}

}  // namespace drift::test

namespace drift::api {

Result<std::shared_ptr<Database>> Database::open(const std::string& path, const OpenOptions&) {
  if (path.ends_with("shop.drift")) return std::shared_ptr<Database>(test::FakeDatabase::shop());
  return makeError(ErrorKind::NotADatabase, "the file is not a DriftDB database");
}

std::vector<StatementRange> splitStatements(std::string_view script) {
  std::vector<StatementRange> ranges;
  for (std::size_t at = 0; at < script.size();) {
    const std::size_t end = std::min(script.find(';', at), script.size());
    const std::size_t start = script.find_first_not_of(" \n", at);
    if (start < end) ranges.push_back({static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(end - start)});
    at = end + 1;
  }
  return ranges;
}

std::vector<HighlightSpan> highlight(std::string_view sql) {
  std::vector<HighlightSpan> spans;
  for (std::size_t at = 0; at < sql.size();) {
    const std::size_t end = std::min(sql.find(' ', at), sql.size() - 1) + 1;
    const auto word = sql.substr(at, end - at);
    spans.push_back({static_cast<std::uint32_t>(at), static_cast<std::uint32_t>(end - at),
                     word.starts_with("SELECT") || word.starts_with("FROM") ? HighlightKind::Keyword : HighlightKind::Text});
    at = end;
  }
  return spans;
}

}  // namespace drift::api
