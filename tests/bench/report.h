// How benchmarks measure and print. One thread.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace drift::bench {

/// Seconds since construction.
class Stopwatch final {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - m_start).count();
  }

 private:
  std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
};

/// Percentile `share` (0 to 1) of the samples; sorts them.
double percentile(std::vector<double>& samples, double share);

/// Prints one figure, and with a rival its figure and the ratio; more = better unless the unit is a time.
void printFigure(std::string_view what, double ours, std::string_view unit);
void printAgainst(std::string_view what, double ours, double rival, std::string_view unit, std::string_view rivalName);
void printHeading(std::string_view heading);

/// Ends the program with a sentence: a benchmark that fails has no figure.
[[noreturn]] void fail(const std::string& sentence);

/// Gives the value of a Result or ends the program.
template <class R>
auto must(R result) {
  if (!result.ok()) fail(result.error().toString());
  if constexpr (!std::is_void_v<typename R::ValueType>) return std::move(result).value();
}

/// A folder that is removed at the end.
class ScratchFolder final {
 public:
  ScratchFolder();
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::string file(std::string_view name) const { return m_path + "/" + std::string(name); }

 private:
  std::string m_path;
};

}  // namespace drift::bench
