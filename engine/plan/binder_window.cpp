// Calls over windows: OVER and the WINDOW clause, frames, and the nodes that compute them.
#include <algorithm>

#include "plan/binder.h"
#include "plan/collated.h"

namespace drift::plan {

using functions::WindowFunctionKind;
using sql::FrameBoundKind;
using sql::FrameUnit;
using types::CastContext;
using types::TypeId;

namespace {

Error windowingError(std::string message, SourceSpan span) {
  return Error(ErrorKind::WindowingError, std::move(message)).at(span);
}

Error notImplemented(std::string_view what, SourceSpan span) {
  return makeError(ErrorKind::FeatureNotSupported, "{} is not implemented for window functions", what).at(span);
}

/// A window with what it takes over from those it names.
struct WindowParts {
  const std::vector<sql::ExpressionPtr>* partitionBy = nullptr;
  const std::vector<sql::OrderItem>* orderBy = nullptr;
  const sql::WindowFrame* frame = nullptr;
};

/// Finds the parts of a window; `named` are those of the WINDOW clause that it may refer to.
Result<WindowParts> partsOf(const sql::WindowDefinition& window, std::span<const sql::NamedWindow> named) {
  WindowParts parts{&window.partitionBy, &window.orderBy, window.frame ? &*window.frame : nullptr};
  if (!window.base) return parts;
  const auto& name = window.base->text;
  const auto base = std::ranges::find_if(named, [&](const auto& other) { return other.name.text == name; });
  if (base == named.end())
    return makeError(ErrorKind::UndefinedObject, "window \"{}\" does not exist", name).at(window.base->span);
  DRIFT_ASSIGN(const auto inherited,
               partsOf(base->definition, named.first(static_cast<std::size_t>(base - named.begin()))));
  if (window.nameOnly) return inherited;
  if (!window.partitionBy.empty())
    return windowingError(fmt::format("cannot override PARTITION BY clause of window \"{}\"", name), window.span);
  if (!window.orderBy.empty() && !inherited.orderBy->empty())
    return windowingError(fmt::format("cannot override ORDER BY clause of window \"{}\"", name), window.span);
  if (inherited.frame) {
    auto error =
        windowingError(fmt::format("cannot copy window \"{}\" because it has a frame clause", name), window.span);
    if (window.orderBy.empty() && !window.frame)
      return std::move(error).withHint("Omit the parentheses in this OVER clause.");
    return error;
  }
  parts.partitionBy = inherited.partitionBy;
  if (window.orderBy.empty()) parts.orderBy = inherited.orderBy;
  return parts;
}

Status checkFrame(const sql::WindowFrame& frame, SourceSpan span) {
  const auto start = frame.start.kind;
  const auto end = frame.end.kind;
  if (start == FrameBoundKind::UnboundedFollowing)
    return windowingError("frame start cannot be UNBOUNDED FOLLOWING", span);
  if (end == FrameBoundKind::UnboundedPreceding) return windowingError("frame end cannot be UNBOUNDED PRECEDING", span);
  if (start == FrameBoundKind::CurrentRow && end == FrameBoundKind::Preceding)
    return windowingError("frame starting from current row cannot have preceding rows", span);
  if (start == FrameBoundKind::Following && (end == FrameBoundKind::Preceding || end == FrameBoundKind::CurrentRow))
    return windowingError("frame starting from following row cannot have preceding rows", span);
  return {};
}

std::string_view wordFor(FrameUnit unit) {
  return unit == FrameUnit::Rows ? "ROWS" : unit == FrameUnit::Range ? "RANGE" : "GROUPS";
}

/// Binds one call with OVER.
class WindowCallBinder final {
 public:
  WindowCallBinder(Binder& binder, const Scope& scope, const sql::FunctionCall& call, SourceSpan span)
      : m_binder(binder), m_environment(binder.environment()), m_scope(scope), m_call(call), m_span(span) {}

