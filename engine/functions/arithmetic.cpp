// + - * / % and signs of numbers. Integers stay integers; what does not fit is an error.
#include <cmath>
#include <limits>

#include "functions/builtins.h"
#include "functions/decimal_fast.h"
#include "functions/failures.h"
#include "functions/floating.h"
#include "functions/kernels.h"

namespace drift::functions {

namespace {

using namespace types;

/// Integer operations; false on overflow.
struct Add {
  template <class T>
  static bool run(T a, T b, T& result) {
    return !__builtin_add_overflow(a, b, &result);
  }
};
struct Subtract {
  template <class T>
  static bool run(T a, T b, T& result) {
    return !__builtin_sub_overflow(a, b, &result);
  }
};
struct Multiply {
  template <class T>
  static bool run(T a, T b, T& result) {
    return !__builtin_mul_overflow(a, b, &result);
  }
};

template <class T, class Operation>
Status integerKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return checkRows<T, T, T>(
      arguments, rows, out, [](T a, T b, T& result) { return Operation::run(a, b, result); }, integerOutOfRange<T>);
}

template <class T>
Status divideIntegers(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<T, T, T>(arguments, rows, out, [](T a, T b, T& result) -> Status {
    if (b == 0) return divisionByZero();
    if (b == -1) {  // the least number has no counterpart
      if (a == std::numeric_limits<T>::min()) return integerOutOfRange<T>();
      result = static_cast<T>(-a);
      return {};
    }
    result = static_cast<T>(a / b);
    return {};
  });
}

template <class T>
Status integerRemainder(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<T, T, T>(arguments, rows, out, [](T a, T b, T& result) -> Status {
    if (b == 0) return divisionByZero();
    result = b == -1 ? T{0} : static_cast<T>(a % b);
    return {};
  });
}

template <class T>
Status negateInteger(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return checkRows<T, T>(
      arguments, rows, out, [](T a, T& result) { return !__builtin_sub_overflow(T{0}, a, &result); },
      integerOutOfRange<T>);
}

template <class T>
Status same(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapUnary<T, T>(arguments, rows, out, [](const T& a) { return a; });
}

template <Result<Decimal> (*kOperation)(const Decimal&, const Decimal&)>
Status decimalKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<Decimal, Decimal, Decimal>(arguments, rows, out,
                                            [](const Decimal& a, const Decimal& b, Decimal& result) -> Status {
                                              DRIFT_ASSIGN(result, kOperation(a, b));
                                              return {};
                                            });
}

/// As decimalKernel() with a quick way for small numbers, which gives false for others.
template <bool (*kSmall)(const Decimal&, const Decimal&, Decimal&),
          Result<Decimal> (*kOperation)(const Decimal&, const Decimal&)>
Status fastDecimalKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  const auto left = arguments[0].view();
  const auto right = arguments[1].view();
  auto* result = out.data<Decimal>();
  copyNulls(arguments, rows, out);
  for (std::size_t row = 0; row < rows; ++row) {
    const auto& a = left.at<Decimal>(row);
    const auto& b = right.at<Decimal>(row);
    if (kSmall(a, b, result[row])) continue;
    if (left.isNull(row) || right.isNull(row)) continue;
    DRIFT_ASSIGN(result[row], kOperation(a, b));
  }
  return {};
}

Status negateDouble(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapUnary<double, double>(arguments, rows, out, [](double a) { return -a; });
}

Status negateDecimal(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapUnary<Decimal, Decimal>(arguments, rows, out, [](const Decimal& a) { return negate(a); });
}

template <class T>
void addIntegers(BuiltIns& builtIns, Type type) {
  builtIns.scalar("+", {type, type}, type, integerKernel<T, Add>, "Addition");
  builtIns.scalar("-", {type, type}, type, integerKernel<T, Subtract>, "Subtraction");
  builtIns.scalar("*", {type, type}, type, integerKernel<T, Multiply>, "Multiplication");
  builtIns.scalar("/", {type, type}, type, divideIntegers<T>, "Division; of integers, towards zero");
  builtIns.scalar("%", {type, type}, type, integerRemainder<T>, "Remainder");
  builtIns.scalar("mod", {type, type}, type, integerRemainder<T>, "Remainder of a division");
  builtIns.scalar("-", {type}, type, negateInteger<T>, "Negation");
  builtIns.scalar("+", {type}, type, same<T>, "The number itself");
}

}  // namespace

void addArithmetic(BuiltIns& builtIns) {
  addIntegers<std::int16_t>(builtIns, TypeId::SmallInt);
  addIntegers<std::int32_t>(builtIns, TypeId::Integer);
  addIntegers<std::int64_t>(builtIns, TypeId::BigInt);

  const Type real = TypeId::Double;
  builtIns.scalar("+", {real, real}, real, floatingKernel<double, '+'>, "Addition");
  builtIns.scalar("-", {real, real}, real, floatingKernel<double, '-'>, "Subtraction");
  builtIns.scalar("*", {real, real}, real, floatingKernel<double, '*'>, "Multiplication");
  builtIns.scalar("/", {real, real}, real, floatingKernel<double, '/'>, "Division");
  builtIns.scalar("-", {real}, real, negateDouble, "Negation");
  builtIns.scalar("+", {real}, real, same<double>, "The number itself");

  const Type numeric = TypeId::Numeric;
  builtIns.scalar("+", {numeric, numeric}, numeric, fastDecimalKernel<addSmall, types::add>, "Addition");
  builtIns.scalar("-", {numeric, numeric}, numeric, fastDecimalKernel<subtractSmall, types::subtract>, "Subtraction");
  builtIns.scalar("*", {numeric, numeric}, numeric, fastDecimalKernel<multiplySmall, types::multiply>,
                  "Multiplication");
  builtIns.scalar("/", {numeric, numeric}, numeric, decimalKernel<types::divide>, "Division");
  builtIns.scalar("%", {numeric, numeric}, numeric, decimalKernel<types::modulo>, "Remainder");
  builtIns.scalar("mod", {numeric, numeric}, numeric, decimalKernel<types::modulo>, "Remainder of a division");
  builtIns.scalar("-", {numeric}, numeric, negateDecimal, "Negation");
  builtIns.scalar("+", {numeric}, numeric, same<Decimal>, "The number itself");
}

}  // namespace drift::functions
