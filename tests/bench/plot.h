// Plot: lines over two logarithmic axes, written as SVG. One thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace drift::bench {

struct PlotSeries {
  std::string name;
  std::vector<std::pair<double, double>> points;  ///< x, y; both above 0
};

class Plot final {
 public:
  Plot(std::string title, std::string xName, std::string yName)
      : m_title(std::move(title)), m_xName(std::move(xName)), m_yName(std::move(yName)) {}
  /// Up to four series; the last one is drawn on top.
  void add(PlotSeries series) { m_series.push_back(std::move(series)); }
  /// Writes the picture; ends the program where it cannot.
  void write(const std::string& path) const;

 private:
  std::string m_title;
  std::string m_xName;
  std::string m_yName;
  std::vector<PlotSeries> m_series;
};

}  // namespace drift::bench
