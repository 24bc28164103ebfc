// The file system of POSIX systems: pread, pwrite, fdatasync, flock, rename.
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/file_system.h"
#include "platform/lock_holder.h"

namespace drift::platform {

namespace {

std::string baseName(const std::string& path) { return path.substr(path.find_last_of('/') + 1); }

/// Says what an operation on a path ran into.
Error systemError(std::string_view what, const std::string& path, int code) {
  ErrorKind kind = ErrorKind::IoError;
  switch (code) {
    case ENOENT:
    case ENOTDIR: return makeError(ErrorKind::FileNotFound, "\"{}\" does not exist", path);
    case EEXIST: return makeError(ErrorKind::FileExists, "\"{}\" exists already", path);
    case EACCES:
    case EPERM:
    case EROFS: return makeError(ErrorKind::PermissionDenied, "no permission to {} \"{}\"", what, path);
    case EISDIR: return makeError(ErrorKind::WrongObjectType, "\"{}\" is a folder", path);
    case ENOSPC:
    case EDQUOT: kind = ErrorKind::DiskFull; break;
    default: break;
  }
  return makeError(kind, "could not {} \"{}\": {}", what, path, std::generic_category().message(code));
}

class PosixFile final : public File {
 public:
  PosixFile(std::string path, int descriptor) : m_path(std::move(path)), m_descriptor(descriptor) {}
  ~PosixFile() override { ::close(m_descriptor); }

  Status readAt(std::uint64_t offset, std::span<std::byte> into) const override {
    while (!into.empty()) {
      const auto count = ::pread(m_descriptor, into.data(), into.size(), static_cast<off_t>(offset));
      if (count < 0) {
        if (errno == EINTR) continue;
        return systemError("read", m_path, errno);
      }
      if (count == 0)
        return makeError(ErrorKind::DataCorrupted, "\"{}\" ends before byte {}", baseName(m_path),
                         offset + into.size());
      offset += static_cast<std::uint64_t>(count);
      into = into.subspan(static_cast<std::size_t>(count));
    }
    return {};
  }

  Status writeAt(std::uint64_t offset, ByteSpan bytes) override {
    while (!bytes.empty()) {
      const auto count = ::pwrite(m_descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
      if (count < 0) {
        if (errno == EINTR) continue;
        return systemError("write", m_path, errno);
      }
      if (count == 0) return makeError(ErrorKind::IoError, "could not write \"{}\": nothing was taken", m_path);
      offset += static_cast<std::uint64_t>(count);
      bytes = bytes.subspan(static_cast<std::size_t>(count));
    }
    return {};
  }

  Status sync() override {
#ifdef __APPLE__
    // fsync on macOS does not reach the medium.
    if (::fcntl(m_descriptor, F_FULLFSYNC) == 0) return {};
    if (::fsync(m_descriptor) != 0) return systemError("sync", m_path, errno);
#else
    if (::fdatasync(m_descriptor) != 0) return systemError("sync", m_path, errno);
#endif
    return {};
  }

  Result<std::uint64_t> size() const override {
    struct stat info {};
    if (::fstat(m_descriptor, &info) != 0) return systemError("read", m_path, errno);
    return static_cast<std::uint64_t>(info.st_size);
  }

  Status truncate(std::uint64_t size) override {
    if (::ftruncate(m_descriptor, static_cast<off_t>(size)) != 0) return systemError("truncate", m_path, errno);
    return {};
  }

#ifdef __linux__
  Result<bool> allocate(std::uint64_t size) override {
    int failure = 0;
    do {
      failure = ::fallocate(m_descriptor, 0, 0, static_cast<off_t>(size)) == 0 ? 0 : errno;
    } while (failure == EINTR);
    if (failure == EIO) return systemError("write", m_path, failure);
    return failure == 0;
  }
#endif

  void unlock() override { ::flock(m_descriptor, LOCK_UN); }

  Status lockExclusive() override {
    // flock belongs to the open file, so it also holds between two opens of one process.
    if (::flock(m_descriptor, LOCK_EX | LOCK_NB) == 0) return {};
    if (errno != EWOULDBLOCK) return systemError("lock", m_path, errno);
    return makeError(ErrorKind::DatabaseLocked, "\"{}\" is in use by {}", baseName(m_path), lockHolder(m_descriptor))
        .withHint("close it there, or open it read-only");
  }

 private:
  std::string m_path;
  int m_descriptor;
};

class PosixFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    int flags = O_CLOEXEC | (mode == OpenMode::ReadOnly ? O_RDONLY : O_RDWR);
    if (mode == OpenMode::CreateNew) flags |= O_CREAT | O_EXCL;
    const int descriptor = ::open(path.c_str(), flags, 0644);
    if (descriptor < 0) {
      if (mode == OpenMode::CreateNew && (errno == ENOENT || errno == ENOTDIR))
        return makeError(ErrorKind::FileNotFound, "could not create \"{}\": there is no such folder", path);
      return systemError(mode == OpenMode::CreateNew ? "create" : "open", path, errno);
    }
    auto file = std::make_unique<PosixFile>(path, descriptor);
    struct stat info {};
    if (::fstat(descriptor, &info) != 0) return systemError("open", path, errno);
    if (S_ISDIR(info.st_mode)) return systemError("open", path, EISDIR);
    return std::unique_ptr<File>(std::move(file));
  }

  Result<bool> exists(const std::string& path) override {
    struct stat info {};
    if (::stat(path.c_str(), &info) == 0) return true;
    if (errno == ENOENT || errno == ENOTDIR) return false;
    return systemError("look for", path, errno);
  }

  Status remove(const std::string& path) override {
    if (::unlink(path.c_str()) != 0) return systemError("remove", path, errno);
    return {};
  }

  Status rename(const std::string& from, const std::string& to) override {
    if (std::rename(from.c_str(), to.c_str()) != 0) return systemError("rename", from, errno);
    return {};
  }

  Status syncFolderOf(const std::string& path) override {
    const auto slash = path.find_last_of('/');
    const auto folder = slash == std::string::npos ? std::string(".") : path.substr(0, std::max<std::size_t>(slash, 1));
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return systemError("open", folder, errno);
    const int failed = ::fsync(descriptor) == 0 ? 0 : errno;
    ::close(descriptor);
    // Some file systems have no sync of folders and say so; their renames are durable or nothing can be done.
    if (failed != 0 && failed != EINVAL && failed != ENOTSUP) return systemError("sync", folder, failed);
    return {};
  }

  Result<std::vector<std::string>> list(const std::string& folder) override {
    std::error_code error;
    std::vector<std::string> names;
    auto entry = std::filesystem::directory_iterator(folder, error);
    for (; !error && entry != std::filesystem::directory_iterator(); entry.increment(error)) {
      std::error_code gone;  // an entry that vanished meanwhile, or a link that leads nowhere, is no file
      if (entry->is_regular_file(gone)) names.push_back(entry->path().filename().string());
    }
    if (error) return systemError("list", folder, error.value());
    std::ranges::sort(names);
    return names;
  }
};

}  // namespace

std::unique_ptr<FileSystem> makeNativeFileSystem() { return std::make_unique<PosixFileSystem>(); }

}  // namespace drift::platform
