// Memory runs out: each allocation of an operation fails once. The operation may end with OutOfMemory, or with
// std::bad_alloc for its caller to catch; what was acknowledged stays, nothing is wrong, and no file is damaged.
#include <QtTest>
#include <atomic>
#include <cstdlib>
#include <new>

#include "faults/crash_file_system.h"
#include "faults/fault_test.h"
#include "faults/invariants.h"

using namespace drift;
using namespace drift::faults;
using storage::Durability;
using storage::Store;
using storage::StoreOptions;

namespace {

/// Allocations of this thread until one fails; negative = none fails.
thread_local std::int64_t t_allocationsLeft = -1;

void* allocate(std::size_t bytes, std::size_t alignment) {
  if (t_allocationsLeft >= 0 && t_allocationsLeft-- == 0) return nullptr;
  return alignment == 0 ? std::malloc(bytes ? bytes : 1)
                        : std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
}

void* allocateOrThrow(std::size_t bytes, std::size_t alignment) {
  if (void* memory = allocate(bytes, alignment)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) { return allocateOrThrow(bytes, 0); }
void* operator new[](std::size_t bytes) { return allocateOrThrow(bytes, 0); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return allocateOrThrow(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return allocateOrThrow(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes, 0); }
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept { return allocate(bytes, 0); }
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }

namespace {

constexpr auto kPath = "db/x.drift";
constexpr CommitNumber kCommits = 12;
constexpr Effort kLittle{.moments = 1, .keys = 2, .pairs = 1, .afterPowerCut = true};

/// Lets the allocations of the disk, which is the operating system's in life, succeed.
class Calm final {
 public:
  Calm() : m_left(t_allocationsLeft) { t_allocationsLeft = -1; }
  ~Calm() { t_allocationsLeft = m_left; }
  Calm(const Calm&) = delete;
  Calm& operator=(const Calm&) = delete;

 private:
  std::int64_t m_left;
};

class CalmFile final : public platform::File {
 public:
  explicit CalmFile(std::unique_ptr<platform::File> wrapped) : m_wrapped(std::move(wrapped)) {}
  Status readAt(std::uint64_t offset, std::span<std::byte> into) const override {
    const Calm calm;
    return m_wrapped->readAt(offset, into);
  }
  Status writeAt(std::uint64_t offset, ByteSpan bytes) override {
    const Calm calm;
    return m_wrapped->writeAt(offset, bytes);
  }
  Status sync() override {
    const Calm calm;
    return m_wrapped->sync();
  }
  Result<std::uint64_t> size() const override { return m_wrapped->size(); }
  Status truncate(std::uint64_t size) override {
    const Calm calm;
    return m_wrapped->truncate(size);
  }
  Status lockExclusive() override { return m_wrapped->lockExclusive(); }
  void unlock() override { m_wrapped->unlock(); }

 private:
  std::unique_ptr<platform::File> m_wrapped;
};

class CalmFileSystem final : public platform::FileSystem {
 public:
  explicit CalmFileSystem(platform::FileSystem& wrapped) : m_wrapped(wrapped) {}
  Result<std::unique_ptr<platform::File>> open(const std::string& path, platform::OpenMode mode) override {
    const Calm calm;
    DRIFT_ASSIGN(auto file, m_wrapped.open(path, mode));
    return std::unique_ptr<platform::File>(std::make_unique<CalmFile>(std::move(file)));
  }
  Result<bool> exists(const std::string& path) override { return m_wrapped.exists(path); }
  Status remove(const std::string& path) override { return m_wrapped.remove(path); }
  Status rename(const std::string& from, const std::string& to) override { return m_wrapped.rename(from, to); }
  Status syncFolderOf(const std::string& path) override {
    const Calm calm;
    return m_wrapped.syncFolderOf(path);
  }
  Result<std::vector<std::string>> list(const std::string& folder) override { return m_wrapped.list(folder); }

 private:
  platform::FileSystem& m_wrapped;
};

Error wrong(std::string sentence) { return {ErrorKind::InternalError, std::move(sentence)}; }

/// Runs `work` with its allocation `number` failing. Gives whether that was met.
template <class Work>
bool withFailure(std::int64_t number, Work work) {
  t_allocationsLeft = number;
  try {
    work();
  } catch (const std::bad_alloc&) {  // what the caller of the engine catches
    t_allocationsLeft = -1;
    return true;
  }
  return std::exchange(t_allocationsLeft, -1) < 0;
}

}  // namespace

class TestAllocationFailures : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    m_options.memtableRowsMax = 16;
    m_options.cacheBytesMax = 1u << 16;
    m_history.grow(kCommits);
  }

