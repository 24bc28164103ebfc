#include "figures.h"

#include <cmath>
#include <cstdio>

#include <fmt/format.h>

namespace drift::bench {

namespace {

bool isBetterWhenMore(Unit unit) { return unit == Unit::PerSecond; }

/// Three significant digits.
std::string significant(double value) {
  if (value >= 100) return grouped(std::llround(value));
  return fmt::format("{:.{}f}", value, value >= 10 ? 1 : value >= 1 ? 2 : 3);
}

void printLine(std::string_view work, std::string_view ours, std::string_view rival, std::string_view ratio,
               std::string_view wanted, std::string_view verdict, bool markdown) {
  if (markdown) fmt::print("| {} | {} | {} | {} | {} | {} |\n", work, ours, rival, ratio, wanted, verdict);
  else fmt::print("{:<66} {:>13}  {:<29} {:>9}  {:<26} {}\n", work, ours, rival, ratio, wanted, verdict);
  std::fflush(stdout);
}

}  // namespace

std::string grouped(std::int64_t number) {
  if (number < 0) return fmt::format("-{}", grouped(-number));
  if (number < 1000) return fmt::format("{}", number);
  return fmt::format("{},{:03}", grouped(number / 1000), number % 1000);
}

std::string figureText(double value, Unit unit) {
  switch (unit) {
    case Unit::PerSecond: return grouped(std::llround(value)) + " /s";
    case Unit::Milliseconds: return significant(value) + " ms";
    case Unit::Nanoseconds: return significant(value) + " ns";
    case Unit::Megabytes: return significant(value) + " MB";
    case Unit::Times: return fmt::format("{:.2f} x", value);
    case Unit::Count: return grouped(std::llround(value));
  }
  return {};
}

Figure&& Figure::against(std::string name, double value) && {
  m_rivalName = std::move(name);
  m_rival = value;
  m_ratio = isBetterWhenMore(m_unit) ? m_ours / value : value / m_ours;
  return std::move(*this);
}

Figure&& Figure::costOver(std::string name, double value) && {
  m_rivalName = std::move(name);
  m_rival = value;
  m_ratio = isBetterWhenMore(m_unit) ? value / m_ours : m_ours / value;
  return std::move(*this);
}

void Figure::demand(std::string words, bool holds) {
  m_wanted += (m_wanted.empty() ? "" : ", ") + std::move(words);
  m_holds = m_holds.value_or(true) && holds;
}

Figure&& Figure::ratioAtLeast(double bound) && {
  demand(fmt::format(">= {}", figureText(bound, Unit::Times)), m_ratio.value_or(0) >= bound);
  return std::move(*this);
}

Figure&& Figure::ratioAtMost(double bound) && {
  demand(fmt::format("<= {}", figureText(bound, Unit::Times)), m_ratio.value_or(INFINITY) <= bound);
  return std::move(*this);
}

Figure&& Figure::atLeast(double bound) && {
  demand(fmt::format(">= {}", figureText(bound, m_unit)), m_ours >= bound);
  return std::move(*this);
}

Figure&& Figure::atMost(double bound) && {
  demand(fmt::format("<= {}", figureText(bound, m_unit)), m_ours <= bound);
  return std::move(*this);
}

void FigureTable::printHead() const {
  printLine("Work", "Ours", "Held against", "Ratio", "Wanted", "", m_markdown);
  if (m_markdown) fmt::print("|---|--:|---|--:|---|---|\n");
}

void FigureTable::add(const Figure& figure) {
  std::string verdict;
  if (figure.m_holds) {
    verdict = *figure.m_holds ? "holds" : "falls short";
    ++(*figure.m_holds ? m_holding : m_failing);
  }
  const auto rival =
      figure.m_rival ? fmt::format("{} {}", figureText(*figure.m_rival, figure.m_unit), figure.m_rivalName) : "";
  printLine(figure.m_work, figureText(figure.m_ours, figure.m_unit), rival,
            figure.m_ratio ? figureText(*figure.m_ratio, Unit::Times) : "", figure.m_wanted, verdict, m_markdown);
}

void FigureTable::printSum() const { fmt::print("\n{} hold, {} fall short\n", m_holding, m_failing); }

}  // namespace drift::bench
