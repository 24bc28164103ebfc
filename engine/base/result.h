// Result<T>: a value or an Error. Plain value, no thread rule.
//
// std::expected is not in the C++20 library of GCC 12; this class has what we use of it, and an alias
// cannot be dropped silently: the class itself is [[nodiscard]].
#pragma once

#include <cassert>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/error.h"

namespace drift {

/// Holds a T or the Error that prevented it. Result<void> holds success or an Error.
template <class T>
class [[nodiscard]] Result final {
  static_assert(!std::is_reference_v<T>, "return a pointer instead");

 public:
  using ValueType = T;

  Result(T value) : m_state(std::in_place_index<0>, std::move(value)) {}  // NOLINT: implicit on purpose
  Result(Error error) : m_state(std::in_place_index<1>, std::move(error)) {}  // NOLINT
  template <class U>
    requires(std::is_convertible_v<U &&, T> && !std::is_same_v<std::remove_cvref_t<U>, T> &&
             !std::is_same_v<std::remove_cvref_t<U>, Error> && !std::is_same_v<std::remove_cvref_t<U>, Result>)
  Result(U&& value) : m_state(std::in_place_index<0>, std::forward<U>(value)) {}  // NOLINT

  bool ok() const { return m_state.index() == 0; }
  explicit operator bool() const { return ok(); }

  /// Gives the value; asserts ok().
  T& value() & { assert(ok()); return *std::get_if<0>(&m_state); }
  const T& value() const& { assert(ok()); return *std::get_if<0>(&m_state); }
  T&& value() && { assert(ok()); return std::move(*std::get_if<0>(&m_state)); }
  T& operator*() & { return value(); }
  const T& operator*() const& { return value(); }
  T&& operator*() && { return std::move(*this).value(); }
  T* operator->() { return &value(); }
  const T* operator->() const { return &value(); }

  /// Gives the error; asserts !ok().
  const Error& error() const& { assert(!ok()); return **std::get_if<1>(&m_state); }
  Error error() && { assert(!ok()); return std::get_if<1>(&m_state)->take(); }

 private:
  std::variant<T, ErrorBox> m_state;
};

template <>
class [[nodiscard]] Result<void> final {
 public:
  using ValueType = void;

  Result() = default;
  Result(Error error) : m_error(std::move(error)) {}  // NOLINT

  bool ok() const { return !m_error; }
  explicit operator bool() const { return ok(); }
  const Error& error() const& { assert(m_error); return *m_error; }
  Error error() && { assert(m_error); return m_error.take(); }

 private:
  ErrorBox m_error;
};

using Status = Result<void>;

}  // namespace drift

#define DRIFT_CONCAT_(a, b) a##b
#define DRIFT_CONCAT(a, b) DRIFT_CONCAT_(a, b)

/// Returns the error of a Result from the enclosing function, if it has one.
#define DRIFT_TRY(expression)                                              \
  do {                                                                     \
    if (auto driftResult_ = (expression); !driftResult_.ok())              \
      return std::move(driftResult_).error();                              \
  } while (false)

/// Declares or assigns the value of a Result, or returns its error: DRIFT_ASSIGN(auto x, f());
#define DRIFT_ASSIGN(target, expression) \
  DRIFT_ASSIGN_(target, expression, DRIFT_CONCAT(driftResult_, __COUNTER__))
#define DRIFT_ASSIGN_(target, expression, name) \
  auto name = (expression);                     \
  if (!name.ok()) return std::move(name).error(); \
  target = std::move(name).value()
