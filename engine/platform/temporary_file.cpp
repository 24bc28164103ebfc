#include "platform/temporary_file.h"

#include <filesystem>
#include <random>
#include <system_error>

namespace drift::platform {

Result<std::unique_ptr<File>> openTemporary(FileSystem& files, const std::string& folder) {
  constexpr int kAttemptsMax = 16;
  std::random_device random;
  for (int attempt = 1;; ++attempt) {
    const auto number = static_cast<std::uint64_t>(random()) << 32 | random();
    const auto path = fmt::format("{}{}driftdb-{:016x}.tmp", folder, folder.empty() ? "" : "/", number);
    auto file = files.open(path, OpenMode::CreateNew);
    if (!file.ok()) {
      if (file.error().kind() == ErrorKind::FileExists && attempt < kAttemptsMax) continue;
      return file;
    }
    // POSIX unlinks; Windows deletes a file that others may delete when its last handle is closed.
    if (auto removed = files.remove(path); !removed.ok()) return std::move(removed).error();
    return file;
  }
}

std::string temporaryFolder() {
  std::error_code error;
  const auto path = std::filesystem::temp_directory_path(error);
  if (error) return {};
  const auto text = path.u8string();
  return {reinterpret_cast<const char*>(text.data()), text.size()};
}

}  // namespace drift::platform
