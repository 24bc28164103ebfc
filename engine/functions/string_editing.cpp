// Strings made of others: concatenation, case, padding, replacement.
#include <algorithm>
#include <array>

#include <fmt/format.h>
#include <unicode/bytestream.h>
#include <unicode/casemap.h>
#include <unicode/uchar.h>

#include "functions/builtins.h"
#include "functions/kernels.h"
#include "types/ascii.h"
#include "types/utf8.h"

namespace drift::functions {

namespace {

using namespace types;

/// No text that a function builds may be longer (PostgreSQL's bound is 1 GB; ours keeps a query
/// usable).
constexpr std::size_t kTextBytesMax = 256 * 1024 * 1024;

Error tooLong() { return Error(ErrorKind::LimitExceeded, "requested length too large"); }

Status concatenate(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<StringRef, StringRef>(arguments, rows, out,
                                         [](const StringRef& a, const StringRef& b, std::string& text) -> Status {
                                           text = a.view();
                                           text += b.view();
                                           return {};
                                         });
}

/// Appends the text of any value as a cast to text would: true, not t.
void appendAsText(std::string& out, const Vector& vector, std::size_t row, const TextStyle& style) {
  if (vector.type().id() == TypeId::Boolean) out += vector.view().at<std::uint8_t>(row) ? "true" : "false";
  else appendText(out, vector, row, style);
}

Status concatenateAny(const FunctionContext& context, Arguments arguments, std::size_t rows, Vector& out) {
  std::string text;
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    text.clear();
    for (const auto& argument : arguments) appendAsText(text, argument, row, context.text);
    out.setString(row, text);
    return {};
  });
}

/// concat(): NULLs are left out. Not strict. Booleans are t and f here, as PostgreSQL's output is.
Status concatKernel(const FunctionContext& context, Arguments arguments, std::size_t rows, Vector& out) {
  std::string text;
  for (std::size_t row = 0; row < rows; ++row) {
    text.clear();
    for (const auto& argument : arguments)
      if (!argument.isNull(row)) appendText(text, argument, row, context.text);
    out.setString(row, text);
  }
  return {};
}

/// concat_ws(): a NULL separator gives NULL, NULL values are left out.
Status concatWithSeparator(const FunctionContext& context, Arguments arguments, std::size_t rows, Vector& out) {
  std::string text;
  const auto separators = arguments[0].view();
  for (std::size_t row = 0; row < rows; ++row) {
    if (separators.isNull(row)) {
      out.setNull(row);
      continue;
    }
    text.clear();
    bool first = true;
    for (const auto& argument : arguments.subspan(1)) {
      if (argument.isNull(row)) continue;
      if (!std::exchange(first, false)) text += separators.at<StringRef>(row).view();
      appendText(text, argument, row, context.text);
    }
    out.setString(row, text);
  }
  return {};
}

enum class Case { Lower, Upper };

template <Case kCase>
Status changeCase(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<StringRef>(arguments, rows, out, [](const StringRef& input, std::string& text) -> Status {
    const auto source = input.view();
    if (std::ranges::all_of(source, [](char c) { return static_cast<unsigned char>(c) < 0x80; })) {
      text = source;
      for (auto& c : text) {
        if constexpr (kCase == Case::Lower) c = toLowerAscii(c);
        else c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
      }
      return {};
    }
    UErrorCode status = U_ZERO_ERROR;
    icu::StringByteSink<std::string> sink(&text);
    const icu::StringPiece piece(source.data(), static_cast<std::int32_t>(source.size()));
    // The root locale: case does not depend on where the program runs.
    if constexpr (kCase == Case::Lower) icu::CaseMap::utf8ToLower("", 0, piece, sink, nullptr, status);
    else icu::CaseMap::utf8ToUpper("", 0, piece, sink, nullptr, status);
    if (U_FAILURE(status)) return makeError(ErrorKind::InternalError, "case mapping failed: {}", u_errorName(status));
    return {};
  });
}

/// First letter of each word upper, the others lower; words are runs of letters and digits.
Status initialCapitals(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<StringRef>(arguments, rows, out, [](const StringRef& input, std::string& text) -> Status {
    const auto source = input.view();
    bool inWord = false;
    for (std::size_t at = 0; at < source.size(); at = nextCodePoint(source, at)) {
      const auto point = static_cast<UChar32>(codePointAt(source, at));
      appendCodePoint(text, static_cast<char32_t>(inWord ? u_tolower(point) : u_toupper(point)));
      inWord = u_isalnum(point);
    }
    return {};
  });
}

