// What is in a json or jsonb value: -> ->> #> #>> and functions that read (PostgreSQL 9.16).
#include "functions/builtins.h"
#include "functions/json_kernels.h"

namespace drift::functions {

namespace {

using namespace types;

/// Stores what was found as a value of the type, or with kPlain as text, where a JSON null is NULL.
template <bool kPlain, class View>
Status store(const std::optional<View>& found, std::size_t row, Vector& out) {
  if (!found) {
    out.setNull(row);
    return {};
  }
  if constexpr (!kPlain) {
    out.setString(row, found->stored());
  } else {
    DRIFT_ASSIGN(const auto kind, found->kind());
    if (kind == JsonKind::Null) {
      out.setNull(row);
      return {};
    }
    DRIFT_ASSIGN(const auto text, found->plainText());
    out.setString(row, text);
  }
  return {};
}

template <class View, bool kPlain>
Status memberKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto name = arguments[1].view().at<StringRef>(row);
    DRIFT_ASSIGN(const auto found, memberOf(viewAt<View>(arguments[0], row), name.view()));
    return store<kPlain>(found, row, out);
  });
}

template <class View, bool kPlain>
Status elementKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto view = viewAt<View>(arguments[0], row);
    const auto place = arguments[1].view().at<std::int32_t>(row);
    DRIFT_ASSIGN(auto found, elementOf(view, place));
    if constexpr (std::is_same_v<View, JsonbView>) {
      // To PostgreSQL a jsonb that is a single value is an array of it here.
      DRIFT_ASSIGN(const auto kind, view.kind());
      if (kind != JsonKind::Array && kind != JsonKind::Object && (place == 0 || place == -1)) found = view;
    }
    return store<kPlain>(found, row, out);
  });
}

template <class View, bool kPlain>
Status follow(View view, const Path& path, std::size_t row, Vector& out) {
  auto found = std::optional(view);
  for (const auto& step : path) {
    if (!step) found.reset();
    if (!found) break;
    DRIFT_ASSIGN(found, stepInto(*found, *step));
  }
  return store<kPlain>(found, row, out);
}

/// #> and #>>
template <class View, bool kPlain>
Status pathKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    DRIFT_ASSIGN(const auto path, pathAt(arguments[1], row));
    return follow<View, kPlain>(viewAt<View>(arguments[0], row), path, row, out);
  });
}

/// json_extract_path(value, step, …)
template <class View, bool kPlain>
Status stepsKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    Path path;
    for (std::size_t at = 1; at < arguments.size(); ++at)
      path.emplace_back(std::string(arguments[at].view().at<StringRef>(row).view()));
    return follow<View, kPlain>(viewAt<View>(arguments[0], row), path, row, out);
  });
}

template <class View>
Status kindKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    DRIFT_ASSIGN(const auto kind, viewAt<View>(arguments[0], row).kind());
    out.setString(row, jsonKindName(kind));
    return {};
  });
}

template <class View>
Status lengthKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto view = viewAt<View>(arguments[0], row);
    DRIFT_ASSIGN(const auto kind, view.kind());
    if (kind != JsonKind::Array)
      return makeError(ErrorKind::InvalidParameterValue, "cannot get array length of a {}",
                       kind == JsonKind::Object ? "non-array" : "scalar");
    DRIFT_ASSIGN(const auto length, lengthOf(view));
    out.data<std::int32_t>()[row] = static_cast<std::int32_t>(length);
    return {};
  });
}

/// The text of a value that may be null.
template <class View>
Result<Value> plainValue(const View& view) {
  DRIFT_ASSIGN(const auto kind, view.kind());
  if (kind == JsonKind::Null) return Value::null(TypeId::Text);
  DRIFT_ASSIGN(auto text, view.plainText());
  return Value::text(std::move(text));
}

template <class View, bool kPlain>
Result<Value> valueOf(const View& view) {
  if constexpr (kPlain) return plainValue(view);
  else return Value(kTypeOf<View>, view.stored());
}

enum class Part { Names, Members, Elements };

