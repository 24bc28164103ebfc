// Operators and functions of jsonb alone: containment, changes, cleaning (PostgreSQL 9.16).
#include <algorithm>

#include "functions/builtins.h"
#include "functions/json_kernels.h"

namespace drift::functions {

namespace {

using namespace types;

using Member = std::pair<std::string, std::string>;

Result<std::vector<Member>> membersOf(const JsonbView& view) {
  std::vector<Member> members;
  DRIFT_TRY(view.each([&](std::string_view name, const JsonbView& value) -> Result<bool> {
    members.emplace_back(std::string(name), value.stored());
    return true;
  }));
  return members;
}

Result<std::vector<std::string>> elementsOf(const JsonbView& view) {
  std::vector<std::string> elements;
  DRIFT_TRY(view.each([&](std::string_view, const JsonbView& value) -> Result<bool> {
    elements.push_back(value.stored());
    return true;
  }));
  return elements;
}

bool isContainer(JsonKind kind) { return kind == JsonKind::Array || kind == JsonKind::Object; }

/// Numbers are equal whatever their scale; other values that hold nothing are equal if their bytes are.
Result<bool> sameScalar(const JsonbView& a, const JsonbView& b, JsonKind kind) {
  if (kind != JsonKind::Number) return a.bytes() == b.bytes();
  DRIFT_ASSIGN(const auto left, a.number());
  DRIFT_ASSIGN(const auto right, b.number());
  return compare(left, right) == 0;
}

/// outer @> inner: objects have the members, arrays the elements, in any order and as often as may be.
Result<bool> contains(const JsonbView& outer, const JsonbView& inner, bool top) {
  DRIFT_ASSIGN(const auto kind, outer.kind());
  DRIFT_ASSIGN(const auto wanted, inner.kind());
  if (kind == JsonKind::Array && (wanted == JsonKind::Array || (top && !isContainer(wanted)))) {
    // At the top an array contains a single value, too.
    const auto has = [&](const JsonbView& value) -> Result<bool> {
      bool found = false;
      DRIFT_TRY(outer.each([&](std::string_view, const JsonbView& own) -> Result<bool> {
        DRIFT_ASSIGN(found, contains(own, value, false));
        return !found;
      }));
      return found;
    };
    if (wanted != JsonKind::Array) return has(inner);
    bool all = true;
    DRIFT_TRY(inner.each([&](std::string_view, const JsonbView& value) -> Result<bool> {
      DRIFT_ASSIGN(all, has(value));
      return all;
    }));
    return all;
  }
  if (kind != wanted) return false;
  if (kind != JsonKind::Object) return sameScalar(outer, inner, kind);
  bool all = true;
  DRIFT_TRY(inner.each([&](std::string_view name, const JsonbView& value) -> Result<bool> {
    DRIFT_ASSIGN(const auto own, memberOf(outer, name));
    all = own.has_value();
    if (!all) return false;
    DRIFT_ASSIGN(all, contains(*own, value, false));
    return all;
  }));
  return all;
}

template <bool kTurned>
Status containsKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    DRIFT_ASSIGN(const bool holds, contains(viewAt<JsonbView>(arguments[kTurned ? 1 : 0], row),
                                            viewAt<JsonbView>(arguments[kTurned ? 0 : 1], row), true));
    out.data<std::uint8_t>()[row] = holds;
    return {};
  });
}

/// value ? name: a member's name, a string among the elements, or the string itself.
Result<bool> hasName(const JsonbView& view, std::string_view wanted) {
  DRIFT_ASSIGN(const auto kind, view.kind());
  if (kind == JsonKind::Object) {
    DRIFT_ASSIGN(const auto member, memberOf(view, wanted));
    return member.has_value();
  }
  const auto string = jsonbString(wanted);
  bool found = view.bytes() == string;
  DRIFT_TRY(view.each([&](std::string_view, const JsonbView& element) -> Result<bool> {
    found = element.bytes() == string;
    return !found;
  }));
  return found;
}

