#include "platform/memory_file_system.h"

#include <algorithm>
#include <utility>

namespace drift::platform {

namespace {

constexpr std::uint64_t kSectorBytes = 512;

/// SplitMix64, so that a crash is the same on every platform.
std::uint64_t nextRandom(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

std::string folderOf(const std::string& path) {
  const auto slash = path.find_last_of('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

}  // namespace

/// Contents of one file, shared by the file system and every open File. Thread-safe.
///
/// What was synced is kept as the old bytes of the sectors written since, so a sync costs nothing for the
/// size of the file.
class MemoryFileState final {
 public:
  bool read(std::uint64_t offset, std::span<std::byte> into) const {
    const std::scoped_lock lock(m_mutex);
    if (offset > m_bytes.size() || into.size() > m_bytes.size() - offset) return false;
    std::copy_n(m_bytes.begin() + static_cast<std::ptrdiff_t>(offset), into.size(), into.begin());
    return true;
  }

  void write(std::uint64_t offset, ByteSpan bytes) {
    const std::scoped_lock lock(m_mutex);
    rememberOld(offset, offset + bytes.size());
    if (m_bytes.size() < offset + bytes.size()) m_bytes.resize(offset + bytes.size());
    std::ranges::copy(bytes, m_bytes.begin() + static_cast<std::ptrdiff_t>(offset));
  }

  void sync() {
    const std::scoped_lock lock(m_mutex);
    m_old.clear();
    m_syncedBytes = m_bytes.size();
  }

  std::uint64_t size() const {
    const std::scoped_lock lock(m_mutex);
    return m_bytes.size();
  }

  void allocate(std::uint64_t size) {
    const std::scoped_lock lock(m_mutex);
    if (size > m_bytes.size()) m_bytes.resize(size);
  }

  void truncate(std::uint64_t size) {
    const std::scoped_lock lock(m_mutex);
    rememberOld(size, m_bytes.size());
    m_bytes.resize(size);
  }

  bool tryLock() {
    const std::scoped_lock lock(m_mutex);
    return !std::exchange(m_locked, true);
  }

  void unlock() {
    const std::scoped_lock lock(m_mutex);
    m_locked = false;
  }

  Bytes contents() const {
    const std::scoped_lock lock(m_mutex);
    return m_bytes;
  }

  /// Gives what MemoryFileSystem::crash() leaves of it, and moves `random` on.
  Bytes leftByCrash(std::uint64_t& random, bool keepNothing) const {
    const std::scoped_lock lock(m_mutex);
    Bytes left = m_bytes;
    const std::uint64_t writtenBytes = left.size();
    const auto low = std::min(writtenBytes, m_syncedBytes);
    const auto high = std::max(writtenBytes, m_syncedBytes);
    const auto size = keepNothing ? m_syncedBytes : low + nextRandom(random) % (high - low + 1);
    left.resize(high);
    for (const auto& [sector, bytes] : m_old) {
      if (!keepNothing && nextRandom(random) % 2 != 0) continue;
      const auto rest = std::ranges::copy(bytes, left.begin() + sectorStart(sector)).out;
      const auto unused = std::min<std::ptrdiff_t>(kSectorBytes - bytes.size(), left.end() - rest);
      std::fill_n(rest, unused, std::byte{0});
    }
    for (auto at = roundUp(m_syncedBytes); !keepNothing && at < size; at += kSectorBytes)
      if (nextRandom(random) % 2 == 0)
        std::fill_n(left.begin() + static_cast<std::ptrdiff_t>(at), std::min(kSectorBytes, size - at), std::byte{0});
    left.resize(size);
    return left;
  }

 private:
  static std::ptrdiff_t sectorStart(std::uint64_t sector) { return static_cast<std::ptrdiff_t>(sector * kSectorBytes); }
  static std::uint64_t roundUp(std::uint64_t bytes) { return (bytes + kSectorBytes - 1) / kSectorBytes * kSectorBytes; }

  /// Keeps the synced contents of the sectors of [begin, end) that have not been touched since the sync.
  void rememberOld(std::uint64_t begin, std::uint64_t end) {
    end = std::min(end, m_syncedBytes);
    for (auto sector = begin / kSectorBytes; sector * kSectorBytes < end; ++sector) {
      const auto [place, isNew] = m_old.try_emplace(sector);
      if (!isNew) continue;
      // Until the first touch a synced sector lies wholly within m_bytes.
      const auto first = m_bytes.begin() + sectorStart(sector);
      const auto last = std::min((sector + 1) * kSectorBytes, m_syncedBytes);
      place->second.assign(first, m_bytes.begin() + static_cast<std::ptrdiff_t>(last));
    }
  }

  mutable std::mutex m_mutex;  // guards what follows
  Bytes m_bytes;
  std::map<std::uint64_t, Bytes> m_old;  // by sector, what it held at the last sync
  std::uint64_t m_syncedBytes = 0;
  bool m_locked = false;
};

namespace {

class MemoryFile final : public File {
 public:
  MemoryFile(std::string path, std::shared_ptr<MemoryFileState> state, bool writable)
      : m_path(std::move(path)), m_state(std::move(state)), m_writable(writable) {}
  ~MemoryFile() override {
    if (m_holdsLock) m_state->unlock();
  }

  Status readAt(std::uint64_t offset, std::span<std::byte> into) const override {
    if (m_state->read(offset, into)) return {};
    return makeError(ErrorKind::DataCorrupted, "\"{}\" ends before byte {}", m_path, offset + into.size());
  }

  Status writeAt(std::uint64_t offset, ByteSpan bytes) override {
    if (!m_writable) return notWritable("write");
    m_state->write(offset, bytes);
    return {};
  }

  Status sync() override {
    m_state->sync();
    return {};
  }

  Result<std::uint64_t> size() const override { return m_state->size(); }

  Status truncate(std::uint64_t size) override {
    if (!m_writable) return notWritable("truncate");
    m_state->truncate(size);
    return {};
  }

  Result<bool> allocate(std::uint64_t size) override {
    if (!m_writable) return notWritable("write");
    m_state->allocate(size);
    return true;
  }

  void unlock() override {
    if (std::exchange(m_holdsLock, false)) m_state->unlock();
  }

  Status lockExclusive() override {
    if (m_holdsLock) return {};
    if (!m_state->tryLock())
      return makeError(ErrorKind::DatabaseLocked, "\"{}\" is in use by this program", m_path)
          .withHint("close it there, or open it read-only");
    m_holdsLock = true;
    return {};
  }

 private:
  Error notWritable(std::string_view what) const {
    return makeError(ErrorKind::PermissionDenied, "no permission to {} \"{}\"", what, m_path);
  }

  std::string m_path;
  std::shared_ptr<MemoryFileState> m_state;
  bool m_writable;
  bool m_holdsLock = false;
};

}  // namespace

std::shared_ptr<MemoryFileState> MemoryFileSystem::find(const std::string& path) const {
  const std::scoped_lock lock(m_mutex);
  const auto found = m_files.find(path);
  return found == m_files.end() ? nullptr : found->second;
}

Result<std::unique_ptr<File>> MemoryFileSystem::open(const std::string& path, OpenMode mode) {
  const std::scoped_lock lock(m_mutex);
  auto found = m_files.find(path);
  if (mode == OpenMode::CreateNew) {
    if (found != m_files.end()) return makeError(ErrorKind::FileExists, "\"{}\" exists already", path);
    found = m_files.emplace(path, std::make_shared<MemoryFileState>()).first;
  }
  if (found == m_files.end()) return makeError(ErrorKind::FileNotFound, "\"{}\" does not exist", path);
  return std::unique_ptr<File>(std::make_unique<MemoryFile>(path, found->second, mode != OpenMode::ReadOnly));
}

Result<bool> MemoryFileSystem::exists(const std::string& path) { return find(path) != nullptr; }

Status MemoryFileSystem::remove(const std::string& path) {
  const std::scoped_lock lock(m_mutex);
  if (m_files.erase(path) == 0) return makeError(ErrorKind::FileNotFound, "\"{}\" does not exist", path);
  return {};
}

Status MemoryFileSystem::rename(const std::string& from, const std::string& to) {
  const std::scoped_lock lock(m_mutex);
  const auto found = m_files.find(from);
  if (found == m_files.end()) return makeError(ErrorKind::FileNotFound, "\"{}\" does not exist", from);
  auto state = found->second;
  m_files.erase(found);
  m_files.insert_or_assign(to, std::move(state));
  return {};
}

Status MemoryFileSystem::syncFolderOf(const std::string& path) {
  const std::scoped_lock lock(m_mutex);
  const auto folder = folderOf(path);
  std::erase_if(m_durableFiles, [&](const auto& entry) { return folderOf(entry.first) == folder; });
  for (const auto& [name, state] : m_files)
    if (folderOf(name) == folder) m_durableFiles.emplace(name, state);
  return {};
}

Result<std::vector<std::string>> MemoryFileSystem::list(const std::string& folder) {
  const std::scoped_lock lock(m_mutex);
  const auto prefix = folder.ends_with('/') ? folder : folder + "/";
  std::vector<std::string> names;
  for (const auto& [path, state] : m_files)
    if (path.starts_with(prefix) && path.find('/', prefix.size()) == std::string::npos)
      names.push_back(path.substr(prefix.size()));
  if (names.empty()) return makeError(ErrorKind::FileNotFound, "\"{}\" is not a folder", folder);
  return names;
}

void MemoryFileSystem::crash(std::uint64_t seed) {
  const std::scoped_lock lock(m_mutex);
  std::uint64_t random = seed;
  const bool keepNothing = seed == 0;
  if (keepNothing || nextRandom(random) % 2 == 0) m_files = m_durableFiles;
  for (auto& [path, state] : m_files) {
    // A thread that still writes to an open File must not reach what the crash left.
    auto left = std::make_shared<MemoryFileState>();
    left->write(0, state->leftByCrash(random, keepNothing));
    left->sync();
    state = std::move(left);
  }
  m_durableFiles = m_files;
}

Bytes MemoryFileSystem::contents(const std::string& path) const {
  const auto state = find(path);
  return state ? state->contents() : Bytes();
}

void MemoryFileSystem::setContents(const std::string& path, Bytes bytes) {
  const std::scoped_lock lock(m_mutex);
  auto state = std::make_shared<MemoryFileState>();
  state->write(0, bytes);
  state->sync();
  m_files.insert_or_assign(path, state);
  m_durableFiles.insert_or_assign(path, std::move(state));
}

}  // namespace drift::platform
