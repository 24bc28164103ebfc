// Analysis: what EXPLAIN ANALYZE tells of the operators of a statement: how often each one ran, how many rows it gave,
// and how long that took, its inputs included.
//
// Where several threads work on a node, each has an operator of its own, and times are added up.
//
// Thread rule: one thread at a time makes operators and asks; the operators count on any. Outlives them.
#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "exec/operator.h"

namespace drift::exec {

class Analysis final {
 public:
  /// `timed`: lines tell times, too.
  explicit Analysis(bool timed) : m_timed(timed) {}

  /// Gives an operator that counts what this one does, as the operator of a node.
  OperatorPtr counted(const plan::Node& node, OperatorPtr counted);
  /// Adds the lines of a plan that has run; under `first`, unless that is empty.
  void describe(std::string first, const plan::Node& root);

  const std::vector<std::string>& lines() const { return m_lines; }
  bool isTimed() const { return m_timed; }

  struct Figures {
    std::uint64_t loops = 0;  ///< operators that were made for the node
    std::atomic<std::uint64_t> rows{0};  ///< of all of them
    std::atomic<std::chrono::steady_clock::rep> ticks{0};

    std::chrono::steady_clock::duration time() const { return std::chrono::steady_clock::duration(ticks.load()); }
  };

 private:
  const bool m_timed;
  std::map<const plan::Node*, Figures> m_figures;  ///< in stable places
  std::vector<std::string> m_lines;
};

/// A duration in milliseconds, with three decimals.
std::string millisecondsText(std::chrono::steady_clock::duration time);

}  // namespace drift::exec