Status nameKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto name = arguments[1].view().at<StringRef>(row);
    DRIFT_ASSIGN(const bool holds, hasName(viewAt<JsonbView>(arguments[0], row), name.view()));
    out.data<std::uint8_t>()[row] = holds;
    return {};
  });
}

/// ?| and ?&
template <bool kAny>
Status namesKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    DRIFT_ASSIGN(const auto names, pathAt(arguments[1], row));
    bool holds = !kAny;
    for (const auto& name : names) {
      if (!name) continue;
      DRIFT_ASSIGN(const bool has, hasName(viewAt<JsonbView>(arguments[0], row), *name));
      if (has != kAny) continue;
      holds = kAny;
      break;
    }
    out.data<std::uint8_t>()[row] = holds;
    return {};
  });
}

/// || : objects are merged, anything else makes an array.
Status joinKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto left = viewAt<JsonbView>(arguments[0], row);
    const auto right = viewAt<JsonbView>(arguments[1], row);
    DRIFT_ASSIGN(const auto first, left.kind());
    DRIFT_ASSIGN(const auto second, right.kind());
    if (first == JsonKind::Object && second == JsonKind::Object) {
      DRIFT_ASSIGN(auto members, membersOf(left));
      DRIFT_ASSIGN(auto others, membersOf(right));
      std::ranges::move(others, std::back_inserter(members));
      out.setString(row, jsonbObject(std::move(members)));
      return {};
    }
    std::vector<std::string> elements;
    for (const auto& [view, kind] : {std::pair(left, first), std::pair(right, second)}) {
      if (kind != JsonKind::Array) {
        elements.push_back(view.stored());
        continue;
      }
      DRIFT_ASSIGN(auto own, elementsOf(view));
      std::ranges::move(own, std::back_inserter(elements));
    }
    out.setString(row, jsonbArray(elements));
    return {};
  });
}

Error notFromScalar() { return Error(ErrorKind::InvalidParameterValue, "cannot delete from scalar"); }

/// - name, - names: without these members, or without these strings among the elements.
Result<std::string> withoutNames(const JsonbView& view, const Path& names) {
  DRIFT_ASSIGN(const auto kind, view.kind());
  if (!isContainer(kind)) return notFromScalar();
  const auto named = [&](std::string_view text) {
    return std::ranges::any_of(names, [&](const auto& name) { return name && *name == text; });
  };
  if (kind == JsonKind::Object) {
    DRIFT_ASSIGN(auto members, membersOf(view));
    std::erase_if(members, [&](const Member& member) { return named(member.first); });
    return jsonbObject(std::move(members));
  }
  DRIFT_ASSIGN(auto elements, elementsOf(view));
  std::vector<std::string> unwanted;
  for (const auto& name : names)
    if (name) unwanted.push_back(jsonbString(*name));
  std::erase_if(elements, [&](const std::string& element) {
    return std::ranges::find(unwanted, element) != unwanted.end();
  });
  return jsonbArray(elements);
}

Status removeName(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const Path names{std::string(arguments[1].view().at<StringRef>(row).view())};
    DRIFT_ASSIGN(const auto left, withoutNames(viewAt<JsonbView>(arguments[0], row), names));
    out.setString(row, left);
    return {};
  });
}

Status removeNames(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    DRIFT_ASSIGN(const auto names, pathAt(arguments[1], row));
    DRIFT_ASSIGN(const auto left, withoutNames(viewAt<JsonbView>(arguments[0], row), names));
    out.setString(row, left);
    return {};
  });
}

/// - place: without one element.
Status removePlace(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto view = viewAt<JsonbView>(arguments[0], row);
    DRIFT_ASSIGN(const auto kind, view.kind());
    if (kind == JsonKind::Object)
      return Error(ErrorKind::InvalidParameterValue, "cannot delete from object using integer index");
    if (kind != JsonKind::Array) return notFromScalar();
    DRIFT_ASSIGN(auto elements, elementsOf(view));
    std::int64_t place = arguments[1].view().at<std::int32_t>(row);
    if (place < 0) place += static_cast<std::int64_t>(elements.size());
    if (place >= 0 && place < static_cast<std::int64_t>(elements.size())) elements.erase(elements.begin() + place);
    out.setString(row, jsonbArray(elements));
    return {};
  });
}

