// JSON of values: to_json(), builders and aggregates (PostgreSQL 9.16.2 and 9.21).
#include <fmt/ranges.h>

#include "functions/aggregates.h"
#include "functions/json_kernels.h"
#include "types/text.h"

namespace drift::functions {

using namespace types;

Result<std::string> jsonbOf(const Value& value, const TextStyle& style) {
  if (!value.isNull() && value.type().id() == TypeId::Jsonb) return value.asString();
  std::string text;
  DRIFT_TRY(appendJson(text, value, style));
  return parseJsonb(text);
}

namespace {

/// to_json() and to_jsonb(): NULL stays NULL.
template <bool kBinary>
Status convertKernel(const FunctionContext& context, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto value = arguments[0].get(row);
    std::string result;
    if constexpr (kBinary) {
      DRIFT_ASSIGN(result, jsonbOf(value, context.text));
    } else {
      DRIFT_TRY(appendJson(result, value, context.text));
    }
    out.setString(row, result);
    return {};
  });
}

template <bool kBinary>
Status arrayKernel(const FunctionContext& context, Arguments arguments, std::size_t rows, Vector& out) {
  for (std::size_t row = 0; row < rows; ++row) {
    std::vector<std::string> elements;
    for (const auto& argument : arguments) {
      if constexpr (kBinary) {
        DRIFT_ASSIGN(auto element, jsonbOf(argument.get(row), context.text));
        elements.push_back(std::move(element));
      } else {
        DRIFT_TRY(appendJson(elements.emplace_back(), argument.get(row), context.text));
      }
    }
    if constexpr (kBinary) out.setString(row, jsonbArray(elements));
    else out.setString(row, fmt::format("[{}]", fmt::join(elements, ", ")));
  }
  return {};
}

/// The name of a member: the text of a value that is not NULL and not JSON itself.
Result<std::string> nameOf(const Value& value, const TextStyle& style) {
  if (value.isNull()) return Error(ErrorKind::InvalidParameterValue, "field name must not be null");
  const auto id = value.type().id();
  if (id == TypeId::Json || id == TypeId::Jsonb || id == TypeId::Array)
    return Error(ErrorKind::InvalidParameterValue, "key value must be scalar, not array, composite, or json");
  if (id == TypeId::Boolean) return std::string(value.asBool() ? "true" : "false");
  return toText(value, style);
}

template <bool kBinary>
Status objectKernel(const FunctionContext& context, Arguments arguments, std::size_t rows, Vector& out) {
  if (arguments.size() % 2)
    return Error(ErrorKind::InvalidParameterValue, "argument list must have even number of elements")
        .withHint("The arguments are names and values in turn.");
  for (std::size_t row = 0; row < rows; ++row) {
    std::vector<std::pair<std::string, std::string>> members;
    std::string text = "{";
    for (std::size_t at = 0; at < arguments.size(); at += 2) {
      DRIFT_ASSIGN(auto name, nameOf(arguments[at].get(row), context.text));
      const auto value = arguments[at + 1].get(row);
      if constexpr (kBinary) {
        DRIFT_ASSIGN(auto blob, jsonbOf(value, context.text));
        members.emplace_back(std::move(name), std::move(blob));
      } else {
        if (at > 0) text += ", ";
        appendJsonString(text, name);
        text += " : ";
        DRIFT_TRY(appendJson(text, value, context.text));
      }
    }
    if constexpr (kBinary) out.setString(row, jsonbObject(std::move(members)));
    else out.setString(row, text + "}");
  }
  return {};
}

/// Without arguments: an empty array or object.
template <bool kBinary, bool kObject>
Status emptyKernel(const FunctionContext&, Arguments, std::size_t rows, Vector& out) {
  for (std::size_t row = 0; row < rows; ++row)
    out.setString(row, !kBinary ? (kObject ? "{}" : "[]") : kObject ? jsonbObject({}) : jsonbArray({}));
  return {};
}

/// Values in the order they come in. Aggregates see no session, so times are those of UTC.
struct Elements {
  std::vector<std::string> parts;

  Status merge(const Elements& other) {
    parts.insert(parts.end(), other.parts.begin(), other.parts.end());
    return {};
  }
};