Status replaceKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<StringRef, StringRef, StringRef>(
      arguments, rows, out,
      [](const StringRef& input, const StringRef& from, const StringRef& to, std::string& text) -> Status {
        const auto source = input.view();
        std::size_t start = 0;
        while (from.size() > 0) {
          const auto at = source.find(from.view(), start);
          if (at == source.npos) break;
          text.append(source, start, at - start);
          text += to.view();
          start = at + from.size();
          if (text.size() > kTextBytesMax) return tooLong();
        }
        text.append(source, start);
        return {};
      });
}

/// Each character found in `from` becomes the one at the same place of `to`, or goes.
Status translateKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<StringRef, StringRef, StringRef>(
      arguments, rows, out,
      [](const StringRef& input, const StringRef& from, const StringRef& to, std::string& text) -> Status {
        const auto source = input.view();
        for (std::size_t at = 0; at < source.size();) {
          const auto next = nextCodePoint(source, at);
          const auto character = source.substr(at, next - at);
          at = next;
          const auto found = from.view().find(character);
          if (found == std::string_view::npos) {
            text += character;
            continue;
          }
          const auto place = codePointOffset(to.view(), codePointCount(from.view().substr(0, found)));
          if (place < to.size()) text.append(to.view(), place, nextCodePoint(to.view(), place) - place);
        }
        return {};
      });
}

template <bool kLeft>
Status padText(std::string_view source, std::int32_t length, std::string_view fill, std::string& text) {
  const auto wanted = static_cast<std::size_t>(std::max(length, 0));
  const auto present = codePointCount(source);
  if (wanted <= present || fill.empty()) {
    text = source.substr(0, codePointOffset(source, wanted));
    return {};
  }
  if (wanted > kTextBytesMax / 4) return tooLong();
  std::string padding;
  std::size_t at = 0;
  for (auto missing = wanted - present; missing > 0; --missing) {
    const auto next = nextCodePoint(fill, at);
    padding.append(fill, at, next - at);
    at = next == fill.size() ? 0 : next;
  }
  text = kLeft ? padding : source;
  text += kLeft ? source : std::string_view(padding);
  return {};
}

template <bool kLeft>
Status padWithBlanks(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<StringRef, std::int32_t>(arguments, rows, out,
                                            [](const StringRef& source, std::int32_t length, std::string& text) {
                                              return padText<kLeft>(source.view(), length, " ", text);
                                            });
}

template <bool kLeft>
Status padWithFill(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<StringRef, std::int32_t, StringRef>(
      arguments, rows, out, [](const StringRef& source, std::int32_t length, const StringRef& fill, std::string& text) {
        return padText<kLeft>(source.view(), length, fill.view(), text);
      });
}

Status repeatKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<StringRef, std::int32_t>(
      arguments, rows, out, [](const StringRef& source, std::int32_t count, std::string& text) -> Status {
        if (count <= 0 || source.size() == 0) return {};
        if (source.size() > kTextBytesMax / static_cast<std::size_t>(count)) return tooLong();
        for (; count > 0; --count) text += source.view();
        return {};
      });
}

Status reverseKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<StringRef>(arguments, rows, out, [](const StringRef& source, std::string& text) -> Status {
    auto rest = source.view();
    while (!rest.empty()) {
      auto last = rest.size() - 1;
      while (last > 0 && !startsCodePoint(rest[last])) --last;
      text += rest.substr(last);
      rest = rest.substr(0, last);
    }
    return {};
  });
}

Status overlayText(std::string_view source, std::string_view part, std::int64_t start, std::int64_t length,
                   std::string& text) {
  if (start <= 0) return Error(ErrorKind::InvalidParameterValue, "negative substring length not allowed");
  const auto from = codePointOffset(source, static_cast<std::size_t>(start - 1));
  const auto to = codePointOffset(source, static_cast<std::size_t>(std::max<std::int64_t>(0, start - 1 + length)));
  text = source.substr(0, from);
  text += part;
  text += source.substr(to);
  return {};
}

Status overlayKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<StringRef, StringRef, std::int32_t>(
      arguments, rows, out, [](const StringRef& source, const StringRef& part, std::int32_t start, std::string& text) {
        const auto length = static_cast<std::int64_t>(codePointCount(part.view()));
        return overlayText(source.view(), part.view(), start, length, text);
      });
}

