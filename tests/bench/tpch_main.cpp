// drift_bench_tpch: the 22 queries of TPC-H in DriftDB and in SQLite, on rows of the project's own generator.
#include <CLI/CLI.hpp>

#include <cmath>
#include <filesystem>
#include <optional>

#include <fmt/format.h>

#include "databases.h"
#include "figures.h"
#include "measure.h"
#include "tpch_generator.h"

namespace drift::bench {

namespace {

struct Options {
  tpch::GeneratorOptions generator;
  std::vector<std::size_t> queries;
  int rounds = 3;
  int history = 0;
  bool alone = false;
  std::string folder;
};

/// Milliseconds of the fastest of some runs; slow queries run once.
template <class Database>
double fastest(Database& database, const std::string& sql, int rounds) {
  double best = 0;
  for (Rounds left(rounds, 4); left.next();) {
    const Stopwatch watch;
    must(database.run(sql));
    const auto taken = watch.milliseconds();
    best = best == 0 ? taken : std::min(best, taken);
  }
  return best;
}

template <class Database>
void fill(Database& database, const Options& options, std::string_view name) {
  const Stopwatch watch;
  for (const auto& table : tpch::tables())
    must(database.load(table, [&](const auto& sink) { return tpch::generate(table, options.generator, sink); }));
  fmt::print("{} filled in {:.1f} s\n", name, watch.seconds());
  std::fflush(stdout);
}

/// Changes every row of every table once a round, and gives the moment before. A text is turned by one letter: so it
/// stays of the kind that it was, and the queries have as much to do with it now as then.
CommitNumber changeAll(tpch::DriftDatabase& database, int rounds) {
  const auto before = must(database.database().extent()).last;
  for (int round = 0; round < rounds; ++round) {
    const Stopwatch watch;
    for (const auto& table : tpch::tables()) {
      const auto& text = table.columns.back().name;  // each table has a comment at its end
      must(database.run(fmt::format("UPDATE {0} SET {1} = substr({1}, 2) || left({1}, 1)", table.name, text)));
    }
    fmt::print("every row updated, round {}: {:.1f} s\n", round + 1, watch.seconds());
    std::fflush(stdout);
  }
  return before;
}

void run(const Options& options) {
  fmt::print("TPC-H, scale {}, seed {}\n", options.generator.scale, options.generator.seed);
  const auto kept = !options.folder.empty();
  std::optional<ScratchFolder> scratch;
  if (!kept) scratch.emplace("out/bench");
  if (kept) std::filesystem::create_directories(options.folder);
  const auto file = [&](std::string_view name) {
    return kept ? options.folder + "/" + std::string(name) : scratch->file(name);
  };
  const bool drifted = std::filesystem::exists(file("tpch.drift"));
  auto drift = must(tpch::DriftDatabase::open(file("tpch.drift")));
  if (!drifted) fill(drift, options, "DriftDB");
  std::optional<tpch::SqliteDatabase> sqlite;
  if (!options.alone) {
    const bool stored = std::filesystem::exists(file("tpch.sqlite"));
    sqlite.emplace(must(tpch::SqliteDatabase::open(file("tpch.sqlite"))));
    if (!stored) {
      fill(*sqlite, options, "SQLite");
      must(sqlite->execute("ANALYZE"));
    }
  }
  std::optional<CommitNumber> past;
  if (options.history > 0) past = changeAll(drift, options.history);

  fmt::print("{:>6}{:>12}", "query", "DriftDB ms");
  if (sqlite) fmt::print("{:>12}{:>9}", "SQLite ms", "ratio");
  if (past) fmt::print("{:>12}{:>9}", "past ms", "of now");
  fmt::print("\n");
  double logs = 0;
  double pastLogs = 0;
  double worst = 0;
  double worstPast = 0;
  double total = 0;
  std::size_t worstQuery = 0;
  for (const auto number : options.queries) {
    const auto ours = fastest(drift, tpch::queryText(number), options.rounds);
    total += ours;
    fmt::print("{:>6}{:>12.1f}", number, ours);
    if (sqlite) {
      const auto theirs = fastest(*sqlite, tpch::queryTextForSqlite(number), options.rounds);
      const auto ratio = theirs / ours;
      logs += std::log(ratio);
      if (worstQuery == 0 || ratio < worst) {
        worst = ratio;
        worstQuery = number;
      }
      fmt::print("{:>12.1f}{:>8.1f}x", theirs, ratio);
    }
    if (past) {
      must(drift.session().setMoment(*past));
      const auto then = fastest(drift, tpch::queryText(number), options.rounds);
      must(drift.session().setMoment(std::nullopt));
      pastLogs += std::log(then / ours);
      worstPast = std::max(worstPast, then / ours);
      fmt::print("{:>12.1f}{:>8.2f}x", then, then / ours);
    }
    fmt::print("\n");
    std::fflush(stdout);
  }
  const auto count = static_cast<double>(options.queries.size());
  fmt::print("DriftDB: {:.2f} s in all\n", total / 1000);
  FigureTable table(false);
  table.printHead();
  if (sqlite) {
    table.add(Figure("geometric mean, times faster than SQLite", std::exp(logs / count), Unit::Times).atLeast(8));
    table.add(Figure(fmt::format("slowest against SQLite: query {}", worstQuery), worst, Unit::Times).atLeast(1));
  }
  if (past) {
    table.add(Figure("as of the past, times of now, mean", std::exp(pastLogs / count), Unit::Times).atMost(1.3));
    table.add(Figure("as of the past, times of now, worst", worstPast, Unit::Times).atMost(1.3));
  }
  table.printSum();
}

}  // namespace

}  // namespace drift::bench

int main(int argc, char** argv) {
  drift::bench::Options options;
  for (std::size_t number = 1; number <= drift::tpch::kQueryCount; ++number) options.queries.push_back(number);
  CLI::App app("TPC-H in DriftDB and SQLite");
  app.add_option("--scale", options.generator.scale, "1 = 6 million rows of lineitem")->capture_default_str();
  app.add_option("--seed", options.generator.seed, "of the rows")->capture_default_str();
  app.add_option("--queries", options.queries, "which of the 22")->delimiter(',')->check(CLI::Range(1, 22));
  app.add_option("--rounds", options.rounds, "runs of a query; the fastest counts")->capture_default_str();
  app.add_option("--history", options.history, "update every row so many times, and ask for the moment before as well");
  app.add_flag("--alone", options.alone, "without SQLite");
  app.add_option("--folder", options.folder, "keep the databases there, and use those that are there");
  CLI11_PARSE(app, argc, argv);
  drift::bench::run(options);
}
