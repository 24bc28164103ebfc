#include "file_system_cases.h"

#include <array>
#include <utility>

#include "platform/temporary_file.h"

namespace drift::platform::test {

namespace {

/// Returns a sentence with the place from the enclosing case unless the condition holds.
#define CHECK(condition)                                                                \
  do {                                                                                  \
    if (!(condition)) return fmt::format("line {}: {} is false", __LINE__, #condition); \
  } while (false)

/// Like CHECK for a Result: says the error.
#define CHECK_OK(expression)                                                                    \
  do {                                                                                          \
    const auto& checked = (expression);                                                         \
    if (!checked.ok()) return fmt::format("line {}: {}", __LINE__, checked.error().toString()); \
  } while (false)

ByteSpan bytesOf(std::string_view text) { return std::as_bytes(std::span(text)); }

std::string textAt(const File& file, std::uint64_t offset, std::size_t size) {
  std::string text(size, '?');
  const auto read = file.readAt(offset, std::as_writable_bytes(std::span(text)));
  return read.ok() ? text : "error: " + read.error().message();
}

template <class T>
bool failsAs(const Result<T>& result, ErrorKind kind) {
  return !result.ok() && result.error().kind() == kind;
}

template <class T>
bool names(const Result<T>& result, std::string_view what) {
  return !result.ok() && result.error().message().find(what) != std::string::npos;
}

Status put(FileSystem& files, const std::string& path, std::string_view text) {
  DRIFT_ASSIGN(auto file, files.open(path, OpenMode::CreateNew));
  DRIFT_TRY(file->writeAt(0, bytesOf(text)));
  return file->sync();
}

std::string writtenBytesAreRead(FileSystem& files, const std::string& folder) {
  auto file = files.open(folder + "/a", OpenMode::CreateNew);
  CHECK_OK(file);
  CHECK(*(*file)->size() == 0);
  CHECK_OK((*file)->writeAt(0, bytesOf("hello world")));
  CHECK_OK((*file)->writeAt(6, bytesOf("earth")));
  CHECK_OK((*file)->sync());
  CHECK(*(*file)->size() == 11);
  CHECK(textAt(**file, 0, 11) == "hello earth");
  CHECK(textAt(**file, 11, 0).empty());
  return {};
}

std::string gapsAreZero(FileSystem& files, const std::string& folder) {
  auto file = files.open(folder + "/a", OpenMode::CreateNew);
  CHECK_OK(file);
  CHECK_OK((*file)->writeAt(5000, bytesOf("x")));
  CHECK(*(*file)->size() == 5001);
  CHECK(textAt(**file, 0, 5001) == std::string(5000, '\0') + "x");
  return {};
}

std::string readPastTheEndIsDamage(FileSystem& files, const std::string& folder) {
  CHECK_OK(put(files, folder + "/short", "12345"));
  auto file = files.open(folder + "/short", OpenMode::ReadOnly);
  CHECK_OK(file);
  std::array<std::byte, 4> into{};
  const auto read = (*file)->readAt(3, into);
  CHECK(failsAs(read, ErrorKind::DataCorrupted));
  CHECK(names(read, "short\" ends before byte"));
  CHECK(failsAs((*file)->readAt(100, into), ErrorKind::DataCorrupted));
  return {};
}

std::string truncateCutsAndGrows(FileSystem& files, const std::string& folder) {
  auto file = files.open(folder + "/a", OpenMode::CreateNew);
  CHECK_OK(file);
  CHECK_OK((*file)->writeAt(0, bytesOf("abcdef")));
  CHECK_OK((*file)->truncate(3));
  CHECK(*(*file)->size() == 3);
  CHECK_OK((*file)->truncate(5));
  CHECK(textAt(**file, 0, 5) == std::string("abc\0\0", 5));
  return {};
}

std::string spaceIsSetAsideAsZeros(FileSystem& files, const std::string& folder) {
  auto file = files.open(folder + "/a", OpenMode::CreateNew);
  CHECK_OK(file);
  CHECK_OK((*file)->writeAt(0, bytesOf("abc")));
  const auto done = (*file)->allocate(5000);
  CHECK_OK(done);
  CHECK(*(*file)->size() == (*done ? 5000 : 3));
  if (*done) CHECK(textAt(**file, 0, 5) == std::string("abc\0\0", 5));
  const auto less = (*file)->allocate(2);
  CHECK_OK(less);
  CHECK(*(*file)->size() == (*done ? 5000 : 3));
  return {};
}

std::string contentsOutliveTheFile(FileSystem& files, const std::string& folder) {
  CHECK_OK(put(files, folder + "/a", "kept"));
  auto file = files.open(folder + "/a", OpenMode::ReadWrite);
  CHECK_OK(file);
  CHECK(textAt(**file, 0, 4) == "kept");
  return {};
}

std::string openSaysWhatIsWrong(FileSystem& files, const std::string& folder) {
  const auto missing = files.open(folder + "/none", OpenMode::ReadOnly);
  CHECK(failsAs(missing, ErrorKind::FileNotFound));
  CHECK(names(missing, folder + "/none\" does not exist"));
  CHECK(failsAs(files.open(folder + "/none", OpenMode::ReadWrite), ErrorKind::FileNotFound));
  CHECK_OK(put(files, folder + "/a", "first"));
  const auto again = files.open(folder + "/a", OpenMode::CreateNew);
  CHECK(failsAs(again, ErrorKind::FileExists));
  CHECK(names(again, folder + "/a\" exists already"));
  auto file = files.open(folder + "/a", OpenMode::ReadOnly);
  CHECK_OK(file);
  CHECK(textAt(**file, 0, 5) == "first");
  return {};
}

std::string readOnlyRefusesWrites(FileSystem& files, const std::string& folder) {
  CHECK_OK(put(files, folder + "/a", "fixed"));
  auto file = files.open(folder + "/a", OpenMode::ReadOnly);
  CHECK_OK(file);
  CHECK(!(*file)->writeAt(0, bytesOf("FIXED")).ok());
  CHECK(!(*file)->truncate(1).ok());
  CHECK(textAt(**file, 0, 5) == "fixed");
  return {};
}

std::string removeAndExists(FileSystem& files, const std::string& folder) {
  CHECK_OK(put(files, folder + "/a", "x"));
  CHECK(*files.exists(folder + "/a"));
  CHECK_OK(files.remove(folder + "/a"));
  CHECK(!*files.exists(folder + "/a"));
  CHECK(failsAs(files.remove(folder + "/a"), ErrorKind::FileNotFound));
  return {};
}

std::string renameReplacesUnderAReader(FileSystem& files, const std::string& folder) {
  CHECK_OK(put(files, folder + "/old", "old one"));
  CHECK_OK(put(files, folder + "/new", "new one"));
  auto reader = files.open(folder + "/old", OpenMode::ReadOnly);
  CHECK_OK(reader);
  CHECK_OK(files.rename(folder + "/new", folder + "/old"));
  CHECK_OK(files.syncFolderOf(folder + "/old"));
  CHECK(!*files.exists(folder + "/new"));
  CHECK(textAt(**reader, 0, 7) == "old one");
  auto after = files.open(folder + "/old", OpenMode::ReadOnly);
  CHECK_OK(after);
  CHECK(textAt(**after, 0, 7) == "new one");
  CHECK(failsAs(files.rename(folder + "/none", folder + "/old"), ErrorKind::FileNotFound));
  return {};
}

std::string listIsSorted(FileSystem& files, const std::string& folder) {
  for (const auto* name : {"/b", "/a", "/c", "/ü"}) CHECK_OK(put(files, folder + name, "x"));
  const auto listed = files.list(folder);
  CHECK_OK(listed);
  CHECK((*listed == std::vector<std::string>{"a", "b", "c", "ü"}));
  CHECK(failsAs(files.list(folder + "/none"), ErrorKind::FileNotFound));
  return {};
}

std::string namesAreUtf8(FileSystem& files, const std::string& folder) {
  const auto path = folder + "/Größe 価格.drift";
  CHECK_OK(put(files, path, "x"));
  CHECK(*files.exists(path));
  const auto listed = files.list(folder);
  CHECK_OK(listed);
  CHECK((*listed == std::vector<std::string>{"Größe 価格.drift"}));
  return {};
}

std::string temporaryFilesHaveNoName(FileSystem& files, const std::string& folder) {
  CHECK_OK(put(files, folder + "/kept", "x"));
  {
    auto first = openTemporary(files, folder);
    auto second = openTemporary(files, folder);
    CHECK_OK(first);
    CHECK_OK(second);
    CHECK_OK((*first)->writeAt(0, bytesOf("rows of the first")));
    CHECK_OK((*second)->writeAt(3, bytesOf("of the second")));
    CHECK(textAt(**first, 0, 17) == "rows of the first");
    CHECK(textAt(**second, 3, 13) == "of the second");
  }
  const auto listed = files.list(folder);
  CHECK_OK(listed);
  CHECK(*listed == std::vector<std::string>{"kept"});
  return {};
}

std::string oneWriterAtATime(FileSystem& files, const std::string& folder) {
  CHECK_OK(put(files, folder + "/shop.drift", "x"));
  auto first = files.open(folder + "/shop.drift", OpenMode::ReadWrite);
  auto second = files.open(folder + "/shop.drift", OpenMode::ReadWrite);
  CHECK_OK(first);
  CHECK_OK(second);
  CHECK_OK((*first)->lockExclusive());
  CHECK_OK((*first)->lockExclusive());
  const auto refused = (*second)->lockExclusive();
  CHECK(failsAs(refused, ErrorKind::DatabaseLocked));
  CHECK(names(refused, "shop.drift\" is in use by "));
  CHECK(refused.error().hint() == "close it there, or open it read-only");
  // Readers need no lock and are not kept out by one.
  auto reader = files.open(folder + "/shop.drift", OpenMode::ReadOnly);
  CHECK_OK(reader);
  CHECK(textAt(**reader, 0, 1) == "x");
  first->reset();
  CHECK_OK((*second)->lockExclusive());
  return {};
}

constexpr std::array kCases{
    FileSystemCase{"written bytes are read", writtenBytesAreRead},
    FileSystemCase{"gaps are zero", gapsAreZero},
    FileSystemCase{"a read past the end is damage", readPastTheEndIsDamage},
    FileSystemCase{"truncate cuts and grows", truncateCutsAndGrows},
    FileSystemCase{"space is set aside as zeros", spaceIsSetAsideAsZeros},
    FileSystemCase{"contents outlive the file", contentsOutliveTheFile},
    FileSystemCase{"open says what is wrong", openSaysWhatIsWrong},
    FileSystemCase{"read-only refuses writes", readOnlyRefusesWrites},
    FileSystemCase{"remove and exists", removeAndExists},
    FileSystemCase{"rename replaces under a reader", renameReplacesUnderAReader},
    FileSystemCase{"list is sorted", listIsSorted},
    FileSystemCase{"names are UTF-8", namesAreUtf8},
    FileSystemCase{"temporary files have no name", temporaryFilesHaveNoName},
    FileSystemCase{"one writer at a time", oneWriterAtATime},
};

}  // namespace

std::span<const FileSystemCase> fileSystemCases() { return kCases; }

}  // namespace drift::platform::test
