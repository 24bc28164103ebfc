// Strings measured, compared and cut: lengths, positions, substrings, trimming.
#include <algorithm>

#include "functions/builtins.h"
#include "functions/kernels.h"
#include "types/utf8.h"

namespace drift::functions {

namespace {

using namespace types;

/// Code points; the count of bytes where the text is ASCII.
std::int32_t lengthOf(std::string_view text) { return static_cast<std::int32_t>(codePointCount(text)); }

Status textLength(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapUnary<std::int32_t, StringRef>(arguments, rows, out,
                                           [](const StringRef& text) { return lengthOf(text.view()); });
}

template <int kFactor>
Status byteLength(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapUnary<std::int32_t, StringRef>(
      arguments, rows, out, [](const StringRef& text) { return static_cast<std::int32_t>(text.size()) * kFactor; });
}

/// Code points `start` to `start + length` (1-based) of a text; parts outside of it do not exist.
std::string_view slice(std::string_view text, std::int64_t start, std::int64_t length) {
  const auto end = start + length;
  start = std::max<std::int64_t>(start, 1);
  if (end <= start) return {};
  const auto from = codePointOffset(text, static_cast<std::size_t>(start - 1));
  const auto rest = text.substr(from);
  return rest.substr(0, codePointOffset(rest, static_cast<std::size_t>(end - start)));
}

std::string_view sliceBytes(std::string_view bytes, std::int64_t start, std::int64_t length) {
  const auto end = std::min<std::int64_t>(start + length, static_cast<std::int64_t>(bytes.size()) + 1);
  start = std::max<std::int64_t>(start, 1);
  if (end <= start) return {};
  return bytes.substr(static_cast<std::size_t>(start - 1), static_cast<std::size_t>(end - start));
}

constexpr std::int64_t kToTheEnd = std::int64_t{1} << 40;  // longer than any text

using Slice = std::string_view (*)(std::string_view, std::int64_t, std::int64_t);

template <Slice kSlice>
Status substringFrom(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return sliceRows<std::int32_t>(
      arguments, rows, out, [](std::string_view text, std::int32_t start) { return kSlice(text, start, kToTheEnd); });
}

template <Slice kSlice>
Status substringFromFor(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  const auto lengths = arguments[2].view();
  const auto check = [&](std::size_t row) -> Status {
    if (lengths.at<std::int32_t>(row) >= 0) return {};
    return Error(ErrorKind::InvalidParameterValue, "negative substring length not allowed");
  };
  DRIFT_TRY(forEachRow(arguments, rows, out, check));
  return sliceRows<std::int32_t, std::int32_t>(
      arguments, rows, out,
      [](std::string_view text, std::int32_t start, std::int32_t length) { return kSlice(text, start, length); });
}

/// The first `count` code points; with a negative count, all but the last ones.
std::string_view leftPart(std::string_view text, std::int32_t count) {
  const auto kept = count >= 0 ? count : std::max<std::int64_t>(0, lengthOf(text) + std::int64_t{count});
  return text.substr(0, codePointOffset(text, static_cast<std::size_t>(kept)));
}

std::string_view rightPart(std::string_view text, std::int32_t count) {
  const auto skipped =
      count >= 0 ? std::max<std::int64_t>(0, lengthOf(text) - std::int64_t{count}) : -std::int64_t{count};
  return text.substr(codePointOffset(text, static_cast<std::size_t>(skipped)));
}

template <std::string_view (*kPart)(std::string_view, std::int32_t)>
Status partKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return sliceRows<std::int32_t>(arguments, rows, out, kPart);
}

/// True if the code point at `at` of the text is one of `set`.
bool isIn(std::string_view set, std::string_view text, std::size_t at) {
  return set.find(text.substr(at, nextCodePoint(text, at) - at)) != set.npos;
}

std::string_view trimLeft(std::string_view text, std::string_view set) {
  std::size_t at = 0;
  while (at < text.size() && isIn(set, text, at)) at = nextCodePoint(text, at);
  return text.substr(at);
}

std::string_view trimRight(std::string_view text, std::string_view set) {
  while (!text.empty()) {
    auto last = text.size() - 1;
    while (last > 0 && !startsCodePoint(text[last])) --last;
    if (!isIn(set, text, last)) break;
    text = text.substr(0, last);
  }
  return text;
}

std::string_view trimBoth(std::string_view text, std::string_view set) { return trimRight(trimLeft(text, set), set); }

using Trim = std::string_view (*)(std::string_view, std::string_view);

template <Trim kTrim>
Status trimBlanksKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return sliceRows<>(arguments, rows, out, [](std::string_view text) { return kTrim(text, " "); });
}

template <Trim kTrim>
Status trimSet(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return sliceRows<StringRef>(arguments, rows, out,
                              [](std::string_view text, const StringRef& set) { return kTrim(text, set.view()); });
}

/// 1-based place in code points; 0 = not found.
std::int32_t positionOf(const StringRef& text, const StringRef& part) {
  const auto at = text.view().find(part.view());
  return at == std::string_view::npos ? 0 : lengthOf(text.view().substr(0, at)) + 1;
}

Status positionKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapBinary<std::int32_t, StringRef, StringRef>(arguments, rows, out, positionOf);
}

/// The same of bytes.
Status bytePositionKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapBinary<std::int32_t, StringRef, StringRef>(
      arguments, rows, out, [](const StringRef& bytes, const StringRef& part) -> std::int32_t {
        return static_cast<std::int32_t>(bytes.view().find(part.view()) + 1);  // npos + 1 = 0
      });
}