template <bool kBinary>
Status addElements(Arguments arguments, std::size_t rows, std::byte* const* states) {
  for (std::size_t row = 0; row < rows; ++row) {
    auto& parts = stateAt<Elements>(states[row]).parts;
    if constexpr (kBinary) {
      DRIFT_ASSIGN(auto blob, jsonbOf(arguments[0].get(row), {}));
      parts.push_back(std::move(blob));
    } else {
      DRIFT_TRY(appendJson(parts.emplace_back(), arguments[0].get(row), {}));
    }
  }
  return {};
}

template <bool kBinary>
Status finishElements(std::byte* const* states, std::size_t count, Vector& out) {
  for (std::size_t at = 0; at < count; ++at) {
    const auto& parts = stateAt<Elements>(states[at]).parts;
    if (parts.empty()) out.setNull(at);
    else if constexpr (kBinary) out.setString(at, jsonbArray(parts));
    else out.setString(at, fmt::format("[{}]", fmt::join(parts, ", ")));
  }
  return {};
}

struct Members {
  std::vector<std::pair<std::string, std::string>> members;

  Status merge(const Members& other) {
    members.insert(members.end(), other.members.begin(), other.members.end());
    return {};
  }
};

template <bool kBinary>
Status addMembers(Arguments arguments, std::size_t rows, std::byte* const* states) {
  for (std::size_t row = 0; row < rows; ++row) {
    DRIFT_ASSIGN(auto name, nameOf(arguments[0].get(row), {}));
    std::string value;
    if constexpr (kBinary) {
      DRIFT_ASSIGN(value, jsonbOf(arguments[1].get(row), {}));
    } else {
      DRIFT_TRY(appendJson(value, arguments[1].get(row), {}));
    }
    stateAt<Members>(states[row]).members.emplace_back(std::move(name), std::move(value));
  }
  return {};
}

template <bool kBinary>
Status finishMembers(std::byte* const* states, std::size_t count, Vector& out) {
  for (std::size_t at = 0; at < count; ++at) {
    const auto& members = stateAt<Members>(states[at]).members;
    if (members.empty()) {
      out.setNull(at);
    } else if constexpr (kBinary) {
      out.setString(at, jsonbObject(members));
    } else {
      std::string text = "{ ";
      for (std::size_t member = 0; member < members.size(); ++member) {
        if (member > 0) text += ", ";
        appendJsonString(text, members[member].first);
        text += " : " + members[member].second;
      }
      out.setString(at, text + " }");
    }
  }
  return {};
}

template <bool kBinary>
void addFor(BuiltIns& builtIns) {
  const Type own = kBinary ? TypeId::Jsonb : TypeId::Json;
  const std::string prefix = kBinary ? "jsonb_" : "json_";
  const auto stable = Volatility::Stable;
  builtIns.scalar(kBinary ? "to_jsonb" : "to_json", {kAnyType}, own, convertKernel<kBinary>, "JSON of a value", stable);
  builtIns.scalar(prefix + "build_array", {}, own, emptyKernel<kBinary, false>, "Array of values");
  builtIns.scalar(prefix + "build_array", {kAnyType}, own, arrayKernel<kBinary>, "Array of values", stable).variadic =
      true;
  builtIns.scalar(prefix + "build_object", {}, own, emptyKernel<kBinary, true>, "Object of names and values in turn");
  builtIns
      .scalar(prefix + "build_object", {kAnyType}, own, objectKernel<kBinary>, "Object of names and values in turn",
              stable)
      .variadic = true;

  auto elements = aggregateOf<Elements>(prefix + "agg", {kAnyType}, own, "JSON array of the values, NULLs too");
  elements.ordered = true;
  elements.update = addElements<kBinary>;
  elements.merge = mergeStates<Elements>;
  elements.finalize = finishElements<kBinary>;
  builtIns.aggregate(std::move(elements));

  auto members = aggregateOf<Members>(prefix + "object_agg", {kAnyType, kAnyType}, own, "JSON object of names and values");
  members.ordered = true;
  members.update = addMembers<kBinary>;
  members.merge = mergeStates<Members>;
  members.finalize = finishMembers<kBinary>;
  builtIns.aggregate(std::move(members));
}

}  // namespace

void addJsonMaking(BuiltIns& builtIns) {
  addFor<false>(builtIns);
  addFor<true>(builtIns);
  builtIns.scalar("array_to_json", {kAnyArray}, TypeId::Json, convertKernel<false>, "JSON array of an array",
                  Volatility::Stable);
}

}  // namespace drift::functions
