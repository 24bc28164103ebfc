#include "app/walk.h"

namespace drift::gui::app {

namespace {

constexpr int kCheckMs = 10;

}  // namespace

Walk::Walk(QObject* parent) : QObject(parent) {
  m_timer.setInterval(kCheckMs);
  connect(&m_timer, &QTimer::timeout, this, &Walk::check);
}

void Walk::add(QString name, std::function<void()> begin, std::function<bool()> done, std::function<void()> end) {
  m_steps.push_back({std::move(name), std::move(begin), std::move(done), std::move(end)});
}

void Walk::start(int settleMs) {
  m_settleMs = settleMs;
  m_timer.start();
  beginNext();
}

void Walk::fail(const QString& sentence) {
  m_steps.clear();
  m_timer.stop();
  emit finished(sentence);
}

void Walk::beginNext() {
  if (m_steps.empty()) {
    m_timer.stop();
    emit finished({});
    return;
  }
  m_clock.start();
  m_doneSince.invalidate();
  m_steps.front().begin();
}

void Walk::check() {
  if (m_steps.empty()) return;
  if (!m_steps.front().done()) {
    m_doneSince.invalidate();
    if (m_clock.elapsed() > kStepMaxMs) fail(tr("\u201c%1\u201d did not happen").arg(m_steps.front().name));
    return;
  }
  if (!m_doneSince.isValid()) m_doneSince.start();
  if (m_doneSince.elapsed() < m_settleMs) return;
  const Step step = std::move(m_steps.front());
  m_steps.pop_front();
  if (step.end) step.end();
  beginNext();
}

}  // namespace drift::gui::app
