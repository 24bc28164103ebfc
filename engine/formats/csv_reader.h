// CsvReader: records of a CSV file (RFC 4180), one at a time. One thread at a time; does not own its source.
//
// Accepted beyond the RFC: LF, CRLF and CR line ends, any one-byte delimiter, a UTF-8 byte order mark,
// blank lines (skipped, unless they are asked for), records of differing length (the caller judges them), other quotes
// and escapes. Refused: bytes that are not UTF-8, an unterminated quote, text between a closing quote and the next
// delimiter.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "formats/byte_stream.h"

namespace drift::formats {

struct CsvOptions {
  char delimiter = ',';
  char quote = '"';
  char escape = '"';            ///< within quotes, before a quote or itself
  bool keepsBlankLines = false;  ///< a blank line is a record of one empty field
  std::size_t fieldBytesMax = 64u << 20;
  std::size_t fieldsMax = 1600;  ///< PostgreSQL's bound on columns
};

struct CsvRecord {
  std::vector<std::string> fields;
  std::vector<bool> quoted;  ///< of each field: whether it was
  std::uint64_t line = 0;  ///< 1-based line on which the record starts
};

class CsvReader final {
 public:
  CsvReader(ByteSource& source, CsvOptions options);

  /// Reads the next record; gives false at the end. InvalidTextRepresentation, InvalidByteSequence or
  /// LimitExceeded with the line in the sentence; after an error the reader is at its end.
  Result<bool> next(CsvRecord& record);
  /// Bytes consumed so far. For progress.
  std::uint64_t positionBytes() const { return m_stream.consumedBytes(); }

 private:
  Result<bool> readRecord(CsvRecord& record);
  Result<bool> readField(std::string& field);
  Status readQuoted(std::string& field);
  Result<bool> finishRecord();
  Status append(std::string& field, int byte);

  ByteStream m_stream;
  CsvOptions m_options;
  std::uint64_t m_line = 1;
  bool m_started = false;
};

}  // namespace drift::formats
