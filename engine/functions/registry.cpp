#include "functions/registry.h"

#include <algorithm>
#include <numeric>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "functions/builtins.h"
#include "functions/json_kernels.h"
#include "functions/overloads.h"
#include "functions/window_functions.h"

namespace drift::functions {

namespace {

using types::Type;

/// An operator's name is made of signs, a function's of letters.
bool isOperatorName(std::string_view name) { return name.find_first_of("+-*/<>=~!@#%^&|`?[") != name.npos; }

std::string typeList(std::span<const Type> arguments) {
  std::vector<std::string> names;
  for (const auto argument : arguments) names.push_back(argument.bare().name());
  return fmt::format("{}", fmt::join(names, ", "));
}

/// "lower(integer)".
std::string callText(std::string_view name, std::span<const Type> arguments) {
  return fmt::format("{}({})", name, typeList(arguments));
}

/// "text + integer", "- text".
std::string operationText(std::string_view op, std::span<const Type> arguments) {
  const auto name = [&](std::size_t at) { return arguments[at].bare().name(); };
  return arguments.size() == 1 ? fmt::format("{} {}", op, name(0)) : fmt::format("{} {} {}", name(0), op, name(1));
}

/// Edit distance with insertions, deletions and substitutions (Levenshtein).
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const auto replaced = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row.back();
}

/// What kAnyElement stands for in a call; nothing where the arguments do not go together. A literal without a type is no
/// array beside an operator, if nothing else is one: 'x' || date is a text.
std::optional<Type> elementOf(std::span<const Type> parameters, std::span<const Type> arguments, bool isOperator) {
  std::vector<Type> known;
  bool arrays = false;
  bool knownArrays = false;
  for (std::size_t at = 0; at < parameters.size(); ++at) {
    const bool array = parameters[at] == kAnyArray;
    arrays = arrays || array;
    const bool counts = array || parameters[at] == kAnyElement;
    if (!counts || arguments[at].id() == types::TypeId::Unknown) continue;
    if (arguments[at].isArray() != array) return std::nullopt;
    known.push_back(array ? arguments[at].element() : arguments[at]);
    knownArrays = knownArrays || array;
  }
  if (arrays && (known.empty() || (isOperator && !knownArrays))) return std::nullopt;
  return types::commonType(known);
}

bool isPolymorphic(Type type) { return type == kAnyArray || type == kAnyElement; }

/// The declared type with the element type in its place.
Type instantiated(Type declared, Type element) {
  return declared == kAnyArray ? Type::array(element) : declared == kAnyElement ? element : declared;
}

/// Puts types in the place of the polymorphic ones; gives false where the arguments do not fit.
bool instantiate(std::vector<Type>& parameters, std::span<const Type> arguments, bool isOperator) {
  if (std::ranges::none_of(parameters, isPolymorphic)) return true;
  const auto element = elementOf(parameters, arguments, isOperator);
  if (!element) return false;
  for (auto& parameter : parameters) parameter = instantiated(parameter, *element);
  return true;
}

/// The type of a result, which may be declared as one of the arguments' element type.
Type resultType(Type declared, std::vector<Type> parameters, bool variadic, std::span<const Type> arguments) {
  if (!isPolymorphic(declared)) return declared;
  if (variadic) parameters.resize(arguments.size(), parameters.back());
  const auto element = elementOf(parameters, arguments, false);
  return element ? instantiated(declared, *element) : declared;
}

template <class Function>
std::vector<Candidate> candidatesFor(const std::vector<Function>& overloads, std::span<const Type> arguments) {
  const auto argumentCount = arguments.size();
  std::vector<Candidate> result;
  for (std::size_t i = 0; i < overloads.size(); ++i) {
    auto parameters = overloads[i].parameters;
    if constexpr (requires { overloads[i].variadic; }) {
      if (overloads[i].variadic && argumentCount >= parameters.size())
        parameters.resize(argumentCount, parameters.back());
    }
    if (parameters.size() == argumentCount && instantiate(parameters, arguments, isOperatorName(overloads[i].name)))
      result.push_back({i, std::move(parameters)});
  }
  return result;
}

/// The types that the caller casts to: an any-parameter keeps the argument's type, a bare literal
/// is text.
std::vector<Type> castTargets(const Candidate& candidate, std::span<const Type> arguments) {
  auto result = candidate.parameters;
  for (std::size_t i = 0; i < result.size(); ++i) {
    if (result[i] != kAnyType) continue;
    result[i] = arguments[i].id() == types::TypeId::Unknown ? Type(types::TypeId::Text) : arguments[i];
  }
  return result;
}

constexpr std::string_view kCastHint = "You might need to add explicit type casts.";

Error ambiguous(std::string_view what, bool isOperator) {
  const std::string_view kind = isOperator ? "operator" : "function";
  return makeError(ErrorKind::AmbiguousFunction, "{} is not unique: {}", kind, what)
      .withHint(fmt::format("Could not choose a best candidate {}. {}", kind, kCastHint));
}

}  // namespace

