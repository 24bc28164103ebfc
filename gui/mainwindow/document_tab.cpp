#include "mainwindow/document_tab.h"

#include <QPainter>
#include <QVBoxLayout>

#include "models/moment_text.h"
#include "widgets/past_banner.h"
#include "widgets/theme.h"

namespace drift::gui::mainwindow {

namespace {

constexpr int kFrameWidth = 2;

}  // namespace

DocumentTab::DocumentTab(QWidget* parent)
    : QWidget(parent), m_banner(new widgets::PastBanner(this)), m_body(new QVBoxLayout(this)) {
  // The frame has its room always: nothing moves when the past begins.
  m_body->setContentsMargins(kFrameWidth, 0, kFrameWidth, kFrameWidth);
  m_body->setSpacing(0);
  m_banner->hide();
  connect(m_banner, &widgets::PastBanner::returnToLiveRequested, this, &DocumentTab::returnToLiveRequested);
}

void DocumentTab::showPast(const QString& what, std::optional<CommitNumber> moment,
                           const std::optional<api::Commit>& commit) {
  if (moment) {
    const bool known = commit && commit->number == *moment;
    m_banner->setMoment(what, known ? models::momentTime(commit->time) : QString(), models::commitLabel(*moment),
                        known ? models::relativeTime(commit->time, QDateTime::currentDateTime()) : QString());
  }
  m_banner->setVisible(moment.has_value());
  if (m_past == moment.has_value()) return;
  m_past = moment.has_value();
  update();
  emit titleChanged();
}

void DocumentTab::paintEvent(QPaintEvent*) {
  const auto& theme = widgets::Theme::of(palette());
  QPainter painter(this);
  painter.fillRect(rect(), m_past ? theme.past : theme.surface);
}

}  // namespace drift::gui::mainwindow
