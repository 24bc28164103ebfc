#include "formats/byte_source.h"

#include <algorithm>

namespace drift::formats {

namespace {

class FileSource final : public ByteSource {
 public:
  FileSource(std::unique_ptr<platform::File> file, std::uint64_t size) : m_file(std::move(file)), m_size(size) {}

  Result<std::size_t> read(std::span<std::byte> into) override {
    const auto size = static_cast<std::size_t>(std::min<std::uint64_t>(into.size(), m_size - m_at));
    if (size) DRIFT_TRY(m_file->readAt(m_at, into.first(size)));
    m_at += size;
    return size;
  }
  std::optional<std::uint64_t> sizeBytes() const override { return m_size; }

 private:
  std::unique_ptr<platform::File> m_file;
  std::uint64_t m_size;
  std::uint64_t m_at = 0;
};

class TextSource final : public ByteSource {
 public:
  explicit TextSource(std::string text) : m_text(std::move(text)) {}

  Result<std::size_t> read(std::span<std::byte> into) override {
    const auto size = std::min(into.size(), m_text.size() - m_at);
    std::copy_n(asBytes(m_text).begin() + static_cast<std::ptrdiff_t>(m_at), size, into.begin());
    m_at += size;
    return size;
  }
  std::optional<std::uint64_t> sizeBytes() const override { return m_text.size(); }

 private:
  std::string m_text;
  std::size_t m_at = 0;
};

}  // namespace

Result<std::unique_ptr<ByteSource>> openFileSource(platform::FileSystem& files, const std::string& path) {
  DRIFT_ASSIGN(auto file, files.open(path, platform::OpenMode::ReadOnly));
  DRIFT_ASSIGN(const auto size, file->size());
  return std::unique_ptr<ByteSource>(std::make_unique<FileSource>(std::move(file), size));
}

std::unique_ptr<ByteSource> makeTextSource(std::string text) { return std::make_unique<TextSource>(std::move(text)); }

}  // namespace drift::formats