template <class View, Part kPart, bool kPlain>
Status partRows(const FunctionContext&, std::span<const Value> arguments, SetRows& out) {
  if (arguments[0].isNull()) return {};
  const View view(arguments[0].asString());
  DRIFT_ASSIGN(const auto kind, view.kind());
  if (kPart == Part::Elements && kind != JsonKind::Array)
    return makeError(ErrorKind::InvalidParameterValue, "cannot extract elements from {}",
                     kind == JsonKind::Object ? "an object" : "a scalar");
  if (kPart != Part::Elements && kind != JsonKind::Object)
    return makeError(ErrorKind::InvalidParameterValue, "cannot {} {}",
                     kPart == Part::Names ? "call json_object_keys on" : "deconstruct",
                     kind == JsonKind::Array ? "an array as an object" : "a scalar");
  return view.each([&](std::string_view name, const View& member) -> Result<bool> {
    std::vector<Value> row;
    if constexpr (kPart != Part::Elements) row.push_back(Value::text(std::string(name)));
    if constexpr (kPart != Part::Names) {
      DRIFT_ASSIGN(auto value, (valueOf<View, kPlain>(member)));
      row.push_back(std::move(value));
    }
    out.add(row);
    return true;
  });
}

template <class View>
void addFor(BuiltIns& builtIns, std::string_view prefix) {
  const Type own = kTypeOf<View>;
  const Type text = TypeId::Text;
  const Type integer = TypeId::Integer;
  const Type texts = Type::array(text);
  const auto named = [&](std::string_view name) { return fmt::format("{}_{}", prefix, name); };
  builtIns.scalar("->", {own, text}, own, memberKernel<View, false>, "Member of a name");
  builtIns.scalar("->", {own, integer}, own, elementKernel<View, false>, "Element at a place from 0");
  builtIns.scalar("->>", {own, text}, text, memberKernel<View, true>, "Member of a name as text");
  builtIns.scalar("->>", {own, integer}, text, elementKernel<View, true>, "Element at a place from 0 as text");
  builtIns.scalar("#>", {own, texts}, own, pathKernel<View, false>, "What a path leads to");
  builtIns.scalar("#>>", {own, texts}, text, pathKernel<View, true>, "What a path leads to as text");
  builtIns.scalar(named("extract_path"), {own, text}, own, stepsKernel<View, false>, "What a path leads to").variadic =
      true;
  builtIns
      .scalar(named("extract_path_text"), {own, text}, text, stepsKernel<View, true>, "What a path leads to as text")
      .variadic = true;
  builtIns.scalar(named("typeof"), {own}, text, kindKernel<View>, "object, array, string, number, boolean or null");
  builtIns.scalar(named("array_length"), {own}, integer, lengthKernel<View>, "Number of elements");
  builtIns.set(named("each"), {own}, {{"key", text}, {"value", own}}, partRows<View, Part::Members, false>,
               "Members as rows");
  builtIns.set(named("each_text"), {own}, {{"key", text}, {"value", text}}, partRows<View, Part::Members, true>,
               "Members as rows of text");
  builtIns.set(named("object_keys"), {own}, {{{}, text}}, partRows<View, Part::Names, false>,
               "Names of members as rows");
  builtIns.set(named("array_elements"), {own}, {{"value", own}}, partRows<View, Part::Elements, false>,
               "Elements as rows");
  builtIns.set(named("array_elements_text"), {own}, {{"value", text}}, partRows<View, Part::Elements, true>,
               "Elements as rows of text");
}

/// Appends a JSON text without members that are null, at every level, and without blanks.
Status appendStripped(std::string& out, const JsonText& value) {
  DRIFT_ASSIGN(const auto kind, value.kind());
  if (kind != JsonKind::Object && kind != JsonKind::Array) {
    DRIFT_ASSIGN(const auto text, value.text());
    out += text;
    return {};
  }
  const bool object = kind == JsonKind::Object;
  bool first = true;
  out += object ? '{' : '[';
  DRIFT_TRY(value.each([&](std::string_view name, const JsonText& inner) -> Result<bool> {
    DRIFT_ASSIGN(const auto own, inner.kind());
    if (object && own == JsonKind::Null) return true;
    if (!std::exchange(first, false)) out += ',';
    if (object) {
      appendJsonString(out, name);
      out += ':';
    }
    if (auto within = appendStripped(out, inner); !within.ok()) return std::move(within).error();
    return true;
  }));
  out += object ? '}' : ']';
  return {};
}

Status stripKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    std::string text;
    DRIFT_TRY(appendStripped(text, viewAt<JsonText>(arguments[0], row)));
    out.setString(row, text);
    return {};
  });
}

}  // namespace

void addJsonAccess(BuiltIns& builtIns) {
  addFor<JsonText>(builtIns, "json");
  addFor<JsonbView>(builtIns, "jsonb");
  builtIns.scalar("json_strip_nulls", {TypeId::Json}, TypeId::Json, stripKernel, "Without members that are null");
}

}  // namespace drift::functions