  Result<ExpressionPtr> bind(std::span<const sql::NamedWindow> named) {
    const auto& name = m_call.name.last().text;
    m_window.function = functions::findWindowFunction(name);
    const bool aggregate = !m_window.function && m_environment.registry.isAggregate(name);
    if (!aggregate && !m_window.function) return refuse(name);
    if (m_call.distinct) return notImplemented("DISTINCT", m_span);
    if (!m_call.orderBy.empty()) return notImplemented("aggregate ORDER BY", m_call.orderBy[0].span);
    if (aggregate && isOrderedSetAggregate(name))
      return makeError(ErrorKind::FeatureNotSupported, "OVER is not supported for ordered-set aggregate {}", name)
          .at(m_span);
    if (!m_call.withinGroup.empty()) return notSupported("WITHIN GROUP with OVER is", m_call.withinGroup[0].span);
    DRIFT_ASSIGN(auto call, aggregate ? bindAggregate(name) : bindFunction(name));
    m_window.argumentCount = call->arguments.size();
    DRIFT_ASSIGN(const auto parts, partsOf(*m_call.over, named));
    DRIFT_TRY(addKeys(parts, *call));
    if (parts.frame) DRIFT_TRY(addFrame(*parts.frame, *call));
    call->window = std::make_shared<WindowCall>(std::move(m_window));
    return call;
  }

 private:
  Result<ExpressionPtr> refuse(const std::string& name) const {
    if (m_environment.registry.isScalar(name))
      return makeError(ErrorKind::WrongObjectType,
                       "OVER specified, but {} is not a window function nor an aggregate function", name)
          .at(m_span);
    std::vector<types::Type> types;
    for (const auto& argument : m_call.arguments) {
      DRIFT_ASSIGN(const auto bound, m_binder.bindExpression(*argument, m_scope, Clause::WindowArgument));
      types.push_back(bound->type);
    }
    auto match = m_environment.registry.resolveScalar(name, types);
    if (!match.ok()) return std::move(match).error().at(m_span);
    return Error(ErrorKind::InternalError, "a function is there and is not").at(m_span);
  }

  Result<std::vector<ExpressionPtr>> bindArguments() {
    std::vector<ExpressionPtr> arguments;
    for (const auto& argument : m_call.arguments) {
      DRIFT_ASSIGN(auto bound, m_binder.bindExpression(*argument, m_scope, Clause::WindowArgument));
      arguments.push_back(std::move(bound));
    }
    return arguments;
  }

  Result<ExpressionPtr> bindAggregate(const std::string& name) {
    DRIFT_ASSIGN(auto arguments, bindArguments());
    if (arguments.empty() && !m_call.star)
      return makeError(ErrorKind::WrongObjectType, "{}(*) must be used to call a parameterless aggregate function",
                       name)
          .at(m_span);
    auto match = m_environment.registry.resolveAggregate(name, typesOf(arguments));
    if (!match.ok()) return std::move(match).error().at(m_span);
    auto call = std::make_unique<Expression>(ExpressionKind::Window, match->result, m_span);
    for (std::size_t at = 0; at < arguments.size(); ++at) {
      const auto wanted = match->parameters[at].id() == TypeId::Unknown ? arguments[at]->type : match->parameters[at];
      DRIFT_ASSIGN(auto argument, coerce(std::move(arguments[at]), wanted, CastContext::Implicit, m_environment));
      DRIFT_ASSIGN(argument, resolveUnknown(std::move(argument), m_environment));
      call->arguments.push_back(std::move(argument));
    }
    call->aggregate = *match;
    if (m_call.filter) {
      DRIFT_ASSIGN(call->filter, m_binder.bindExpression(*m_call.filter, m_scope, Clause::Filter));
      DRIFT_ASSIGN(call->filter, coerceCondition(std::move(call->filter), "FILTER", m_environment));
    }
    return call;
  }

  Error undefined(std::string_view name, const std::vector<ExpressionPtr>& arguments) const {
    std::string list;
    for (const auto& argument : arguments) list += (list.empty() ? "" : ", ") + argument->type.bare().name();
    return makeError(ErrorKind::UndefinedFunction, "function {}({}) does not exist", name, list)
        .withHint("No function matches the given name and argument types. You might need to add explicit type casts.")
        .at(m_span);
  }

