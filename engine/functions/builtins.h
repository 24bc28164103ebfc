// BuiltIns: collects what the sources of this folder register, one function a family. Used once, by
// the constructor of Registry. Internal to this module.
#pragma once

#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "functions/registry.h"

namespace drift::functions {

/// A parameter that takes every type as it is; in declarations only, a match names the argument's
/// own type.
inline constexpr types::Type kAnyType = types::TypeId::Unknown;

/// Parameters of one element type, whichever the arguments share (PostgreSQL's anycompatiblearray and anycompatible), and
/// results of it; in declarations only.
inline constexpr types::Type kAnyArray = types::Type::array(types::TypeId::Unknown);
inline constexpr types::Type kAnyElement = types::Type::array(types::TypeId::Array);

class BuiltIns final {
 public:
  using Parameters = std::initializer_list<types::Type>;

  ScalarFunction& scalar(std::string_view name, Parameters parameters, types::Type result, ScalarKernel kernel,
                         std::string_view description, Volatility volatility = Volatility::Immutable) {
    auto& overloads = m_scalars[std::string(name)];
    ScalarFunction function;
    function.name = name;
    function.parameters = parameters;
    function.result = result;
    function.volatility = volatility;
    function.kernel = kernel;
    function.description = description;
    return overloads.emplace_back(std::move(function));
  }
  /// The operator of two `wide`s for a `narrow` and a `wide` too, of one physical type.
  void mixed(std::string_view name, types::Type narrow, types::Type wide) {
    auto& overloads = m_scalars[std::string(name)];
    for (std::size_t at = 0; at < overloads.size(); ++at) {
      if (overloads[at].parameters != std::vector{wide, wide}) continue;
      for (const auto& parameters : {std::vector{narrow, wide}, std::vector{wide, narrow}}) {
        auto function = overloads[at];
        function.parameters = parameters;
        overloads.push_back(std::move(function));
      }
      return;
    }
  }
  void aggregate(AggregateFunction function) {
    auto& overloads = m_aggregates[function.name];
    overloads.push_back(std::move(function));
  }

  SetFunction& set(std::string_view name, Parameters parameters, std::vector<SetColumn> columns,
                   decltype(SetFunction::rows) rows, std::string_view description) {
    auto& overloads = m_sets[std::string(name)];
    return overloads.emplace_back(
        SetFunction{std::string(name), parameters, std::move(columns), false, rows, description});
  }

  using Scalars = std::map<std::string, std::vector<ScalarFunction>, std::less<>>;
  using Aggregates = std::map<std::string, std::vector<AggregateFunction>, std::less<>>;
  using Sets = std::map<std::string, std::vector<SetFunction>, std::less<>>;
  const Sets& sets() const { return m_sets; }
  const Scalars& scalars() const { return m_scalars; }
  const Aggregates& aggregates() const { return m_aggregates; }

 private:
  Scalars m_scalars;
  Aggregates m_aggregates;
  Sets m_sets;
};

void addComparison(BuiltIns& builtIns);
void addArithmetic(BuiltIns& builtIns);
void addTemporalArithmetic(BuiltIns& builtIns);
void addReals(BuiltIns& builtIns);  // behind comparisons and arithmetic
void addTimeOfDay(BuiltIns& builtIns);
void addBits(BuiltIns& builtIns);
void addCollation(BuiltIns& builtIns);
void addMath(BuiltIns& builtIns);
void addStrings(BuiltIns& builtIns);
void addStringEditing(BuiltIns& builtIns);
void addPatterns(BuiltIns& builtIns);
void addRegularExpressions(BuiltIns& builtIns);
void addDateTime(BuiltIns& builtIns);
void addDateTimeFields(BuiltIns& builtIns);
void addFormatting(BuiltIns& builtIns);
void addMiscellaneous(BuiltIns& builtIns);
void addCountingAggregates(BuiltIns& builtIns);
void addSums(BuiltIns& builtIns);
void addExtremes(BuiltIns& builtIns);
void addVariances(BuiltIns& builtIns);
void addRegressions(BuiltIns& builtIns);
void addNumberFormatting(BuiltIns& builtIns);
void addTextFormatting(BuiltIns& builtIns);
void addNumberTheory(BuiltIns& builtIns);
void addDateTimeParsing(BuiltIns& builtIns);
void addOrderedSets(BuiltIns& builtIns);
void addArrays(BuiltIns& builtIns);
void addArrayEditing(BuiltIns& builtIns);
void addArrayText(BuiltIns& builtIns);
void addArraySets(BuiltIns& builtIns);
void addArrayAggregates(BuiltIns& builtIns);

}  // namespace drift::functions
