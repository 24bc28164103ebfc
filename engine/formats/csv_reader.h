// CsvReader: records of a CSV file (RFC 4180), one at a time. One thread at a time; does not own its source.
//
// Accepted beyond the RFC: LF, CRLF and CR line ends, any one-byte delimiter, a UTF-8 byte order mark,
// blank lines (skipped), records of differing length (the caller judges them). Refused: bytes that are not
// UTF-8, an unterminated quote, text between a closing quote and the next delimiter.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/byte_source.h"

namespace drift::formats {

struct CsvOptions {
  char delimiter = ',';
  std::size_t fieldBytesMax = 64u << 20;
  std::size_t fieldsMax = 1600;  ///< PostgreSQL's bound on columns
};

struct CsvRecord {
  std::vector<std::string> fields;
  std::uint64_t line = 0;  ///< 1-based line on which the record starts
};

class CsvReader final {
 public:
  CsvReader(ByteSource& source, CsvOptions options);

  /// Reads the next record; gives false at the end. InvalidTextRepresentation, InvalidByteSequence or
  /// LimitExceeded with the line in the sentence; after an error the reader is at its end.
  Result<bool> next(CsvRecord& record);
  /// Bytes consumed so far. For progress.
  std::uint64_t positionBytes() const { return m_consumed; }

 private:
  static constexpr int kEnd = -1;

  Result<int> peek();
  void advance();
  Result<bool> readRecord(CsvRecord& record);
  Status readField(std::string& field);
  Status readQuoted(std::string& field);
  Result<bool> finishRecord();
  Status append(std::string& field, int byte);

  ByteSource& m_source;
  CsvOptions m_options;
  Bytes m_buffer;
  std::size_t m_at = 0;
  std::size_t m_size = 0;
  std::uint64_t m_consumed = 0;
  std::uint64_t m_line = 1;
  bool m_ended = false;
  bool m_started = false;
};

}  // namespace drift::formats
