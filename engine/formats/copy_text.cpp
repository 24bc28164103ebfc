#include "formats/copy_text.h"

#include "types/text.h"

namespace drift::formats {

namespace {

constexpr int kEnd = ByteStream::kEnd;
constexpr std::string_view kEndOfData = "\\.";

int hexDigit(char byte) {
  if (byte >= '0' && byte <= '9') return byte - '0';
  if (byte >= 'a' && byte <= 'f') return byte - 'a' + 10;
  if (byte >= 'A' && byte <= 'F') return byte - 'A' + 10;
  return -1;
}

/// Gives the byte that the escape at `at`, behind the backslash, stands for, and moves `at` behind it.
char unescaped(std::string_view text, std::size_t& at) {
  const char first = text[at++];
  switch (first) {
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    default: break;
  }
  if (first >= '0' && first <= '7') {
    int value = first - '0';
    for (int more = 0; more < 2 && at < text.size() && text[at] >= '0' && text[at] <= '7'; ++more)
      value = value * 8 + (text[at++] - '0');
    return static_cast<char>(value & 0xff);
  }
  if (first == 'x' && at < text.size() && hexDigit(text[at]) >= 0) {
    int value = hexDigit(text[at++]);
    if (at < text.size() && hexDigit(text[at]) >= 0) value = value * 16 + hexDigit(text[at++]);
    return static_cast<char>(value);
  }
  return first;
}

std::string valueOf(std::string_view text) {
  std::string value;
  for (std::size_t at = 0; at < text.size();) {
    const char byte = text[at++];
    if (byte == '\\' && at < text.size()) value += unescaped(text, at);
    else value += byte;
  }
  return value;
}

}  // namespace

CopyTextReader::CopyTextReader(ByteSource& source, CopyTextOptions options)
    : m_stream(source), m_options(std::move(options)) {}

/// Reads a line into m_text; a backslash takes a line end into it. Gives false at the end.
Result<bool> CopyTextReader::readLine() {
  m_text.clear();
  bool escaped = false;
  for (bool any = false;; any = true) {
    DRIFT_ASSIGN(const int byte, m_stream.peek());
    if (byte == kEnd) return any;
    m_stream.advance();
    if (byte == '\n' || byte == '\r') {
      if (byte == '\r') {
        DRIFT_ASSIGN(const int following, m_stream.peek());
        if (following == '\n') m_stream.advance();
      }
      ++m_line;
      if (!escaped) return true;
      m_text += '\n';
      escaped = false;
      continue;
    }
    escaped = byte == '\\' && !escaped;
    if (m_text.size() == m_options.lineBytesMax)
      return makeError(ErrorKind::LimitExceeded, "line {}: it is longer than {} MB", m_line,
                       m_options.lineBytesMax >> 20);
    m_text += static_cast<char>(byte);
  }
}

Result<bool> CopyTextReader::readRecord(CopyTextRecord& record) {
  if (!m_started) {
    m_started = true;
    DRIFT_TRY(m_stream.skipByteOrderMark());
  }
  record.line = m_line;
  record.fields.clear();
  DRIFT_ASSIGN(const bool more, readLine());
  if (!more) return false;
  if (m_text == kEndOfData) {
    m_stream.end();
    return false;
  }
  std::size_t first = 0;
  for (std::size_t at = 0; at <= m_text.size(); ++at) {
    if (at < m_text.size() && m_text[at] == '\\') {
      ++at;
      continue;
    }
    if (at < m_text.size() && m_text[at] != m_options.delimiter) continue;
    const auto raw = std::string_view(m_text).substr(first, at - first);
    first = at + 1;
    if (raw == m_options.null) {
      record.fields.emplace_back();
      continue;
    }
    auto value = valueOf(raw);
    if (!types::isValidUtf8(value))
      return makeError(ErrorKind::InvalidByteSequence, "line {}: the text is not valid UTF-8", record.line);
    record.fields.emplace_back(std::move(value));
  }
  return true;
}

Result<bool> CopyTextReader::next(CopyTextRecord& record) {
  auto result = readRecord(record);
  if (!result.ok()) m_stream.end();
  return result;
}

void appendCopyText(std::string& out, std::string_view text, char delimiter) {
  for (const char byte : text) {
    switch (byte) {
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\v': out += "\\v"; break;
      default:
        if (byte == '\\' || byte == delimiter) out += '\\';
        out += byte;
    }
  }
}

void appendCopyCsv(std::string& out, std::string_view text, const CopyCsvOptions& options, bool always, bool alone) {
  const auto quotes = [&](char byte) {
    return byte == options.delimiter || byte == options.quote || byte == '\n' || byte == '\r';
  };
  bool quoted = always || text == options.null || (alone && text == kEndOfData);
  for (const char byte : text) quoted = quoted || quotes(byte);
  if (!quoted) {
    out += text;
    return;
  }
  out += options.quote;
  for (const char byte : text) {
    if (byte == options.quote || byte == options.escape) out += options.escape;
    out += byte;
  }
  out += options.quote;
}

}  // namespace drift::formats
