// Arrays: ARRAY[…], subscripts, slices, lengths, @> <@ && (PostgreSQL 8.15 and 9.19).
#include <algorithm>
#include <unordered_set>

#include "functions/array_kernels.h"
#include "functions/builtins.h"

namespace drift::functions {

namespace {

using namespace types;

/// ARRAY[a, b] of elements.
Status makeKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  ArrayBuilder builder;
  for (std::size_t row = 0; row < rows; ++row) {
    for (const auto& argument : arguments) builder.add(argument, row);
    out.setString(row, builder.finish());
  }
  return {};
}

Error unequalParts() {
  return Error(ErrorKind::ArraySubscript,
               "multidimensional arrays must have array expressions with matching dimensions");
}

/// ARRAY[a, b] of arrays: one dimension more. Empty ones and NULLs count as nothing where all are.
Status nestKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  for (std::size_t row = 0; row < rows; ++row) {
    std::vector<std::string_view> parts;
    std::optional<ArrayShape> inner;
    for (const auto& argument : arguments) {
      ArrayShape shape;
      if (!argument.isNull(row)) {
        DRIFT_ASSIGN(auto reader, arrayAt(argument, row));
        shape = reader.shape();
        DRIFT_ASSIGN(const auto own, partsOf(std::move(reader)));
        parts.insert(parts.end(), own.begin(), own.end());
      }
      if (inner && *inner != shape) return unequalParts();
      inner = shape;
    }
    ArrayShape shape;
    if (inner && inner->count() > 0) {
      if (inner->count() == kArrayDimensionsMax)
        return makeError(ErrorKind::LimitExceeded, "number of array dimensions exceeds the maximum allowed ({})",
                         kArrayDimensionsMax);
      shape.add(static_cast<std::uint32_t>(arguments.size()));
      for (const auto length : inner->lengths()) shape.add(length);
    }
    out.setString(row, blobOf(parts, shape));
  }
  return {};
}

/// a[i][j]: NULL where there is no such element.
Status subscriptKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    DRIFT_ASSIGN(auto reader, arrayAt(arguments[0], row));
    const auto& shape = reader.shape();
    bool inside = shape.count() == arguments.size() - 1 && shape.count() > 0;
    std::uint64_t place = 0;
    for (std::size_t at = 0; at < shape.count() && inside; ++at) {
      const auto wanted = arguments[at + 1].view().at<std::int32_t>(row);
      inside = wanted >= 1 && static_cast<std::uint32_t>(wanted) <= shape[at];
      if (inside) place = place * shape[at] + static_cast<std::uint32_t>(wanted - 1);
    }
    if (!inside) {
      out.setNull(row);
      return {};
    }
    for (; place > 0; --place) DRIFT_TRY(reader.next());
    DRIFT_ASSIGN(const auto value, reader.nextValue());
    out.set(row, value);
    return {};
  });
}

/// Copies the elements of a slice: `start` and `shape` of each dimension, within an array of shape `whole`.
void copySlice(const std::vector<std::string_view>& parts, const ArrayShape& whole, std::span<const std::uint32_t> start,
               const ArrayShape& shape, std::size_t level, std::size_t place, ArrayBuilder& builder) {
  for (std::uint32_t at = 0; at < shape[level]; ++at) {
    const auto next = place * whole[level] + start[level] + at;
    if (level + 1 == shape.count()) builder.addPart(parts[next]);
    else copySlice(parts, whole, start, shape, level + 1, next, builder);
  }
}

/// a[i:j]: what of it is there; empty where nothing is.
Status sliceKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    DRIFT_ASSIGN(auto reader, arrayAt(arguments[0], row));
    const auto whole = reader.shape();
    const auto given = (arguments.size() - 1) / 2;
    ArrayShape shape;
    std::array<std::uint32_t, kArrayDimensionsMax> start{};
    bool some = whole.count() > 0 && given <= whole.count();
    for (std::size_t at = 0; at < whole.count() && some; ++at) {
      std::int64_t low = 1;
      std::int64_t high = whole[at];
      if (at < given) {
        low = std::max<std::int64_t>(low, arguments[1 + 2 * at].view().at<std::int32_t>(row));
        high = std::min<std::int64_t>(high, arguments[2 + 2 * at].view().at<std::int32_t>(row));
      }
      some = low <= high;
      if (!some) break;
      start[at] = static_cast<std::uint32_t>(low - 1);
      shape.add(static_cast<std::uint32_t>(high - low + 1));
    }
    ArrayBuilder builder;
    if (!some) {
      out.setString(row, builder.finish());
      return {};
    }
    DRIFT_ASSIGN(const auto parts, partsOf(std::move(reader)));
    copySlice(parts, whole, start, shape, 0, 0, builder);
    out.setString(row, builder.finish(shape));
    return {};
  });
}

