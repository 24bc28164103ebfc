// || and the functions that make arrays of arrays (PostgreSQL 9.19).
#include <algorithm>

#include "functions/array_kernels.h"
#include "functions/builtins.h"

namespace drift::functions {

namespace {

using namespace types;

constexpr std::size_t kArrayBytesMax = std::size_t{1} << 30;  ///< as much as PostgreSQL lets a value be

/// An array and its elements; nothing at all for NULL.
struct Elements {
  ArrayShape shape;
  std::vector<std::string_view> parts;
};

Result<Elements> elementsAt(const Vector& values, std::size_t row) {
  Elements result;
  if (values.isNull(row)) return result;
  DRIFT_ASSIGN(auto reader, arrayAt(values, row));
  result.shape = reader.shape();
  DRIFT_ASSIGN(result.parts, partsOf(std::move(reader)));
  return result;
}

std::string partAt(const Vector& values, std::size_t row) {
  std::string part;
  appendElement(part, values, row);
  return part;
}

Status needOneDimension(const ArrayShape& shape, std::string_view what) {
  if (shape.count() <= 1) return {};
  return Error(ErrorKind::FeatureNotSupported, std::string(what));
}

/// An array with one element more; NULL is an array without elements.
template <bool kFront>
Status addKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  const auto& arrays = arguments[kFront ? 1 : 0];
  const auto& added = arguments[kFront ? 0 : 1];
  for (std::size_t row = 0; row < rows; ++row) {
    DRIFT_ASSIGN(auto elements, elementsAt(arrays, row));
    if (elements.shape.count() > 1)
      return Error(ErrorKind::InvalidParameterValue, "argument must be empty or one-dimensional array");
    const auto part = partAt(added, row);
    elements.parts.insert(kFront ? elements.parts.begin() : elements.parts.end(), part);
    out.setString(row, blobOf(elements.parts, ArrayShape(static_cast<std::uint32_t>(elements.parts.size()))));
  }
  return {};
}

Error incompatible(std::string_view detail) {
  return Error(ErrorKind::ArraySubscript, "cannot concatenate incompatible arrays").withDetail(std::string(detail));
}

/// The shape of two arrays one behind the other: of as many dimensions, or one of them an element of the other.
Result<ArrayShape> joinedShape(const ArrayShape& left, const ArrayShape& right) {
  const auto& outer = left.count() >= right.count() ? left : right;
  const auto& other = left.count() >= right.count() ? right : left;
  if (outer.count() > other.count() + 1)
    return incompatible(fmt::format("Arrays of {} and {} dimensions are not compatible for concatenation.",
                                    left.count(), right.count()));
  const auto skipped = outer.count() - other.count();  // 1: the other one is an element
  for (std::size_t at = 1; at < outer.count(); ++at)
    if (outer[at] != other[at - skipped])
      return incompatible("Arrays with differing element dimensions are not compatible for concatenation.");
  auto shape = outer;
  shape.setLength(0, outer[0] + (skipped ? 1 : other[0]));
  return shape;
}

Status joinKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  for (std::size_t row = 0; row < rows; ++row) {
    if (arguments[0].isNull(row) && arguments[1].isNull(row)) {
      out.setNull(row);
      continue;
    }
    DRIFT_ASSIGN(auto left, elementsAt(arguments[0], row));
    DRIFT_ASSIGN(const auto right, elementsAt(arguments[1], row));
    ArrayShape shape = left.shape.count() == 0 ? right.shape : left.shape;
    if (left.shape.count() > 0 && right.shape.count() > 0) {
      DRIFT_ASSIGN(shape, joinedShape(left.shape, right.shape));
    }
    left.parts.insert(left.parts.end(), right.parts.begin(), right.parts.end());
    out.setString(row, blobOf(left.parts, shape));
  }
  return {};
}

Status removeKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  for (std::size_t row = 0; row < rows; ++row) {
    if (arguments[0].isNull(row)) {
      out.setNull(row);
      continue;
    }
    DRIFT_ASSIGN(auto elements, elementsAt(arguments[0], row));
    DRIFT_TRY(needOneDimension(elements.shape, "removing elements from multidimensional arrays is not supported"));
    const auto unwanted = partAt(arguments[1], row);
    std::erase(elements.parts, std::string_view(unwanted));
    out.setString(row, blobOf(elements.parts, ArrayShape(static_cast<std::uint32_t>(elements.parts.size()))));
  }
  return {};
}

Status replaceKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  for (std::size_t row = 0; row < rows; ++row) {
    if (arguments[0].isNull(row)) {
      out.setNull(row);
      continue;
    }
    DRIFT_ASSIGN(auto elements, elementsAt(arguments[0], row));
    const auto before = partAt(arguments[1], row);
    const auto after = partAt(arguments[2], row);
    std::ranges::replace(elements.parts, std::string_view(before), std::string_view(after));
    out.setString(row, blobOf(elements.parts, elements.shape));
  }
  return {};
}

/// array_position(a, x [, from]): subscript of the first x; array_positions(): of all.
Status positionKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  for (std::size_t row = 0; row < rows; ++row) {
    if (arguments[0].isNull(row)) {
      out.setNull(row);
      continue;
    }
    DRIFT_ASSIGN(const auto elements, elementsAt(arguments[0], row));
    DRIFT_TRY(needOneDimension(elements.shape, "searching for elements in multidimensional arrays is not supported"));
    std::int64_t from = 1;
    if (arguments.size() > 2) {
      if (arguments[2].isNull(row)) return Error(ErrorKind::NullNotAllowed, "initial position must not be null");
      from = std::max<std::int64_t>(arguments[2].view().at<std::int32_t>(row), 1);
    }
    const auto wanted = partAt(arguments[1], row);
    auto at = static_cast<std::size_t>(from - 1);
    while (at < elements.parts.size() && elements.parts[at] != wanted) ++at;
    if (at < elements.parts.size()) out.data<std::int32_t>()[row] = static_cast<std::int32_t>(at + 1);
    else out.setNull(row);
  }
  return {};
}

