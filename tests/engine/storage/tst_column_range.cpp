// Scans that pass by leaves without wanted rows: they must give every wanted row that a plain scan gives.
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <random>

#include "storage/column_range.h"
#include "store_fixture.h"
#include "types/cast.h"
#include "types/value_range.h"

using namespace drift;
using namespace drift::storage;
using namespace drift::storage::fixture;
using types::Decimal;
using types::TypeId;
using types::Value;
using types::ValueRange;

namespace {

constexpr std::int64_t kKeys = 9000;
/// Column 1 is the row's key; then a column of each type; 30 comes later, 31 comes later with a default.
constexpr ColumnId kFirst = 2;
constexpr ColumnId kDropped = 4;
constexpr ColumnId kAdded = 30;
constexpr ColumnId kAddedWithDefault = 31;

std::vector<LayoutColumn> allColumns() {
  const TypeId kTypes[] = {TypeId::SmallInt, TypeId::Integer, TypeId::BigInt,    TypeId::Double,     TypeId::Numeric,
                           TypeId::Text,     TypeId::Bytea,   TypeId::Uuid,      TypeId::Interval,   TypeId::Boolean,
                           TypeId::Date,     TypeId::Varchar, TypeId::Timestamp, TypeId::TimestampTz,
                           TypeId::Real,     TypeId::Time,    TypeId::Char};
  std::vector<LayoutColumn> result{{1, TypeId::BigInt, Value::null(TypeId::BigInt)}};
  auto id = kFirst;
  for (const auto type : kTypes) result.push_back({id++, type, Value::null(type)});
  result.push_back({kAdded, TypeId::Integer, Value::null(TypeId::Integer)});
  result.push_back({kAddedWithDefault, TypeId::Text, Value::text("default")});
  return result;
}

/// Values near each other for keys near each other, with all that is odd about their types among them.
class Values {
 public:
  explicit Values(unsigned seed) : m_random(seed) {}

  std::uint32_t below(std::uint32_t bound) { return static_cast<std::uint32_t>(m_random() % bound); }

  Value of(const types::Type type, std::int64_t key) {
    // Whole stretches of keys have NULLs only, others none, the rest some.
    const auto stretch = key / 700 % 5;
    if (stretch == 1 || (stretch > 2 && below(8) == 0)) return Value::null(type);
    const auto near = key / 10 + below(30);
    switch (type.id()) {
      case TypeId::SmallInt: return Value::smallInt(static_cast<std::int16_t>(near - 400));
      case TypeId::Integer: return Value::integer(static_cast<std::int32_t>(near * 1000));
      case TypeId::BigInt: return Value::bigInt(near - 100 + (below(500) == 0 ? std::int64_t{1} << 60 : 0));
      case TypeId::Double: return Value::real(real(near));
      case TypeId::Real: return Value(type, static_cast<double>(static_cast<float>(real(near))));
      case TypeId::Time: return Value::time(near * 1'000'000);
      case TypeId::Numeric: {
        if (below(300) == 0) return Value::numeric(Decimal::nan());
        const auto scale = static_cast<int>(below(4));
        auto coefficient = near - 50;
        for (int i = 0; i < scale; ++i) coefficient *= 10;
        return Value::numeric(Decimal(coefficient, scale));
      }
      case TypeId::Text:
      case TypeId::Varchar:
      case TypeId::Char: return Value(type, text(near));
      case TypeId::Bytea: return Value::bytea(below(100) == 0 ? std::string(below(20), '\xff') : text(near));
      case TypeId::Uuid: {
        types::Uuid uuid;
        uuid.bytes[0] = static_cast<std::uint8_t>(near / 256);
        uuid.bytes[1] = static_cast<std::uint8_t>(near);
        uuid.bytes[15] = static_cast<std::uint8_t>(below(256));
        return Value::uuid(uuid);
      }
      case TypeId::Interval:
        return Value::interval({.micros = near, .days = static_cast<std::int32_t>(below(3)), .months = 0});
      case TypeId::Boolean: return Value::boolean(key / 1500 % 2 == 0);
      case TypeId::Date: return Value::date(static_cast<std::int32_t>(near));
      case TypeId::Timestamp: return Value::timestamp(near * 1'000'000);
      default: return Value::timestampTz(near * 1'000'000);
    }
  }

