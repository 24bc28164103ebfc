#include "faults/crash_file_system.h"

#include <algorithm>
#include <utility>

namespace drift::faults {

using platform::File;
using platform::OpenMode;

namespace {

std::string folderOf(const std::string& path) {
  const auto slash = path.find_last_of('/');
  return slash == std::string::npos ? std::string() : path.substr(0, slash);
}

void writeInto(Bytes& bytes, std::uint64_t offset, ByteSpan what) {
  if (bytes.size() < offset + what.size()) bytes.resize(offset + what.size());
  std::ranges::copy(what, bytes.begin() + static_cast<std::ptrdiff_t>(offset));
}

/// What a file held at its last sync, and all that it was afterwards.
class UnsyncedFile final {
 public:
  void start(Bytes bytes) {
    m_synced = m_now = std::move(bytes);
    forget();
  }
  void write(std::uint64_t offset, ByteSpan bytes, std::size_t sectorBytes) {
    remember(offset, offset + bytes.size(), sectorBytes);
    writeInto(m_now, offset, bytes);
    remember(offset, offset + bytes.size(), sectorBytes);
    m_sizes.push_back(m_now.size());
  }
  void truncate(std::uint64_t size, std::size_t sectorBytes) {
    remember(size, std::max<std::uint64_t>(size, m_now.size()), sectorBytes);
    m_now.resize(size);
    m_sizes.push_back(size);
  }
  void sync() {
    m_synced = m_now;
    forget();
  }

  Bytes crashed(const CrashKind& kind, Random& random) const {
    if (kind.keepsNothing) return m_synced;
    if (kind.keepsAll) return m_now;
    auto size = m_sizes[random.below(m_sizes.size())];
    if (random.chance(30)) {
      const auto other = m_sizes[random.below(m_sizes.size())];
      size = random.between(std::min(size, other), std::max(size, other));
    }
    Bytes left = m_synced;
    left.resize(size);
    if (kind.rubbish)
      for (auto at = m_synced.size(); at < size; ++at) left[at] = static_cast<std::byte>(random.next());
    // Mostly each sector for itself; sometimes all before a point and none behind it, as a disk in order would do.
    const bool inOrder = random.chance(25);
    const auto upTo = m_sectors.empty() ? 0 : random.below(m_sectors.rbegin()->first + 2);
    const auto keepPercent = random.chance(30) ? 95 : 50;
    for (const auto& [sector, versions] : m_sectors) {
      const auto at = sector * kind.sectorBytes;
      if (at >= size) continue;
      const bool kept = inOrder ? sector < upTo : random.chance(keepPercent);
      if (!kept) continue;
      const auto& version = inOrder || random.chance(60) ? versions.back() : versions[random.below(versions.size())];
      const auto bytes = std::min<std::uint64_t>(version.size(), size - at);
      std::copy_n(version.begin(), bytes, left.begin() + static_cast<std::ptrdiff_t>(at));
    }
    return left;
  }

 private:
  void forget() {
    m_sectors.clear();
    m_sizes = {m_now.size()};
  }
  /// Keeps what the sectors of [begin, end) hold now.
  void remember(std::uint64_t begin, std::uint64_t end, std::size_t sectorBytes) {
    for (auto sector = begin / sectorBytes; sector * sectorBytes < std::min<std::uint64_t>(end, m_now.size());
         ++sector) {
      const auto from = m_now.begin() + static_cast<std::ptrdiff_t>(sector * sectorBytes);
      const auto bytes = std::min<std::uint64_t>(sectorBytes, m_now.size() - sector * sectorBytes);
      m_sectors[sector].emplace_back(from, from + static_cast<std::ptrdiff_t>(bytes));
    }
  }

  Bytes m_synced;
  Bytes m_now;
  std::map<std::uint64_t, std::vector<Bytes>> m_sectors;
  std::vector<std::uint64_t> m_sizes{0};
};

}  // namespace

class CrashFile final : public File {
 public:
  CrashFile(CrashFileSystem& disk, std::size_t number, std::string path, bool writable)
      : m_disk(disk), m_number(number), m_path(std::move(path)), m_writable(writable) {}
  ~CrashFile() override { CrashFile::unlock(); }