  Result<ExpressionPtr> bindFunction(std::string_view name) {
    if (m_call.filter)
      return Error(ErrorKind::FeatureNotSupported, "FILTER is not implemented for non-aggregate window functions")
          .at(m_span);
    DRIFT_ASSIGN(auto arguments, bindArguments());
    const auto& function = *m_window.function;
    if (m_call.star || arguments.size() < function.argumentsMin || arguments.size() > function.argumentsMax)
      return undefined(name, arguments);
    auto result = types::Type(TypeId::BigInt);
    switch (function.kind) {
      case WindowFunctionKind::RowNumber:
      case WindowFunctionKind::Rank:
      case WindowFunctionKind::DenseRank: break;
      case WindowFunctionKind::PercentRank:
      case WindowFunctionKind::CumeDist: result = TypeId::Double; break;
      case WindowFunctionKind::Ntile: result = TypeId::Integer; break;
      case WindowFunctionKind::Lag:
      case WindowFunctionKind::Lead:
      case WindowFunctionKind::FirstValue:
      case WindowFunctionKind::LastValue:
      case WindowFunctionKind::NthValue:
        DRIFT_TRY(matchValues(arguments));
        result = arguments.front()->type;
        break;
    }
    const auto count = function.kind == WindowFunctionKind::Ntile ? std::size_t{0} : std::size_t{1};
    if (arguments.size() > count) {
      const auto type = arguments[count]->type;
      if (type.id() != TypeId::Unknown && !types::canCast(type, TypeId::Integer, CastContext::Implicit))
        return undefined(name, arguments);
      DRIFT_ASSIGN(arguments[count],
                   coerce(std::move(arguments[count]), TypeId::Integer, CastContext::Implicit, m_environment));
    }
    auto call = std::make_unique<Expression>(ExpressionKind::Window, result, m_span);
    call->arguments = std::move(arguments);
    return call;
  }

  /// The value, and what stands in for it in lag() and lead(), are of one type.
  Status matchValues(std::vector<ExpressionPtr>& arguments) {
    if (arguments.size() == 3) return coerceToCommon({&arguments[0], &arguments[2]}, "lag and lead", m_environment);
    DRIFT_ASSIGN(arguments[0], resolveUnknown(std::move(arguments[0]), m_environment));
    return {};
  }

  Status addKeys(const WindowParts& parts, Expression& call) {
    for (const auto& partition : *parts.partitionBy) {
      DRIFT_ASSIGN(auto bound, bindKey(*partition));
      call.arguments.push_back(std::move(bound));
    }
    m_window.partitionCount = parts.partitionBy->size();
    for (const auto& item : *parts.orderBy) {
      DRIFT_ASSIGN(auto bound, bindKey(*item.expression));
      const bool descending = item.direction == sql::SortDirection::Descending;
      const bool nullsFirst =
          item.nulls == sql::NullsOrder::Default ? descending : item.nulls == sql::NullsOrder::First;
      m_window.order.push_back({descending, nullsFirst});
      call.arguments.push_back(std::move(bound));
    }
    return {};
  }

  Result<ExpressionPtr> bindKey(const sql::Expression& expression) {
    const auto collated = collatedBy(expression);
    DRIFT_ASSIGN(auto bound, m_binder.bindExpression(withoutCollation(expression), m_scope, Clause::Window));
    if (collated) return orderedBy(std::move(bound), collated->collation, expression.span, m_environment);
    return resolveUnknown(std::move(bound), m_environment);
  }

  Status addFrame(const sql::WindowFrame& frame, Expression& call) {
    const auto span = m_call.over->span;
    DRIFT_TRY(checkFrame(frame, span));
    m_window.unit = frame.unit;
    m_window.start = frame.start.kind;
    m_window.end = frame.end.kind;
    m_window.exclusion = frame.exclusion;
    if (frame.unit == FrameUnit::Groups && m_window.order.empty())
      return windowingError("GROUPS mode requires an ORDER BY clause", span);
    const bool counted = m_window.startIsCounted() || m_window.endIsCounted();
    const bool range = frame.unit == FrameUnit::Range && counted;
    if (range && m_window.order.size() != 1)
      return windowingError("RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column", span);
    const auto orderAt = call.arguments.size() - 1;
    std::vector<ExpressionPtr> offsets;
    for (const auto* bound : {&frame.start, &frame.end}) {
      if (!bound->offset) continue;
      DRIFT_ASSIGN(auto offset,
                   bindOffset(*bound->offset, frame.unit, range ? call.arguments[orderAt].get() : nullptr));
      offsets.push_back(std::move(offset));
    }
    if (range) return addRange(call, std::move(offsets));
    for (auto& offset : offsets) call.arguments.push_back(std::move(offset));
    return {};
  }

