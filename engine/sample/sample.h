// The sample database: a small shop with two years of history, made from a seed.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/result.h"

namespace drift::sample {

struct SampleOptions {
  std::uint64_t seed = 1;
  /// Called now and then with the share done, 0 to 1; a null function is fine.
  std::function<void(double share)> progress;
};

struct SampleReport {
  std::uint64_t commits = 0;
  std::uint64_t orders = 0;
  std::uint64_t customers = 0;
};

/// Makes `path` and fills it: about 20,000 commits from 1 October 2024 to 30 September 2026. Prices change,
/// orders go through states and are refunded, a column is added and one renamed, a table is dropped, an
/// import goes wrong and is put right, customers are deleted by mistake and brought back. The same seed gives
/// the same history. FileExists; every error of Database.
Result<SampleReport> createSample(const std::string& path, const SampleOptions& options);

}  // namespace drift::sample