Status overlayForKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<StringRef, StringRef, std::int32_t, std::int32_t>(
      arguments, rows, out,
      [](const StringRef& source, const StringRef& part, std::int32_t start, std::int32_t length, std::string& text) {
        return overlayText(source.view(), part.view(), start, length, text);
      });
}

Status characterOf(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<std::int32_t>(arguments, rows, out, [](std::int32_t code, std::string& text) -> Status {
    if (code == 0) return Error(ErrorKind::LimitExceeded, "null character not permitted");
    if (code < 0) return Error(ErrorKind::LimitExceeded, "character number must be positive");
    if (code > 0x10ffff)
      return makeError(ErrorKind::LimitExceeded, "requested character too large for encoding: {}", code);
    if (code >= 0xd800 && code <= 0xdfff)
      return makeError(ErrorKind::LimitExceeded, "requested character not valid for encoding: {}", code);
    appendCodePoint(text, static_cast<char32_t>(code));
    return {};
  });
}

template <class T>
Status hexKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<T>(arguments, rows, out, [](T value, std::string& text) -> Status {
    text = fmt::format("{:x}", static_cast<std::make_unsigned_t<T>>(value));
    return {};
  });
}

/// 'it''s' as a string literal.
Status quoteLiteral(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return writeRows<StringRef>(arguments, rows, out, [](const StringRef& source, std::string& text) -> Status {
    if (source.view().find('\\') != std::string_view::npos) text += 'E';
    text += '\'';
    for (const char c : source.view()) {
      if (c == '\'' || c == '\\') text += c;
      text += c;
    }
    text += '\'';
    return {};
  });
}

}  // namespace

void addStringEditing(BuiltIns& builtIns) {
  const Type text = TypeId::Text;
  const Type bytea = TypeId::Bytea;
  const Type integer = TypeId::Integer;
  const auto stable = Volatility::Stable;  // timestamps are shown in the session's time zone
  builtIns.scalar("||", {text, text}, text, concatenate, "Concatenation");
  builtIns.scalar("||", {bytea, bytea}, bytea, concatenate, "Concatenation");
  builtIns.scalar("||", {text, kAnyType}, text, concatenateAny, "Concatenation with the text of a value", stable);
  builtIns.scalar("||", {kAnyType, text}, text, concatenateAny, "Concatenation with the text of a value", stable);
  builtIns.scalar("concat", {kAnyType}, text, concatKernel, "The texts of all values that are not NULL", stable)
      .variadic = true;
  builtIns
      .scalar("concat_ws", {text, kAnyType}, text, concatWithSeparator,
              "The texts of all values that are not NULL, with a separator", stable)
      .variadic = true;

  builtIns.scalar("lower", {text}, text, changeCase<Case::Lower>, "In lower case");
  builtIns.scalar("upper", {text}, text, changeCase<Case::Upper>, "In upper case");
  builtIns.scalar("initcap", {text}, text, initialCapitals, "First letter of each word in upper case");
  builtIns.scalar("replace", {text, text, text}, text, replaceKernel, "Replaces each occurrence of a text");
  builtIns.scalar("translate", {text, text, text}, text, translateKernel, "Replaces characters one for one");
  builtIns.scalar("lpad", {text, integer}, text, padWithBlanks<true>, "Fills up to a length at the start");
  builtIns.scalar("lpad", {text, integer, text}, text, padWithFill<true>, "Fills up to a length at the start");
  builtIns.scalar("rpad", {text, integer}, text, padWithBlanks<false>, "Fills up to a length at the end");
  builtIns.scalar("rpad", {text, integer, text}, text, padWithFill<false>, "Fills up to a length at the end");
  builtIns.scalar("repeat", {text, integer}, text, repeatKernel, "The text n times");
  builtIns.scalar("reverse", {text}, text, reverseKernel, "Characters from last to first");
  builtIns.scalar("overlay", {text, text, integer}, text, overlayKernel, "Replaces a part: new text, start");
  builtIns.scalar("overlay", {text, text, integer, integer}, text, overlayForKernel,
                  "Replaces a part: new text, start, length");
  builtIns.scalar("chr", {integer}, text, characterOf, "The character with a code");
  builtIns.scalar("to_hex", {integer}, text, hexKernel<std::int32_t>, "The number in hexadecimal");
  builtIns.scalar("to_hex", {TypeId::BigInt}, text, hexKernel<std::int64_t>, "The number in hexadecimal");
  builtIns.scalar("quote_literal", {text}, text, quoteLiteral, "The text as an SQL string literal");
}

}  // namespace drift::functions