  Result<ExpressionPtr> bindOffset(const sql::Expression& expression, FrameUnit unit, const Expression* ordered) {
    DRIFT_ASSIGN(auto offset, m_binder.bindExpression(expression, m_scope, Clause::Window));
    std::vector<Slot> slots;
    addSlots(*offset, slots);
    if (!slots.empty())
      return makeError(ErrorKind::InvalidColumnReference, "argument of {} must not contain variables", wordFor(unit))
          .at(expression.span);
    if (ordered) {
      DRIFT_ASSIGN(const auto wanted, offsetTypeFor(ordered->type, offset->type, expression.span));
      return coerce(std::move(offset), wanted, CastContext::Implicit, m_environment);
    }
    const auto type = offset->type;
    if (type.id() != TypeId::Unknown && !types::canCast(type, TypeId::BigInt, CastContext::Implicit))
      return makeError(ErrorKind::DatatypeMismatch, "argument of {} must be type bigint, not type {}", wordFor(unit),
                       type.name())
          .at(expression.span);
    return coerce(std::move(offset), TypeId::BigInt, CastContext::Implicit, m_environment);
  }

  /// Integers are counted as NUMERIC, so that nothing overflows at the ends of their range.
  static Result<types::Type> offsetTypeFor(types::Type ordered, types::Type offset, SourceSpan span) {
    types::Type wanted;
    bool exact = false;
    if (ordered.isInteger()) {
      wanted = TypeId::Numeric;
      exact = true;
    } else if (ordered.id() == TypeId::Numeric || ordered.id() == TypeId::Double || ordered.id() == TypeId::Real) {
      wanted = ordered.id() == TypeId::Real ? TypeId::Double : ordered.id();
    } else if (ordered.isTemporal() || ordered.id() == TypeId::Interval) {
      wanted = TypeId::Interval;
    } else {
      return makeError(ErrorKind::FeatureNotSupported,
                       "RANGE with offset PRECEDING/FOLLOWING is not supported for column type {}", ordered.name())
          .at(span);
    }
    const bool fits = offset.id() == TypeId::Unknown ||
                      (exact ? offset.isInteger() : types::canCast(offset, wanted, CastContext::Implicit));
    if (fits) return wanted;
    return makeError(ErrorKind::FeatureNotSupported,
                     "RANGE with offset PRECEDING/FOLLOWING is not supported for column type {} and offset type {}",
                     ordered.name(), offset.name())
        .withHint("Cast the offset value to an appropriate type.")
        .at(span);
  }

  /// Adds the offsets, the value that is ordered by, and the bounds of the values within the frame.
  Status addRange(Expression& call, std::vector<ExpressionPtr> offsets) {
    const auto span = m_call.over->span;
    auto value = clone(*call.arguments.back());
    if (value->type.isInteger()) {
      DRIFT_ASSIGN(value, coerce(std::move(value), TypeId::Numeric, CastContext::Implicit, m_environment));
    }
    std::vector<ExpressionPtr> bounds;
    std::size_t at = 0;
    for (const auto kind : {m_window.start, m_window.end}) {
      if (!WindowCall::isCounted(kind)) continue;
      const bool back = (kind == FrameBoundKind::Preceding) != m_window.order.front().descending;
      std::vector<ExpressionPtr> operands;
      operands.push_back(clone(*value));
      operands.push_back(clone(*offsets[at++]));
      DRIFT_ASSIGN(auto bound, makeOperatorCall(back ? "-" : "+", std::move(operands), span, span, m_environment));
      bounds.push_back(std::move(bound));
    }
    DRIFT_ASSIGN(value, coerce(std::move(value), bounds.front()->type, CastContext::Implicit, m_environment));
    for (auto& offset : offsets) call.arguments.push_back(std::move(offset));
    call.arguments.push_back(std::move(value));
    for (auto& bound : bounds) call.arguments.push_back(std::move(bound));
    return {};
  }

