#include "exec/analysis.h"

#include "plan/explain.h"

namespace drift::exec {

namespace {

using Clock = std::chrono::steady_clock;

class CountingOperator final : public Operator {
 public:
  CountingOperator(OperatorPtr counted, Analysis::Figures& figures)
      : m_counted(std::move(counted)), m_figures(figures) {}

  Result<bool> next(types::Chunk& out) override {
    const auto begin = Clock::now();
    auto more = m_counted->next(out);
    m_figures.ticks.fetch_add((Clock::now() - begin).count(), std::memory_order_relaxed);
    if (more.ok() && *more) m_figures.rows.fetch_add(out.rowCount(), std::memory_order_relaxed);
    return more;
  }

 private:
  const OperatorPtr m_counted;
  Analysis::Figures& m_figures;
};

}  // namespace

std::string millisecondsText(Clock::duration time) {
  return fmt::format("{:.3f}", std::chrono::duration<double, std::milli>(time).count());
}

OperatorPtr Analysis::counted(const plan::Node& node, OperatorPtr counted) {
  auto& figures = m_figures[&node];
  ++figures.loops;
  return std::make_unique<CountingOperator>(std::move(counted), figures);
}

void Analysis::describe(std::string first, const plan::Node& root) {
  const auto lines = plan::explain(root, [this](const plan::Node& node) -> std::string {
    const auto found = m_figures.find(&node);
    if (found == m_figures.end()) return " (never executed)";
    const auto& figures = found->second;
    const auto time = m_timed ? fmt::format("time={} ms ", millisecondsText(figures.time())) : std::string();
    return fmt::format(" (actual {}rows={} loops={})", time, figures.rows.load(), figures.loops);
  });
  if (!first.empty()) m_lines.push_back(first);
  for (const auto& line : lines) m_lines.push_back((first.empty() ? "" : "  ") + line);
}

}  // namespace drift::exec
