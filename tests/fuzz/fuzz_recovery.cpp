// Whole files of any bytes: opened, read, verified, written to, and opened again.
#include "faults/invariants.h"
#include "platform/memory_file_system.h"
#include "seeds.h"
#include "target.h"

using namespace drift;
using namespace drift::storage;
using fuzz::require;

namespace {

constexpr auto kPath = "x.drift";
constexpr std::size_t kChunksMax = 64;

void drain(Result<std::unique_ptr<Cursor>> cursor) {
  if (!cursor.ok()) return;
  types::Chunk chunk;
  for (std::size_t i = 0; i < kChunksMax; ++i) {
    const auto more = (*cursor)->next(chunk);
    if (!more.ok() || !*more) return;
    for (std::size_t column = 0; column < chunk.columnCount(); ++column)
      for (std::size_t row = 0; row < chunk.rowCount(); ++row) (void)chunk.column(column).get(row).isNull();
  }
}

void readAll(const Store& store) {
  const auto& history = fuzz::seedHistory();
  const auto last = store.lastCommit();
  for (const auto tree : history.trees()) {
    const auto columns = history.columns(tree);
    for (const auto at : {CommitNumber{0}, last / 2, last}) {
      const auto snapshot = store.at(at);
      const bool reads = at != 0 && at != last;  // an epoch, which may be damaged
      require(snapshot.ok() || (reads && snapshot.error().kind() == ErrorKind::DataCorrupted),
              "a moment up to the last is there");
      if (!snapshot.ok()) continue;
      drain(snapshot->scan({.tree = tree, .columns = columns}));
      drain(snapshot->scan({.tree = tree, .columns = columns, .skipRows = 3}));
      (void)snapshot->rowCount(tree).ok();
      drain(store.diff(tree, at / 2, at, columns, {}));
    }
    drain(store.scanVersions({.tree = tree, .columns = columns}, {}));
    for (const auto& [key, versions] : history.keys(tree)) {
      (void)store.latest().get(tree, key, columns).ok();
      (void)store.history(tree, key, columns, kNoCommit, 100).ok();
      break;
    }
    (void)store.step(last / 2, true, tree).ok();
    (void)store.lastChange(tree, last).ok();
    const auto first = store.timeOf(last > 0 ? 1 : 0);
    const auto end = store.timeOf(last);
    if (first.ok() && end.ok()) (void)store.summary(*first, *end, 10, tree).ok();
  }
  (void)store.commitInfos(1, 50).ok();
  for (CommitNumber n = 1; n <= std::min<CommitNumber>(last, 50); ++n) (void)store.commitChanges(n).ok();
  (void)store.commitAt(0).ok();
  (void)store.verify({}).ok();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::inputOf(data, size);
  for (const bool fixed : {false, true}) {
    Bytes bytes(input.begin(), input.end());
    if (fixed) fuzz::fixChecksums(bytes);
    faults::ClockSetter clock;
    platform::MemoryFileSystem files;
    files.setContents(kPath, bytes);
    StoreOptions options;
    options.durability = Durability::Off;
    options.readOnly = true;
    if (const auto store = Store::open(files, kPath, clock.clock(), options); store.ok()) readAll(**store);
    require(files.contents(kPath) == bytes, "a reader changes nothing");

    options.readOnly = false;
    auto store = Store::open(files, kPath, clock.clock(), options);
    if (!store.ok()) continue;
    readAll(**store);
    const auto before = (*store)->lastCommit();
    const auto time = (*store)->timeOf(before);
    const bool canGoOn = !(*store)->readOnly() && time.ok() && *time < INT64_MAX - 1;
    CommitRequest request;
    request.message = "after the fuzzer";
    const auto receipt = canGoOn ? (*store)->commit(std::move(request), {}) : Result<CommitReceipt>(CommitReceipt{});
    const bool committed = canGoOn && receipt.ok();
    const bool closed = (*store)->close().ok();
    store = Store::open(files, kPath, clock.clock(), options);
    require(store.ok(), "a file that could be opened can be opened again");
    if (committed && closed) require((*store)->lastCommit() == before + 1, "a commit is there after reopening");
  }
  return 0;
}
