// TABLESAMPLE. A row is in the sample where a hash of its key and the seed is small enough, so that a seed gives the
// same rows as long as they stay. SYSTEM chooses rows like BERNOULLI: there are no blocks that a row belongs to for long.
#include <bit>
#include <cmath>
#include <random>

#include "plan/binder_sample.h"
#include "types/vector.h"

namespace drift::plan {

using types::TypeId;

namespace {

/// FNV-1a over the key, its bits mixed by the end of SplitMix64 (Steele et al., OOPSLA 2014).
std::uint64_t hashOf(std::string_view key, std::uint64_t seed) {
  std::uint64_t hash = 0xcbf29ce484222325u ^ seed;
  for (const char byte : key) hash = (hash ^ static_cast<unsigned char>(byte)) * 0x100000001b3u;
  hash = (hash ^ (hash >> 30)) * 0xbf58476d1ce4e5b9u;
  hash = (hash ^ (hash >> 27)) * 0x94d049bb133111ebu;
  return hash ^ (hash >> 31);
}

/// sample(key, percent, seed)
Status sampleKernel(const functions::FunctionContext&, std::span<const types::Vector> arguments, std::size_t rows,
                    types::Vector& out) {
  const auto keys = arguments[0].view();
  const auto percents = arguments[1].view();
  const auto seeds = arguments[2].view();
  for (std::size_t row = 0; row < rows; ++row) {
    const auto seed = static_cast<std::uint64_t>(seeds.at<std::int64_t>(row));
    const auto place = std::ldexp(static_cast<double>(hashOf(keys.at<types::StringRef>(row).view(), seed) >> 11), -53);
    out.data<std::uint8_t>()[row] = place * 100 < percents.at<double>(row) ? 1 : 0;
  }
  return {};
}

const functions::ScalarFunction& sampleFunction() {
  static const functions::ScalarFunction kFunction{
      .name = "sample",
      .parameters = {TypeId::Bytea, TypeId::Double, TypeId::BigInt},
      .result = TypeId::Boolean,
      .kernel = sampleKernel,
      .description = {}};
  return kFunction;
}

/// The value of an argument, which depends on no row.
Result<double> numberOf(const sql::Expression& expression, std::string_view what, Binder& binder) {
  const Scope noColumns;
  DRIFT_ASSIGN(auto bound, binder.bindExpression(expression, noColumns, Clause::FromFunction));
  const auto span = bound->span;
  DRIFT_ASSIGN(bound, coerce(std::move(bound), TypeId::Double, types::CastContext::Assignment, binder.environment()));
  if (bound->kind != ExpressionKind::Constant)
    return makeError(ErrorKind::FeatureNotSupported, "the argument of {} must be a constant", what).at(span);
  if (bound->value.isNull())
    return makeError(ErrorKind::InvalidSample, "{} parameter cannot be null", what).at(span);
  return bound->value.asDouble();
}

}  // namespace

Status addSample(BoundFrom& rows, const sql::TableSample& sample, Binder& binder) {
  auto* scan = std::get_if<Scan>(&rows.node->body);
  if (!scan || scan->versions)
    return Error(ErrorKind::FeatureNotSupported,
                 "TABLESAMPLE clause can only be applied to tables, as of one moment")
        .at(sample.span);
  const auto& method = sample.method.text;
  if (method != "bernoulli" && method != "system")
    return makeError(ErrorKind::UndefinedObject, "tablesample method {} does not exist", method)
        .withHint("The methods are BERNOULLI and SYSTEM.")
        .at(sample.method.span);
  if (sample.arguments.size() != 1)
    return makeError(ErrorKind::InvalidSample, "tablesample method {} requires 1 argument, not {}", method,
                     sample.arguments.size())
        .at(sample.span);
  DRIFT_ASSIGN(const auto percent, numberOf(*sample.arguments.front(), "TABLESAMPLE", binder));
  if (!(percent >= 0 && percent <= 100))
    return Error(ErrorKind::InvalidSample, "sample percentage must be between 0 and 100")
        .at(sample.arguments.front()->span);
  std::int64_t seed = 0;
  if (sample.seed) {
    DRIFT_ASSIGN(const auto given, numberOf(*sample.seed, "TABLESAMPLE REPEATABLE", binder));
    seed = std::bit_cast<std::int64_t>(given);
  } else {
    std::random_device device;
    seed = static_cast<std::int64_t>(std::uint64_t{device()} << 32 | device());
    if (binder.environment().traits) binder.environment().traits->lasting = false;
  }
  const auto key = binder.newSlot();
  scan->columns.push_back({key, std::nullopt, SystemColumn::Key});
  rows.node->columns.push_back({key, TypeId::Bytea, "key", {}, {}});
  auto chosen = std::make_unique<Expression>(ExpressionKind::Function, TypeId::Boolean, sample.span);
  const auto& function = sampleFunction();
  chosen->function = {&function, function.parameters, function.result};
  chosen->arguments.push_back(makeColumn(key, TypeId::Bytea, "key", sample.span));
  chosen->arguments.push_back(makeConstant(types::Value::real(percent), sample.span));
  chosen->arguments.push_back(makeConstant(types::Value::bigInt(seed), sample.span));
  rows.node = makeOver(std::move(rows.node), Filter{std::move(chosen)});
  return {};
}

}  // namespace drift::plan
