// What kernels of arrays share. Internal to this module. Stateless, thread-safe.
#pragma once

#include <vector>

#include "functions/kernels.h"
#include "types/array.h"

namespace drift::functions {

/// Opens the array in a row that is not NULL.
inline Result<types::ArrayReader> arrayAt(const types::Vector& values, std::size_t row) {
  return types::ArrayReader::open(values.view().at<types::StringRef>(row).view(), values.type().element());
}

/// The elements of an array as they stand in it. They live as long as the blob.
inline Result<std::vector<std::string_view>> partsOf(types::ArrayReader reader) {
  std::vector<std::string_view> parts;
  parts.reserve(reader.count());
  while (!reader.atEnd()) {
    DRIFT_ASSIGN(const auto part, reader.next());
    parts.push_back(part);
  }
  return parts;
}

inline Result<std::vector<std::string_view>> partsAt(const types::Vector& values, std::size_t row) {
  DRIFT_ASSIGN(auto reader, arrayAt(values, row));
  return partsOf(std::move(reader));
}

/// Makes a blob of a shape of elements as they stand in others.
template <class Parts>
std::string blobOf(const Parts& parts, const types::ArrayShape& shape) {
  types::ArrayBuilder builder;
  for (const auto& part : parts) builder.addPart(part);
  return builder.finish(shape);
}

}  // namespace drift::functions
