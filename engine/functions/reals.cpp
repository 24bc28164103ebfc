// + - * / and comparisons of REAL, alone and with DOUBLE PRECISION. A REAL lies in a double: a result is computed there
// and rounded to a float, which gives what arithmetic of floats would (a double has more than twice the digits).
#include <cmath>

#include "functions/builtins.h"
#include "functions/floating.h"
#include "functions/kernels.h"

namespace drift::functions {

namespace {

using namespace types;

Status negateReal(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapUnary<double, double>(arguments, rows, out, [](double a) { return -a; });
}

Status sameReal(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapUnary<double, double>(arguments, rows, out, [](double a) { return a; });
}

Status absoluteReal(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapUnary<double, double>(arguments, rows, out, [](double a) { return std::abs(a); });
}

}  // namespace

void addReals(BuiltIns& builtIns) {
  const Type real = TypeId::Real;
  builtIns.scalar("+", {real, real}, real, floatingKernel<float, '+'>, "Addition");
  builtIns.scalar("-", {real, real}, real, floatingKernel<float, '-'>, "Subtraction");
  builtIns.scalar("*", {real, real}, real, floatingKernel<float, '*'>, "Multiplication");
  builtIns.scalar("/", {real, real}, real, floatingKernel<float, '/'>, "Division");
  builtIns.scalar("-", {real}, real, negateReal, "Negation");
  builtIns.scalar("+", {real}, real, sameReal, "The number itself");
  builtIns.scalar("abs", {real}, real, absoluteReal, "Absolute value");
  // With DOUBLE PRECISION, and so with NUMERIC and integers, a REAL is one: the overloads of both kinds decide for it.
  builtIns.mixed("+", real, TypeId::Double);
  builtIns.mixed("-", real, TypeId::Double);
  builtIns.mixed("*", real, TypeId::Double);
  builtIns.mixed("/", real, TypeId::Double);
  for (const auto* comparison : {"=", "<>", "<", "<=", ">", ">="}) builtIns.mixed(comparison, real, TypeId::Double);
}

}  // namespace drift::functions
