// format(), quoting of names, digests, and text made of bytes (PostgreSQL 9.4 and 9.5).
#include <algorithm>
#include <bit>
#include <charconv>

#include <fmt/format.h>
#include <openssl/evp.h>

#include "functions/builtins.h"
#include "functions/kernels.h"
#include "types/ascii.h"
#include "types/text.h"
#include "types/utf8.h"

namespace drift::functions {

namespace {

using namespace types;

/// PostgreSQL's keywords that are not free as names (appendix C), sorted.
constexpr std::string_view kQuotedWords[] = {
    "all",
    "analyse",
    "analyze",
    "and",
    "any",
    "array",
    "as",
    "asc",
    "asymmetric",
    "authorization",
    "between",
    "bigint",
    "binary",
    "bit",
    "boolean",
    "both",
    "case",
    "cast",
    "char",
    "character",
    "check",
    "coalesce",
    "collate",
    "collation",
    "column",
    "concurrently",
    "constraint",
    "create",
    "cross",
    "current_catalog",
    "current_date",
    "current_role",
    "current_schema",
    "current_time",
    "current_timestamp",
    "current_user",
    "dec",
    "decimal",
    "default",
    "deferrable",
    "desc",
    "distinct",
    "do",
    "else",
    "end",
    "except",
    "exists",
    "extract",
    "false",
    "fetch",
    "float",
    "for",
    "foreign",
    "freeze",
    "from",
    "full",
    "grant",
    "greatest",
    "group",
    "grouping",
    "having",
    "ilike",
    "in",
    "initially",
    "inner",
    "inout",
    "int",
    "integer",
    "intersect",
    "interval",
    "into",
    "is",
    "isnull",
    "join",
    "lateral",
    "leading",
    "least",
    "left",
    "like",
    "limit",
    "localtime",
    "localtimestamp",
    "national",
    "natural",
    "nchar",
    "none",
    "normalize",
    "not",
    "notnull",
    "null",
    "nullif",
    "numeric",
    "offset",
    "on",
    "only",
    "or",
    "order",
    "out",
    "outer",
    "overlaps",
    "overlay",
    "placing",
    "position",
    "precision",
    "primary",
    "real",
    "references",
    "returning",
    "right",
    "row",
    "select",
    "session_user",
    "setof",
    "similar",
    "smallint",
    "some",
    "substring",
    "symmetric",
    "table",
    "tablesample",
    "then",
    "time",
    "timestamp",
    "to",
    "trailing",
    "treat",
    "trim",
    "true",
    "union",
    "unique",
    "user",
    "using",
    "values",
    "varchar",
    "variadic",
    "verbose",
    "when",
    "where",
    "window",
    "with",
    "xmlattributes",
    "xmlconcat",
    "xmlelement",
    "xmlexists",
    "xmlforest",
    "xmlnamespaces",
    "xmlparse",
    "xmlpi",
    "xmlroot",
    "xmlserialize",
    "xmltable",
};

void appendQuoted(std::string& out, std::string_view text, char quote) {
  out += quote;
  for (const char letter : text) {
    if (letter == quote) out += letter;
    out += letter;
  }
  out += quote;
}

void appendName(std::string& out, std::string_view name) {
  const auto plain = [](char letter) { return (letter >= 'a' && letter <= 'z') || letter == '_'; };
  const bool bare = !name.empty() && plain(name.front()) &&
                    std::ranges::all_of(name, [&](char letter) { return plain(letter) || isDigit(letter); }) &&
                    !std::ranges::binary_search(kQuotedWords, name);
  if (bare) out += name;
  else appendQuoted(out, name, '"');
}

void appendLiteral(std::string& out, std::string_view text) {
  if (text.find('\\') == text.npos) return appendQuoted(out, text, '\'');
  std::string doubled;
  for (const char letter : text) doubled.append(letter == '\\' ? 2 : 1, letter);
  out += 'E';
  appendQuoted(out, doubled, '\'');
}

/// As PostgreSQL's output function writes it: booleans are t and f.
std::string textOf(const Vector& values, std::size_t row, const TextStyle& style) {
  if (values.type().id() == TypeId::Boolean) return values.view().at<std::uint8_t>(row) ? "t" : "f";
  std::string text;
  appendText(text, values, row, style);
  return text;
}

/// Of one field of format(), in characters.
constexpr std::size_t kWidthMax = 256 * 1024 * 1024;

Error formatError(std::string sentence) { return Error(ErrorKind::InvalidParameterValue, std::move(sentence)); }

/// Fills in one template of format().
class Formatter final {
 public:
  Formatter(Arguments arguments, std::size_t row, const TextStyle& style)
      : m_arguments(arguments), m_row(row), m_style(style) {}