  Status readAt(std::uint64_t offset, std::span<std::byte> into) const override {
    const std::scoped_lock lock(m_disk.m_mutex);
    const auto& bytes = m_disk.m_files[m_number].bytes;
    if (offset > bytes.size() || into.size() > bytes.size() - offset)
      return makeError(ErrorKind::DataCorrupted, "\"{}\" ends before byte {}", m_path, offset + into.size());
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), into.size(), into.begin());
    return {};
  }
  Status writeAt(std::uint64_t offset, ByteSpan bytes) override {
    if (!m_writable) return makeError(ErrorKind::PermissionDenied, "no permission to write \"{}\"", m_path);
    {
      const std::scoped_lock lock(m_disk.m_mutex);
      if (++m_disk.m_files[m_number].writers > 1) m_disk.m_broken = true;
    }
    const std::scoped_lock lock(m_disk.m_mutex);
    m_disk.record({.action = CrashFileSystem::Action::Write,
                   .file = m_number,
                   .offset = offset,
                   .bytes = Bytes(bytes.begin(), bytes.end())});
    --m_disk.m_files[m_number].writers;
    return {};
  }
  Status sync() override {
    const std::scoped_lock lock(m_disk.m_mutex);
    m_disk.record({.action = CrashFileSystem::Action::Sync, .file = m_number});
    m_disk.m_lastSync = m_disk.m_operations.size();
    return {};
  }
  Result<std::uint64_t> size() const override {
    const std::scoped_lock lock(m_disk.m_mutex);
    return std::uint64_t{m_disk.m_files[m_number].bytes.size()};
  }
  Status truncate(std::uint64_t size) override {
    if (!m_writable) return makeError(ErrorKind::PermissionDenied, "no permission to truncate \"{}\"", m_path);
    const std::scoped_lock lock(m_disk.m_mutex);
    m_disk.record({.action = CrashFileSystem::Action::Truncate, .file = m_number, .offset = size});
    return {};
  }
  Result<bool> allocate(std::uint64_t size) override {
    if (!m_writable) return makeError(ErrorKind::PermissionDenied, "no permission to write \"{}\"", m_path);
    const std::scoped_lock lock(m_disk.m_mutex);
    if (size > m_disk.m_files[m_number].bytes.size())
      m_disk.record({.action = CrashFileSystem::Action::Truncate, .file = m_number, .offset = size});
    return true;
  }
  Status lockExclusive() override {
    const std::scoped_lock lock(m_disk.m_mutex);
    auto& locked = m_disk.m_files[m_number].locked;
    if (m_holdsLock) return {};
    if (locked) return makeError(ErrorKind::DatabaseLocked, "\"{}\" is in use by this program", m_path);
    m_holdsLock = locked = true;
    return {};
  }
  void unlock() override {
    const std::scoped_lock lock(m_disk.m_mutex);
    if (std::exchange(m_holdsLock, false)) m_disk.m_files[m_number].locked = false;
  }

 private:
  CrashFileSystem& m_disk;
  std::size_t m_number;
  std::string m_path;
  bool m_writable;
  bool m_holdsLock = false;
};

CrashFileSystem::CrashFileSystem(const DiskImage& image) : m_start(image) {
  for (const auto& [name, bytes] : image) {
    m_names[name] = m_files.size();
    m_files.push_back({.bytes = bytes});
  }
}

void CrashFileSystem::record(Operation operation) {
  apply(operation);
  m_operations.push_back(std::move(operation));
}

void CrashFileSystem::apply(const Operation& operation) {
  if (operation.action == Action::Write) writeInto(m_files[operation.file].bytes, operation.offset, operation.bytes);
  if (operation.action == Action::Truncate) m_files[operation.file].bytes.resize(operation.offset);
}

