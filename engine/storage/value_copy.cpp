#include "storage/value_copy.h"

#include <cstring>

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

}  // namespace drift::storage
