// unnest(), generate_subscripts(): rows of arrays.
#include "functions/array_kernels.h"
#include "functions/builtins.h"

namespace drift::functions {

namespace {

using namespace types;

/// The elements of several arrays beside each other; a shorter one goes on with NULLs.
Status elementRows(const FunctionContext&, std::span<const Value> arguments, SetRows& out) {
  std::vector<ArrayReader> readers;
  std::vector<Value> row;
  std::uint32_t most = 0;
  const std::string empty = ArrayBuilder().finish();
  for (const auto& argument : arguments) {
    const auto element = argument.type().element();
    DRIFT_ASSIGN(auto reader, ArrayReader::open(argument.isNull() ? empty : argument.asString(), element));
    most = std::max(most, reader.count());
    readers.push_back(std::move(reader));
    row.push_back(Value::null(element));
  }
  for (std::uint32_t at = 0; at < most; ++at) {
    for (std::size_t column = 0; column < readers.size(); ++column) {
      if (readers[column].atEnd()) {
        row[column] = Value::null(arguments[column].type().element());
        continue;
      }
      DRIFT_ASSIGN(row[column], readers[column].nextValue());
    }
    out.add(row);
  }
  return {};
}

/// generate_subscripts(a, dimension [, reverse])
Status subscriptRows(const FunctionContext&, std::span<const Value> arguments, SetRows& out) {
  for (const auto& argument : arguments)
    if (argument.isNull()) return {};
  DRIFT_ASSIGN(const auto reader, ArrayReader::open(arguments[0].asString(), arguments[0].type().element()));
  const auto dimension = arguments[1].asInt();
  if (dimension < 1 || static_cast<std::size_t>(dimension) > reader.shape().count()) return {};
  const auto length = static_cast<std::int32_t>(reader.shape()[static_cast<std::size_t>(dimension - 1)]);
  const bool reverse = arguments.size() > 2 && arguments[2].asBool();
  for (std::int32_t at = 1; at <= length; ++at) {
    const Value row[] = {Value::integer(reverse ? length + 1 - at : at)};
    out.add(row);
  }
  return {};
}

}  // namespace

void addArraySets(BuiltIns& builtIns) {
  const Type integer = TypeId::Integer;
  builtIns.set("unnest", {kAnyArray}, {{{}, kAnyElement}}, elementRows, "Elements of arrays as rows").separate = true;
  constexpr std::string_view kSubscripts = "Subscripts of an array as rows: array, dimension, reverse";
  builtIns.set("generate_subscripts", {kAnyArray, integer}, {{{}, integer}}, subscriptRows, kSubscripts);
  builtIns.set("generate_subscripts", {kAnyArray, integer, TypeId::Boolean}, {{{}, integer}}, subscriptRows,
               kSubscripts);
}

}  // namespace drift::functions
