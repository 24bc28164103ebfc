// ProgressBar: how far a long command has come, on standard error of a terminal; silent elsewhere.
//
// Thread rule: main thread only.
#pragma once

#include <string>

namespace drift::tools {

class ProgressBar final {
 public:
  explicit ProgressBar(std::string what);
  /// Wipes the bar, so that what follows starts on a clean line.
  ~ProgressBar();
  ProgressBar(const ProgressBar&) = delete;
  ProgressBar& operator=(const ProgressBar&) = delete;

  /// Shows a share from 0 to 1; redraws only when the bar looks different.
  void show(double share);

 private:
  std::string m_what;
  bool m_visible;
  int m_shown = -1;  ///< percent drawn last
};

}  // namespace drift::tools