  Result<std::string> fill(std::string_view text) {
    m_rest = text;
    while (!m_rest.empty()) {
      const char letter = m_rest.front();
      m_rest.remove_prefix(1);
      if (letter != '%') {
        m_out += letter;
      } else if (!m_rest.empty() && m_rest.front() == '%') {
        m_out += '%';
        m_rest.remove_prefix(1);
      } else {
        DRIFT_TRY(specifier());
      }
    }
    return std::move(m_out);
  }

 private:
  Result<std::optional<std::size_t>> number() {
    if (m_rest.empty() || !isDigit(m_rest.front())) return std::optional<std::size_t>();
    std::int32_t value = 0;
    const auto [end, error] = std::from_chars(m_rest.data(), m_rest.data() + m_rest.size(), value);
    if (error != std::errc()) return Error(ErrorKind::NumericValueOutOfRange, "number is out of range");
    m_rest.remove_prefix(static_cast<std::size_t>(end - m_rest.data()));
    return std::optional<std::size_t>(static_cast<std::size_t>(value));
  }

  bool accept(char letter) {
    if (m_rest.empty() || m_rest.front() != letter) return false;
    m_rest.remove_prefix(1);
    return true;
  }

  Result<const Vector*> argument(std::optional<std::size_t> position) {
    if (position && *position == 0)
      return formatError("format specifies argument 0, but arguments are numbered from 1");
    const auto at = position ? *position : m_next;
    if (at >= m_arguments.size()) return formatError("too few arguments for format()");
    m_next = at + 1;
    return &m_arguments[at];
  }

  /// %[position$][-][width]type; the width may be * or *position$.
  Status specifier() {
    std::optional<std::size_t> position;
    std::optional<std::size_t> width;
    DRIFT_ASSIGN(const auto first, number());
    if (first && accept('$')) position = first;
    else width = first;
    bool left = false;
    if (!width) {
      while (accept('-')) left = true;
      if (accept('*')) {
        DRIFT_ASSIGN(const auto place, number());
        if (place && !accept('$')) return formatError("width argument position must be ended by \"$\"");
        DRIFT_ASSIGN(const auto* given, argument(place));
        DRIFT_TRY(takeWidth(*given, width, left));
      } else {
        DRIFT_ASSIGN(width, number());
      }
    }
    if (m_rest.empty()) return unterminated();
    const char type = m_rest.front();
    m_rest.remove_prefix(1);
    if (type != 's' && type != 'I' && type != 'L')
      return formatError(fmt::format("unrecognized format() type specifier \"{}\"", type))
          .withHint("For a single \"%\" use \"%%\".");
    DRIFT_ASSIGN(const auto* given, argument(position));
    std::string text;
    if (given->isNull(m_row)) {
      if (type == 'I') return Error(ErrorKind::NullNotAllowed, "null values cannot be formatted as an SQL identifier");
      if (type == 'L') text = "NULL";
    } else {
      const auto value = textOf(*given, m_row, m_style);
      if (type == 's') text = value;
      else if (type == 'I') appendName(text, value);
      else appendLiteral(text, value);
    }
    if (width.value_or(0) > kWidthMax) return Error(ErrorKind::LimitExceeded, "requested length too large");
    const auto length = codePointCount(text);
    const auto blanks = width.value_or(0) > length ? *width - length : 0;
    if (!left) m_out.append(blanks, ' ');
    m_out += text;
    if (left) m_out.append(blanks, ' ');
    return {};
  }

  Status takeWidth(const Vector& given, std::optional<std::size_t>& width, bool& left) const {
    width = 0;
    if (given.isNull(m_row)) return {};
    DRIFT_ASSIGN(const auto value, parseText(textOf(given, m_row, m_style), TypeId::Integer));
    left = left || value.asInt() < 0;
    width = static_cast<std::size_t>(std::abs(value.asInt()));
    return {};
  }

  static Error unterminated() {
    return formatError("unterminated format() type specifier").withHint("For a single \"%\" use \"%%\".");
  }

