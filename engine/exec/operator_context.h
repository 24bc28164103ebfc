// OperatorContext: what the operators and expressions of one statement share. One thread at a time; owned
// by the statement's Execution, which outlives its operators.
#pragma once

#include "exec/statement.h"
#include "functions/registry.h"

namespace drift::exec {

struct OperatorContext {
  ExecutionEnvironment environment;
  functions::FunctionContext functions;

  const runtime::QueryContext& query() const { return environment.context; }
};

}  // namespace drift::exec
