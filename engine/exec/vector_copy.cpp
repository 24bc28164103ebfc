#include "exec/vector_copy.h"

#include <cassert>
#include <cstring>

namespace drift::exec {

using types::PhysicalType;

void copyRow(const types::VectorView& from, std::size_t row, types::Vector& to, std::size_t at) {
  if (from.isNull(row)) {
    to.setNull(at);
    return;
  }
  switch (to.type().physical()) {
    case PhysicalType::Bool: to.data<std::uint8_t>()[at] = from.at<std::uint8_t>(row); break;
    case PhysicalType::Int16: to.data<std::int16_t>()[at] = from.at<std::int16_t>(row); break;
    case PhysicalType::Int32: to.data<std::int32_t>()[at] = from.at<std::int32_t>(row); break;
    case PhysicalType::Int64: to.data<std::int64_t>()[at] = from.at<std::int64_t>(row); break;
    case PhysicalType::Double: to.data<double>()[at] = from.at<double>(row); break;
    case PhysicalType::Decimal: to.data<types::Decimal>()[at] = from.at<types::Decimal>(row); break;
    case PhysicalType::String: to.data<types::StringRef>()[at] = from.at<types::StringRef>(row); break;
    case PhysicalType::Uuid: to.data<types::Uuid>()[at] = from.at<types::Uuid>(row); break;
    case PhysicalType::Interval: to.data<types::Interval>()[at] = from.at<types::Interval>(row); break;
  }
}

void scatter(const types::Vector& from, std::span<const std::uint16_t> targets, types::Vector& to) {
  assert(from.type().physical() == to.type().physical());
  const auto view = from.view();
  for (std::size_t row = 0; row < targets.size(); ++row) copyRow(view, row, to, targets[row]);
  to.keepHeapsOf(from);
}

}  // namespace drift::exec