  /// A range about a value near some key.
  ValueRange range(const types::Type type) {
    ValueRange range;
    const auto kind = below(7);
    const auto key = static_cast<std::int64_t>(below(kKeys));
    const auto bound = [&](std::int64_t at) -> std::optional<ValueRange::Bound> {
      auto value = of(type, at);
      if (value.isNull()) return std::nullopt;
      return ValueRange::Bound{std::move(value), below(2) == 0};
    };
    if (kind == 0) {
      range.nulls = true;
      range.values = below(3) == 0;
    } else if (kind <= 3) {
      range.lower = bound(key);
      if (below(3)) range.upper = bound(key + below(500));
    } else if (kind == 4) {
      range.upper = bound(key);
    } else if (kind == 5) {
      range.oneOf.emplace();
      for (auto i = below(5); i > 0; --i)
        if (auto value = of(type, below(4) ? key + i : below(kKeys)); !value.isNull())
          range.oneOf->push_back(std::move(value));
      std::ranges::sort(*range.oneOf, [](const auto& a, const auto& b) { return types::compareValues(a, b) < 0; });
    }
    return range;
  }

 private:
  double real(std::int64_t near) {
    switch (below(400)) {
      case 0: return std::numeric_limits<double>::quiet_NaN();
      case 1: return std::copysign(std::numeric_limits<double>::quiet_NaN(), -1);
      case 2: return -0.0;
      case 3: return -std::numeric_limits<double>::infinity();
      case 4: return 0;
      default: break;
    }
    return near < 300 ? static_cast<double>(near) / 4 - 20 : std::sqrt(static_cast<double>(near));
  }
  /// Some are longer than the bounds of a block, and begin alike.
  std::string text(std::int64_t near) {
    auto number = std::to_string(near + 10000);
    if (below(3) == 0) return "the same beginning of all " + number + std::string(below(10), 'z');
    return below(50) == 0 ? std::string() : "name " + number;
  }

  std::mt19937 m_random;
};

/// Rows as they are now, by key: a value for each of allColumns().
using Rows = std::map<std::int64_t, std::vector<Value>>;

}  // namespace

class TestColumnRange : public QObject {
  Q_OBJECT

 private slots:
  void boundsTellWhatIsWanted() {
    const auto number = [](int value) { return Value::integer(value); };
    ValueRange open;
    QVERIFY(open.meets(std::nullopt, std::nullopt));
    QVERIFY(!open.has(Value::null(TypeId::Integer)));
    ValueRange above{.lower = {{number(5), false}}, .upper = std::nullopt, .oneOf = std::nullopt};
    QVERIFY(!above.meets(number(1), number(5)));
    QVERIFY(above.meets(number(1), number(6)));
    QVERIFY(above.meets(number(1), std::nullopt));
    QVERIFY(!above.has(number(5)));
    ValueRange list{.lower = std::nullopt, .upper = std::nullopt, .oneOf = {{number(3), number(9)}}};
    QVERIFY(!list.meets(number(4), number(8)));
    QVERIFY(list.meets(number(4), number(9)));
    QVERIFY(list.meets(std::nullopt, number(3)));
    QVERIFY(!list.meets(number(10), std::nullopt));
    list.oneOf->clear();
    QVERIFY(!list.meets(std::nullopt, std::nullopt));
    ValueRange nulls{
        .lower = std::nullopt, .upper = std::nullopt, .oneOf = std::nullopt, .values = false, .nulls = true};
    QVERIFY(!nulls.meets(std::nullopt, std::nullopt));
    QVERIFY(nulls.has(Value::null(TypeId::Integer)));
    QVERIFY(above.fits(TypeId::Integer));
    QVERIFY(!above.fits(TypeId::Date));
  }

