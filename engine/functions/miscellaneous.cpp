// What fits no family: types, identifiers.
#include <random>

#include "functions/builtins.h"
#include "functions/kernels.h"

namespace drift::functions {

namespace {

using namespace types;

/// The name of the argument's type; not strict, since a NULL has a type too.
Status typeName(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  const auto name = arguments[0].type().bare().name();
  for (std::size_t row = 0; row < rows; ++row) out.setString(row, name);
  return {};
}

/// Version 4 (RFC 9562): 122 random bits from the operating system.
Status randomUuid(const FunctionContext&, Arguments, std::size_t rows, Vector& out) {
  std::random_device device;
  for (std::size_t row = 0; row < rows; ++row) {
    Uuid uuid;
    for (std::size_t i = 0; i < uuid.bytes.size(); i += 4) {
      const auto bits = device();
      for (std::size_t j = 0; j < 4; ++j) uuid.bytes[i + j] = static_cast<std::uint8_t>(bits >> (8 * j));
    }
    uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0f) | 0x40);
    uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);
    out.data<Uuid>()[row] = uuid;
  }
  return {};
}

template <bool kNulls>
Status countNulls(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  for (std::size_t row = 0; row < rows; ++row) {
    std::int32_t count = 0;
    for (const auto& argument : arguments) count += argument.isNull(row) == kNulls;
    out.data<std::int32_t>()[row] = count;
  }
  return {};
}

}  // namespace

void addMiscellaneous(BuiltIns& builtIns) {
  builtIns.scalar("pg_typeof", {kAnyType}, TypeId::Text, typeName, "Name of the type of a value");
  builtIns.scalar("gen_random_uuid", {}, TypeId::Uuid, randomUuid, "Random UUID", Volatility::Volatile);
  builtIns.scalar("num_nulls", {kAnyType}, TypeId::Integer, countNulls<true>, "How many values are NULL").variadic =
      true;
  builtIns.scalar("num_nonnulls", {kAnyType}, TypeId::Integer, countNulls<false>, "How many values are not NULL")
      .variadic = true;
}

}  // namespace drift::functions
