// The file system of Windows 10 (1607) and newer: CreateFileW, ReadFile and WriteFile with offsets,
// FlushFileBuffers, LockFileEx, rename with POSIX semantics. Paths are UTF-8 outside, UTF-16 inside.
#ifndef UNICODE
#define UNICODE
#endif
#ifndef NOMINMAX
#define NOMINMAX
#endif
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#include <windows.h>

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <utility>

#include "platform/file_system.h"

namespace drift::platform {

namespace {

/// One call moves at most this much; ReadFile and WriteFile count in 32 bits.
constexpr std::size_t kTransferBytesMax = std::size_t{1} << 30;

/// LockFileEx refuses reads of the locked range, so the lock is on one byte that no database reaches.
constexpr DWORD kLockOffsetHigh = 0x40000000;

/// A name must fit NTFS's limit; also keeps the lengths below in range of int.
constexpr std::size_t kPathBytesMax = 32 * 1024 * 3;

std::string baseName(const std::string& path) { return path.substr(path.find_last_of("/\\") + 1); }

std::string systemMessage(DWORD code) {
  wchar_t* text = nullptr;
  const DWORD length = FormatMessageW(
      FORMAT_MESSAGE_ALLOCATE_BUFFER | FORMAT_MESSAGE_FROM_SYSTEM | FORMAT_MESSAGE_IGNORE_INSERTS, nullptr, code,
      MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US), reinterpret_cast<wchar_t*>(&text), 0, nullptr);
  std::string message;
  for (DWORD i = 0; i < length; ++i) message.push_back(text[i] < 128 ? static_cast<char>(text[i]) : '?');
  LocalFree(text);
  while (!message.empty() && (message.back() == '\n' || message.back() == '\r' || message.back() == '.'))
    message.pop_back();
  return message.empty() ? fmt::format("error {}", code) : message;
}

/// Says what an operation on a path ran into.
Error systemError(std::string_view what, const std::string& path, DWORD code) {
  switch (code) {
    case ERROR_FILE_NOT_FOUND:
    case ERROR_PATH_NOT_FOUND:
    case ERROR_INVALID_NAME:
    case ERROR_INVALID_DRIVE:
    case ERROR_BAD_NETPATH: return makeError(ErrorKind::FileNotFound, "\"{}\" does not exist", path);
    case ERROR_FILE_EXISTS:
    case ERROR_ALREADY_EXISTS: return makeError(ErrorKind::FileExists, "\"{}\" exists already", path);
    case ERROR_ACCESS_DENIED:
    case ERROR_WRITE_PROTECT: return makeError(ErrorKind::PermissionDenied, "no permission to {} \"{}\"", what, path);
    case ERROR_SHARING_VIOLATION:
      return makeError(ErrorKind::DatabaseLocked, "could not {} \"{}\": another program keeps it to itself", what,
                       path);
    case ERROR_DISK_FULL:
    case ERROR_HANDLE_DISK_FULL:
      return makeError(ErrorKind::DiskFull, "could not {} \"{}\": the disk is full", what, path);
    default: return makeError(ErrorKind::IoError, "could not {} \"{}\": {}", what, path, systemMessage(code));
  }
}

Result<std::wstring> widePath(const std::string& path) {
  if (path.empty()) return makeError(ErrorKind::FileNotFound, "an empty path names no file");
  if (path.size() > kPathBytesMax)
    return makeError(ErrorKind::InvalidParameterValue, "a path of {} bytes is too long", path.size());
  const int bytes = static_cast<int>(path.size());
  const int length = MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path.data(), bytes, nullptr, 0);
  if (length == 0) return makeError(ErrorKind::InvalidByteSequence, "a path is not UTF-8");
  std::wstring wide(static_cast<std::size_t>(length), L'\0');
  MultiByteToWideChar(CP_UTF8, MB_ERR_INVALID_CHARS, path.data(), bytes, wide.data(), length);
  return wide;
}

std::string utf8(const wchar_t* text) {
  const int length = WideCharToMultiByte(CP_UTF8, 0, text, -1, nullptr, 0, nullptr, nullptr);
  if (length <= 1) return {};
  std::string bytes(static_cast<std::size_t>(length), '\0');
  WideCharToMultiByte(CP_UTF8, 0, text, -1, bytes.data(), length, nullptr, nullptr);
  bytes.pop_back();  // the terminating zero
  return bytes;
}

/// Owns a HANDLE.
class Handle final {
 public:
  explicit Handle(HANDLE handle) : m_handle(handle) {}
  Handle(Handle&& other) noexcept : m_handle(std::exchange(other.m_handle, INVALID_HANDLE_VALUE)) {}
  Handle& operator=(Handle&&) = delete;
  ~Handle() {
    if (m_handle != INVALID_HANDLE_VALUE) CloseHandle(m_handle);
  }
  bool valid() const { return m_handle != INVALID_HANDLE_VALUE; }
  HANDLE get() const { return m_handle; }

