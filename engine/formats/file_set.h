// FileSet: the regular files of a folder or of an archive (tar, zip … in any compression that libarchive
// reads), one after the other. One thread at a time.
//
// Nothing is taken on the archive's word: names are used as labels only, never as paths to write; each file
// and all together have a bound on their unpacked size.
#pragma once

#include <functional>
#include <string>

#include "base/result.h"
#include "platform/file_system.h"

namespace drift::formats {

struct FileSetLimits {
  std::uint64_t fileBytesMax = 256u << 20;
  std::uint64_t totalBytesMax = std::uint64_t{8} << 30;
};

/// A file's name without folders, and its contents.
struct SetFile {
  std::string name;
  std::string contents;
};

/// Calls `visit` for each file: of a folder in the order of names, of an archive in its own order. An error
/// of `visit` ends the walk and is returned. FileNotFound, InvalidParameterValue for what is neither a
/// folder nor a readable archive, LimitExceeded.
Status visitFiles(platform::FileSystem& files, const std::string& path, const FileSetLimits& limits,
                  const std::function<Status(SetFile file)>& visit);

}  // namespace drift::formats
