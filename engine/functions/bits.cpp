// & | # ~ << >> of integers.
#include "functions/builtins.h"
#include "functions/kernels.h"

namespace drift::functions {

namespace {

using namespace types;

template <class T, char kSign>
Status bitKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapBinary<T, T, T>(arguments, rows, out, [](T a, T b) -> T {
    if constexpr (kSign == '&') return static_cast<T>(a & b);
    else if constexpr (kSign == '|') return static_cast<T>(a | b);
    else return static_cast<T>(a ^ b);
  });
}

/// Shifts by the count modulo the width, as the processors do that PostgreSQL relies on. A smallint
/// is shifted as an integer and cut, so counts up to 31 push its bits out.
template <class T, bool kLeft>
Status shiftKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapBinary<T, T, std::int32_t>(arguments, rows, out, [](T a, std::int32_t count) -> T {
    using Wide = std::conditional_t<sizeof(T) == 8, std::int64_t, std::int32_t>;
    const auto by = static_cast<unsigned>(count) % (8 * sizeof(Wide));
    const auto wide = static_cast<Wide>(a);
    return static_cast<T>(kLeft ? static_cast<Wide>(static_cast<std::make_unsigned_t<Wide>>(wide) << by) : wide >> by);
  });
}

template <class T>
Status invertKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapUnary<T, T>(arguments, rows, out, [](T a) { return static_cast<T>(~a); });
}

template <class T>
void addFor(BuiltIns& builtIns, Type type) {
  builtIns.scalar("&", {type, type}, type, bitKernel<T, '&'>, "Bitwise and");
  builtIns.scalar("|", {type, type}, type, bitKernel<T, '|'>, "Bitwise or");
  builtIns.scalar("#", {type, type}, type, bitKernel<T, '#'>, "Bitwise exclusive or");
  builtIns.scalar("~", {type}, type, invertKernel<T>, "Bitwise not");
  builtIns.scalar("<<", {type, TypeId::Integer}, type, shiftKernel<T, true>, "Shift left");
  builtIns.scalar(">>", {type, TypeId::Integer}, type, shiftKernel<T, false>, "Shift right");
}

}  // namespace

void addBits(BuiltIns& builtIns) {
  addFor<std::int16_t>(builtIns, TypeId::SmallInt);
  addFor<std::int32_t>(builtIns, TypeId::Integer);
  addFor<std::int64_t>(builtIns, TypeId::BigInt);
}

}  // namespace drift::functions