  Binder& m_binder;
  const BindEnvironment& m_environment;
  const Scope& m_scope;
  const sql::FunctionCall& m_call;
  const SourceSpan m_span;
  WindowCall m_window;
};

/// Calls whose windows part and order rows alike.
struct WindowGroup {
  std::vector<ExpressionPtr> partitions;
  std::vector<SortKey> order;
  std::vector<ExpressionPtr> calls;
  std::vector<Column> columns;
};

bool sameKeys(const WindowGroup& group, const Expression& call) {
  const auto& window = *call.window;
  if (group.partitions.size() != window.partitionCount || group.order.size() != window.order.size()) return false;
  auto at = window.argumentCount;
  for (const auto& partition : group.partitions)
    if (!sameExpression(*partition, *call.arguments[at++])) return false;
  for (std::size_t key = 0; key < group.order.size(); ++key) {
    const auto& order = group.order[key];
    const KeyOrder own{order.descending, order.nullsFirst};
    if (own != window.order[key] || !sameExpression(*order.expression, *call.arguments[at++])) return false;
  }
  return true;
}

class WindowAdder final {
 public:
  WindowAdder(Binder& binder, NodePtr& node) : m_binder(binder), m_node(node) {}

  Status add(std::span<ExpressionPtr* const> expressions) {
    for (auto* expression : expressions)
      DRIFT_TRY(rewrite(*expression, [this](Expression& node) -> Result<ExpressionPtr> {
        if (node.kind != ExpressionKind::Window) return ExpressionPtr();
        return columnFor(node);
      }));
    computeKeys();
    // The longest keys first: where they begin with another window's keys, their order serves it, too.
    std::ranges::stable_sort(m_groups, std::ranges::greater(),
                             [](const WindowGroup& group) { return group.partitions.size() + group.order.size(); });
    std::vector<SortKey> sorted;
    for (auto& group : m_groups) addNode(group, sorted);
    return {};
  }

 private:
  ExpressionPtr columnFor(const Expression& call) {
    for (std::size_t at = 0; at < m_seen.size(); ++at)
      if (sameExpression(*m_seen[at].first, call))
        return makeColumn(m_seen[at].second, call.type, toText(call), call.span);
    const auto slot = m_binder.newSlot();
    m_seen.emplace_back(clone(call), slot);
    auto group = std::ranges::find_if(m_groups, [&](const auto& other) { return sameKeys(other, call); });
    if (group == m_groups.end()) group = m_groups.insert(group, startGroup(call));
    auto stripped = clone(call);
    const auto first = stripped->arguments.begin() + static_cast<std::ptrdiff_t>(call.window->argumentCount);
    const auto keys = call.window->partitionCount + call.window->order.size();
    stripped->arguments.erase(first, first + static_cast<std::ptrdiff_t>(keys));
    group->calls.push_back(std::move(stripped));
    group->columns.push_back({slot, call.type, toText(call), {}, {}});
    return makeColumn(slot, call.type, toText(call), call.span);
  }

  static WindowGroup startGroup(const Expression& call) {
    WindowGroup group;
    auto at = call.window->argumentCount;
    for (std::size_t part = 0; part < call.window->partitionCount; ++part)
      group.partitions.push_back(clone(*call.arguments[at++]));
    for (const auto& order : call.window->order)
      group.order.push_back({clone(*call.arguments[at++]), order.descending, order.nullsFirst});
    return group;
  }

  /// Keys that are computed become columns below all windows, so that each is computed once a row.
  void computeKeys() {
    Project project;
    std::vector<Column> columns;
    for (const auto& column : m_node->columns) {
      project.expressions.push_back(makeColumn(column.slot, column.type, column.name, SourceSpan{}));
      columns.push_back(column);
    }
    const auto passed = columns.size();
    const auto replace = [&](ExpressionPtr& key) {
      if (key->kind == ExpressionKind::Column) return;
      for (auto at = passed; at < columns.size(); ++at) {
        if (!sameExpression(*project.expressions[at], *key)) continue;
        key = makeColumn(columns[at].slot, columns[at].type, columns[at].name, key->span);
        return;
      }
      Column column{m_binder.newSlot(), key->type, toText(*key), {}, {}};
      auto reference = makeColumn(column.slot, column.type, column.name, key->span);
      project.expressions.push_back(std::exchange(key, std::move(reference)));
      columns.push_back(std::move(column));
    };
    for (auto& group : m_groups) {
      for (auto& partition : group.partitions) replace(partition);
      for (auto& key : group.order) replace(key.expression);
    }
    if (columns.size() == passed) return;
    auto node = std::make_unique<Node>(std::move(project), std::move(columns));
    node->inputs.push_back(std::move(m_node));
    m_node = std::move(node);
  }

