// What kernels of json and jsonb share: each is written once, over either view. Internal to this module. Stateless,
// thread-safe.
#pragma once

#include <charconv>
#include <optional>
#include <vector>

#include "functions/builtins.h"
#include "functions/kernels.h"
#include "types/array.h"
#include "types/json.h"

namespace drift::functions {

/// The type whose values a view looks at.
template <class View>
inline constexpr types::Type kTypeOf = types::TypeId::Jsonb;
template <>
inline constexpr types::Type kTypeOf<types::JsonText> = types::TypeId::Json;

template <class View>
View viewAt(const types::Vector& values, std::size_t row) {
  return View(values.view().at<types::StringRef>(row).view());
}

/// The member of a name, the last one of several; nothing where there is none.
template <class View>
Result<std::optional<View>> memberOf(const View& view, std::string_view wanted) {
  std::optional<View> found;
  DRIFT_ASSIGN(const auto kind, view.kind());
  if (kind != types::JsonKind::Object) return found;
  DRIFT_TRY(view.each([&](std::string_view name, const View& value) -> Result<bool> {
    if (name == wanted) found = value;
    return true;
  }));
  return found;
}

template <class View>
Result<std::int64_t> lengthOf(const View& view) {
  std::int64_t count = 0;
  DRIFT_TRY(view.each([&](std::string_view, const View&) -> Result<bool> { return ++count > 0; }));
  return count;
}

/// The element at a place from 0, or with a negative one from the end.
template <class View>
Result<std::optional<View>> elementOf(const View& view, std::int64_t wanted) {
  std::optional<View> found;
  DRIFT_ASSIGN(const auto kind, view.kind());
  if (kind != types::JsonKind::Array) return found;
  if (wanted < 0) {
    DRIFT_ASSIGN(const auto length, lengthOf(view));
    wanted += length;
    if (wanted < 0) return found;
  }
  DRIFT_TRY(view.each([&](std::string_view, const View& value) -> Result<bool> {
    if (wanted-- > 0) return true;
    found = value;
    return false;
  }));
  return found;
}

/// A step of a path as a place in an array.
inline std::optional<std::int64_t> placeOf(std::string_view step) {
  std::int64_t place = 0;
  const auto [end, error] = std::from_chars(step.data(), step.data() + step.size(), place);
  if (error != std::errc() || end != step.data() + step.size() || place < INT32_MIN || place > INT32_MAX)
    return std::nullopt;
  return place;
}

/// One step down: a member's name, or an element's place.
template <class View>
Result<std::optional<View>> stepInto(const View& view, std::string_view step) {
  DRIFT_ASSIGN(const auto kind, view.kind());
  if (kind == types::JsonKind::Object) return memberOf(view, step);
  const auto place = placeOf(step);
  if (kind != types::JsonKind::Array || !place) return std::optional<View>();
  return elementOf(view, *place);
}

/// The texts of an array of text; nothing for a NULL among them.
using Path = std::vector<std::optional<std::string>>;

inline Result<Path> pathAt(const types::Vector& values, std::size_t row) {
  DRIFT_ASSIGN(const auto elements,
               types::arrayElements(values.view().at<types::StringRef>(row).view(), values.type().element()));
  Path path;
  for (const auto& element : elements)
    path.push_back(element.isNull() ? std::nullopt : std::optional(element.asString()));
  return path;
}

/// Gives any value as a blob of jsonb.
Result<std::string> jsonbOf(const types::Value& value, const types::TextStyle& style);

void addJsonAccess(BuiltIns& builtIns);
void addJsonMaking(BuiltIns& builtIns);
void addJsonbEditing(BuiltIns& builtIns);

}  // namespace drift::functions