enum class Change { Set, Insert, Remove };

/// What is done at the end of a path.
struct Edit {
  Change change = Change::Set;
  const Path& path;
  std::string value;
  bool flag = false;  ///< Set: makes what is missing; Insert: behind the place
};

Result<std::string> edited(const JsonbView& view, const Edit& edit, std::size_t level);

Result<std::string> editedObject(const JsonbView& view, const Edit& edit, std::size_t level) {
  const auto& name = *edit.path[level];
  const bool last = level + 1 == edit.path.size();
  DRIFT_ASSIGN(auto members, membersOf(view));
  const auto found = std::ranges::find(members, name, &Member::first);
  const bool exists = found != members.end();
  if (!last) {
    if (exists) {
      DRIFT_ASSIGN(found->second, edited(JsonbView(found->second), edit, level + 1));
    }
  } else if (edit.change == Change::Remove) {
    if (exists) members.erase(found);
  } else if (edit.change == Change::Insert) {
    if (exists)
      return Error(ErrorKind::InvalidParameterValue, "cannot replace existing key")
          .withHint("Try using the function jsonb_set to replace key value.");
    members.emplace_back(name, edit.value);
  } else if (exists) {
    found->second = edit.value;
  } else if (edit.flag) {
    members.emplace_back(name, edit.value);
  }
  return jsonbObject(std::move(members));
}

Result<std::string> editedArray(const JsonbView& view, const Edit& edit, std::size_t level) {
  const auto step = placeOf(*edit.path[level]);
  if (!step)
    return makeError(ErrorKind::InvalidTextRepresentation, "path element at position {} is not an integer: \"{}\"",
                     level + 1, *edit.path[level]);
  const bool last = level + 1 == edit.path.size();
  DRIFT_ASSIGN(auto elements, elementsOf(view));
  const auto count = static_cast<std::int64_t>(elements.size());
  auto place = *step < 0 ? *step + count : *step;
  const bool exists = place >= 0 && place < count;
  if (!last) {
    if (exists) {
      auto& element = elements[static_cast<std::size_t>(place)];
      DRIFT_ASSIGN(element, edited(JsonbView(element), edit, level + 1));
    }
  } else if (edit.change == Change::Remove) {
    if (exists) elements.erase(elements.begin() + place);
  } else if (edit.change == Change::Set && exists) {
    elements[static_cast<std::size_t>(place)] = edit.value;
  } else if (edit.change == Change::Insert || edit.flag) {
    if (edit.change == Change::Insert && edit.flag && exists) ++place;
    elements.insert(elements.begin() + std::clamp<std::int64_t>(place, 0, count), edit.value);
  }
  return jsonbArray(elements);
}

Result<std::string> edited(const JsonbView& view, const Edit& edit, std::size_t level) {
  if (!edit.path[level])
    return makeError(ErrorKind::NullNotAllowed, "path element at position {} is null", level + 1);
  DRIFT_ASSIGN(const auto kind, view.kind());
  if (kind == JsonKind::Object) return editedObject(view, edit, level);
  if (kind == JsonKind::Array) return editedArray(view, edit, level);
  return view.stored();
}

template <Change kChange>
Status editKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto view = viewAt<JsonbView>(arguments[0], row);
    DRIFT_ASSIGN(const auto path, pathAt(arguments[1], row));
    DRIFT_ASSIGN(const auto kind, view.kind());
    if (!isContainer(kind))
      return makeError(ErrorKind::InvalidParameterValue, "cannot {} scalar",
                       kChange == Change::Remove ? "delete path in" : "set path in");
    Edit edit{kChange, path, {}, kChange == Change::Set};
    if constexpr (kChange != Change::Remove) {
      edit.value = arguments[2].view().at<StringRef>(row).view();
      if (arguments.size() > 3) edit.flag = arguments[3].view().at<std::uint8_t>(row) != 0;
    }
    if (path.empty()) {
      out.setString(row, view.stored());
      return {};
    }
    DRIFT_ASSIGN(const auto result, edited(view, edit, 0));
    out.setString(row, result);
    return {};
  });
}