/// array_length(a, dimension), array_upper(): NULL without such a dimension. array_lower(): 1.
template <bool kLower>
Status lengthKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    DRIFT_ASSIGN(const auto reader, arrayAt(arguments[0], row));
    const auto dimension = arguments[1].view().at<std::int32_t>(row);
    if (dimension < 1 || static_cast<std::size_t>(dimension) > reader.shape().count()) out.setNull(row);
    else
      out.data<std::int32_t>()[row] =
          kLower ? 1 : static_cast<std::int32_t>(reader.shape()[static_cast<std::size_t>(dimension - 1)]);
    return {};
  });
}

Status dimensionsKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    DRIFT_ASSIGN(const auto reader, arrayAt(arguments[0], row));
    if (reader.count() == 0) out.setNull(row);
    else out.data<std::int32_t>()[row] = static_cast<std::int32_t>(reader.shape().count());
    return {};
  });
}

/// array_dims(): [1:2][1:3]
Status boundsKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    DRIFT_ASSIGN(const auto reader, arrayAt(arguments[0], row));
    std::string text;
    for (const auto length : reader.shape().lengths()) text += fmt::format("[1:{}]", length);
    if (text.empty()) out.setNull(row);
    else out.setString(row, text);
    return {};
  });
}

Status cardinalityKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    DRIFT_ASSIGN(const auto reader, arrayAt(arguments[0], row));
    out.data<std::int32_t>()[row] = static_cast<std::int32_t>(reader.count());
    return {};
  });
}

/// True if each element of `inner`, or with kAny one of them, is in `outer`. A NULL is in none.
template <bool kAny>
Result<bool> meets(const Vector& outer, const Vector& inner, std::size_t row) {
  DRIFT_ASSIGN(const auto own, partsAt(outer, row));
  DRIFT_ASSIGN(const auto wanted, partsAt(inner, row));
  constexpr std::size_t kFew = 16;
  std::unordered_set<std::string_view> known;
  if (own.size() > kFew && wanted.size() > kFew) known.insert(own.begin(), own.end());
  for (const auto part : wanted) {
    const bool found = !ArrayReader::isNull(part) &&
                       (known.empty() ? std::ranges::find(own, part) != own.end() : known.contains(part));
    if (found == kAny) return kAny;
  }
  return !kAny;
}

Status containsKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    DRIFT_ASSIGN(const bool holds, meets<false>(arguments[0], arguments[1], row));
    out.data<std::uint8_t>()[row] = holds;
    return {};
  });
}

Status containedKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    DRIFT_ASSIGN(const bool holds, meets<false>(arguments[1], arguments[0], row));
    out.data<std::uint8_t>()[row] = holds;
    return {};
  });
}

Status overlapsKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    DRIFT_ASSIGN(const bool holds, meets<true>(arguments[0], arguments[1], row));
    out.data<std::uint8_t>()[row] = holds;
    return {};
  });
}

}  // namespace

void addArrays(BuiltIns& builtIns) {
  const Type integer = TypeId::Integer;
  const Type boolean = TypeId::Boolean;
  builtIns.scalar(kArrayName, {kAnyElement}, kAnyArray, makeKernel, "Array of values").variadic = true;
  builtIns.scalar(kArrayName, {kAnyArray}, kAnyArray, nestKernel, "Array of arrays").variadic = true;
  builtIns.scalar(kSubscriptName, {kAnyArray, integer}, kAnyElement, subscriptKernel, "Element of an array").variadic =
      true;
  builtIns.scalar(kSliceName, {kAnyArray, integer, integer}, kAnyArray, sliceKernel, "Part of an array").variadic =
      true;
  builtIns.scalar("array_length", {kAnyArray, integer}, integer, lengthKernel<false>, "Length of a dimension");
  builtIns.scalar("array_upper", {kAnyArray, integer}, integer, lengthKernel<false>, "Last subscript of a dimension");
  builtIns.scalar("array_lower", {kAnyArray, integer}, integer, lengthKernel<true>, "First subscript of a dimension");
  builtIns.scalar("array_ndims", {kAnyArray}, integer, dimensionsKernel, "Number of dimensions");
  builtIns.scalar("array_dims", {kAnyArray}, TypeId::Text, boundsKernel, "Subscripts of each dimension, as text");
  builtIns.scalar("cardinality", {kAnyArray}, integer, cardinalityKernel, "Number of elements in all dimensions");
  builtIns.scalar("@>", {kAnyArray, kAnyArray}, boolean, containsKernel, "Has all elements of another array");
  builtIns.scalar("<@", {kAnyArray, kAnyArray}, boolean, containedKernel, "Has no elements but those of another array");
  builtIns.scalar("&&", {kAnyArray, kAnyArray}, boolean, overlapsKernel, "Has an element of another array");
}

}  // namespace drift::functions