struct Registry::Impl {
  BuiltIns builtIns;

  /// The nearest name of a function, if one is near enough to be a slip.
  std::optional<std::string> nearest(std::string_view name) const {
    std::optional<std::string> best;
    const auto most = std::max<std::size_t>(1, (name.size() + 1) / 3);
    auto bestDistance = most + 1;
    const auto consider = [&](const std::string& known) {
      if (isOperatorName(known)) return;
      const auto edits = distance(name, known);
      // Of two that are as near, letters that changed places are the likelier slip.
      const bool sameLength = known.size() == name.size() && best && best->size() != name.size();
      if (edits > most || edits > bestDistance || (edits == bestDistance && !sameLength)) return;
      bestDistance = edits;
      best = known;
    };
    for (const auto& [known, overloads] : builtIns.scalars()) consider(known);
    for (const auto& [known, overloads] : builtIns.aggregates()) consider(known);
    for (const auto& [known, overloads] : builtIns.sets()) consider(known);
    for (const auto& function : windowFunctions()) consider(std::string(function.name));
    return best;
  }

  Error undefined(std::string_view name, std::span<const Type> arguments, bool nameExists) const {
    auto error = makeError(ErrorKind::UndefinedFunction, "function {} does not exist", callText(name, arguments));
    if (nameExists)
      return std::move(error).withHint(
          fmt::format("No function matches the given name and argument types. {}", kCastHint));
    if (const auto near = nearest(name)) return std::move(error).withHint(fmt::format("Did you mean \"{}\"?", *near));
    return error;
  }
};

Registry::Registry() : m_impl(std::make_unique<Impl>()) {
  auto& builtIns = m_impl->builtIns;
  addComparison(builtIns);
  addArithmetic(builtIns);
  addTemporalArithmetic(builtIns);
  addReals(builtIns);
  addTimeOfDay(builtIns);
  addBits(builtIns);
  addCollation(builtIns);
  addMath(builtIns);
  addStrings(builtIns);
  addStringEditing(builtIns);
  addPatterns(builtIns);
  addRegularExpressions(builtIns);
  addDateTime(builtIns);
  addFormatting(builtIns);
  addMiscellaneous(builtIns);
  addCountingAggregates(builtIns);
  addSums(builtIns);
  addExtremes(builtIns);
  addVariances(builtIns);
  addRegressions(builtIns);
  addNumberFormatting(builtIns);
  addTextFormatting(builtIns);
  addNumberTheory(builtIns);
  addDateTimeParsing(builtIns);
  addOrderedSets(builtIns);
  addArrays(builtIns);
  addArrayEditing(builtIns);
  addArrayText(builtIns);
  addArraySets(builtIns);
  addArrayAggregates(builtIns);
  addJsonAccess(builtIns);
  addJsonMaking(builtIns);
  addJsonbEditing(builtIns);
}

Registry::~Registry() = default;

bool Registry::isScalar(std::string_view name) const { return m_impl->builtIns.scalars().contains(name); }

bool Registry::isAggregate(std::string_view name) const { return m_impl->builtIns.aggregates().contains(name); }

namespace {

Result<ScalarMatch> match(const std::vector<ScalarFunction>& overloads, std::span<const Type> arguments,
                          bool isOperator, const auto& undefined, const std::string& what) {
  const auto candidates = candidatesFor(overloads, arguments);
  const auto choice = chooseOverload(candidates, arguments, isOperator);
  if (choice.outcome == Choice::Outcome::None) return undefined();
  if (choice.outcome == Choice::Outcome::Ambiguous) return ambiguous(what, isOperator);
  ScalarMatch result;
  result.function = &overloads[choice.candidate->index];
  result.parameters = castTargets(*choice.candidate, arguments);
  const auto& function = *result.function;
  result.result = function.resultOf ? function.resultOf(arguments)
                                    : resultType(function.result, function.parameters, function.variadic, arguments);
  return result;
}

}  // namespace

