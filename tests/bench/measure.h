// How benchmarks measure: a watch, percentiles, an end with a sentence. One thread.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace drift::bench {

/// Seconds since construction.
class Stopwatch final {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - m_start).count(); }
  double milliseconds() const { return seconds() * 1000; }

 private:
  std::chrono::steady_clock::time_point m_start = std::chrono::steady_clock::now();
};

/// Counts repetitions: as many as asked for, but none is begun once they have taken `secondsMax` together.
class Rounds final {
 public:
  explicit Rounds(int count, double secondsMax = 15) : m_left(count), m_secondsMax(secondsMax) {}
  bool next() {
    if (m_left == 0 || (m_begun && m_watch.seconds() > m_secondsMax)) return false;
    m_begun = true;
    --m_left;
    return true;
  }

 private:
  int m_left;
  double m_secondsMax;
  bool m_begun = false;
  Stopwatch m_watch;
};

/// Percentile `share` (0 to 1) of at least one sample.
double percentile(std::vector<double> samples, double share);
inline double median(std::vector<double> samples) { return percentile(std::move(samples), 0.5); }

/// Ends the program with a sentence: a benchmark that fails has no figure.
[[noreturn]] void fail(const std::string& sentence);

/// Gives the value of a Result or ends the program.
template <class R>
auto must(R result) {
  if (!result.ok()) fail(result.error().toString());
  if constexpr (!std::is_void_v<typename R::ValueType>) return std::move(result).value();
}

/// A folder of its own below `parent`, removed at the end, also when fail() or a signal ends the program. Not in /tmp,
/// which may be memory: a sync must reach a disk. At most one at a time.
class ScratchFolder final {
 public:
  explicit ScratchFolder(const std::string& parent);
  ~ScratchFolder();
  ScratchFolder(const ScratchFolder&) = delete;
  ScratchFolder& operator=(const ScratchFolder&) = delete;
  std::string file(std::string_view name) const { return m_path + "/" + std::string(name); }

 private:
  std::string m_path;
};

}  // namespace drift::bench
