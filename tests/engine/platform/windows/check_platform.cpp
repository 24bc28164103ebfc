// Runs the table of file system cases on Windows' file system, and what is Windows' own. Exit code 0 = all pass.
#include <windows.h>

#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "file_system_cases.h"

namespace {

using namespace drift;
using namespace drift::platform;

/// A new folder in the folder for temporary files, as UTF-8. Removed with what is in it.
class ScratchFolder final {
 public:
  explicit ScratchFolder(std::size_t number) {
    wchar_t base[MAX_PATH + 1] = {};
    GetTempPathW(MAX_PATH, base);
    m_wide = std::wstring(base) + L"drift-" + std::to_wstring(GetCurrentProcessId()) + L"-" + std::to_wstring(number);
    CreateDirectoryW(m_wide.c_str(), nullptr);
  }
  ~ScratchFolder() {
    const auto files = makeNativeFileSystem();
    const auto names = files->list(path());
    bool empty = names.ok();
    if (names.ok())
      for (const auto& name : *names) empty = files->remove(path() + "/" + name).ok() && empty;
    if (!empty || !RemoveDirectoryW(m_wide.c_str())) std::printf("could not clear %s\n", path().c_str());
  }
  std::string path() const {
    std::string bytes(m_wide.size() * 3 + 1, '\0');
    const int length = WideCharToMultiByte(CP_UTF8, 0, m_wide.c_str(), -1, bytes.data(), static_cast<int>(bytes.size()),
                                           nullptr, nullptr);
    bytes.resize(static_cast<std::size_t>(length - 1));
    return bytes;
  }

 private:
  std::wstring m_wide;
};

std::string backslashesWork(FileSystem& files, const std::string& folder) {
  auto path = folder + "\\a.drift";
  if (!files.open(path, OpenMode::CreateNew).ok()) return "a path with backslashes was not created";
  if (!files.syncFolderOf(path).ok()) return "the folder of a path with backslashes was not found";
  return {};
}

std::string folderIsNoFile(FileSystem& files, const std::string& folder) {
  const auto opened = files.open(folder, OpenMode::ReadOnly);
  return !opened.ok() && opened.error().kind() == ErrorKind::WrongObjectType ? "" : "a folder was opened as a file";
}

std::string missingFolderIsNamed(FileSystem& files, const std::string& folder) {
  const auto created = files.open(folder + "/none/a", OpenMode::CreateNew);
  return !created.ok() && created.error().message().ends_with("there is no such folder")
             ? ""
             : "a file in a folder that is not there: " + (created.ok() ? "created" : created.error().message());
}

std::string badUtf8IsRefused(FileSystem& files, const std::string& folder) {
  const auto created = files.open(folder + "/\xff", OpenMode::CreateNew);
  return !created.ok() && created.error().kind() == ErrorKind::InvalidByteSequence
             ? ""
             : "a path that is not UTF-8 was taken";
}

/// Wine before 9 renames without POSIX semantics, so it cannot replace a file that is open.
bool canReplaceOpenFiles() {
  const HMODULE ntdll = GetModuleHandleW(L"ntdll.dll");
  return ntdll == nullptr || GetProcAddress(ntdll, "wine_get_version") == nullptr;
}

}  // namespace

int main() {
  std::vector<test::FileSystemCase> cases(test::fileSystemCases().begin(), test::fileSystemCases().end());
  cases.push_back({"backslashes work", backslashesWork});
  cases.push_back({"a folder is no file", folderIsNoFile});
  cases.push_back({"a missing folder is named", missingFolderIsNamed});
  cases.push_back({"bad UTF-8 is refused", badUtf8IsRefused});
  int failed = 0;
  int skipped = 0;
  for (std::size_t i = 0; i < cases.size(); ++i) {
    if (cases[i].name == std::string_view("rename replaces under a reader") && !canReplaceOpenFiles()) {
      std::printf("skip  %s: Wine cannot replace a file that is open\n", cases[i].name);
      ++skipped;
      continue;
    }
    const ScratchFolder folder(i);
    const auto wrong = cases[i].run(*makeNativeFileSystem(), folder.path());
    std::printf("%s  %s%s%s\n", wrong.empty() ? "pass" : "FAIL", cases[i].name, wrong.empty() ? "" : ": ",
                wrong.c_str());
    failed += wrong.empty() ? 0 : 1;
  }
  std::printf("%d passed, %d failed, %d skipped\n", static_cast<int>(cases.size()) - failed - skipped, failed, skipped);
  return failed == 0 ? 0 : 1;
}
