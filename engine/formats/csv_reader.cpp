#include "formats/csv_reader.h"

#include "types/text.h"

namespace drift::formats {

namespace {

constexpr std::size_t kBlockBytes = 64 * 1024;
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

}  // namespace

CsvReader::CsvReader(ByteSource& source, CsvOptions options) : m_source(source), m_options(options) {
  m_buffer.resize(kBlockBytes);
}

Result<int> CsvReader::peek() {
  if (m_at == m_size) {
    if (m_ended) return kEnd;
    m_at = 0;
    DRIFT_ASSIGN(m_size, m_source.read(m_buffer));
    if (m_size == 0) {
      m_ended = true;
      return kEnd;
    }
  }
  return std::to_integer<int>(m_buffer[m_at]);
}

void CsvReader::advance() {
  ++m_at;
  ++m_consumed;
}

Status CsvReader::append(std::string& field, int byte) {
  if (field.size() == m_options.fieldBytesMax)
    return makeError(ErrorKind::LimitExceeded, "line {}: a field is longer than {} MB", m_line,
                     m_options.fieldBytesMax >> 20);
  field.push_back(static_cast<char>(byte));
  return {};
}

Status CsvReader::readQuoted(std::string& field) {
  const auto openLine = m_line;
  advance();
  while (true) {
    DRIFT_ASSIGN(const int byte, peek());
    if (byte == kEnd)
      return makeError(ErrorKind::InvalidTextRepresentation,
                       "line {}: the quote that opens here is never closed", openLine);
    advance();
    if (byte == '"') {
      DRIFT_ASSIGN(const int following, peek());
      if (following != '"') break;
      advance();
    }
    if (byte == '\n') ++m_line;
    DRIFT_TRY(append(field, byte));
  }
  DRIFT_ASSIGN(const int after, peek());
  if (after != kEnd && after != m_options.delimiter && after != '\n' && after != '\r')
    return makeError(ErrorKind::InvalidTextRepresentation, "line {}: text after a closing quote", m_line);
  return {};
}

Status CsvReader::readField(std::string& field) {
  field.clear();
  DRIFT_ASSIGN(const int first, peek());
  if (first == '"') {
    DRIFT_TRY(readQuoted(field));
  } else {
    while (true) {
      DRIFT_ASSIGN(const int byte, peek());
      if (byte == kEnd || byte == m_options.delimiter || byte == '\n' || byte == '\r') break;
      DRIFT_TRY(append(field, byte));
      advance();
    }
  }
  if (!types::isValidUtf8(field))
    return makeError(ErrorKind::InvalidByteSequence, "line {}: the text is not valid UTF-8", m_line);
  return {};
}

/// Consumes a delimiter or line end; gives true while the record goes on.
Result<bool> CsvReader::finishRecord() {
  DRIFT_ASSIGN(const int byte, peek());
  if (byte == kEnd) return false;
  advance();
  if (byte == m_options.delimiter) return true;
  if (byte == '\r') {
    DRIFT_ASSIGN(const int following, peek());
    if (following == '\n') advance();
  }
  ++m_line;
  return false;
}

Result<bool> CsvReader::readRecord(CsvRecord& record) {
  if (!m_started) {
    m_started = true;
    DRIFT_TRY(peek());
    if (asText(ByteSpan(m_buffer).first(m_size)).starts_with(kByteOrderMark))
      for (std::size_t i = 0; i < kByteOrderMark.size(); ++i) advance();
  }
  while (true) {
    DRIFT_ASSIGN(const int byte, peek());
    if (byte == kEnd) return false;
    if (byte != '\n' && byte != '\r') break;
    DRIFT_TRY(finishRecord());
  }
  record.line = m_line;
  std::size_t count = 0;
  while (true) {
    if (count == m_options.fieldsMax)
      return makeError(ErrorKind::LimitExceeded, "line {}: more than {} fields", m_line, m_options.fieldsMax);
    if (count == record.fields.size()) record.fields.emplace_back();
    DRIFT_TRY(readField(record.fields[count]));
    ++count;
    DRIFT_ASSIGN(const bool more, finishRecord());
    if (!more) break;
  }
  record.fields.resize(count);
  return true;
}

Result<bool> CsvReader::next(CsvRecord& record) {
  auto result = readRecord(record);
  if (!result.ok()) {
    m_at = m_size;
    m_ended = true;
  }
  return result;
}

}  // namespace drift::formats