Status prettyKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    std::string text;
    appendJsonbText(text, viewAt<JsonbView>(arguments[0], row).bytes(), true);
    out.setString(row, text);
    return {};
  });
}

/// The blob without members that are null, at every level.
Result<std::string> stripped(const JsonbView& view) {
  DRIFT_ASSIGN(const auto kind, view.kind());
  if (!isContainer(kind)) return view.stored();
  std::vector<Member> members;
  std::vector<std::string> elements;
  DRIFT_TRY(view.each([&](std::string_view name, const JsonbView& value) -> Result<bool> {
    DRIFT_ASSIGN(const auto own, value.kind());
    if (kind == JsonKind::Object && own == JsonKind::Null) return true;
    DRIFT_ASSIGN(auto rest, stripped(value));
    if (kind == JsonKind::Object) members.emplace_back(std::string(name), std::move(rest));
    else elements.push_back(std::move(rest));
    return true;
  }));
  return kind == JsonKind::Object ? jsonbObject(std::move(members)) : jsonbArray(elements);
}

Status stripKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    DRIFT_ASSIGN(const auto rest, stripped(viewAt<JsonbView>(arguments[0], row)));
    out.setString(row, rest);
    return {};
  });
}

}  // namespace

void addJsonbEditing(BuiltIns& builtIns) {
  const Type jsonb = TypeId::Jsonb;
  const Type text = TypeId::Text;
  const Type boolean = TypeId::Boolean;
  const Type integer = TypeId::Integer;
  const Type texts = Type::array(text);
  builtIns.scalar("@>", {jsonb, jsonb}, boolean, containsKernel<false>, "Has all that another value has");
  builtIns.scalar("<@", {jsonb, jsonb}, boolean, containsKernel<true>, "Has nothing but what another value has");
  builtIns.scalar("?", {jsonb, text}, boolean, nameKernel, "Has a member or string of that name");
  builtIns.scalar("?|", {jsonb, texts}, boolean, namesKernel<true>, "Has one of these names");
  builtIns.scalar("?&", {jsonb, texts}, boolean, namesKernel<false>, "Has all of these names");
  builtIns.scalar("||", {jsonb, jsonb}, jsonb, joinKernel, "Merged objects, or elements of both");
  builtIns.scalar("-", {jsonb, text}, jsonb, removeName, "Without a member or string of that name");
  builtIns.scalar("-", {jsonb, texts}, jsonb, removeNames, "Without members or strings of these names");
  builtIns.scalar("-", {jsonb, integer}, jsonb, removePlace, "Without the element at a place from 0");
  builtIns.scalar("#-", {jsonb, texts}, jsonb, editKernel<Change::Remove>, "Without what a path leads to");
  constexpr std::string_view kSet = "With another value at a path: value, path, new, whether to make what is missing";
  builtIns.scalar("jsonb_set", {jsonb, texts, jsonb}, jsonb, editKernel<Change::Set>, kSet);
  builtIns.scalar("jsonb_set", {jsonb, texts, jsonb, boolean}, jsonb, editKernel<Change::Set>, kSet);
  constexpr std::string_view kInsert = "With one more value at a path: value, path, new, whether behind it";
  builtIns.scalar("jsonb_insert", {jsonb, texts, jsonb}, jsonb, editKernel<Change::Insert>, kInsert);
  builtIns.scalar("jsonb_insert", {jsonb, texts, jsonb, boolean}, jsonb, editKernel<Change::Insert>, kInsert);
  builtIns.scalar("jsonb_pretty", {jsonb}, text, prettyKernel, "Text with line breaks");
  builtIns.scalar("jsonb_strip_nulls", {jsonb}, jsonb, stripKernel, "Without members that are null");
}

}  // namespace drift::functions
