#include "storage/value_copy.h"

namespace drift::storage {

void copyValue(const types::Vector& source, std::size_t from, types::Vector& target, std::size_t to) {
  const auto view = source.view();
  if (view.isNull(from)) {
    target.setNull(to);
  } else if (source.type().physical() == types::PhysicalType::String) {
    target.setString(to, view.at<types::StringRef>(from).view());
  } else {
    const auto size = types::physicalSize(source.type().physical());
    std::memcpy(target.data<std::byte>() + to * size, view.data<std::byte>() + view.index(from) * size, size);
  }
}

std::size_t bytesOf(const types::Vector& vector) {
  const auto rows = vector.capacity();
  auto bytes = rows * types::physicalSize(vector.type().physical());
  if (vector.type().physical() != types::PhysicalType::String) return bytes;
  const auto view = vector.view();
  for (std::size_t row = 0; row < rows; ++row)
    if (!view.isNull(row)) bytes += view.at<types::StringRef>(row).size();
  return bytes;
}

void repeatValue(types::Vector& vector, std::size_t from, std::size_t to) {
  if (vector.isNull(from)) {
    vector.setNull(to);
    return;
  }
  const auto size = types::physicalSize(vector.type().physical());
  std::memcpy(vector.data<std::byte>() + to * size, vector.data<std::byte>() + from * size, size);
}

}  // namespace drift::storage
