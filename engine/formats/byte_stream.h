// ByteStream: the bytes of a source, one at a time. One thread at a time; does not own its source.
#pragma once

#include <cstdint>

#include "formats/byte_source.h"

namespace drift::formats {

class ByteStream final {
 public:
  static constexpr int kEnd = -1;

  explicit ByteStream(ByteSource& source) : m_source(source), m_buffer(kBlockBytes) {}

  /// Gives the next byte without consuming it, or kEnd.
  Result<int> peek() {
    if (m_at == m_size) {
      if (m_ended) return kEnd;
      m_at = 0;
      m_size = 0;
      DRIFT_ASSIGN(m_size, m_source.read(m_buffer));
      if (m_size == 0) {
        m_ended = true;
        return kEnd;
      }
    }
    return std::to_integer<int>(m_buffer[m_at]);
  }
  /// Consumes the byte that peek() gave.
  void advance() {
    ++m_at;
    ++m_consumed;
  }
  /// Consumes a UTF-8 byte order mark, if the stream begins with one.
  Status skipByteOrderMark() {
    DRIFT_TRY(peek());
    constexpr std::string_view kMark = "\xEF\xBB\xBF";
    if (asText(ByteSpan(m_buffer).first(m_size)).starts_with(kMark))
      for (std::size_t at = 0; at < kMark.size(); ++at) advance();
    return {};
  }
  /// Lets there be no more bytes.
  void end() {
    m_at = m_size;
    m_ended = true;
  }
  std::uint64_t consumedBytes() const { return m_consumed; }

 private:
  static constexpr std::size_t kBlockBytes = 64 * 1024;

  ByteSource& m_source;
  Bytes m_buffer;
  std::size_t m_at = 0;
  std::size_t m_size = 0;
  std::uint64_t m_consumed = 0;
  bool m_ended = false;
};

}  // namespace drift::formats
