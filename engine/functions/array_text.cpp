// array_to_string(), string_to_array(), string_to_table().
#include "functions/array_kernels.h"
#include "functions/builtins.h"
#include "types/text.h"
#include "types/utf8.h"

namespace drift::functions {

namespace {

using namespace types;

/// Bytes that a text may come to, as much as PostgreSQL lets a value be.
constexpr std::size_t kTextBytesMax = std::size_t{1} << 30;

/// array_to_string(a, separator [, text for NULL]): NULLs are left out, or written so.
Status joinTexts(const FunctionContext& context, Arguments arguments, std::size_t rows, Vector& out) {
  for (std::size_t row = 0; row < rows; ++row) {
    if (arguments[0].isNull(row) || arguments[1].isNull(row)) {
      out.setNull(row);
      continue;
    }
    const auto separator = arguments[1].view().at<StringRef>(row).view();
    const bool showsNulls = arguments.size() > 2 && !arguments[2].isNull(row);
    DRIFT_ASSIGN(auto reader, arrayAt(arguments[0], row));
    std::string text;
    bool first = true;
    while (!reader.atEnd()) {
      DRIFT_ASSIGN(const auto value, reader.nextValue());
      if (value.isNull() && !showsNulls) continue;
      if (!first) text += separator;
      first = false;
      if (value.isNull()) text += arguments[2].view().at<StringRef>(row).view();
      else text += toText(value, context.text);
      if (text.size() > kTextBytesMax) return Error(ErrorKind::LimitExceeded, "requested length too large");
    }
    out.setString(row, text);
  }
  return {};
}

/// Calls add(part) for each part between separators; without a separator (null) for each character.
template <class Add>
void split(std::string_view text, const std::optional<std::string_view>& separator, const Add& add) {
  if (text.empty()) return;
  if (!separator) {
    for (std::size_t at = 0; at < text.size();) {
      const auto next = nextCodePoint(text, at);
      add(text.substr(at, next - at));
      at = next;
    }
    return;
  }
  if (separator->empty()) return add(text);
  for (std::size_t at = 0;;) {
    const auto end = text.find(*separator, at);
    add(text.substr(at, end == text.npos ? text.npos : end - at));
    if (end == text.npos) return;
    at = end + separator->size();
  }
}

/// string_to_array(text, separator [, text that is NULL])
Status splitTexts(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  for (std::size_t row = 0; row < rows; ++row) {
    if (arguments[0].isNull(row)) {
      out.setNull(row);
      continue;
    }
    const auto textOf = [&](std::size_t at) {
      return at < arguments.size() && !arguments[at].isNull(row)
                 ? std::optional(arguments[at].view().at<StringRef>(row).view())
                 : std::nullopt;
    };
    const auto null = textOf(2);
    ArrayBuilder builder;
    split(*textOf(0), textOf(1), [&](std::string_view part) {
      if (null && part == *null) builder.addNull();
      else builder.add(Value::text(std::string(part)));
    });
    out.setString(row, builder.finish());
  }
  return {};
}

/// string_to_table(): the same as rows.
Status splitRows(const FunctionContext&, std::span<const Value> arguments, SetRows& out) {
  if (arguments[0].isNull()) return {};
  const auto textOf = [&](std::size_t at) {
    return at < arguments.size() && !arguments[at].isNull() ? std::optional(std::string_view(arguments[at].asString()))
                                                            : std::nullopt;
  };
  const auto null = textOf(2);
  split(*textOf(0), textOf(1), [&](std::string_view part) {
    const Value row[] = {null && part == *null ? Value::null(TypeId::Text) : Value::text(std::string(part))};
    out.add(row);
  });
  return {};
}

}  // namespace

void addArrayText(BuiltIns& builtIns) {
  const Type text = TypeId::Text;
  constexpr std::string_view kJoin = "Texts of the elements: array, separator, text for NULL";
  builtIns.scalar("array_to_string", {kAnyArray, text}, text, joinTexts, kJoin, Volatility::Stable);
  builtIns.scalar("array_to_string", {kAnyArray, text, text}, text, joinTexts, kJoin, Volatility::Stable);
  constexpr std::string_view kSplit = "Parts of a text: text, separator, text that is NULL";
  builtIns.scalar("string_to_array", {text, text}, Type::array(text), splitTexts, kSplit);
  builtIns.scalar("string_to_array", {text, text, text}, Type::array(text), splitTexts, kSplit);
  builtIns.set("string_to_table", {text, text}, {{{}, text}}, splitRows, kSplit);
  builtIns.set("string_to_table", {text, text, text}, {{{}, text}}, splitRows, kSplit);
}

}  // namespace drift::functions
