// = <> < <= > >= for every type. Types that differ meet through implicit casts.
#include "functions/builtins.h"
#include "functions/kernels.h"
#include "functions/ordering.h"

namespace drift::functions {

namespace {

using namespace types;

struct Equal {
  static constexpr bool kByEquality = true;
  static bool test(std::strong_ordering order) { return order == 0; }
  template <class T>
  static bool test(const T& a, const T& b) {
    return a == b;
  }
};
struct NotEqual {
  static constexpr bool kByEquality = true;
  static bool test(std::strong_ordering order) { return order != 0; }
  template <class T>
  static bool test(const T& a, const T& b) {
    return !(a == b);
  }
};
struct Less {
  static constexpr bool kByEquality = false;
  static bool test(std::strong_ordering order) { return order < 0; }
};
struct LessOrEqual {
  static constexpr bool kByEquality = false;
  static bool test(std::strong_ordering order) { return order <= 0; }
};
struct Greater {
  static constexpr bool kByEquality = false;
  static bool test(std::strong_ordering order) { return order > 0; }
};
struct GreaterOrEqual {
  static constexpr bool kByEquality = false;
  static bool test(std::strong_ordering order) { return order >= 0; }
};

/// Types whose C++ equality is SQL's, which is cheaper than an order for strings and uuids.
template <class T>
constexpr bool kPlainEquality = std::is_integral_v<T> || std::is_same_v<T, StringRef> || std::is_same_v<T, Uuid>;

template <class T, class Test>
Status compareKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapBinary<std::uint8_t, T, T>(arguments, rows, out, [](const T& a, const T& b) -> std::uint8_t {
    if constexpr (Test::kByEquality && kPlainEquality<T>) return Test::test(a, b);
    else return Test::test(Order<T>::compare(a, b));
  });
}

template <class T>
void addFor(BuiltIns& builtIns, Type type) {
  const auto add = [&](std::string_view name, ScalarKernel kernel, std::string_view description) {
    builtIns.scalar(name, {type, type}, TypeId::Boolean, kernel, description);
  };
  add("=", compareKernel<T, Equal>, "Equal");
  add("<>", compareKernel<T, NotEqual>, "Not equal");
  add("<", compareKernel<T, Less>, "Less than");
  add("<=", compareKernel<T, LessOrEqual>, "Less than or equal");
  add(">", compareKernel<T, Greater>, "Greater than");
  add(">=", compareKernel<T, GreaterOrEqual>, "Greater than or equal");
}

}  // namespace

void addComparison(BuiltIns& builtIns) {
  addFor<std::uint8_t>(builtIns, TypeId::Boolean);
  addFor<std::int16_t>(builtIns, TypeId::SmallInt);
  addFor<std::int32_t>(builtIns, TypeId::Integer);
  addFor<std::int64_t>(builtIns, TypeId::BigInt);
  addFor<double>(builtIns, TypeId::Double);
  addFor<double>(builtIns, TypeId::Real);
  addFor<Decimal>(builtIns, TypeId::Numeric);
  addFor<StringRef>(builtIns, TypeId::Text);
  addFor<StringRef>(builtIns, TypeId::Char);  // without blanks at the end, as they are kept
  addFor<StringRef>(builtIns, TypeId::Bytea);
  addFor<std::int32_t>(builtIns, TypeId::Date);
  addFor<std::int64_t>(builtIns, TypeId::Timestamp);
  addFor<std::int64_t>(builtIns, TypeId::TimestampTz);
  addFor<std::int64_t>(builtIns, TypeId::Time);
  addFor<Uuid>(builtIns, TypeId::Uuid);
  addFor<Interval>(builtIns, TypeId::Interval);
  addFor<StringRef>(builtIns, TypeId::Jsonb);  // the order of blobs is the order of documents, and of arrays
  addFor<StringRef>(builtIns, kAnyArray);
}

}  // namespace drift::functions
