// TABLESAMPLE, for the binder alone. Free function; one thread at a time.
#pragma once

#include "plan/binder.h"

namespace drift::plan {

/// Leaves a share of a table's rows. FeatureNotSupported for what is no table.
Status addSample(BoundFrom& rows, const sql::TableSample& sample, Binder& binder);

}  // namespace drift::plan
