// Disks that lie: flipped bits, lost writes, old contents, contents of another place. Whatever is damaged is either
// not needed for an answer or found, with a sentence that names the place; no row is ever wrong.
#include <QtTest>
#include <functional>

#include "faults/crash_file_system.h"
#include "faults/fault_test.h"
#include "faults/invariants.h"
#include "platform/memory_file_system.h"

using namespace drift;
using namespace drift::faults;
using platform::MemoryFileSystem;
using storage::Store;
using storage::StoreOptions;

namespace {

constexpr auto kPath = "x.drift";
constexpr std::uint64_t kSlotBytes = 4096;
constexpr std::uint64_t kFramesAt = 2 * kSlotBytes;
constexpr std::uint64_t kHeaderBytes = 64;
constexpr Effort kLittle{.moments = 1, .keys = 3, .pairs = 1};

Error wrong(std::string sentence) { return {ErrorKind::InternalError, std::move(sentence)}; }

/// A frame as docs/formats/frames.md lays it out.
struct Frame {
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;  ///< with its header
  std::uint8_t kind = 0;
};

std::vector<Frame> framesOf(const Bytes& file) {
  std::vector<Frame> frames;
  for (std::uint64_t at = kFramesAt; at + kHeaderBytes <= file.size();) {
    std::uint32_t payload = 0;
    std::memcpy(&payload, file.data() + at + 8, sizeof payload);
    frames.push_back({at, kHeaderBytes + payload, std::to_integer<std::uint8_t>(file[at + 4])});
    at += frames.back().bytes;
  }
  return frames;
}

/// A closed file with several epochs, and what it holds.
struct SoundFile {
  History history;
  Bytes bytes;
  Bytes early;  ///< the same file some epochs before
  std::vector<Frame> frames;

  explicit SoundFile(std::uint64_t seed) : history(seed, {.keysMax = 25, .changesMax = 6, .runMax = 10}) {
    history.grow(24);
    MemoryFileSystem files;
    ClockSetter clock;
    StoreOptions options;
    options.memtableRowsMax = 20;
    auto store = Store::create(files, kPath, clock.clock(), options).value();
    for (CommitNumber n = 1; n <= history.size(); ++n) {
      if (!replay(*store, clock, history, n).ok()) qFatal("the history cannot be written");
      if (n == history.size() / 2) early = files.contents(kPath);
    }
    if (!store->close().ok()) qFatal("the file cannot be closed");
    bytes = files.contents(kPath);
    frames = framesOf(bytes);
  }
};

/// An error is fine if it says that the file is damaged, and where.
Status namesThePlace(const Error& error) {
  if (error.kind() != ErrorKind::DataCorrupted) return error;
  if (error.toString().find("byte") == std::string::npos) return wrong("no place is named: " + error.toString());
  return {};
}

Status fineIfDamaged(const Status& status) { return status.ok() ? Status() : namesThePlace(status.error()); }

/// Asks for everything; gives what is wrong.
Status readAll(const Store& store, const History& history, Random& random) {
  const auto last = store.lastCommit();
  for (const auto at : {last, random.below(last + 1), random.below(last + 1)})
    DRIFT_TRY(fineIfDamaged(checkMoment(store, history, at, random, kLittle)));
  DRIFT_TRY(fineIfDamaged(checkDiff(store, history, random.below(last + 1), last)));
  for (const auto tree : history.trees()) {
    DRIFT_TRY(fineIfDamaged(checkVersions(store, history, tree, random, kLittle)));
    const auto& keys = history.keys(tree);
    if (keys.empty()) continue;
    const auto& key = std::next(keys.begin(), static_cast<std::ptrdiff_t>(random.below(keys.size())))->first;
    DRIFT_TRY(fineIfDamaged(checkKey(store, history, tree, key, random)));
  }
  DRIFT_TRY(fineIfDamaged(checkLog(store, history, random, kLittle)));
  return fineIfDamaged(checkTimes(store, history, random, kLittle));
}

/// Opens a file that is damaged somewhere, in both ways, and reads all of it.
Status readDamaged(const Bytes& bytes, const History& history, std::uint64_t seed) {
  for (const bool readOnly : {true, false}) {
    Random random(seed);
    MemoryFileSystem files;
    files.setContents(kPath, bytes);
    ClockSetter clock;
    StoreOptions options;
    options.readOnly = readOnly;
    const auto opened = Store::open(files, kPath, clock.clock(), options);
    if (!opened.ok()) {
      if (opened.error().kind() != ErrorKind::DataCorrupted) return opened.error();
      continue;
    }
    const auto& store = **opened;
    if (store.lastCommit() > history.size()) return wrong("there are more commits than were made");
    if (store.lastCommit() < history.size() && !store.openReport().corrupted)
      return wrong("commits are gone, and the store does not say so");
    if (store.openReport().corrupted) {
      if (!store.readOnly()) return wrong("a damaged file is written to");
      if (store.openReport().corruption.find("byte") == std::string::npos) return wrong("no place is named at open");
    }
    DRIFT_TRY(readAll(store, history, random));
    const auto report = store.verify({});
    if (!report.ok()) return report.error();
    if (report->findings.empty()) return wrong("verify() finds nothing");
    if (store.readOnly() && files.contents(kPath) != bytes) return wrong("a damaged file was changed");
  }
  return {};
}

using Lie = std::function<void(std::uint64_t offset, std::span<std::byte> bytes)>;

/// Another file system whose reads are told by `lie`, if there is one.
class LyingFileSystem final : public platform::FileSystem {
 public:
  explicit LyingFileSystem(platform::FileSystem& wrapped) : m_wrapped(wrapped) {}
  void tell(Lie lie) { m_lie = std::move(lie); }

