#include "platform/memory_file_system.h"

#include <algorithm>

namespace drift::platform {

namespace {

constexpr std::size_t kSectorBytes = 512;

class MemoryFile final : public File {
 public:
  MemoryFile(std::string path, std::shared_ptr<MemoryFileState> state, bool writable)
      : m_path(std::move(path)), m_state(std::move(state)), m_writable(writable) {}
  ~MemoryFile() override {
    if (!m_holdsLock) return;
    const std::scoped_lock lock(m_state->mutex);
    m_state->locked = false;
  }

  Status readAt(std::uint64_t offset, std::span<std::byte> into) const override {
    const std::scoped_lock lock(m_state->mutex);
    const auto& bytes = m_state->written;
    if (offset > bytes.size() || into.size() > bytes.size() - offset)
      return makeError(ErrorKind::DataCorrupted, "\"{}\" ends before byte {}", m_path, offset + into.size());
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(offset), into.size(), into.begin());
    return {};
  }

  Status writeAt(std::uint64_t offset, ByteSpan bytes) override {
    if (!m_writable) return notWritable();
    const std::scoped_lock lock(m_state->mutex);
    auto& image = m_state->written;
    if (image.size() < offset + bytes.size()) image.resize(offset + bytes.size());
    std::ranges::copy(bytes, image.begin() + static_cast<std::ptrdiff_t>(offset));
    return {};
  }

  Status sync() override {
    const std::scoped_lock lock(m_state->mutex);
    m_state->synced = m_state->written;
    return {};
  }

  Result<std::uint64_t> size() const override {
    const std::scoped_lock lock(m_state->mutex);
    return std::uint64_t{m_state->written.size()};
  }

  Status truncate(std::uint64_t size) override {
    if (!m_writable) return notWritable();
    const std::scoped_lock lock(m_state->mutex);
    m_state->written.resize(size);
    return {};
  }

  Status lockExclusive() override {
    const std::scoped_lock lock(m_state->mutex);
    if (m_state->locked) return makeError(ErrorKind::DatabaseLocked, "\"{}\" is in use in this process", m_path);
    m_state->locked = true;
    m_holdsLock = true;
    return {};
  }

 private:
  Status notWritable() const {
    return makeError(ErrorKind::PermissionDenied, "\"{}\" was opened for reading only", m_path);
  }

  std::string m_path;
  std::shared_ptr<MemoryFileState> m_state;
  bool m_writable;
  bool m_holdsLock = false;
};

/// SplitMix64, so that a crash is the same on every platform.
std::uint64_t nextRandom(std::uint64_t& state) {
  state += 0x9e3779b97f4a7c15;
  std::uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

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

Status MemoryFileSystem::syncFolderOf(const std::string&) { return {}; }

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
  for (auto& [path, state] : m_files) {
    const std::scoped_lock stateLock(state->mutex);
    auto& image = state->written;
    Bytes survived = state->synced;
    if (seed != 0) {
      const auto low = std::min(image.size(), survived.size());
      const auto high = std::max(image.size(), survived.size());
      survived.resize(low + nextRandom(random) % (high - low + 1));
      for (std::size_t at = 0; at < survived.size(); at += kSectorBytes) {
        if (nextRandom(random) % 2 == 0) continue;
        const auto end = std::min({at + kSectorBytes, survived.size(), image.size()});
        for (auto byte = at; byte < end; ++byte) survived[byte] = image[byte];
      }
    }
    image = survived;
    state->synced = std::move(survived);
    state->locked = false;
  }
}

Bytes MemoryFileSystem::contents(const std::string& path) const {
  const auto state = find(path);
  if (!state) return {};
  const std::scoped_lock lock(state->mutex);
  return state->written;
}

void MemoryFileSystem::setContents(const std::string& path, Bytes bytes) {
  const std::scoped_lock lock(m_mutex);
  auto state = std::make_shared<MemoryFileState>();
  state->written = bytes;
  state->synced = std::move(bytes);
  m_files.insert_or_assign(path, std::move(state));
}

}  // namespace drift::platform