  const Arguments m_arguments;
  const std::size_t m_row;
  const TextStyle& m_style;
  std::string_view m_rest;
  std::size_t m_next = 1;
  std::string m_out;
};

/// Not strict: NULLs among the values are nothing, or the word.
Status formatKernel(const FunctionContext& context, Arguments arguments, std::size_t rows, Vector& out) {
  const auto templates = arguments[0].view();
  for (std::size_t row = 0; row < rows; ++row) {
    if (templates.isNull(row)) {
      out.setNull(row);
      continue;
    }
    DRIFT_ASSIGN(const auto text, Formatter(arguments, row, context.text).fill(templates.at<StringRef>(row).view()));
    out.setString(row, text);
  }
  return {};
}

Status quoteName(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<StringRef>(arguments, rows, out, [](const StringRef& name, std::string& text) -> Status {
    appendName(text, name.view());
    return {};
  });
}

/// Not strict: NULL is the word.
Status quoteNullable(const FunctionContext& context, Arguments arguments, std::size_t rows, Vector& out) {
  for (std::size_t row = 0; row < rows; ++row) {
    std::string text;
    if (arguments[0].isNull(row)) text = "NULL";
    else appendLiteral(text, textOf(arguments[0], row, context.text));
    out.setString(row, text);
  }
  return {};
}

/// quote_literal() of anything but a text.
Status quoteValue(const FunctionContext& context, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    std::string text;
    appendLiteral(text, textOf(arguments[0], row, context.text));
    out.setString(row, text);
    return {};
  });
}

std::string hexOf(std::string_view bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const char byte : bytes) {
    text += kDigits[static_cast<unsigned char>(byte) >> 4];
    text += kDigits[static_cast<unsigned char>(byte) & 15];
  }
  return text;
}

Result<std::string> digestOf(const EVP_MD* kind, std::string_view bytes) {
  unsigned char digest[EVP_MAX_MD_SIZE];
  unsigned int length = 0;
  if (!EVP_Digest(bytes.data(), bytes.size(), digest, &length, kind, nullptr))
    return Error(ErrorKind::InternalError, "the digest could not be computed");
  return std::string(reinterpret_cast<const char*>(digest), length);
}

template <const EVP_MD* (*kKind)(), bool kHex>
Status digestKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<StringRef>(arguments, rows, out, [](const StringRef& bytes, std::string& text) -> Status {
    DRIFT_ASSIGN(const auto digest, digestOf(kKind(), bytes.view()));
    text = kHex ? hexOf(digest) : digest;
    return {};
  });
}

constexpr std::string_view kBase64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// RFC 2045: lines of 76 letters.
std::string base64Of(std::string_view bytes) {
  std::string text;
  std::size_t onLine = 0;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    if (onLine == 76) {
      text += '\n';
      onLine = 0;
    }
    std::uint32_t bits = 0;
    const auto count = std::min<std::size_t>(3, bytes.size() - at);
    for (std::size_t i = 0; i < 3; ++i) bits = bits << 8 | (i < count ? static_cast<unsigned char>(bytes[at + i]) : 0U);
    for (std::size_t i = 0; i < 4; ++i) text += i <= count ? kBase64[bits >> (18 - 6 * i) & 63] : '=';
    onLine += 4;
  }
  return text;
}

Result<std::string> fromBase64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int held = 0;
  int ends = 0;
  for (const char letter : text) {
    if (isBlank(letter)) continue;
    if (letter == '=') {
      ++ends;
      continue;
    }
    const auto value = kBase64.find(letter);
    if (value == kBase64.npos || ends > 0)
      return makeError(ErrorKind::InvalidParameterValue, "invalid symbol \"{}\" found while decoding base64 sequence",
                       letter);
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes += static_cast<char>(bits >> held & 255);
  }
  if (held >= 6 || ends > 2)
    return Error(ErrorKind::InvalidParameterValue, "invalid base64 end sequence")
        .withHint("Input data is missing padding, is truncated, or is otherwise corrupted.");
  return bytes;
}

Result<std::string> fromHex(std::string_view text) {
  std::string bytes;
  int high = -1;
  for (const char letter : text) {
    if (isBlank(letter)) continue;
    const char low = toLowerAscii(letter);
    const int value = isDigit(letter) ? letter - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
    if (value < 0) return makeError(ErrorKind::InvalidParameterValue, "invalid hexadecimal digit: \"{}\"", letter);
    if (high < 0) {
      high = value;
      continue;
    }
    bytes += static_cast<char>(high << 4 | value);
    high = -1;
  }
  if (high >= 0) return Error(ErrorKind::InvalidParameterValue, "invalid hexadecimal data: odd number of digits");
  return bytes;
}

std::string escaped(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) {
    const auto code = static_cast<unsigned char>(byte);
    if (code == 0 || code >= 128) text += fmt::format("\\{:03o}", code);
    else if (byte == '\\') text += "\\\\";
    else text += byte;
  }
  return text;
}

Error unknownEncoding(std::string_view name) {
  return makeError(ErrorKind::InvalidParameterValue, "unrecognized encoding: \"{}\"", name);
}

