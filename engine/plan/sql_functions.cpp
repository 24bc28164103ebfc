#include "plan/sql_functions.h"

namespace drift::plan {

namespace {

using catalog::Function;
using types::TypeId;

catalog::FunctionRef make(const char* name, std::vector<TypeId> parameters, TypeId result, const char* body) {
  Function function;
  function.name = name;
  for (const auto type : parameters) function.parameters.push_back({"", type, ""});
  function.result = result;
  function.strict = true;
  function.volatility = catalog::Volatility::Stable;
  function.body = body;
  return std::make_shared<const Function>(std::move(function));
}

/// PostgreSQL 15, table 9.75. Comments are of at most one object for each id and kind.
const std::vector<catalog::FunctionRef>& all() {
  static const std::vector<catalog::FunctionRef> kFunctions{
      make("obj_description", {TypeId::BigInt, TypeId::Text}, TypeId::Text,
           "SELECT description FROM pg_catalog.pg_description WHERE objoid = $1 AND objsubid = 0 AND classoid = "
           "CASE $2 WHEN 'pg_class' THEN 1259 WHEN 'pg_constraint' THEN 2606 WHEN 'pg_proc' THEN 1255 END"),
      make("obj_description", {TypeId::BigInt}, TypeId::Text,
           "SELECT description FROM pg_catalog.pg_description WHERE objoid = $1 AND objsubid = 0"),
      make("col_description", {TypeId::BigInt, TypeId::Integer}, TypeId::Text,
           "SELECT description FROM pg_catalog.pg_description WHERE objoid = $1 AND classoid = 1259 AND objsubid = $2"),
  };
  return kFunctions;
}

}  // namespace

std::vector<catalog::FunctionRef> builtInSqlFunctions(std::string_view name) {
  std::vector<catalog::FunctionRef> found;
  for (const auto& function : all())
    if (function->name == name) found.push_back(function);
  return found;
}

}  // namespace drift::plan
