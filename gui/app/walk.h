// Walk: plays steps in a real window, one after another, each once the one before has visibly happened.
// For the tour, the pictures and the measurements. GUI thread.
#pragma once

#include <deque>
#include <functional>

#include <QElapsedTimer>
#include <QObject>
#include <QString>
#include <QTimer>

namespace drift::gui::app {

class Walk final : public QObject {
  Q_OBJECT

 public:
  /// A step that has not happened after this long has failed.
  static constexpr int kStepMaxMs = 60'000;

  explicit Walk(QObject* parent = nullptr);

  /// `begin` starts something; `done` tells when it has happened; `end` runs then.
  void add(QString name, std::function<void()> begin, std::function<bool()> done, std::function<void()> end = {});
  /// Starts with the first step. A step counts once it has been done for `settleMs` without a break, so that
  /// layouts and animations come to rest.
  void start(int settleMs = 0);
  /// Ends the walk at once with a sentence.
  void fail(const QString& sentence);

 signals:
  /// Empty problem: every step happened.
  void finished(const QString& problem);

 private:
  struct Step {
    QString name;
    std::function<void()> begin;
    std::function<bool()> done;
    std::function<void()> end;
  };

  void beginNext();
  void check();

  std::deque<Step> m_steps;
  QTimer m_timer;
  QElapsedTimer m_clock;     // since the step began
  QElapsedTimer m_doneSince; // invalid while it is not done
  int m_settleMs = 0;
};

}  // namespace drift::gui::app