Result<ScalarMatch> Registry::resolveScalar(std::string_view name, std::span<const Type> arguments) const {
  const auto& scalars = m_impl->builtIns.scalars();
  const auto found = scalars.find(name);
  if (found == scalars.end() || isOperatorName(name)) return m_impl->undefined(name, arguments, isAggregate(name));
  const auto undefined = [&] { return m_impl->undefined(name, arguments, true); };
  return match(found->second, arguments, false, undefined, callText(name, arguments));
}

Result<ScalarMatch> Registry::resolveOperator(std::string_view op, std::span<const Type> arguments) const {
  const auto& scalars = m_impl->builtIns.scalars();
  const auto what = operationText(op, arguments);
  const auto undefined = [&] {
    return makeError(ErrorKind::UndefinedFunction, "operator does not exist: {}", what)
        .withHint(fmt::format("No operator matches the given name and argument types. {}", kCastHint));
  };
  const auto found = scalars.find(op);
  if (found == scalars.end() || !isOperatorName(op)) return undefined();
  return match(found->second, arguments, true, undefined, what);
}

Result<AggregateMatch> Registry::resolveAggregate(std::string_view name, std::span<const Type> arguments) const {
  const auto& aggregates = m_impl->builtIns.aggregates();
  const auto found = aggregates.find(name);
  if (found == aggregates.end()) return m_impl->undefined(name, arguments, isScalar(name));
  const auto candidates = candidatesFor(found->second, arguments);
  const auto choice = chooseOverload(candidates, arguments, false);
  if (choice.outcome == Choice::Outcome::None) return m_impl->undefined(name, arguments, true);
  if (choice.outcome == Choice::Outcome::Ambiguous) return ambiguous(callText(name, arguments), false);
  AggregateMatch result;
  result.function = &found->second[choice.candidate->index];
  result.parameters = castTargets(*choice.candidate, arguments);
  result.result = resultType(result.function->result, result.function->parameters, false, arguments);
  return result;
}

bool Registry::isSet(std::string_view name) const { return m_impl->builtIns.sets().contains(name); }

Result<SetMatch> Registry::resolveSet(std::string_view name, std::span<const Type> arguments) const {
  const auto& sets = m_impl->builtIns.sets();
  const auto found = sets.find(name);
  if (found == sets.end()) return m_impl->undefined(name, arguments, false);
  SetMatch result;
  for (const auto& function : found->second) {
    if (!function.separate || arguments.size() < 2) continue;
    if (!std::ranges::all_of(arguments, [](Type type) { return type.isArray(); })) continue;
    result.function = &function;
    result.parameters.assign(arguments.begin(), arguments.end());
    for (const auto argument : arguments) result.columns.push_back({{}, argument.element()});
    return result;
  }
  const auto candidates = candidatesFor(found->second, arguments);
  const auto choice = chooseOverload(candidates, arguments, false);
  if (choice.outcome == Choice::Outcome::None) return m_impl->undefined(name, arguments, true);
  if (choice.outcome == Choice::Outcome::Ambiguous) return ambiguous(callText(name, arguments), false);
  result.function = &found->second[choice.candidate->index];
  result.parameters = castTargets(*choice.candidate, arguments);
  for (const auto& column : result.function->columns)
    result.columns.push_back({column.name, resultType(column.type, result.function->parameters, false, arguments)});
  return result;
}

void SetRows::add(std::span<const types::Value> row) {
  if (m_rowCount % types::kChunkRows == 0) m_chunks.emplace_back(m_types);
  auto& chunk = m_chunks.back();
  const auto at = m_rowCount++ % types::kChunkRows;
  for (std::size_t column = 0; column < row.size(); ++column) chunk.column(column).set(at, row[column]);
  chunk.setRowCount(at + 1);
}

std::vector<std::pair<std::string, std::string>> Registry::names() const {
  std::vector<std::pair<std::string, std::string>> result;
  for (const auto& [name, overloads] : m_impl->builtIns.scalars())
    if (!isOperatorName(name)) result.emplace_back(name, overloads.front().description);
  for (const auto& [name, overloads] : m_impl->builtIns.aggregates())
    result.emplace_back(name, overloads.front().description);
  for (const auto& [name, overloads] : m_impl->builtIns.sets())
    result.emplace_back(name, overloads.front().description);
  for (const auto& function : windowFunctions()) result.emplace_back(function.name, function.description);
  std::ranges::sort(result);
  return result;
}

}  // namespace drift::functions
