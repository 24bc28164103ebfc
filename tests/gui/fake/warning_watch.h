// WarningWatch: collects Qt's warnings while it lives, so that a test can fail on them.
#pragma once

#include <mutex>

#include <QStringList>

namespace drift::test {

class WarningWatch final {
 public:
  WarningWatch() { s_previous = qInstallMessageHandler(&WarningWatch::handle); }
  ~WarningWatch() { qInstallMessageHandler(s_previous); }

  /// Gives what was warned since the last call.
  static QStringList take() {
    const std::lock_guard lock(s_mutex);
    return std::exchange(s_warnings, {});
  }

 private:
  static void handle(QtMsgType type, const QMessageLogContext& context, const QString& text) {
    // The off-screen plugin says this for every window; it means nothing.
    const bool known = text.contains(QLatin1String("does not support propagateSizeHints"));
    if (type != QtDebugMsg && type != QtInfoMsg && !known) {
      const std::lock_guard lock(s_mutex);
      s_warnings << text;
    }
    if (!known) s_previous(type, context, text);
  }

  static inline QtMessageHandler s_previous = nullptr;
  static inline std::mutex s_mutex;  // guards s_warnings
  static inline QStringList s_warnings;
};

}  // namespace drift::test
