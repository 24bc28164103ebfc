#include "timeline/timeline_panel.h"

#include <QAction>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QToolButton>
#include <QVBoxLayout>

#include "timeline/overview_strip.h"
#include "timeline/timeline_track.h"
#include "widgets/icons.h"

namespace drift::gui::timeline {

TimelinePanel::TimelinePanel(QWidget* parent)
    : QWidget(parent),
      m_title(new QLabel(this)),
      m_track(new TimelineTrack(this)),
      m_overview(new OverviewStrip(this)),
      m_transport(new QWidget(this)),
      m_readOut(new QLabel(this)) {
  setAutoFillBackground(true);
  m_title->setTextFormat(Qt::PlainText);
  m_readOut->setProperty("tone", "dim");
  m_readOut->setAccessibleName(tr("Moment of the playhead"));
  auto* transportLine = new QHBoxLayout(m_transport);
  transportLine->setContentsMargins(0, 0, 0, 0);
  transportLine->setSpacing(1);

  const auto zoomButton = [this](const QString& text, const QString& toolTip, auto action) {
    auto* button = new QToolButton(this);
    button->setText(text);
    button->setToolTip(toolTip);
    button->setAccessibleName(toolTip.section(QLatin1Char('('), 0, 0).trimmed());
    button->setFocusPolicy(Qt::TabFocus);
    connect(button, &QToolButton::clicked, m_track, action);
    return button;
  };
  auto* header = new QHBoxLayout;
  header->setContentsMargins(10, 2, 6, 2);
  header->setSpacing(4);
  header->addWidget(m_title);
  header->addSpacing(12);
  header->addWidget(m_transport);
  header->addWidget(m_readOut, 1);
  header->addWidget(zoomButton(QStringLiteral("+"), tr("Zoom in (+, or Ctrl and wheel)"), [this] { m_track->zoomAtPlayhead(0.5); }));
  header->addWidget(zoomButton(QStringLiteral("\u2212"), tr("Zoom out (-, or Ctrl and wheel)"), [this] { m_track->zoomAtPlayhead(2); }));
  header->addWidget(zoomButton(tr("All"), tr("Show the whole history (0)"), [this] { m_track->showAll(); }));
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addLayout(header);
  layout->addWidget(m_track, 1);
  layout->addWidget(m_overview);
  setFocusProxy(m_track);

  connect(m_track, &TimelineTrack::momentRequested, this, &TimelinePanel::momentRequested);
  connect(m_track, &TimelineTrack::liveRequested, this, &TimelinePanel::liveRequested);
  connect(m_track, &TimelineTrack::stepRequested, this, &TimelinePanel::stepRequested);
  connect(m_track, &TimelineTrack::hovered, this, &TimelinePanel::hovered);
  connect(m_track, &TimelineTrack::viewChanged, this, &TimelinePanel::tellView);
  connect(m_overview, &OverviewStrip::brushMoved, m_track, &TimelineTrack::setView);
  setTableName({});
  updateReadOut();
}

void TimelinePanel::setCommands(const QList<QAction*>& commands) {
  for (QAction* action : commands) {
    auto* button = new QToolButton(m_transport);
    button->setDefaultAction(action);
    button->setToolButtonStyle(Qt::ToolButtonIconOnly);
    button->setFocusPolicy(Qt::TabFocus);
    button->setAccessibleName(action->text().remove(QLatin1Char('&')));
    m_transport->layout()->addWidget(button);
  }
}

void TimelinePanel::reset(const Extent& extent) {
  m_extent = {};
  m_track->setExtent({});
  m_track->setBuckets({}, {});
  m_overview->setHistory(extent, {});
  setPlayhead(std::nullopt, std::nullopt);
  setExtent(extent);
}

void TimelinePanel::setExtent(const Extent& extent) {
  if (extent == m_extent) return;
  m_extent = extent;
  m_track->setExtent(extent);
  updateReadOut();
}

void TimelinePanel::setOverview(std::vector<Bucket> buckets) { m_overview->setHistory(m_extent, std::move(buckets)); }

void TimelinePanel::setBuckets(std::vector<Bucket> all, std::vector<Bucket> table) {
  m_track->setBuckets(std::move(all), std::move(table));
}

void TimelinePanel::setTableName(const QString& name) {
  m_title->setText(name.isEmpty() ? tr("History of the whole file") : tr("History of %1").arg(name));
}

void TimelinePanel::setPlayhead(std::optional<CommitNumber> commit, const std::optional<Moment>& moment) {
  m_track->setPlayhead(commit, moment ? std::optional(moment->time) : std::nullopt);
  m_commit = commit;
  m_moment = moment;
  updateReadOut();
}

void TimelinePanel::setHovered(const Moment& moment) { m_track->setHovered(moment); }

QString TimelinePanel::readOut() const { return m_readOut->text(); }

void TimelinePanel::updateReadOut() {
  const QLocale locale;
  const auto number = [&locale](CommitNumber value) { return locale.toString(static_cast<qulonglong>(value)); };
  QString text;
  if (m_extent.last == 0) {
    text = tr("No commits yet");
  } else if (!m_commit) {
    text = tr("Live, after #%1").arg(number(m_extent.last));
  } else {
    QStringList parts{tr("#%1 of %2").arg(number(*m_commit), number(m_extent.last))};
    if (m_moment) parts << m_moment->when << m_moment->ago << m_moment->counts << m_moment->message;
    parts.removeAll(QString());
    text = parts.join(QStringLiteral("   "));
  }
  m_readOut->setText(text);
  // Long messages must not push the buttons out of the window.
  m_readOut->setMinimumWidth(0);
  m_readOut->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  m_track->setAccessibleDescription(text);
}

void TimelinePanel::tellView() {
  const auto& axis = m_track->axis();
  m_overview->setBrush(axis.from(), axis.to());
  if (m_extent.last != 0) emit viewChanged(axis.from(), axis.to(), axis.width());
}

}  // namespace drift::gui::timeline
