#include <filesystem>

#include <fmt/format.h>

#include "api/import.h"
#include "benches.h"
#include "report.h"
#include "sample/sample.h"

namespace drift::bench {

void benchImport() {
  printHeading("Import and sample");
  const ScratchFolder folder;
  const auto snapshots = std::filesystem::path(DRIFT_SOURCE_DIR) / "../shared/data/sp500-snapshots.tar.xz";
  if (std::filesystem::exists(snapshots)) {
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
    printFigure(fmt::format("import of {} snapshots, {} durable commits", report.files, report.commits), watch.seconds(), "s");
  } else {
    fmt::print("  ../shared/data is not here: the import of snapshots is left out\n");
  }
  const Stopwatch watch;
  const auto report = must(sample::createSample(folder.file("shop.drift"), {}));
  printFigure(fmt::format("sample shop, {} commits", report.commits), watch.seconds(), "s");
  printFigure("sample shop, file size", static_cast<double>(std::filesystem::file_size(folder.file("shop.drift"))) / 1e6, "MB");
}

}  // namespace drift::bench
