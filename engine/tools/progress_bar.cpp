#include "tools/progress_bar.h"

#include <algorithm>
#include <cstdio>

#include <fmt/format.h>

#include "tools/terminal.h"

namespace drift::tools {

namespace {

constexpr int kCells = 30;

}  // namespace

ProgressBar::ProgressBar(std::string what) : m_what(std::move(what)), m_visible(errorsAreOnTerminal()) {}

ProgressBar::~ProgressBar() {
  if (m_visible && m_shown >= 0) fmt::print(stderr, "\r\x1b[K");
}

void ProgressBar::show(double share) {
  const int percent = static_cast<int>(std::clamp(share, 0.0, 1.0) * 100);
  if (!m_visible || percent == m_shown) return;
  m_shown = percent;
  const int full = percent * kCells / 100;
  fmt::print(stderr, "\r{} [{:#<{}}{:.<{}}] {:3} %", m_what, "", full, "", kCells - full, percent);
  std::fflush(stderr);
}

}  // namespace drift::tools
