// Opening after a kill and after a clean close, and the memory of a full scan. POSIX: fork, kill, popen.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <functional>
#include <numeric>

#include <fmt/format.h>

#include "storage_bench.h"

namespace drift::bench {

namespace {

constexpr std::size_t kChangesBeforeKill = 256'000;
constexpr std::size_t kWideRowBytes = 1000;
constexpr std::int64_t kEpochs = 5000;
constexpr std::int64_t kEpochRows = 1000;

/// Runs `work` in a process of its own, which is killed where it has finished. Gives the number that it ends with.
std::uint64_t runAndKill(const std::function<std::uint64_t()>& work) {
  int ends[2];
  if (::pipe(ends) != 0) fail("the system gives no pipe");
  std::fflush(stdout);
  const auto child = ::fork();
  if (child < 0) fail("the system gives no process");
  if (child == 0) {
    const auto number = work();
    if (::write(ends[1], &number, sizeof number) != sizeof number) ::_exit(1);
    for (;;) ::pause();
  }
  ::close(ends[1]);
  std::uint64_t number = 0;
  const bool complete = ::read(ends[0], &number, sizeof number) == sizeof number;
  ::close(ends[0]);
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  if (!complete) fail("the process that was to be killed ended by itself");
  return number;
}

/// Peak memory in MB of another process that scans the file.
double peakOfScan(const std::string& path) {
  const auto program = std::filesystem::read_symlink("/proc/self/exe").string();
  auto* output = ::popen(fmt::format("'{}' --scan-and-print-peak '{}'", program, path).c_str(), "r");
  long kilobytes = 0;
  if (!output || std::fscanf(output, "%ld", &kilobytes) != 1 || ::pclose(output) != 0)
    fail("the scan in another process failed");
  return static_cast<double>(kilobytes) / 1000;
}

}  // namespace

void measureKill(StorageBench& bench) {
  const auto rows = bench.rows() / 2;
  const auto groups = kChangesBeforeKill / kGroupRows;
  std::vector<std::int64_t> ids(static_cast<std::size_t>(rows));
  std::iota(ids.begin(), ids.end(), 0);
  storage::StoreOptions options;
  options.durability = storage::Durability::Off;
  DriftTable table(bench.file("kill.drift"), bench.options().seed, options);
  table.load(ids);
  table.close();
  std::vector<UpdateGroup> updates;
  while (updates.size() < groups) updates.push_back(bench.makeGroup(rows));
  const auto last = runAndKill([&] {
    storage::StoreOptions noEpochs;
    noEpochs.memtableRowsMax = 2 * kChangesBeforeKill;
    noEpochs.memtableBytesMax = 1u << 30;
    table.open(noEpochs);
    CommitNumber number = 0;
    for (const auto& group : updates) {
      for (std::size_t i = 0; i < kGroupRows; ++i) table.setQuantity(group.ids[i], group.quantities[i]);
      number = table.commit();
    }
    return number;
  });
  const auto rivalPath = bench.file("kill.sqlite");
  { SqliteRival(rivalPath, SqliteRival::Kind::Plain).load(bench.options().seed, ids); }
  runAndKill([&] {
    auto& rival = *new SqliteRival(rivalPath, SqliteRival::Kind::Plain);  // killed with it, never closed
    rival.run("PRAGMA wal_autocheckpoint=0");
    for (const auto& group : updates) {
      rival.begin();
      for (std::size_t i = 0; i < kGroupRows; ++i) rival.setQuantity(group.ids[i], group.quantities[i]);
      rival.commit();
    }
    return std::uint64_t{1};
  });
  std::vector<double> ours, rival;
  for (int round = 0; round < 3; ++round) {
    const auto copy = bench.file("killed.drift");
    std::filesystem::copy_file(table.path(), copy);
    SystemClock clock;
    const auto files = platform::makeNativeFileSystem();
    {
      Stopwatch watch;
      const auto store = must(storage::Store::open(*files, copy, clock, {}));
      ours.push_back(watch.milliseconds());
      if (store->lastCommit() != last) fail("a commit was lost by the kill");
    }
    std::filesystem::remove(copy);
    const auto rivalCopy = bench.file("killed.sqlite");
    std::filesystem::copy_file(rivalPath, rivalCopy);
    std::filesystem::copy_file(rivalPath + "-wal", rivalCopy + "-wal");
    {
      const Stopwatch watch;
      SqliteRival opened(rivalCopy, SqliteRival::Kind::Plain);
      (void)opened.get(0);
      rival.push_back(watch.milliseconds());
    }
    std::filesystem::remove(rivalCopy);
  }
  bench.add(Figure("open after a kill, 256,000 changes after the last epoch", median(ours), Unit::Milliseconds)
                .against("SQLite", median(rival))
                .atMost(1000));
}

void measureEpochs(StorageBench& bench) {
  const auto path = bench.file("epochs.drift");
  std::vector<double> ours;
  storage::StoreOptions options;
  options.durability = storage::Durability::Off;
  DriftTable table(path, bench.options().seed, options);
  for (std::int64_t epoch = 0; epoch < kEpochs; ++epoch) {
    if (epoch < kEpochRows) table.insert(epoch);
    else table.setQuantity(epoch % kEpochRows, static_cast<std::int32_t>(epoch));
    table.commit();
    must(table.store().checkpoint());
  }
  table.close();
  std::uint64_t frames = 0;
  for (int round = 0; round < 5; ++round) {
    dropFromSystemCache(path);
    const Stopwatch watch;
    table.open({});
    ours.push_back(watch.milliseconds());
    frames = table.store().statistics().framesRead;
    table.close();
  }
  bench.add(Figure(fmt::format("clean open of a file of {} epochs", grouped(kEpochs)), median(ours), Unit::Milliseconds)
                .atMost(50));
  bench.add(Figure("  frames read", static_cast<double>(frames), Unit::Count));
}

void measureWide(StorageBench& bench) {
  const std::int64_t rows = bench.options().large ? 2'500'000 : std::min<std::int64_t>(500'000, bench.rows());
  storage::StoreOptions options;
  options.durability = storage::Durability::Off;
  DriftTable table(bench.file("wide.drift"), bench.options().seed, options);
  const auto rivalPath = bench.file("wide.sqlite");
  {
    SqliteRival rival(rivalPath, SqliteRival::Kind::Plain);
    rival.begin();
    for (std::int64_t id = 0; id < rows; ++id) {
      auto row = makeRow(bench.options().seed, id, 0);
      row.note = noise(bench.random(), kWideRowBytes);
      rival.insert(row);
      table.insertRow(std::move(row));
      if (id % 1000 == 999 || id == rows - 1) table.commit();
    }
    rival.commit();
  }
  const auto megabytes = static_cast<double>(table.store().fileBytes()) / 1e6;
  table.close();
  std::vector<double> ours, rival;
  for (int round = 0; round < 5; ++round) {
    dropFromSystemCache(table.path());
    Stopwatch watch;
    table.open({});
    ours.push_back(watch.milliseconds());
    table.close();
    dropFromSystemCache(rivalPath);
    watch = {};
    SqliteRival opened(rivalPath, SqliteRival::Kind::Plain);
    (void)opened.get(0);
    rival.push_back(watch.milliseconds());
  }
  const auto size = figureText(megabytes, Unit::Megabytes);
  bench.add(Figure("clean open of a file of " + size, median(ours), Unit::Milliseconds)
                .against("SQLite", median(rival))
                .atMost(50));
  bench.add(Figure("peak memory of a full scan of a file of " + size, peakOfScan(table.path()), Unit::Megabytes)
                .against("SQLite", peakOfScan(rivalPath))
                .atMost(400));
}

int scanAndPrintPeak(const std::string& path) {
  if (path.ends_with(".sqlite")) {
    SqliteRival(path, SqliteRival::Kind::Plain).scan();
  } else {
    SystemClock clock;
    const auto files = platform::makeNativeFileSystem();
    const auto store = must(storage::Store::open(*files, path, clock, {}));
    const auto cursor = must(store->latest().scan({.tree = kTable, .columns = tableLayout()->columns}));
    types::Chunk chunk;
    while (must(cursor->next(chunk))) chunk.clear();
  }
  std::ifstream status("/proc/self/status");
  std::string word;
  while (status >> word)
    if (word == "VmHWM:") {
      long kilobytes = 0;
      status >> kilobytes;
      fmt::print("{}\n", kilobytes);
      return 0;
    }
  fail("the system does not tell the peak memory");
}

}  // namespace drift::bench
