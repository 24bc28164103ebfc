#include "formats/csv_reader.h"

#include "types/text.h"

namespace drift::formats {

namespace {

constexpr int kEnd = ByteStream::kEnd;

}  // namespace

CsvReader::CsvReader(ByteSource& source, CsvOptions options) : m_stream(source), m_options(options) {}

Status CsvReader::append(std::string& field, int byte) {
  if (field.size() == m_options.fieldBytesMax)
    return makeError(ErrorKind::LimitExceeded, "line {}: a field is longer than {} MB", m_line,
                     m_options.fieldBytesMax >> 20);
  field.push_back(static_cast<char>(byte));
  return {};
}

Status CsvReader::readQuoted(std::string& field) {
  const auto openLine = m_line;
  m_stream.advance();
  while (true) {
    DRIFT_ASSIGN(int byte, m_stream.peek());
    if (byte == kEnd)
      return makeError(ErrorKind::InvalidTextRepresentation, "line {}: the quote that opens here is never closed",
                       openLine);
    m_stream.advance();
    DRIFT_ASSIGN(const int following, m_stream.peek());
    const bool escapes = byte == m_options.escape && (following == m_options.quote || following == m_options.escape);
    if (escapes) {
      m_stream.advance();
      byte = following;
    } else if (byte == m_options.quote) {
      break;
    }
    if (byte == '\n') ++m_line;
    DRIFT_TRY(append(field, byte));
  }
  DRIFT_ASSIGN(const int after, m_stream.peek());
  if (after != kEnd && after != m_options.delimiter && after != '\n' && after != '\r')
    return makeError(ErrorKind::InvalidTextRepresentation, "line {}: text after a closing quote", m_line);
  return {};
}

/// Gives whether the field was quoted.
Result<bool> CsvReader::readField(std::string& field) {
  field.clear();
  DRIFT_ASSIGN(const int first, m_stream.peek());
  const bool quoted = first == m_options.quote;
  if (quoted) {
    DRIFT_TRY(readQuoted(field));
  } else {
    while (true) {
      DRIFT_ASSIGN(const int byte, m_stream.peek());
      if (byte == kEnd || byte == m_options.delimiter || byte == '\n' || byte == '\r') break;
      DRIFT_TRY(append(field, byte));
      m_stream.advance();
    }
  }
  if (!types::isValidUtf8(field))
    return makeError(ErrorKind::InvalidByteSequence, "line {}: the text is not valid UTF-8", m_line);
  return quoted;
}

/// Consumes a delimiter or line end; gives true while the record goes on.
Result<bool> CsvReader::finishRecord() {
  DRIFT_ASSIGN(const int byte, m_stream.peek());
  if (byte == kEnd) return false;
  m_stream.advance();
  if (byte == m_options.delimiter) return true;
  if (byte == '\r') {
    DRIFT_ASSIGN(const int following, m_stream.peek());
    if (following == '\n') m_stream.advance();
  }
  ++m_line;
  return false;
}

Result<bool> CsvReader::readRecord(CsvRecord& record) {
  if (!m_started) {
    m_started = true;
    DRIFT_TRY(m_stream.skipByteOrderMark());
  }
  while (true) {
    DRIFT_ASSIGN(const int byte, m_stream.peek());
    if (byte == kEnd) return false;
    if (m_options.keepsBlankLines || (byte != '\n' && byte != '\r')) break;
    DRIFT_TRY(finishRecord());
  }
  record.line = m_line;
  record.quoted.clear();
  std::size_t count = 0;
  while (true) {
    if (count == m_options.fieldsMax)
      return makeError(ErrorKind::LimitExceeded, "line {}: more than {} fields", m_line, m_options.fieldsMax);
    if (count == record.fields.size()) record.fields.emplace_back();
    DRIFT_ASSIGN(const bool quoted, readField(record.fields[count]));
    record.quoted.push_back(quoted);
    ++count;
    DRIFT_ASSIGN(const bool more, finishRecord());
    if (!more) break;
  }
  record.fields.resize(count);
  return true;
}

Result<bool> CsvReader::next(CsvRecord& record) {
  auto result = readRecord(record);
  if (!result.ok()) m_stream.end();
  return result;
}

}  // namespace drift::formats