  void reads() {
    CrashFileSystem disk;
    CalmFileSystem files(disk);
    ClockSetter clock;
    auto store = Store::create(files, kPath, clock.clock(), m_options).value();
    VERIFY_OK(replay(*store, clock, m_history, kCommits));
    const auto columns = m_history.columns(History::kNumbers);
    std::int64_t number = 0;
    for (bool met = true; met; ++number) {
      met = withFailure(number, [&] {
        for (const CommitNumber at : {kCommits / 2, kCommits}) {
          auto cursor = store->at(at).value().scan({.tree = History::kNumbers, .columns = columns});
          types::Chunk chunk;
          while (cursor.ok() && (*cursor)->next(chunk).ok() && chunk.rowCount() > 0) {
          }
        }
        (void)store->diff(History::kNumbers, 1, kCommits, columns, {}).ok();
        (void)store->scanVersions({.tree = History::kNumbers, .columns = columns}, {}).ok();
      });
      Random random(static_cast<std::uint64_t>(number));
      VERIFY_OK(checkMoment(*store, m_history, random.below(kCommits + 1), random, kLittle));
    }
    QVERIFY(number > 20);
    Random random(1);
    VERIFY_OK(checkEverything(*store, m_history, random, kLittle));
  }

  void commits_data() {
    QTest::addColumn<bool>("checkpoint");
    QTest::newRow("commit") << false;
    QTest::newRow("commit and epoch") << true;
  }
  void commits() {
    QFETCH(bool, checkpoint);
    const std::int64_t step = numberFromEnvironment("DRIFT_ROUNDS", 1) > 1 ? 1 : 3;
    std::int64_t number = 0;
    for (bool met = true; met; number += step) {
      CrashFileSystem disk;
      CalmFileSystem files(disk);
      ClockSetter clock;
      auto store = Store::create(files, kPath, clock.clock(), m_options).value();
      VERIFY_OK(replay(*store, clock, m_history, 5));
      auto request = m_history.commit(6).request;
      clock.set(m_history.commit(6).clock);
      CommitNumber acknowledged = 5;
      met = withFailure(number, [&] {
        if (store->commit(std::move(request), {}).ok()) acknowledged = 6;
        if (checkpoint) (void)store->checkpoint().ok();
      });
      const auto status = [&]() -> Status {
        if (store->lastCommit() < acknowledged) return wrong("an acknowledged commit is gone");
        Random random(static_cast<std::uint64_t>(number) + 1);
        DRIFT_TRY(checkMoment(*store, m_history, store->lastCommit(), random, kLittle));
        // It goes on, or says that it does not.
        if (auto more = replay(*store, clock, m_history, 9); more.ok()) acknowledged = 9;
        else if (more.error().kind() != ErrorKind::ReadOnlyDatabase) return more;
        DRIFT_TRY(checkMoment(*store, m_history, store->lastCommit(), random, kLittle));
        (void)store->close().ok();
        for (const bool powerCut : {false, true}) {
          CrashFileSystem left(
              disk.crashedAt(disk.operations(), {.keepsNothing = powerCut, .keepsAll = !powerCut}, random));
          DRIFT_ASSIGN(const auto again, Store::open(left, kPath, clock.clock(), m_options));
          if (again->openReport().corrupted) return wrong(again->openReport().corruption);
          if (again->lastCommit() < acknowledged) return wrong("an acknowledged commit is gone after reopening");
          DRIFT_TRY(replay(*again, clock, m_history, kCommits));
          DRIFT_TRY(checkEverything(*again, m_history, random, kLittle));
        }
        return {};
      }();
      QVERIFY2(status.ok(),
               status.ok() ? "" : ("allocation " + std::to_string(number) + ": " + status.error().toString()).c_str());
    }
    QVERIFY(number > 20);
  }

  void opening() {
    CrashFileSystem disk;
    ClockSetter clock;
    {
      auto store = Store::create(disk, kPath, clock.clock(), m_options).value();
      VERIFY_OK(replay(*store, clock, m_history, kCommits));
    }
    Random random(1);
    const auto image = disk.crashedAt(disk.operations() - 5, {.keepsAll = true}, random);
    std::int64_t number = 0;
    for (bool met = true; met; ++number) {
      CrashFileSystem left(image);
      CalmFileSystem files(left);
      met = withFailure(number, [&] { (void)Store::open(files, kPath, clock.clock(), m_options).ok(); });
      auto store = Store::open(left, kPath, clock.clock(), m_options);
      QVERIFY2(store.ok(), store.ok() ? "" : store.error().toString().c_str());
      QVERIFY(!(*store)->openReport().corrupted);
      VERIFY_OK(checkMoment(**store, m_history, (*store)->lastCommit(), random, kLittle));
    }
    QVERIFY(number > 20);
  }

 private:
  History m_history{1, {.keysMax = 20, .changesMax = 6, .runMax = 8}};
  StoreOptions m_options;
};

FAULT_TEST_MAIN(TestAllocationFailures)
#include "tst_allocation_failures.moc"
