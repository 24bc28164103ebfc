#include "formats/file_set.h"

#include <array>
#include <cerrno>
#include <memory>
#include <optional>

#include <archive.h>
#include <archive_entry.h>

#include "formats/byte_source.h"

namespace drift::formats {

namespace {

struct FreeArchive {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
using ArchiveHandle = std::unique_ptr<archive, FreeArchive>;

/// What libarchive's callbacks share: where the packed bytes come from, and what went wrong there.
struct Feed {
  std::unique_ptr<ByteSource> source;
  std::array<std::byte, 64 * 1024> block{};
  std::optional<Error> failure;
};

la_ssize_t readFeed(archive* handle, void* data, const void** block) {
  auto& feed = *static_cast<Feed*>(data);
  auto size = feed.source->read(feed.block);
  if (!size.ok()) {
    feed.failure = std::move(size).error();
    archive_set_error(handle, EIO, "read failed");
    return -1;
  }
  *block = feed.block.data();
  return static_cast<la_ssize_t>(*size);
}

std::string baseName(std::string_view path) {
  const auto slash = path.find_last_of("/\\");
  return std::string(slash == std::string_view::npos ? path : path.substr(slash + 1));
}

Error tooLarge(const std::string& name, std::uint64_t bytesMax) {
  return makeError(ErrorKind::LimitExceeded, "\"{}\" is larger than {} MB when unpacked", name, bytesMax >> 20);
}

/// Counts unpacked bytes against the limits.
class Allowance final {
 public:
  explicit Allowance(const FileSetLimits& limits) : m_limits(limits) {}
  Status take(const std::string& name, std::uint64_t fileBytes, std::uint64_t addedBytes) {
    m_total += addedBytes;
    if (fileBytes > m_limits.fileBytesMax) return tooLarge(name, m_limits.fileBytesMax);
    if (m_total > m_limits.totalBytesMax) return tooLarge("the archive", m_limits.totalBytesMax);
    return {};
  }

 private:
  FileSetLimits m_limits;
  std::uint64_t m_total = 0;
};

Error unreadable(const std::string& path, archive* handle) {
  const char* reason = archive_error_string(handle);
  return makeError(ErrorKind::InvalidParameterValue, "\"{}\" is neither a folder nor a readable archive: {}", path,
                   reason ? reason : "unknown format");
}

Status visitFolder(platform::FileSystem& files, const std::string& folder, const std::vector<std::string>& names,
                   Allowance allowance, const std::function<Status(SetFile)>& visit) {
  for (const auto& name : names) {
    DRIFT_ASSIGN(const auto file, files.open(folder + "/" + name, platform::OpenMode::ReadOnly));
    DRIFT_ASSIGN(const auto size, file->size());
    DRIFT_TRY(allowance.take(name, size, size));
    SetFile found{name, std::string(static_cast<std::size_t>(size), '\0')};
    DRIFT_TRY(file->readAt(0, std::as_writable_bytes(std::span(found.contents))));
    DRIFT_TRY(visit(std::move(found)));
  }
  return {};
}

Result<std::string> readEntry(archive* handle, const std::string& path, const std::string& name, const Feed& feed,
                              Allowance& allowance) {
  std::string contents;
  std::array<char, 64 * 1024> block;
  while (true) {
    const auto size = archive_read_data(handle, block.data(), block.size());
    if (size < 0) {
      if (feed.failure) return *feed.failure;
      return unreadable(path, handle);
    }
    if (size == 0) return contents;
    DRIFT_TRY(allowance.take(name, contents.size() + static_cast<std::size_t>(size), static_cast<std::uint64_t>(size)));
    contents.append(block.data(), static_cast<std::size_t>(size));
  }
}

Status visitArchive(const std::string& path, Feed& feed, Allowance allowance,
                    const std::function<Status(SetFile)>& visit) {
  const ArchiveHandle handle(archive_read_new());
  archive_read_support_filter_all(handle.get());
  archive_read_support_format_all(handle.get());
  if (archive_read_open(handle.get(), &feed, nullptr, readFeed, nullptr) != ARCHIVE_OK)
    return feed.failure ? *feed.failure : unreadable(path, handle.get());
  while (true) {
    archive_entry* entry = nullptr;
    const int state = archive_read_next_header(handle.get(), &entry);
    if (state == ARCHIVE_EOF) return {};
    if (state < ARCHIVE_WARN) return feed.failure ? *feed.failure : unreadable(path, handle.get());
    if (archive_entry_filetype(entry) != AE_IFREG) continue;
    const char* raw = archive_entry_pathname_utf8(entry);
    if (!raw) raw = archive_entry_pathname(entry);
    SetFile found{baseName(raw ? raw : ""), {}};
    DRIFT_ASSIGN(found.contents, readEntry(handle.get(), path, found.name, feed, allowance));
    DRIFT_TRY(visit(std::move(found)));
  }
}

}  // namespace

Status visitFiles(platform::FileSystem& files, const std::string& path, const FileSetLimits& limits,
                  const std::function<Status(SetFile file)>& visit) {
  const Allowance allowance(limits);
  if (const auto names = files.list(path); names.ok()) return visitFolder(files, path, *names, allowance, visit);
  Feed feed;
  DRIFT_ASSIGN(feed.source, openFileSource(files, path));
  return visitArchive(path, feed, allowance, visit);
}

}  // namespace drift::formats
