// COLLATE in a statement: which expressions have one, and what orders by it. Stateless, thread-safe.
#pragma once

#include <optional>
#include <string>

#include "plan/coercion.h"
#include "sql/ast.h"

namespace drift::plan {

/// An expression under COLLATE. Points into the tree that it was found in.
struct Collated {
  const sql::Expression* operand = nullptr;
  std::string collation;
};

/// The outermost COLLATE of an expression; of several, the inner ones are without effect.
std::optional<Collated> collatedBy(const sql::Expression& expression);

/// What stands under COLLATE, or the expression itself where there is none.
const sql::Expression& withoutCollation(const sql::Expression& expression);

/// The collation that an operator compares by, if any. DatatypeMismatch for two that differ; FeatureNotSupported for an
/// operator that neither orders nor tells whether two texts are equal.
Result<std::optional<std::string>> collationFor(std::string_view op, const sql::Expression& left,
                                                const sql::Expression& right, SourceSpan span);

/// What orders a value by a collation: a key of ICU's, or the value itself where bytes decide. UndefinedObject for an
/// unknown collation, DatatypeMismatch for a value that is no text.
Result<ExpressionPtr> orderedBy(ExpressionPtr value, const std::string& collation, SourceSpan span,
                                const BindEnvironment& environment);

}  // namespace drift::plan
