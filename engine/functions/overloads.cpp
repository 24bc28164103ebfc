#include "functions/overloads.h"

#include <algorithm>

#include "functions/builtins.h"
#include "types/cast.h"

namespace drift::functions {

namespace {

using types::Category;
using types::Type;
using types::TypeId;
using Pool = std::vector<const Candidate*>;

bool isUnknown(Type type) { return type.id() == TypeId::Unknown; }

bool matchesExactly(const Candidate& candidate, std::span<const Type> arguments) {
  return std::ranges::equal(candidate.parameters, arguments, [](Type parameter, Type argument) {
    return parameter != kAnyType && parameter.bare() == argument.bare();
  });
}

bool acceptsImplicitly(const Candidate& candidate, std::span<const Type> arguments) {
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    const auto parameter = candidate.parameters[i];
    if (parameter != kAnyType && !types::canCast(arguments[i], parameter, types::CastContext::Implicit)) return false;
  }
  return true;
}

/// Keeps the candidates with the highest score.
template <class Score>
void keepBest(Pool& pool, const Score& score) {
  std::size_t best = 0;
  for (const auto* candidate : pool) best = std::max(best, score(*candidate));
  std::erase_if(pool, [&](const Candidate* candidate) { return score(*candidate) < best; });
}

/// Decides which category an unknown argument belongs to, from what the candidates take there:
/// strings win, otherwise all must agree. Keeps the candidates that fit, those with the preferred
/// type where there are.
void resolveUnknowns(Pool& pool, std::span<const Type> arguments) {
  Pool kept = pool;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (!isUnknown(arguments[i])) continue;
    const auto categoryAt = [i](const Candidate* candidate) { return types::categoryOf(candidate->parameters[i]); };
    const auto preferredAt = [i](const Candidate* candidate) { return types::isPreferred(candidate->parameters[i]); };
    auto category = categoryAt(pool.front());
    if (std::ranges::any_of(pool, [&](const Candidate* c) { return categoryAt(c) == Category::String; }))
      category = Category::String;
    else if (std::ranges::any_of(pool, [&](const Candidate* c) { return categoryAt(c) != category; }))
      return;  // no agreement: nothing is known about any of them
    const bool preferred =
        std::ranges::any_of(pool, [&](const Candidate* c) { return categoryAt(c) == category && preferredAt(c); });
    std::erase_if(kept,
                  [&](const Candidate* c) { return categoryAt(c) != category || (preferred && !preferredAt(c)); });
  }
  if (!kept.empty()) pool = std::move(kept);
}

/// If all known arguments have one type, the unknown ones may have it too.
std::optional<std::vector<Type>> assumeKnownType(std::span<const Type> arguments) {
  Type known = TypeId::Unknown;
  bool anyUnknown = false;
  for (const auto argument : arguments) {
    if (isUnknown(argument)) anyUnknown = true;
    else if (isUnknown(known)) known = argument;
    else if (argument.bare() != known.bare()) return std::nullopt;
  }
  if (!anyUnknown || isUnknown(known)) return std::nullopt;
  return std::vector<Type>(arguments.size(), known);
}

Choice found(const Candidate* candidate) { return {Choice::Outcome::Found, candidate}; }

}  // namespace

Choice chooseOverload(const std::vector<Candidate>& candidates, std::span<const Type> arguments, bool isOperator) {
  for (const auto& candidate : candidates)
    if (matchesExactly(candidate, arguments)) return found(&candidate);
  const auto assumed = assumeKnownType(arguments);
  if (isOperator && assumed && arguments.size() == 2) {
    for (const auto& candidate : candidates)
      if (matchesExactly(candidate, *assumed)) return found(&candidate);
  }

  Pool pool;
  for (const auto& candidate : candidates)
    if (acceptsImplicitly(candidate, arguments)) pool.push_back(&candidate);
  if (pool.empty()) return {};
  if (pool.size() == 1) return found(pool.front());

  const auto count = [&](const Candidate& candidate, bool orPreferred) {
    std::size_t matches = 0;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
      if (isUnknown(arguments[i])) continue;
      const auto parameter = candidate.parameters[i];
      matches +=
          parameter.bare() == arguments[i].bare() || (orPreferred && types::isPreferred(parameter) &&
                                                  types::categoryOf(parameter) == types::categoryOf(arguments[i]));
    }
    return matches;
  };
  keepBest(pool, [&](const Candidate& candidate) { return count(candidate, false); });
  if (pool.size() == 1) return found(pool.front());
  keepBest(pool, [&](const Candidate& candidate) { return count(candidate, true); });
  if (pool.size() == 1) return found(pool.front());

  if (std::ranges::any_of(arguments, isUnknown)) {
    resolveUnknowns(pool, arguments);
    if (pool.size() == 1) return found(pool.front());
    if (assumed) {
      std::erase_if(pool, [&](const Candidate* candidate) { return !acceptsImplicitly(*candidate, *assumed); });
      if (pool.size() == 1) return found(pool.front());
    }
  }
  return {Choice::Outcome::Ambiguous, nullptr};
}

}  // namespace drift::functions