  void leavesWithoutWantedRowsArePassedBy() {
    platform::MemoryFileSystem files;
    const ManualClock clock(1'000'000);
    const auto store = must(Store::create(files, kPath, clock, {}));
    CommitRequest request;
    for (int n = 0; n < 20'000; ++n) request.changes.push_back(change(kTree, RowOp::Insert, n, "x"));
    must(store->commit(std::move(request), {}));
    must(store->checkpoint());
    ColumnRange wanted{columns()[0], {}};
    wanted.wanted.lower = {Value::bigInt(7000), true};
    wanted.wanted.upper = {Value::bigInt(7010), true};
    const ScanRequest scan{.tree = kTree, .columns = columns(), .wanted = {wanted}};
    const auto before = store->statistics().leavesSkipped;
    QVERIFY(drain(*must(store->latest().scan(scan))).size() <= kLeafRows);
    QVERIFY(store->statistics().leavesSkipped - before >= 8);
    // A change that is in no page yet is seen, though its leaf is passed by.
    must(store->commit({.changes = {change(kTree, RowOp::Update, 3, "new")}}, {}));
    const auto rows = drain(*must(store->latest().scan(scan)));
    QCOMPARE(rows.front(), std::string("3|new"));
    // The run of an update without the column shows what the base has.
    must(store->checkpoint());
    QVERIFY(drain(*must(store->latest().scan(scan))).size() <= kLeafRows);
  }

  void scansWithRangesLoseNoRow_data() {
    QTest::addColumn<int>("epochRows");
    QTest::addColumn<int>("changesMax");
    QTest::addColumn<bool>("spread");
    QTest::newRow("runs") << 1200 << 300 << true;
    QTest::newRow("folds of few leaves") << 900 << 400 << false;
    QTest::newRow("slices") << 6000 << 500 << false;
    QTest::newRow("changes in memory") << 1'000'000 << 200 << true;
  }

  void scansWithRangesLoseNoRow() {
    QFETCH(int, epochRows);
    QFETCH(int, changesMax);
    QFETCH(bool, spread);
    const auto seed = qEnvironmentVariableIsSet("DRIFT_SEED") ? qEnvironmentVariableIntValue("DRIFT_SEED") : 7;
    qInfo("seed %d", seed);
    Values values(static_cast<unsigned>(seed));

    platform::MemoryFileSystem files;
    const ManualClock clock(1'000'000);
    StoreOptions options;
    options.memtableRowsMax = static_cast<std::size_t>(epochRows);
    options.durability = Durability::Off;
    const auto store = must(Store::create(files, kPath, clock, options));
    Rows rows;
    constexpr int kCommits = 60;
    for (int n = 0; n < kCommits; ++n) {
      const auto layout = layoutOf(n < kCommits / 3 ? 0 : n < 2 * kCommits / 3 ? 1 : 2);
      CommitRequest request;
      if (n == 0) {
        for (std::int64_t key = 0; key < kKeys; ++key)
          if (values.below(10)) insert(request, rows, key, layout, values);
      } else {
        const auto start = static_cast<std::int64_t>(values.below(kKeys));
        std::map<std::int64_t, bool> touched;
        for (auto i = values.below(static_cast<std::uint32_t>(changesMax)); i > 0; --i) {
          const auto key =
              spread ? static_cast<std::int64_t>(values.below(kKeys)) : (start + values.below(600)) % kKeys;
          if (!touched.emplace(key, true).second) continue;
          if (!rows.contains(key)) insert(request, rows, key, layout, values);
          else if (values.below(6) == 0) remove(request, rows, key);
          else update(request, rows, key, layout, values);
        }
      }
      must(store->commit(std::move(request), {}));
      if (n == 0 || values.below(12) == 0) must(store->checkpoint());
    }
    for (int i = 0; i < 250; ++i) {
      compare(*store, values);
      if (QTest::currentTestFailed()) return;
    }
    QVERIFY(store->statistics().leavesSkipped > 100);
  }

 private:
  static constexpr std::size_t kLeafRows = types::kChunkRows;

  static RowLayoutRef layoutOf(int version) {
    RowLayout layout;
    for (auto& column : allColumns())
      if (column.id < kAdded ? version < 2 || column.id != kDropped : version > 0)
        layout.columns.push_back(std::move(column));
    return std::make_shared<const RowLayout>(std::move(layout));
  }

  static void write(CommitRequest& request, RowOp op, std::int64_t key, const RowLayoutRef& layout,
                    const std::vector<Value>& row, std::vector<ColumnId> changed) {
    std::vector<Value> stored;
    const auto all = allColumns();
    for (std::size_t at = 0; at < all.size(); ++at)
      if (std::ranges::find(layout->columns, all[at].id, &LayoutColumn::id) != layout->columns.end())
        stored.push_back(row[at]);
    Bytes bytes;
    encodeRow(*layout, stored, bytes);
    RowChange result;
    result.tree = kTree;
    result.op = op;
    result.key = keyOf(key);
    result.layout = layout;
    result.row = std::string(asText(bytes));
    result.changed = std::move(changed);
    request.changes.push_back(std::move(result));
  }

  static void insert(CommitRequest& request, Rows& rows, std::int64_t key, const RowLayoutRef& layout, Values& values) {
    std::vector<Value> row;
    for (const auto& column : allColumns()) {
      const bool has = std::ranges::find(layout->columns, column.id, &LayoutColumn::id) != layout->columns.end();
      row.push_back(column.id == 1 ? Value::bigInt(key) : has ? values.of(column.type, key) : column.missing);
    }
    write(request, RowOp::Insert, key, layout, row, {});
    rows[key] = std::move(row);
  }

  static void update(CommitRequest& request, Rows& rows, std::int64_t key, const RowLayoutRef& layout, Values& values) {
    auto& row = rows[key];
    const auto all = allColumns();
    std::vector<ColumnId> changed;
    for (std::size_t at = 1; at < all.size(); ++at) {
      const bool has = std::ranges::find(layout->columns, all[at].id, &LayoutColumn::id) != layout->columns.end();
      if (!has || values.below(4)) continue;
      // Now and then a value comes from somewhere else.
      row[at] = values.of(all[at].type, values.below(100) ? key : values.below(kKeys));
      changed.push_back(all[at].id);
    }
    if (!changed.empty()) write(request, RowOp::Update, key, layout, row, std::move(changed));
  }

  static void remove(CommitRequest& request, Rows& rows, std::int64_t key) {
    rows.erase(key);
    request.changes.push_back(change(kTree, RowOp::Delete, key));
  }

  /// The keys of rows that have what is wanted in all columns.
  static std::vector<std::string> wantedOf(Cursor& cursor, const std::vector<ColumnRange>& wanted) {
    const auto all = allColumns();
    std::vector<std::string> keys;
    types::Chunk chunk;
    while (must(cursor.next(chunk)))
      for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
        const bool has = std::ranges::all_of(wanted, [&](const auto& range) {
          const auto at = std::ranges::find(all, range.column.id, &LayoutColumn::id) - all.begin();
          return range.wanted.has(chunk.column(static_cast<std::size_t>(at)).get(row));
        });
        if (has) keys.push_back(chunk.column(chunk.columnCount() - 1).get(row).asString());
      }
    return keys;
  }