Status positionsKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  for (std::size_t row = 0; row < rows; ++row) {
    if (arguments[0].isNull(row)) {
      out.setNull(row);
      continue;
    }
    DRIFT_ASSIGN(const auto elements, elementsAt(arguments[0], row));
    DRIFT_TRY(needOneDimension(elements.shape, "searching for elements in multidimensional arrays is not supported"));
    const auto wanted = partAt(arguments[1], row);
    ArrayBuilder builder;
    for (std::size_t at = 0; at < elements.parts.size(); ++at)
      if (elements.parts[at] == wanted) builder.add(Value::integer(static_cast<std::int32_t>(at + 1)));
    out.setString(row, builder.finish());
  }
  return {};
}

/// trim_array(a, n): without the last n elements of the first dimension.
Status trimKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    DRIFT_ASSIGN(auto elements, elementsAt(arguments[0], row));
    const auto count = arguments[1].view().at<std::int32_t>(row);
    const auto length = elements.shape.count() ? static_cast<std::int64_t>(elements.shape[0]) : 0;
    if (count < 0 || count > length)
      return makeError(ErrorKind::ArraySubscript, "number of elements to trim must be between 0 and {}", length);
    if (count == length) {
      out.setString(row, ArrayBuilder().finish());
      return {};
    }
    elements.parts.resize(elements.parts.size() / static_cast<std::size_t>(length) *
                          static_cast<std::size_t>(length - count));
    elements.shape.setLength(0, static_cast<std::uint32_t>(length - count));
    out.setString(row, blobOf(elements.parts, elements.shape));
    return {};
  });
}

/// array_fill(value, lengths)
Status fillKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  for (std::size_t row = 0; row < rows; ++row) {
    if (arguments[1].isNull(row))
      return Error(ErrorKind::NullNotAllowed, "dimension array or low bound array cannot be null");
    DRIFT_ASSIGN(auto reader, arrayAt(arguments[1], row));
    if (reader.shape().count() > 1)
      return Error(ErrorKind::ArraySubscript, "wrong number of array subscripts")
          .withDetail("Dimension array must be one dimensional.");
    if (reader.count() > kArrayDimensionsMax)
      return makeError(ErrorKind::LimitExceeded, "number of array dimensions exceeds the maximum allowed ({})",
                       kArrayDimensionsMax);
    const auto part = partAt(arguments[0], row);
    ArrayShape shape;
    std::uint64_t count = reader.count() > 0 ? 1 : 0;
    while (!reader.atEnd()) {
      DRIFT_ASSIGN(const auto length, reader.nextValue());
      if (length.isNull()) return Error(ErrorKind::NullNotAllowed, "dimension values cannot be null");
      if (length.asInt() < 0)
        return makeError(ErrorKind::LimitExceeded, "array size exceeds the maximum allowed ({} bytes)", kArrayBytesMax);
      count *= static_cast<std::uint64_t>(length.asInt());
      if (count > kArrayBytesMax / part.size())
        return makeError(ErrorKind::LimitExceeded, "array size exceeds the maximum allowed ({} bytes)", kArrayBytesMax);
      if (length.asInt() > 0) shape.add(static_cast<std::uint32_t>(length.asInt()));
    }
    ArrayBuilder builder;
    for (std::uint64_t at = 0; at < count; ++at) builder.addPart(part);
    out.setString(row, builder.finish(count > 0 ? shape : ArrayShape()));
  }
  return {};
}

}  // namespace

void addArrayEditing(BuiltIns& builtIns) {
  const Type integer = TypeId::Integer;
  for (const auto* name : {"||", "array_append"})
    builtIns.scalar(name, {kAnyArray, kAnyElement}, kAnyArray, addKernel<false>, "Array with an element at its end");
  for (const auto* name : {"||", "array_prepend"})
    builtIns.scalar(name, {kAnyElement, kAnyArray}, kAnyArray, addKernel<true>, "Array with an element in front");
  for (const auto* name : {"||", "array_cat"})
    builtIns.scalar(name, {kAnyArray, kAnyArray}, kAnyArray, joinKernel, "Two arrays one behind the other");
  builtIns.scalar("array_remove", {kAnyArray, kAnyElement}, kAnyArray, removeKernel, "Array without a value");
  builtIns.scalar("array_replace", {kAnyArray, kAnyElement, kAnyElement}, kAnyArray, replaceKernel,
                  "Array with another value in the place of one");
  builtIns.scalar("array_position", {kAnyArray, kAnyElement}, integer, positionKernel, "Subscript of a value: array, value, from");
  builtIns.scalar("array_position", {kAnyArray, kAnyElement, integer}, integer, positionKernel,
                  "Subscript of a value: array, value, from");
  builtIns.scalar("array_positions", {kAnyArray, kAnyElement}, Type::array(integer), positionsKernel,
                  "Subscripts of all places of a value");
  builtIns.scalar("trim_array", {kAnyArray, integer}, kAnyArray, trimKernel, "Array without its last elements");
  builtIns.scalar("array_fill", {kAnyElement, Type::array(integer)}, kAnyArray, fillKernel,
                  "Array of one value: value, lengths of the dimensions");
}

}  // namespace drift::functions