Status encodeKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<StringRef, StringRef>(
      arguments, rows, out, [](const StringRef& bytes, const StringRef& name, std::string& text) -> Status {
        const auto form = lowerAscii(name.view());
        if (form == "hex") text = hexOf(bytes.view());
        else if (form == "base64") text = base64Of(bytes.view());
        else if (form == "escape") text = escaped(bytes.view());
        else return unknownEncoding(name.view());
        return {};
      });
}

Status decodeKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<StringRef, StringRef>(
      arguments, rows, out, [](const StringRef& text, const StringRef& name, std::string& bytes) -> Status {
        const auto form = lowerAscii(name.view());
        if (form == "hex") {
          DRIFT_ASSIGN(bytes, fromHex(text.view()));
        } else if (form == "base64") {
          DRIFT_ASSIGN(bytes, fromBase64(text.view()));
        } else if (form == "escape") {
          DRIFT_ASSIGN(const auto value, parseText(text.view(), TypeId::Bytea));
          bytes = value.asString();
        } else {
          return unknownEncoding(name.view());
        }
        return {};
      });
}

Error byteOutOfRange(std::int64_t at, std::size_t size) {
  return makeError(ErrorKind::NumericValueOutOfRange, "index {} out of valid range, 0..{}", at,
                   static_cast<std::int64_t>(size) - 1);
}

Status getByte(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<std::int32_t, StringRef, std::int32_t>(
      arguments, rows, out, [](const StringRef& bytes, std::int32_t at, std::int32_t& result) -> Status {
        if (at < 0 || static_cast<std::size_t>(at) >= bytes.size()) return byteOutOfRange(at, bytes.size());
        result = static_cast<unsigned char>(bytes.view()[static_cast<std::size_t>(at)]);
        return {};
      });
}

Status setByte(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<StringRef, std::int32_t, std::int32_t>(
      arguments, rows, out,
      [](const StringRef& bytes, std::int32_t at, std::int32_t value, std::string& result) -> Status {
        if (at < 0 || static_cast<std::size_t>(at) >= bytes.size()) return byteOutOfRange(at, bytes.size());
        result = bytes.view();
        result[static_cast<std::size_t>(at)] = static_cast<char>(value);
        return {};
      });
}

Status countBits(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapUnary<std::int64_t, StringRef>(arguments, rows, out, [](const StringRef& bytes) {
    std::int64_t count = 0;
    for (const char byte : bytes.view()) count += std::popcount(static_cast<unsigned char>(byte));
    return count;
  });
}

}  // namespace

void addTextFormatting(BuiltIns& builtIns) {
  const Type text = TypeId::Text;
  const Type bytea = TypeId::Bytea;
  const Type integer = TypeId::Integer;
  const auto stable = Volatility::Stable;
  builtIns.scalar("format", {text}, text, formatKernel, "Template with %s, %I and %L filled in", stable);
  builtIns.scalar("format", {text, kAnyType}, text, formatKernel, "Template with %s, %I and %L filled in", stable)
      .variadic = true;
  builtIns.scalar("quote_ident", {text}, text, quoteName, "Name as SQL, in quotes where it needs them");
  builtIns.scalar("quote_nullable", {kAnyType}, text, quoteNullable, "Value as an SQL literal, or NULL", stable);
  builtIns.scalar("quote_literal", {kAnyType}, text, quoteValue, "Value as an SQL literal", stable);
  for (const auto type : {text, bytea})
    builtIns.scalar("md5", {type}, text, digestKernel<EVP_md5, true>, "MD5 digest in hexadecimal digits");
  builtIns.scalar("sha224", {bytea}, bytea, digestKernel<EVP_sha224, false>, "SHA-224 digest");
  builtIns.scalar("sha256", {bytea}, bytea, digestKernel<EVP_sha256, false>, "SHA-256 digest");
  builtIns.scalar("sha384", {bytea}, bytea, digestKernel<EVP_sha384, false>, "SHA-384 digest");
  builtIns.scalar("sha512", {bytea}, bytea, digestKernel<EVP_sha512, false>, "SHA-512 digest");
  builtIns.scalar("encode", {bytea, text}, text, encodeKernel, "Bytes as text: hex, base64 or escape");
  builtIns.scalar("decode", {text, text}, bytea, decodeKernel, "Bytes of a text: hex, base64 or escape");
  builtIns.scalar("get_byte", {bytea, integer}, integer, getByte, "The n-th byte, from 0");
  builtIns.scalar("set_byte", {bytea, integer, integer}, bytea, setByte, "Bytes with the n-th one replaced");
  builtIns.scalar("bit_count", {bytea}, TypeId::BigInt, countBits, "Number of bits that are 1");
}

}  // namespace drift::functions