  void addNode(WindowGroup& group, std::vector<SortKey>& sorted) {
    std::vector<SortKey> keys;
    for (const auto& partition : group.partitions) keys.push_back({clone(*partition), false, false});
    for (const auto& key : group.order) keys.push_back({clone(*key.expression), key.descending, key.nullsFirst});
    const auto same = [](const SortKey& a, const SortKey& b) {
      return a.descending == b.descending && a.nullsFirst == b.nullsFirst &&
             sameExpression(*a.expression, *b.expression);
    };
    const bool served = keys.size() <= sorted.size() && std::equal(keys.begin(), keys.end(), sorted.begin(), same);
    if (!served) {
      Sort sort;
      sorted.clear();
      for (auto& key : keys) {
        sorted.push_back({clone(*key.expression), key.descending, key.nullsFirst});
        sort.keys.push_back(std::move(key));
      }
      m_node = makeOver(std::move(m_node), std::move(sort));
    }
    auto columns = m_node->columns;
    columns.insert(columns.end(), group.columns.begin(), group.columns.end());
    auto node = std::make_unique<Node>(
        Window{std::move(group.partitions), std::move(group.order), std::move(group.calls)}, std::move(columns));
    node->inputs.push_back(std::move(m_node));
    m_node = std::move(node);
  }

  Binder& m_binder;
  NodePtr& m_node;
  std::vector<WindowGroup> m_groups;
  std::vector<std::pair<ExpressionPtr, Slot>> m_seen;
};

}  // namespace

Status Binder::checkWindows(const std::vector<sql::NamedWindow>& windows, const Scope& scope) {
  const std::span all(windows);
  for (std::size_t at = 0; at < all.size(); ++at) {
    const auto before = all.first(at);
    const auto& window = all[at];
    if (std::ranges::any_of(before, [&](const auto& other) { return other.name.text == window.name.text; }))
      return windowingError(fmt::format("window \"{}\" is already defined", window.name.text), window.name.span);
    DRIFT_ASSIGN(const auto parts, partsOf(window.definition, before));
    std::vector<const sql::Expression*> keys;
    for (const auto& partition : *parts.partitionBy) keys.push_back(partition.get());
    for (const auto& item : *parts.orderBy) keys.push_back(item.expression.get());
    for (const auto* key : keys) {
      auto bound = bindExpression(*key, scope, Clause::Window);
      if (!bound.ok()) return std::move(bound).error();
    }
    if (parts.frame) DRIFT_TRY(checkFrame(*parts.frame, window.definition.span));
  }
  return {};
}

Result<ExpressionPtr> Binder::bindWindowCall(const sql::FunctionCall& call, const Scope& scope, Clause clause,
                                             SourceSpan span) {
  if (clause == Clause::Aggregate)
    return Error(ErrorKind::GroupingError, "aggregate function calls cannot contain window function calls").at(span);
  if (clause == Clause::WindowArgument) return windowingError("window function calls cannot be nested", span);
  if (clause != Clause::Select && clause != Clause::OrderBy)
    return windowingError(fmt::format("window functions are not allowed in {}", clauseName(clause)), span);
  std::span<const sql::NamedWindow> named;
  if (m_windows) named = *m_windows;
  return WindowCallBinder(*this, scope, call, span).bind(named);
}

Status Binder::addWindows(NodePtr& node, std::span<ExpressionPtr* const> expressions) {
  return WindowAdder(*this, node).add(expressions);
}

bool hasWindowCall(const Expression& expression) {
  bool found = false;
  visit(expression, [&](const Expression& node) { found = found || node.kind == ExpressionKind::Window; });
  return found;
}

}  // namespace drift::plan
