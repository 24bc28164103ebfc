// Conditions on a primary key as ranges of encoded keys.
#include "plan/key_ranges.h"
#include "plan/optimizer.h"

namespace drift::plan {

bool restrictToKeys(Scan& scan, const std::vector<ExpressionPtr>& conditions) {
  if (!scan.table || scan.table->primaryKey.empty()) return true;
  std::vector<const Expression*> all;
  for (const auto& condition : conditions) addConditions(*condition, all);
  auto found = rangesFor(primaryParts(scan), all);
  if (found.ranges.empty()) return false;
  restrictToKeys(scan, std::move(found));
  return true;
}

void restrictToKeys(Scan& scan, KeyRanges found) {
  const bool points = found.equalParts == scan.table->primaryKey.size();
  if (points && found.ranges.size() == 1) {
    scan.key = std::move(found.ranges[0].from);
    scan.keyIsExact = found.exact;
    return;
  }
  scan.bounds = {found.ranges.front().from, found.ranges.back().to};
  if (found.ranges.size() == 1) return;
  scan.points = points;
  scan.ranges = std::move(found.ranges);
}

}  // namespace drift::plan