  Result<std::unique_ptr<platform::File>> open(const std::string& path, platform::OpenMode mode) override {
    DRIFT_ASSIGN(auto file, m_wrapped.open(path, mode));
    return std::unique_ptr<platform::File>(std::make_unique<LyingFile>(std::move(file), m_lie));
  }
  Result<bool> exists(const std::string& path) override { return m_wrapped.exists(path); }
  Status remove(const std::string& path) override { return m_wrapped.remove(path); }
  Status rename(const std::string& from, const std::string& to) override { return m_wrapped.rename(from, to); }
  Status syncFolderOf(const std::string& path) override { return m_wrapped.syncFolderOf(path); }
  Result<std::vector<std::string>> list(const std::string& folder) override { return m_wrapped.list(folder); }

 private:
  class LyingFile final : public platform::File {
   public:
    LyingFile(std::unique_ptr<platform::File> wrapped, const Lie& lie) : m_wrapped(std::move(wrapped)), m_lie(lie) {}
    Status readAt(std::uint64_t offset, std::span<std::byte> into) const override {
      DRIFT_TRY(m_wrapped->readAt(offset, into));
      if (m_lie) m_lie(offset, into);
      return {};
    }
    Status writeAt(std::uint64_t offset, ByteSpan bytes) override { return m_wrapped->writeAt(offset, bytes); }
    Status sync() override { return m_wrapped->sync(); }
    Result<std::uint64_t> size() const override { return m_wrapped->size(); }
    Status truncate(std::uint64_t size) override { return m_wrapped->truncate(size); }
    Status lockExclusive() override { return m_wrapped->lockExclusive(); }
    void unlock() override { m_wrapped->unlock(); }

   private:
    std::unique_ptr<platform::File> m_wrapped;
    const Lie& m_lie;
  };

  platform::FileSystem& m_wrapped;
  Lie m_lie;
};

/// `into` gets what the file holds at another place, zeros behind its end.
void copyFrom(const Bytes& file, std::uint64_t offset, std::span<std::byte> into) {
  std::ranges::fill(into, std::byte{0});
  if (offset >= file.size()) return;
  const auto bytes = std::min<std::uint64_t>(into.size(), file.size() - offset);
  std::copy_n(file.begin() + static_cast<std::ptrdiff_t>(offset), bytes, into.begin());
}

}  // namespace

class TestDamage : public QObject {
  Q_OBJECT

 private slots:
  void flippedBitsOfAnyFrame() {
    repeat([](const SoundFile& sound, Random& random) -> Status {
      for (const auto& frame : sound.frames) {
        // Its header, the beginning of its payload, and any place.
        for (const auto within :
             {random.below(kHeaderBytes), kHeaderBytes + random.below(8), random.below(frame.bytes)}) {
          auto bytes = sound.bytes;
          bytes[std::min(frame.offset + within, bytes.size() - 1)] ^= static_cast<std::byte>(1u << random.below(8));
          DRIFT_TRY(at(frame.offset + within, readDamaged(bytes, sound.history, random.next())));
        }
      }
      for (int i = 0; i < 6; ++i) {
        auto bytes = sound.bytes;
        const auto place = random.below(kFramesAt);
        bytes[place] ^= static_cast<std::byte>(1u << random.below(8));
        DRIFT_TRY(at(place, readDamaged(bytes, sound.history, random.next())));
      }
      return {};
    });
  }

  void lostAndRubbishSectors() {
    repeat([](const SoundFile& sound, Random& random) -> Status {
      for (std::uint64_t sector = kFramesAt / 512; sector * 512 < sound.bytes.size(); sector += 1 + random.below(3)) {
        auto bytes = sound.bytes;
        const auto kind = random.below(3);
        const auto other = random.below(bytes.size() / 512) * 512;
        for (std::uint64_t i = sector * 512; i < std::min<std::uint64_t>(bytes.size(), sector * 512 + 512); ++i)
          bytes[i] = kind == 0   ? std::byte{0}
                     : kind == 1 ? static_cast<std::byte>(random.next())
                                 : sound.bytes[std::min<std::uint64_t>(other + i % 512, bytes.size() - 1)];
        if (bytes == sound.bytes) continue;
        DRIFT_TRY(at(sector * 512, readDamaged(bytes, sound.history, random.next())));
      }
      return {};
    });
  }

