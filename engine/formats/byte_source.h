// ByteSource: a stream of bytes that format readers pull from. One thread at a time.
#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/bytes.h"
#include "base/result.h"
#include "platform/file_system.h"

namespace drift::formats {

class ByteSource {
 public:
  virtual ~ByteSource() = default;
  /// Reads up to `into.size()` bytes; gives how many, 0 at the end.
  virtual Result<std::size_t> read(std::span<std::byte> into) = 0;
  /// Bytes in all, where that is known. For progress.
  virtual std::optional<std::uint64_t> sizeBytes() const = 0;
};

/// Reads a file from the start. The file is kept open.
Result<std::unique_ptr<ByteSource>> openFileSource(platform::FileSystem& files, const std::string& path);

/// Reads text in memory, which it owns.
std::unique_ptr<ByteSource> makeTextSource(std::string text);

}  // namespace drift::formats
