// Loops for kernels: each applies one operation to the rows of its arguments, whatever their vector
// kinds, and gives NULL where an argument is NULL. Internal to this module. Stateless, thread-safe.
#pragma once

#include <string>
#include <tuple>
#include <utility>

#include "functions/registry.h"
#include "types/vector.h"

namespace drift::functions {

/// What every kernel is given besides the context.
using Arguments = std::span<const types::Vector>;

inline bool mayHaveNulls(Arguments arguments) {
  for (const auto& argument : arguments)
    if (argument.view().mayHaveNulls()) return true;
  return false;
}

/// Sets rows of `out` to NULL where an argument is NULL.
inline void copyNulls(Arguments arguments, std::size_t rows, types::Vector& out) {
  for (const auto& argument : arguments) {
    const auto view = argument.view();
    if (!view.mayHaveNulls()) continue;
    for (std::size_t row = 0; row < rows; ++row)
      if (view.isNull(row)) out.setNull(row);
  }
}

/// out = operation(a); the operation cannot fail and may see what lies under a NULL.
template <class R, class A, class Operation>
Status mapUnary(Arguments arguments, std::size_t rows, types::Vector& out, const Operation& operation) {
  const auto view = arguments[0].view();
  R* result = out.data<R>();
  if (view.isFlat()) {
    const A* a = view.data<A>();
    for (std::size_t row = 0; row < rows; ++row) result[row] = operation(a[row]);
  } else {
    for (std::size_t row = 0; row < rows; ++row) result[row] = operation(view.at<A>(row));
  }
  copyNulls(arguments, rows, out);
  return {};
}

/// out = operation(a, b); the operation cannot fail and may see what lies under a NULL.
template <class R, class A, class B, class Operation>
Status mapBinary(Arguments arguments, std::size_t rows, types::Vector& out, const Operation& operation) {
  const auto left = arguments[0].view();
  const auto right = arguments[1].view();
  R* result = out.data<R>();
  if (left.isFlat() && right.isFlat()) {
    const A* a = left.data<A>();
    const B* b = right.data<B>();
    for (std::size_t row = 0; row < rows; ++row) result[row] = operation(a[row], b[row]);
  } else if (left.isFlat() && right.isConstant()) {
    const A* a = left.data<A>();
    const B b = right.at<B>(0);
    for (std::size_t row = 0; row < rows; ++row) result[row] = operation(a[row], b);
  } else {
    for (std::size_t row = 0; row < rows; ++row) result[row] = operation(left.at<A>(row), right.at<B>(row));
  }
  copyNulls(arguments, rows, out);
  return {};
}

/// Calls body(row) for each row where no argument is NULL, and sets the others to NULL. The body
/// returns a Status; the first error ends the loop.
template <class Body>
Status forEachRow(Arguments arguments, std::size_t rows, types::Vector& out, const Body& body) {
  copyNulls(arguments, rows, out);
  const bool nulls = mayHaveNulls(arguments);
  for (std::size_t row = 0; row < rows; ++row) {
    if (nulls && out.isNull(row)) continue;
    DRIFT_TRY(body(row));
  }
  return {};
}

namespace detail {

template <class... A, class Operation, std::size_t... At>
Status tryRows(Arguments arguments, std::size_t rows, types::Vector& out, const Operation& operation,
               std::index_sequence<At...>) {
  const types::VectorView views[] = {arguments[At].view()...};
  return forEachRow(arguments, rows, out,
                    [&](std::size_t row) { return operation(row, views[At].template at<A>(row)...); });
}

}  // namespace detail

/// out = what operation(a, b, …, result&) stores; it returns a Status and sees no NULLs. For
/// results that are not strings.
template <class R, class... A, class Operation>
Status tryRows(Arguments arguments, std::size_t rows, types::Vector& out, const Operation& operation) {
  R* result = out.data<R>();
  return detail::tryRows<A...>(
      arguments, rows, out, [&](std::size_t row, const A&... a) { return operation(a..., result[row]); },
      std::index_sequence_for<A...>());
}

/// As tryRows() for operations that only fail in one way: operation(a, b, …, result&) gives false
/// then.
template <class R, class... A, class Operation>
Status checkRows(Arguments arguments, std::size_t rows, types::Vector& out, const Operation& operation,
                 Error (*failure)()) {
  R* result = out.data<R>();
  return detail::tryRows<A...>(
      arguments, rows, out,
      [&](std::size_t row, const A&... a) -> Status {
        if (operation(a..., result[row])) return {};
        return failure();
      },
      std::index_sequence_for<A...>());
}

/// out = the text that operation(a, b, …, std::string&) appends to an empty string; it returns a
/// Status and sees no NULLs.
template <class... A, class Operation>
Status writeRows(Arguments arguments, std::size_t rows, types::Vector& out, const Operation& operation) {
  std::string text;
  return detail::tryRows<A...>(
      arguments, rows, out,
      [&](std::size_t row, const A&... a) -> Status {
        text.clear();
        DRIFT_TRY(operation(a..., text));
        out.setString(row, text);
        return {};
      },
      std::index_sequence_for<A...>());
}

/// out = the part of its first argument that operation(text, b, …) gives as a view; nothing is
/// copied.
template <class... A, class Operation>
Status sliceRows(Arguments arguments, std::size_t rows, types::Vector& out, const Operation& operation) {
  out.keepHeapsOf(arguments[0]);
  auto* result = out.data<types::StringRef>();
  return detail::tryRows<types::StringRef, A...>(
      arguments, rows, out,
      [&](std::size_t row, const types::StringRef& text, const A&... a) -> Status {
        result[row] = types::StringRef(operation(text.view(), a...));
        return {};
      },
      std::index_sequence_for<types::StringRef, A...>());
}

}  // namespace drift::functions