  /// Superblocks are the only bytes that are written twice, so a disk can give back an older one.
  void staleSuperblocks() {
    repeat([](const SoundFile& sound, Random& random) -> Status {
      for (int which = 1; which < 4; ++which) {
        auto bytes = sound.bytes;
        for (int slot = 0; slot < 2; ++slot)
          if (which & (1 << slot))
            std::copy_n(sound.early.begin() + slot * static_cast<std::ptrdiff_t>(kSlotBytes), kSlotBytes,
                        bytes.begin() + slot * static_cast<std::ptrdiff_t>(kSlotBytes));
        MemoryFileSystem files;
        files.setContents(kPath, bytes);
        ClockSetter clock;
        DRIFT_ASSIGN(const auto store, Store::open(files, kPath, clock.clock(), {}));
        if (store->openReport().corrupted || store->lastCommit() != sound.history.size())
          return wrong("an old superblock hides commits");
        DRIFT_TRY(checkEverything(*store, sound.history, random, kLittle));
      }
      return {};
    });
  }

  void readsThatLie_data() {
    QTest::addColumn<int>("kind");
    QTest::newRow("a bit flips") << 0;
    QTest::newRow("nothing was written yet") << 1;
    QTest::newRow("another frame of its kind") << 2;
    QTest::newRow("another place") << 3;
    QTest::newRow("a sector too far") << 4;
  }
  void readsThatLie() {
    QFETCH(int, kind);
    repeat([kind](const SoundFile& sound, Random& random) -> Status {
      MemoryFileSystem files;
      files.setContents(kPath, sound.bytes);
      LyingFileSystem lying(files);
      ClockSetter clock;
      StoreOptions options;
      options.readOnly = true;
      options.cacheBytesMax = 1;
      DRIFT_ASSIGN(const auto store, Store::open(lying, kPath, clock.clock(), options));
      std::uint64_t lies = 0, found = 0;
      lying.tell([&](std::uint64_t offset, std::span<std::byte> bytes) {
        if (bytes.empty() || !random.chance(10)) return;
        const Bytes truth(bytes.begin(), bytes.end());
        if (kind == 0) bytes[random.below(bytes.size())] ^= static_cast<std::byte>(1u << random.below(8));
        if (kind == 1) std::ranges::fill(bytes.subspan(random.below(bytes.size())), std::byte{0});
        if (kind == 2) copyFrom(sound.bytes, anotherFrame(sound, offset, bytes.size(), random), bytes);
        if (kind == 3) copyFrom(sound.bytes, random.below(sound.bytes.size()), bytes);
        if (kind == 4) copyFrom(sound.bytes, offset + (random.chance(50) ? 512 : 4096), bytes);
        lies += !std::ranges::equal(truth, bytes);
      });
      for (int i = 0; i < 60; ++i) {
        const auto before = lies;
        const auto at = random.below(store->lastCommit() + 1);
        const auto status = i % 3 == 0   ? checkMoment(*store, sound.history, at, random, kLittle)
                            : i % 3 == 1 ? checkVersions(*store, sound.history, History::kNumbers, random, kLittle)
                                         : checkLog(*store, sound.history, random, kLittle);
        if (status.ok() && lies > before) return wrong("a lie was told, and nothing was said");
        DRIFT_TRY(fineIfDamaged(status));
        found += !status.ok();
      }
      if (found == 0) return wrong("no lie was told");
      // Nothing of it is remembered.
      lying.tell({});
      return checkEverything(*store, sound.history, random, kLittle);
    });
  }

 private:
  static Status at(std::uint64_t place, const Status& status) {
    if (status.ok()) return {};
    return wrong("with byte " + std::to_string(place) + " damaged: " + status.error().toString());
  }

  /// A frame of the kind of the one at `offset`, of the same size if there is one.
  static std::uint64_t anotherFrame(const SoundFile& sound, std::uint64_t offset, std::size_t bytes, Random& random) {
    const auto self = std::ranges::find(sound.frames, offset, &Frame::offset);
    if (self == sound.frames.end()) return offset;
    std::vector<std::uint64_t> alike, same;
    for (const auto& frame : sound.frames) {
      if (frame.offset == offset || frame.kind != self->kind) continue;
      alike.push_back(frame.offset);
      if (frame.bytes == bytes) same.push_back(frame.offset);
    }
    const auto& choice = same.empty() ? alike : same;
    return choice.empty() ? offset : choice[random.below(choice.size())];
  }

  void repeat(const std::function<Status(const SoundFile&, Random&)>& check) {
    const auto firstSeed = numberFromEnvironment("DRIFT_SEED", 1);
    for (auto seed = firstSeed; seed < firstSeed + numberFromEnvironment("DRIFT_ROUNDS", 1); ++seed) {
      qInfo("seed %llu", static_cast<unsigned long long>(seed));
      const SoundFile sound(seed);
      Random random(seed);
      VERIFY_OK(check(sound, random));
    }
  }
};

FAULT_TEST_MAIN(TestDamage)
#include "tst_damage.moc"
