// Figures and the table they are printed in: work, ours, rival, ratio, wanted, verdict. One thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace drift::bench {

enum class Unit : std::uint8_t { PerSecond, Milliseconds, Nanoseconds, Megabytes, Times, Count };

/// One measured figure, and what it is held against.
class Figure final {
 public:
  Figure(std::string work, double ours, Unit unit) : m_work(std::move(work)), m_ours(ours), m_unit(unit) {}

  /// Sets the rival. The ratio says how many times better ours is: more for rates, less for everything else.
  Figure&& against(std::string name, double value) &&;
  /// Sets what the figure is compared with. The ratio says how many times as much ours costs.
  Figure&& costOver(std::string name, double value) &&;
  /// Demands. A figure without one is told for information.
  Figure&& ratioAtLeast(double bound) &&;
  Figure&& ratioAtMost(double bound) &&;
  Figure&& atLeast(double bound) &&;
  Figure&& atMost(double bound) &&;

 private:
  friend class FigureTable;
  void demand(std::string words, bool holds);

  std::string m_work;
  double m_ours;
  Unit m_unit;
  std::string m_rivalName;
  std::optional<double> m_rival;
  std::optional<double> m_ratio;
  std::string m_wanted;
  std::optional<bool> m_holds;
};

/// Prints figures as they come.
class FigureTable final {
 public:
  /// `markdown`: a table for the documentation instead of aligned text.
  explicit FigureTable(bool markdown) : m_markdown(markdown) {}

  void printHead() const;
  void add(const Figure& figure);
  /// Prints how many demands hold.
  void printSum() const;

 private:
  bool m_markdown;
  int m_holding = 0;
  int m_failing = 0;
};

/// "1,234,567 /s", "4.13 ms", "15.2 ns", "812 MB", "1.67 x", "12,345".
std::string figureText(double value, Unit unit);
/// 1,234,567
std::string grouped(std::int64_t number);

}  // namespace drift::bench