void CrashFileSystem::nameChanged(const std::string& path) {
  record({.action = Action::Name, .path = path, .names = m_names});
}

Result<std::unique_ptr<File>> CrashFileSystem::open(const std::string& path, OpenMode mode) {
  const std::scoped_lock lock(m_mutex);
  auto found = m_names.find(path);
  if (mode == OpenMode::CreateNew) {
    if (found != m_names.end()) return makeError(ErrorKind::FileExists, "\"{}\" exists already", path);
    found = m_names.emplace(path, m_files.size()).first;
    m_files.emplace_back();
    nameChanged(path);
  }
  if (found == m_names.end()) return makeError(ErrorKind::FileNotFound, "\"{}\" does not exist", path);
  return std::unique_ptr<File>(std::make_unique<CrashFile>(*this, found->second, path, mode != OpenMode::ReadOnly));
}

Result<bool> CrashFileSystem::exists(const std::string& path) {
  const std::scoped_lock lock(m_mutex);
  return m_names.contains(path);
}

Status CrashFileSystem::remove(const std::string& path) {
  const std::scoped_lock lock(m_mutex);
  if (m_names.erase(path) == 0) return makeError(ErrorKind::FileNotFound, "\"{}\" does not exist", path);
  nameChanged(path);
  return {};
}

Status CrashFileSystem::rename(const std::string& from, const std::string& to) {
  const std::scoped_lock lock(m_mutex);
  const auto found = m_names.find(from);
  if (found == m_names.end()) return makeError(ErrorKind::FileNotFound, "\"{}\" does not exist", from);
  const auto file = found->second;
  m_names.erase(found);
  m_names[to] = file;
  nameChanged(to);
  return {};
}

Status CrashFileSystem::syncFolderOf(const std::string& path) {
  const std::scoped_lock lock(m_mutex);
  record({.action = Action::SyncFolder, .path = folderOf(path)});
  return {};
}

Result<std::vector<std::string>> CrashFileSystem::list(const std::string& folder) {
  const std::scoped_lock lock(m_mutex);
  std::vector<std::string> names;
  for (const auto& [path, file] : m_names)
    if (folderOf(path) == folder) names.push_back(path.substr(folder.empty() ? 0 : folder.size() + 1));
  return names;
}

std::size_t CrashFileSystem::operations() const {
  const std::scoped_lock lock(m_mutex);
  return m_operations.size();
}

std::size_t CrashFileSystem::lastSync() const {
  const std::scoped_lock lock(m_mutex);
  return m_lastSync;
}

DiskImage CrashFileSystem::crashedAt(std::size_t operations, const CrashKind& kind, Random& random) const {
  const std::scoped_lock lock(m_mutex);
  std::vector<UnsyncedFile> files(m_files.size());
  Names first;
  for (const auto& [name, bytes] : m_start) {
    const auto number = first.size();
    first[name] = number;
    files[number].start(bytes);
  }
  // One folder is enough for a database: its names since its last sync.
  std::vector<Names> names{first};
  // A write that is under way when the power goes may arrive in parts like any other.
  const auto end = std::min(m_operations.size(), operations + 1);
  for (std::size_t i = 0; i < end; ++i) {
    const auto& operation = m_operations[i];
    const bool underWay = i == operations;
    auto& file = files[operation.file];
    switch (operation.action) {
      case Action::Write: file.write(operation.offset, operation.bytes, kind.sectorBytes); break;
      case Action::Truncate: file.truncate(operation.offset, kind.sectorBytes); break;
      case Action::Sync:
        if (!underWay) file.sync();
        break;
      case Action::Name: names.push_back(operation.names); break;
      case Action::SyncFolder:
        if (!underWay) names.erase(names.begin(), names.end() - 1);
        break;
    }
  }
  const auto& kept = kind.keepsNothing ? names.front()
                     : kind.keepsAll   ? names.back()
                                       : names[random.below(names.size())];
  DiskImage image;
  for (const auto& [name, number] : kept) image[name] = files[number].crashed(kind, random);
  return image;
}

}  // namespace drift::faults
