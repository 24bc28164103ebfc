// drift_bench_storage: the store against SQLite; docs/performance.md says what each figure means.
#include <cstdio>
#include <string>

#include <CLI/CLI.hpp>

#include "storage_bench.h"

int main(int argc, char** argv) {
  drift::bench::StorageBenchOptions options;
  std::vector<std::string> only;
  std::string scanned;
  CLI::App app("Measures the store against SQLite");
  const auto* rows = app.add_option("--rows", options.rows, "rows of the main table (1000000)")
                         ->check(CLI::Range(20'000, 100'000'000));
  app.add_flag("--large", options.large, "10 million rows and versions, files of 1 and 5 GB: takes an hour");
  app.add_option("--seed", options.seed, "seed of the rows and of what is done to them (1)");
  app.add_option("--only", only, "one measurement; may be given several times");
  app.add_option("--dir", options.folder, "where scratch files go (out/bench); they are removed at the end");
  app.add_option("--plot", options.plotFile, "write the plot of as-of cost against versions a row to this SVG file");
  app.add_flag("--markdown", options.markdown, "print the table for the documentation");
  app.add_option("--scan-and-print-peak", scanned)->group("");
  CLI11_PARSE(app, argc, argv);
  if (!scanned.empty()) return drift::bench::scanAndPrintPeak(scanned);
  if (options.large && rows->count() == 0) options.rows = 10'000'000;
  options.only = {only.begin(), only.end()};
  drift::bench::StorageBench(std::move(options)).run();
}