Status startsWith(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapBinary<std::uint8_t, StringRef, StringRef>(
      arguments, rows, out, [](const StringRef& text, const StringRef& prefix) -> std::uint8_t {
        return text.view().starts_with(prefix.view());
      });
}

Status firstCodePoint(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapUnary<std::int32_t, StringRef>(arguments, rows, out, [](const StringRef& text) {
    return text.size() == 0 ? 0 : static_cast<std::int32_t>(codePointAt(text.view(), 0));
  });
}

Result<std::string_view> splitPart(std::string_view text, std::string_view separator, std::int32_t field) {
  if (field == 0) return Error(ErrorKind::InvalidParameterValue, "field position must not be zero");
  if (separator.empty()) return field == 1 || field == -1 ? text : std::string_view();
  if (field < 0) {
    // From the end: the parts are the same, since separators are found from the left.
    std::int64_t parts = 1;
    for (auto at = text.find(separator); at != text.npos; at = text.find(separator, at + separator.size())) ++parts;
    if (parts + field < 0) return std::string_view();
    field = static_cast<std::int32_t>(parts + field + 1);
  }
  std::size_t from = 0;
  for (;; --field) {
    const auto at = text.find(separator, from);
    if (field == 1) return text.substr(from, at == text.npos ? text.npos : at - from);
    if (at == text.npos) return std::string_view();
    from = at + separator.size();
  }
}

Status splitPartKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  out.keepHeapsOf(arguments[0]);
  return tryRows<StringRef, StringRef, StringRef, std::int32_t>(
      arguments, rows, out,
      [](const StringRef& text, const StringRef& separator, std::int32_t field, StringRef& result) -> Status {
        DRIFT_ASSIGN(const auto part, splitPart(text.view(), separator.view(), field));
        result = StringRef(part);
        return {};
      });
}

}  // namespace

void addStrings(BuiltIns& builtIns) {
  const Type text = TypeId::Text;
  const Type bytea = TypeId::Bytea;
  const Type integer = TypeId::Integer;
  for (const auto* name : {"length", "char_length", "character_length"})
    builtIns.scalar(name, {text}, integer, textLength, "Number of characters");
  builtIns.scalar("length", {bytea}, integer, byteLength<1>, "Number of bytes");
  builtIns.scalar("octet_length", {text}, integer, byteLength<1>, "Number of bytes");
  builtIns.scalar("octet_length", {bytea}, integer, byteLength<1>, "Number of bytes");
  builtIns.scalar("bit_length", {text}, integer, byteLength<8>, "Number of bits");
  builtIns.scalar("bit_length", {bytea}, integer, byteLength<8>, "Number of bits");

  for (const auto* name : {"substring", "substr"}) {
    builtIns.scalar(name, {text, integer}, text, substringFrom<slice>, "Part of a text from a position on");
    builtIns.scalar(name, {text, integer, integer}, text, substringFromFor<slice>, "Part of a text: start, length");
    builtIns.scalar(name, {bytea, integer}, bytea, substringFrom<sliceBytes>, "Part of some bytes from a position on");
    builtIns.scalar(name, {bytea, integer, integer}, bytea, substringFromFor<sliceBytes>,
                    "Part of some bytes: start, length");
  }
  builtIns.scalar("left", {text, integer}, text, partKernel<leftPart>,
                  "First characters; all but the last n if negative");
  builtIns.scalar("right", {text, integer}, text, partKernel<rightPart>,
                  "Last characters; all but the first n if negative");

  builtIns.scalar("btrim", {text}, text, trimBlanksKernel<trimBoth>, "Without blanks at both ends");
  builtIns.scalar("ltrim", {text}, text, trimBlanksKernel<trimLeft>, "Without blanks at the start");
  builtIns.scalar("rtrim", {text}, text, trimBlanksKernel<trimRight>, "Without blanks at the end");
  builtIns.scalar("trim", {text}, text, trimBlanksKernel<trimBoth>, "Without blanks at both ends");
  builtIns.scalar("btrim", {text, text}, text, trimSet<trimBoth>, "Without the given characters at both ends");
  builtIns.scalar("ltrim", {text, text}, text, trimSet<trimLeft>, "Without the given characters at the start");
  builtIns.scalar("rtrim", {text, text}, text, trimSet<trimRight>, "Without the given characters at the end");
  builtIns.scalar("trim", {text, text}, text, trimSet<trimBoth>, "Without the given characters at both ends");

  builtIns.scalar("position", {text, text}, integer, positionKernel,
                  "Place of the second text in the first, from 1; 0 if absent");
  builtIns.scalar("position", {TypeId::Bytea, TypeId::Bytea}, integer, bytePositionKernel,
                  "Place of the second bytes in the first, from 1; 0 if absent");
  builtIns.scalar("strpos", {text, text}, integer, positionKernel,
                  "Place of the second text in the first, from 1; 0 if absent");
  builtIns.scalar("starts_with", {text, text}, TypeId::Boolean, startsWith,
                  "True if the first text begins with the second");
  builtIns.scalar("^@", {text, text}, TypeId::Boolean, startsWith, "True if the first text begins with the second");
  builtIns.scalar("ascii", {text}, integer, firstCodePoint, "Code of the first character");
  builtIns.scalar("split_part", {text, text, integer}, text, splitPartKernel,
                  "The n-th part between separators; from the end if negative");
}

}  // namespace drift::functions
