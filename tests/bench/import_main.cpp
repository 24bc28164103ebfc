// drift_bench_import: how long imports take, and the sample database.
#include <filesystem>

#include <fmt/format.h>

#include "api/import.h"
#include "figures.h"
#include "measure.h"
#include "sample/sample.h"

namespace drift::bench {

namespace {

void measureSnapshots(const ScratchFolder& folder) {
  const auto snapshots = std::filesystem::path(DRIFT_SOURCE_DIR) / "../shared/data/sp500-snapshots.tar.xz";
  if (!std::filesystem::exists(snapshots)) {
    fmt::print("../shared/data is not here: the import of snapshots is left out\n");
    return;
  }
  api::OpenOptions open;
  open.create = true;
  const Stopwatch watch;
  const auto database = must(api::Database::open(folder.file("sp.drift"), open));
  api::ImportOptions options;
  options.path = snapshots.string();
  options.table = "companies";
  options.key = {"Symbol"};
  const auto report = must(api::importSnapshots(*database, options));
  must(database->close());
  fmt::print("import of {} snapshots, {} durable commits: {}\n", report.files, report.commits,
             figureText(watch.milliseconds(), Unit::Milliseconds));
}

void measureSample(const ScratchFolder& folder) {
  const auto path = folder.file("shop.drift");
  const Stopwatch watch;
  const auto report = must(sample::createSample(path, {}));
  fmt::print("sample shop, {} commits: {}, {}\n", report.commits, figureText(watch.milliseconds(), Unit::Milliseconds),
             figureText(static_cast<double>(std::filesystem::file_size(path)) / 1e6, Unit::Megabytes));
}

}  // namespace

}  // namespace drift::bench

int main() {
  const drift::bench::ScratchFolder folder("out/bench");
  drift::bench::measureSnapshots(folder);
  drift::bench::measureSample(folder);
}
