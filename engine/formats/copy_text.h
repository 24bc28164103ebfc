// The text format of COPY (PostgreSQL 15, COPY, "Text Format"): a line a row, fields parted by a delimiter, a backslash
// before what would mean something else.
//
// Thread rule: CopyTextReader is for one thread at a time and does not own its source; the functions are stateless.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "formats/byte_stream.h"

namespace drift::formats {

struct CopyTextOptions {
  char delimiter = '\t';
  std::string null = "\\N";
  std::size_t lineBytesMax = 64u << 20;
};

struct CopyTextRecord {
  std::vector<std::optional<std::string>> fields;  ///< nothing = NULL
  std::uint64_t line = 0;                          ///< 1-based line on which the record starts
};

class CopyTextReader final {
 public:
  CopyTextReader(ByteSource& source, CopyTextOptions options);

  /// Reads the next record; gives false at the end, or at a line that is just "\.". InvalidByteSequence, LimitExceeded;
  /// after an error the reader is at its end.
  Result<bool> next(CopyTextRecord& record);

 private:
  Result<bool> readLine();
  Result<bool> readRecord(CopyTextRecord& record);

  ByteStream m_stream;
  CopyTextOptions m_options;
  std::string m_text;  ///< of the current line, escapes and all
  std::uint64_t m_line = 1;
  bool m_started = false;
};

/// Appends a value.
void appendCopyText(std::string& out, std::string_view text, char delimiter);

struct CopyCsvOptions {
  char delimiter = ',';
  char quote = '"';
  char escape = '"';
  std::string null{};
};

/// Appends a value in the CSV format of COPY: in quotes where it has to be, where it reads as NULL would, or `always`.
/// `alone`: it is the only one of its row.
void appendCopyCsv(std::string& out, std::string_view text, const CopyCsvOptions& options, bool always, bool alone);

}  // namespace drift::formats
