#include "plot.h"

#include <algorithm>
#include <cmath>
#include <fstream>

#include <fmt/format.h>

#include "figures.h"
#include "measure.h"

namespace drift::bench {

namespace {

constexpr double kWidth = 760, kHeight = 440, kLeft = 80, kRight = 190, kTop = 50, kBottom = 60;

/// The decades around all values, and where a value lies between two pixels.
class Axis final {
 public:
  Axis(double low, double high, double from, double to)
      : m_low(std::floor(std::log10(low) + 1e-9)), m_high(std::ceil(std::log10(high) - 1e-9)), m_from(from), m_to(to) {
    if (m_high <= m_low) m_high = m_low + 1;
  }
  double at(double value) const { return m_from + (std::log10(value) - m_low) / (m_high - m_low) * (m_to - m_from); }
  int firstDecade() const { return static_cast<int>(m_low); }
  int lastDecade() const { return static_cast<int>(m_high); }

 private:
  double m_low, m_high, m_from, m_to;
};

std::string decade(int exponent) {
  if (exponent < 0) return fmt::format("{:.{}f}", std::pow(10, exponent), -exponent);
  return grouped(std::llround(std::pow(10, exponent)));
}

std::string text(double x, double y, std::string_view anchor, std::string_view words, std::string_view more = "") {
  return fmt::format("<text x=\"{:.1f}\" y=\"{:.1f}\" text-anchor=\"{}\" {}>{}</text>\n", x, y, anchor, more, words);
}

}  // namespace

void Plot::write(const std::string& path) const {
  double xLow = INFINITY, xHigh = 0, yLow = INFINITY, yHigh = 0;
  for (const auto& series : m_series)
    for (const auto& [x, y] : series.points) {
      xLow = std::min(xLow, x), xHigh = std::max(xHigh, x);
      yLow = std::min(yLow, y), yHigh = std::max(yHigh, y);
    }
  const Axis xAxis(xLow, xHigh, kLeft, kWidth - kRight), yAxis(yLow, yHigh, kHeight - kBottom, kTop);
  std::string svg = fmt::format(
      "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {0} {1}\" font-family=\"sans-serif\" font-size=\"13\" "
      "fill=\"#303030\">\n<rect width=\"{0}\" height=\"{1}\" fill=\"#ffffff\"/>\n",
      kWidth, kHeight);
  svg += text(kLeft, 26, "start", m_title, "font-size=\"16\" font-weight=\"bold\"");
  for (int exponent = xAxis.firstDecade(); exponent <= xAxis.lastDecade(); ++exponent) {
    const auto x = xAxis.at(std::pow(10, exponent));
    svg += fmt::format("<path d=\"M{0:.1f} {1}V{2}\" stroke=\"#e0e0e0\"/>\n", x, kTop, kHeight - kBottom);
    svg += text(x, kHeight - kBottom + 20, "middle", decade(exponent));
  }
  for (int exponent = yAxis.firstDecade(); exponent <= yAxis.lastDecade(); ++exponent) {
    const auto y = yAxis.at(std::pow(10, exponent));
    svg += fmt::format("<path d=\"M{0} {1:.1f}H{2}\" stroke=\"#e0e0e0\"/>\n", kLeft, y, kWidth - kRight);
    svg += text(kLeft - 8, y + 4, "end", decade(exponent));
  }
  svg += text((kLeft + kWidth - kRight) / 2, kHeight - 16, "middle", m_xName);
  svg += text(0, 0, "middle", m_yName, fmt::format("transform=\"translate(20 {:.1f}) rotate(-90)\"", kHeight / 2));
  constexpr const char* kStyles[] = {"#b35806", "#e08214\" stroke-dasharray=\"5 4", "#2166ac",
                                     "#67a9cf\" stroke-dasharray=\"5 4"};
  double previousY = 0;
  std::vector<std::pair<double, std::size_t>> labels;
  for (std::size_t i = 0; i < m_series.size(); ++i) {
    std::string line;
    for (const auto& [x, y] : m_series[i].points) {
      line += fmt::format("{}{:.1f} {:.1f}", line.empty() ? "M" : "L", xAxis.at(x), yAxis.at(y));
      svg += fmt::format("<circle cx=\"{:.1f}\" cy=\"{:.1f}\" r=\"3.5\" fill=\"{:.7}\"/>\n", xAxis.at(x), yAxis.at(y),
                         kStyles[i % std::size(kStyles)]);
    }
    svg += fmt::format("<path d=\"{}\" fill=\"none\" stroke-width=\"2\" stroke=\"{}\"/>\n", line,
                       kStyles[i % std::size(kStyles)]);
    labels.emplace_back(yAxis.at(m_series[i].points.back().second), i);
  }
  // Names stand beside the ends of the lines, apart from each other.
  std::ranges::sort(labels);
  for (const auto& [y, i] : labels) {
    previousY = std::max(y + 4, previousY + 17);
    svg += text(kWidth - kRight + 10, previousY, "start", m_series[i].name,
                fmt::format("fill=\"{:.7}\"", kStyles[i % std::size(kStyles)]));
  }
  svg += "</svg>\n";
  std::ofstream file(path, std::ios::binary);
  file << svg;
  if (!file.flush()) fail(fmt::format("\"{}\" could not be written", path));
}

}  // namespace drift::bench
