// drift_bench_statements: what a statement costs before it reads its first row; docs/performance.md has the figures.
#include <fmt/format.h>

#include "api/database.h"
#include "figures.h"
#include "measure.h"

namespace drift::bench {

namespace {

constexpr int kRows = 100'000;
constexpr int kRounds = 5;

std::uint64_t run(api::Session& session, const std::string& sql, const api::ExecuteOptions& options = {}) {
  const auto result = must(session.execute(sql, options));
  std::uint64_t rows = 0;
  api::Chunk chunk;
  while (must(result->next(chunk))) rows += chunk.rowCount();
  return rows;
}

/// Median microseconds of `work`, called `calls` times a round with rising numbers.
template <class Work>
double microseconds(int calls, const Work& work) {
  std::vector<double> rounds;
  int number = 0;
  for (int round = 0; round < kRounds; ++round) {
    const Stopwatch watch;
    for (int call = 0; call < calls; ++call) work(++number);
    rounds.push_back(watch.seconds() * 1e6 / calls);
  }
  return median(rounds);
}

void measurePoint(api::Session& session, FigureTable& table) {
  const auto text = microseconds(20'000, [&](int number) {
    api::ExecuteOptions options;
    options.parameters.push_back(api::Value::integer(number * 7 % kRows));
    if (run(session, "SELECT name FROM point WHERE id = $1", options) != 1) fail("a row is missing");
  });
  table.add(Figure("point query by key through the API, its value a parameter", text / 1e3, Unit::Milliseconds).atMost(0.005));
}

void measureJoinPlan(api::Session& session, FigureTable& table) {
  std::string from = "t0";
  for (int i = 0; i < 10; ++i) {
    run(session, fmt::format("CREATE TABLE t{} (id INTEGER PRIMARY KEY, next INTEGER, note TEXT)", i));
    if (i > 0) from += fmt::format(" JOIN t{} ON t{}.next = t{}.id", i, i - 1, i);
  }
  const auto sql = "EXPLAIN SELECT t0.note, t9.note FROM " + from + " WHERE t0.id = 1 AND t5.note = 'x'";
  const auto planned = microseconds(200, [&](int) { run(session, sql); });
  table.add(Figure("parse and plan of a join of ten tables", planned / 1e3, Unit::Milliseconds).atMost(5));
}

}  // namespace

}  // namespace drift::bench

int main() {
  using namespace drift;
  const bench::ScratchFolder folder("out/bench");
  api::OpenOptions open;
  open.create = true;
  const auto database = bench::must(api::Database::open(folder.file("statements.drift"), open));
  {
    const auto session = database->newSession("bench");
    bench::run(*session, "CREATE TABLE point (id INTEGER PRIMARY KEY, name TEXT)");
    bench::run(*session, fmt::format("INSERT INTO point SELECT n, 'row ' || n FROM generate_series(0, {}) AS g(n)",
                                     bench::kRows - 1));
    bench::must(database->checkpoint());
    bench::FigureTable table(false);
    table.printHead();
    bench::measurePoint(*session, table);
    bench::measureJoinPlan(*session, table);
    table.printSum();
  }
  bench::must(database->close());
}