  void compare(const Store& store, Values& values) {
    const auto number = 1 + values.below(static_cast<std::uint32_t>(store.lastCommit()));
    const auto all = allColumns();
    std::vector<ColumnRange> wanted;
    for (auto i = 1 + values.below(2); i > 0; --i) {
      const auto& column = all[values.below(static_cast<std::uint32_t>(all.size()))];
      wanted.push_back({column, values.range(column.type)});
    }
    const auto snapshot = must(store.at(number));
    ScanRequest request{.tree = kTree, .columns = all};
    request.columns.push_back({kKeyColumn, TypeId::Bytea, Value::null(TypeId::Bytea)});
    if (values.below(4) == 0) {
      request.range.from = keyOf(values.below(kKeys));
      request.range.to = keyOf(values.below(kKeys));
    }
    request.backwards = values.below(4) == 0;
    const auto expected = wantedOf(*must(snapshot.scan(request)), wanted);
    request.wanted = wanted;
    const auto found = wantedOf(*must(snapshot.scan(request)), wanted);
    const auto what = "column " + std::to_string(wanted.front().column.id) + " at commit " + std::to_string(number);
    QVERIFY2(found == expected, what.c_str());
  }
};

QTEST_APPLESS_MAIN(TestColumnRange)
#include "tst_column_range.moc"