 private:
  HANDLE m_handle;
};

OVERLAPPED at(std::uint64_t offset) {
  OVERLAPPED position{};
  position.Offset = static_cast<DWORD>(offset & 0xffffffffu);
  position.OffsetHigh = static_cast<DWORD>(offset >> 32);
  return position;
}

class WindowsFile final : public File {
 public:
  WindowsFile(std::string path, Handle handle) : m_path(std::move(path)), m_handle(std::move(handle)) {}

  Status readAt(std::uint64_t offset, std::span<std::byte> into) const override {
    while (!into.empty()) {
      OVERLAPPED position = at(offset);
      DWORD count = 0;
      const auto wanted = static_cast<DWORD>(std::min(into.size(), kTransferBytesMax));
      if (!ReadFile(m_handle.get(), into.data(), wanted, &count, &position) && GetLastError() != ERROR_HANDLE_EOF)
        return systemError("read", m_path, GetLastError());
      if (count == 0)
        return makeError(ErrorKind::DataCorrupted, "\"{}\" ends before byte {}", baseName(m_path),
                         offset + into.size());
      offset += count;
      into = into.subspan(count);
    }
    return {};
  }

  Status writeAt(std::uint64_t offset, ByteSpan bytes) override {
    while (!bytes.empty()) {
      OVERLAPPED position = at(offset);
      DWORD count = 0;
      const auto wanted = static_cast<DWORD>(std::min(bytes.size(), kTransferBytesMax));
      if (!WriteFile(m_handle.get(), bytes.data(), wanted, &count, &position))
        return systemError("write", m_path, GetLastError());
      if (count == 0) return makeError(ErrorKind::IoError, "could not write \"{}\": nothing was taken", m_path);
      offset += count;
      bytes = bytes.subspan(count);
    }
    return {};
  }

  Status sync() override {
    if (!FlushFileBuffers(m_handle.get())) return systemError("sync", m_path, GetLastError());
    return {};
  }

  Result<std::uint64_t> size() const override {
    LARGE_INTEGER bytes{};
    if (!GetFileSizeEx(m_handle.get(), &bytes)) return systemError("read", m_path, GetLastError());
    return static_cast<std::uint64_t>(bytes.QuadPart);
  }

  Status truncate(std::uint64_t size) override {
    FILE_END_OF_FILE_INFO end{};
    end.EndOfFile.QuadPart = static_cast<LONGLONG>(size);
    if (!SetFileInformationByHandle(m_handle.get(), FileEndOfFileInfo, &end, sizeof end))
      return systemError("truncate", m_path, GetLastError());
    return {};
  }

  void unlock() override {
    if (!std::exchange(m_holdsLock, false)) return;
    OVERLAPPED position{};
    position.OffsetHigh = kLockOffsetHigh;
    UnlockFileEx(m_handle.get(), 0, 1, 0, &position);
  }

  Status lockExclusive() override {
    if (m_holdsLock) return {};
    OVERLAPPED position{};
    position.OffsetHigh = kLockOffsetHigh;
    if (!LockFileEx(m_handle.get(), LOCKFILE_EXCLUSIVE_LOCK | LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &position)) {
      const DWORD code = GetLastError();
      if (code != ERROR_LOCK_VIOLATION && code != ERROR_IO_PENDING) return systemError("lock", m_path, code);
      return makeError(ErrorKind::DatabaseLocked, "\"{}\" is in use by another program", baseName(m_path))
          .withHint("close it there, or open it read-only");
    }
    m_holdsLock = true;
    return {};
  }

 private:
  std::string m_path;
  Handle m_handle;
  bool m_holdsLock = false;  // written by the one writer only
};

/// Renames an open file so that readers of the file it replaces keep theirs.
bool renameLikePosix(HANDLE file, const std::wstring& to) {
  const std::size_t bytes = offsetof(FILE_RENAME_INFO, FileName) + (to.size() + 1) * sizeof(wchar_t);
  std::vector<std::max_align_t> buffer(bytes / sizeof(std::max_align_t) + 1);
  auto* info = reinterpret_cast<FILE_RENAME_INFO*>(buffer.data());
  info->Flags = FILE_RENAME_FLAG_REPLACE_IF_EXISTS | FILE_RENAME_FLAG_POSIX_SEMANTICS;
  info->FileNameLength = static_cast<DWORD>(to.size() * sizeof(wchar_t));
  std::memcpy(info->FileName, to.c_str(), (to.size() + 1) * sizeof(wchar_t));
  return SetFileInformationByHandle(file, FileRenameInfoEx, info, static_cast<DWORD>(bytes)) != 0;
}

class WindowsFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override {
    DRIFT_ASSIGN(const auto wide, widePath(path));
    const auto what = mode == OpenMode::CreateNew ? "create" : "open";
    const DWORD access = GENERIC_READ | (mode == OpenMode::ReadOnly ? 0 : GENERIC_WRITE);
    Handle handle(CreateFileW(wide.c_str(), access, kShareAll, nullptr,
                              mode == OpenMode::CreateNew ? CREATE_NEW : OPEN_EXISTING, FILE_ATTRIBUTE_NORMAL,
                              nullptr));
    if (!handle.valid()) {
      const DWORD code = GetLastError();
      const DWORD attributes = GetFileAttributesW(wide.c_str());
      const bool isFolder = attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY);
      if (isFolder && mode != OpenMode::CreateNew)
        return makeError(ErrorKind::WrongObjectType, "\"{}\" is a folder", path);
      if (isFolder) return systemError(what, path, ERROR_FILE_EXISTS);
      if (mode == OpenMode::CreateNew && code == ERROR_PATH_NOT_FOUND)
        return makeError(ErrorKind::FileNotFound, "could not create \"{}\": there is no such folder", path);
      return systemError(what, path, code);
    }
    return std::unique_ptr<File>(std::make_unique<WindowsFile>(path, std::move(handle)));
  }

  Result<bool> exists(const std::string& path) override {
    DRIFT_ASSIGN(const auto wide, widePath(path));
    if (GetFileAttributesW(wide.c_str()) != INVALID_FILE_ATTRIBUTES) return true;
    const DWORD code = GetLastError();
    if (code == ERROR_FILE_NOT_FOUND || code == ERROR_PATH_NOT_FOUND || code == ERROR_INVALID_NAME) return false;
    return systemError("look for", path, code);
  }

  Status remove(const std::string& path) override {
    DRIFT_ASSIGN(const auto wide, widePath(path));
    if (!DeleteFileW(wide.c_str())) return systemError("remove", path, GetLastError());
    return {};
  }

  Status rename(const std::string& from, const std::string& to) override {
    DRIFT_ASSIGN(const auto wideFrom, widePath(from));
    DRIFT_ASSIGN(const auto wideTo, widePath(to));
    {
      const Handle file(CreateFileW(wideFrom.c_str(), DELETE | SYNCHRONIZE, kShareAll, nullptr, OPEN_EXISTING,
                                    FILE_ATTRIBUTE_NORMAL, nullptr));
      if (!file.valid()) return systemError("rename", from, GetLastError());
      if (renameLikePosix(file.get(), wideTo)) return {};
    }
    // FAT and network folders know no POSIX semantics; there a reader of the replaced file is an error.
    if (!MoveFileExW(wideFrom.c_str(), wideTo.c_str(), MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
      return systemError("rename", from, GetLastError());
    return {};
  }

  Status syncFolderOf(const std::string& path) override {
    const auto slash = path.find_last_of("/\\");
    const auto folder = slash == std::string::npos ? std::string(".") : path.substr(0, slash + 1);
    DRIFT_ASSIGN(const auto wide, widePath(folder));
    const Handle handle(CreateFileW(wide.c_str(), GENERIC_READ | GENERIC_WRITE, kShareAll, nullptr, OPEN_EXISTING,
                                    FILE_FLAG_BACKUP_SEMANTICS, nullptr));
    const bool flushed = handle.valid() && FlushFileBuffers(handle.get());
    const DWORD code = flushed ? ERROR_SUCCESS : GetLastError();
    // Where Windows gives nobody a folder to flush, NTFS's own journal keeps creations and renames.
    if (code == ERROR_SUCCESS || code == ERROR_ACCESS_DENIED || code == ERROR_INVALID_FUNCTION ||
        code == ERROR_INVALID_HANDLE || code == ERROR_NOT_SUPPORTED)
      return {};
    return systemError("sync", folder, code);
  }

  Result<std::vector<std::string>> list(const std::string& folder) override {
    DRIFT_ASSIGN(const auto wide, widePath(folder + "/*"));
    WIN32_FIND_DATAW entry{};
    const HANDLE search = FindFirstFileW(wide.c_str(), &entry);
    if (search == INVALID_HANDLE_VALUE) return systemError("list", folder, GetLastError());
    std::vector<std::string> names;
    do {
      if (!(entry.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)) names.push_back(utf8(entry.cFileName));
    } while (FindNextFileW(search, &entry));
    const DWORD code = GetLastError();
    FindClose(search);
    if (code != ERROR_NO_MORE_FILES) return systemError("list", folder, code);
    std::ranges::sort(names);
    return names;
  }

 private:
  static constexpr DWORD kShareAll = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
};

}  // namespace

std::unique_ptr<FileSystem> makeNativeFileSystem() { return std::make_unique<WindowsFileSystem>(); }

}  // namespace drift::platform
