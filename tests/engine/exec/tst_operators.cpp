// Joins, groups, sorting and set operations over more than one chunk of random rows, against plain loops.
#include <QtTest>

#include <algorithm>
#include <map>
#include <random>
#include <set>

#include "exec_fixture.h"

using namespace drift;
using namespace drift::exec::test;

namespace {

std::uint32_t seedOfThisRun() {
  bool given = false;
  const auto seed = qEnvironmentVariable("DRIFT_SEED").toUInt(&given);
  return given ? seed : std::random_device{}();
}

/// A row of l or r: a key that may be NULL, and a text that may be long.
struct Row {
  std::optional<int> key;
  std::string text;
};

constexpr std::size_t kLeftRows = 5000;
constexpr std::size_t kRightRows = 3000;
constexpr int kKeys = 900;

}  // namespace

class TestOperators : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    const auto seed = seedOfThisRun();
    qInfo("DRIFT_SEED=%u", seed);
    m_random.seed(seed);
    m_left = makeTable("l", kLeftRows);
    m_right = makeTable("r", kRightRows);
  }

  void joins() {
    std::size_t inner = 0;
    std::size_t lonelyLeft = 0;
    std::size_t lonelyRight = 0;
    std::map<int, std::size_t> rightCounts;
    std::map<int, std::size_t> leftCounts;
    for (const auto& row : m_right)
      if (row.key) ++rightCounts[*row.key];
    for (const auto& row : m_left) {
      if (row.key) ++leftCounts[*row.key];
      const auto count = row.key && rightCounts.contains(*row.key) ? rightCounts[*row.key] : 0;
      inner += count;
      lonelyLeft += count == 0;
    }
    for (const auto& row : m_right) lonelyRight += !row.key || !leftCounts.contains(*row.key);
    const auto count = [&](const char* join) {
      return std::stoul(m_database.run(std::string("SELECT count(*) FROM l ") + join + " JOIN r ON l.k = r.k"));
    };
    QCOMPARE(count(""), inner);
    QCOMPARE(count("LEFT"), inner + lonelyLeft);
    QCOMPARE(count("RIGHT"), inner + lonelyRight);
    QCOMPARE(count("FULL"), inner + lonelyLeft + lonelyRight);
  }

  void joinedTextsArrive() {
    std::multiset<std::string> expected;
    for (const auto& a : m_left)
      for (const auto& b : m_right)
        if (a.key && a.key == b.key && *a.key < 20 && a.text < b.text) expected.insert(a.text + "|" + b.text);
    const auto rows = split(m_database.run("SELECT l.t, r.t FROM l JOIN r ON l.k = r.k AND l.t < r.t WHERE l.k < 20"));
    QCOMPARE(std::multiset<std::string>(rows.begin(), rows.end()), expected);
  }

  void groups() {
    std::map<std::optional<int>, std::pair<std::size_t, std::string>> expected;
    for (const auto& row : m_left) {
      auto& [count, greatest] = expected[row.key];
      ++count;
      greatest = std::max(greatest, row.text);
    }
    const auto rows = split(m_database.run("SELECT k, count(*), max(t) FROM l GROUP BY k ORDER BY k NULLS FIRST"));
    std::vector<std::string> texts;
    for (const auto& [key, group] : expected)
      texts.push_back((key ? std::to_string(*key) : "NULL") + "|" + std::to_string(group.first) + "|" + group.second);
    QCOMPARE(rows, texts);
  }

  void distinctCounts() {
    std::set<int> keys;
    for (const auto& row : m_left)
      if (row.key) keys.insert(*row.key);
    QCOMPARE(m_database.run("SELECT count(DISTINCT k) FROM l"), std::to_string(keys.size()));
    QCOMPARE(m_database.run("SELECT count(*) FROM (SELECT DISTINCT k FROM l) q"), std::to_string(keys.size() + 1));
  }

  void sorting() {
    auto sorted = m_left;
    std::stable_sort(sorted.begin(), sorted.end(), [](const Row& a, const Row& b) {
      if (a.key != b.key) return !a.key || (b.key && *a.key > *b.key);  // descending: NULLs first
      return a.text < b.text;
    });
    std::vector<std::string> expected;
    for (const auto& row : sorted) expected.push_back((row.key ? std::to_string(*row.key) : "NULL") + "|" + row.text);
    QCOMPARE(split(m_database.run("SELECT k, t FROM l ORDER BY k DESC, t")), expected);
    expected.resize(40);
    expected.erase(expected.begin(), expected.begin() + 10);
    QCOMPARE(split(m_database.run("SELECT k, t FROM l ORDER BY k DESC, t LIMIT 30 OFFSET 10")), expected);
  }

  void setOperations() {
    std::set<int> left;
    std::set<int> right;
    for (const auto& row : m_left)
      if (row.key) left.insert(*row.key);
    for (const auto& row : m_right)
      if (row.key) right.insert(*row.key);
    std::vector<int> both;
    std::set_intersection(left.begin(), left.end(), right.begin(), right.end(), std::back_inserter(both));
    const auto count = [&](const char* op) {
      return std::stoul(
          m_database.run(std::string("SELECT count(k) FROM (SELECT k FROM l ") + op + " SELECT k FROM r) q"));
    };
    QCOMPARE(count("INTERSECT"), both.size());
    QCOMPARE(count("EXCEPT"), left.size() - both.size());
    QCOMPARE(count("UNION"), left.size() + right.size() - both.size());
  }

 private:
  static std::vector<std::string> split(const std::string& text) {
    std::vector<std::string> rows;
    for (const auto& row : QString::fromStdString(text).split(';')) rows.push_back(row.toStdString());
    return rows;
  }

  std::vector<Row> makeTable(const std::string& name, std::size_t count) {
    m_database.mustRun({"CREATE TABLE " + name + " (k INTEGER, t TEXT)"});
    std::vector<Row> rows;
    const std::vector<types::Type> types{types::TypeId::Integer, types::TypeId::Text};
    while (rows.size() < count) {
      types::Chunk chunk(types);
      std::size_t at = 0;
      for (; at < types::kChunkRows && rows.size() < count; ++at) {
        Row row;
        if (m_random() % 50) row.key = static_cast<int>(m_random() % kKeys);
        row.text =
            std::string(m_random() % 3 ? "t" : "a text of more than twelve bytes ") + std::to_string(rows.size());
        if (row.key) chunk.column(0).data<std::int32_t>()[at] = *row.key;
        else chunk.column(0).setNull(at);
        chunk.column(1).setString(at, row.text);
        rows.push_back(std::move(row));
      }
      chunk.setRowCount(at);
      const auto added = m_database.append(name, {"k", "t"}, chunk);
      if (!added.ok()) qFatal("%s", added.error().toString().c_str());
    }
    return rows;
  }

  Database m_database;
  std::mt19937 m_random;
  std::vector<Row> m_left;
  std::vector<Row> m_right;
};

QTEST_APPLESS_MAIN(TestOperators)
#include "tst_operators.moc"
