#include "timeline/timeline_panel.h"

#include <QAction>
#include <QActionGroup>
#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QToolButton>
#include <QVBoxLayout>

#include "timeline/key_sheet.h"
#include "timeline/overview_strip.h"
#include "timeline/time_text.h"
#include "timeline/timeline_track.h"
#include "widgets/icons.h"

namespace drift::gui::timeline {

TimelinePanel::TimelinePanel(QWidget* parent)
    : QWidget(parent),
      m_title(new QLabel(this)),
      m_track(new TimelineTrack(this)),
      m_overview(new OverviewStrip(this)),
      m_keys(new KeySheet(m_track)),
      m_transport(new QWidget(this)),
      m_readOut(new QLabel(this)) {
  static_assert(kCommitTimesMax == CommitIndex::kCommitsMax);
  setAutoFillBackground(true);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(makeHeader());
  layout->addWidget(m_track, 1);
  layout->addWidget(m_overview);
  setFocusProxy(m_track);
  connectTrack();
  setTableName({});
  updateReadOut();
  updateAxisButton();
}

QToolButton* TimelinePanel::makeButton(const QString& text, const QString& toolTip, const QString& name) {
  auto* button = new QToolButton(this);
  button->setText(text);
  button->setToolTip(toolTip);
  button->setAccessibleName(name);
  button->setFocusPolicy(Qt::TabFocus);
  return button;
}

QToolButton* TimelinePanel::makeAxisButton() {
  auto* button = makeButton({}, tr("How time is laid out along the axis"), tr("Axis"));
  button->setPopupMode(QToolButton::InstantPopup);
  auto* menu = new QMenu(button);
  auto* modes = new QActionGroup(menu);
  const auto add = [&](const QString& text, AxisMode mode) {
    auto* action = menu->addAction(text);
    action->setCheckable(true);
    action->setChecked(m_track->axisMode() == mode);
    modes->addAction(action);
    connect(action, &QAction::triggered, this, [this, mode] {
      m_track->setAxisMode(mode);
      updateAxisButton();
    });
    return action;
  };
  menu->setToolTipsVisible(true);
  add(tr("&Elastic: idle times are shortened"), AxisMode::Elastic);
  add(tr("&Clock: time as it passed"), AxisMode::Clock);
  m_equalSteps = add(tr("Co&mmits: equal steps"), AxisMode::Commits);
  menu->addSeparator();
  auto* linear = menu->addAction(tr("&Linear Heights"));
  linear->setCheckable(true);
  linear->setToolTip(
      tr("Bars as tall as their changes are many; otherwise by the logarithm, so that small ones are seen too"));
  connect(linear, &QAction::toggled, m_track, &TimelineTrack::setLinearHeights);
  button->setMenu(menu);
  return button;
}

QWidget* TimelinePanel::makeHeader() {
  m_title->setTextFormat(Qt::PlainText);
  QFont bold = m_title->font();
  bold.setWeight(QFont::DemiBold);
  m_title->setFont(bold);
  m_readOut->setTextFormat(Qt::PlainText);
  m_readOut->setAccessibleName(tr("Moment of the playhead"));
  // Long messages must not push the buttons out of the window.
  m_readOut->setSizePolicy(QSizePolicy::Ignored, QSizePolicy::Preferred);
  auto* transportLine = new QHBoxLayout(m_transport);
  transportLine->setContentsMargins(0, 0, 0, 0);
  transportLine->setSpacing(1);
  m_play = makeButton({}, tr("Play the history in ten seconds (Space)"), tr("Play"));
  m_play->setIcon(widgets::icon(QStringLiteral("run")));
  connect(m_play, &QToolButton::clicked, m_track, &TimelineTrack::togglePlay);
  transportLine->addWidget(m_play);

  m_axisButton = makeAxisButton();
  m_zoneButton = makeButton({}, tr("Tell times in UTC or in local time"), tr("Time zone"));
  connect(m_zoneButton, &QToolButton::clicked, this, [this] {
    m_track->setZone(m_track->zone() == Zone::Local ? Zone::Utc : Zone::Local);
    updateAxisButton();
    updateReadOut();
  });
  m_zoom = new QWidget(this);
  auto* zoomLine = new QHBoxLayout(m_zoom);
  zoomLine->setContentsMargins(0, 0, 0, 0);
  zoomLine->setSpacing(1);
  const auto addZoom = [&](const QString& text, const QString& toolTip, const QString& name, auto action) {
    auto* button = makeButton(text, toolTip, name);
    connect(button, &QToolButton::clicked, m_track, action);
    zoomLine->addWidget(button);
  };
  zoomLine->addWidget(m_axisButton);
  zoomLine->addWidget(m_zoneButton);
  addZoom(QStringLiteral("\u2212"), tr("Zoom out (-, or Ctrl and wheel)"), tr("Zoom out"),
          [this] { m_track->zoomAtPlayhead(false); });
  addZoom(QStringLiteral("+"), tr("Zoom in (+, or Ctrl and wheel)"), tr("Zoom in"),
          [this] { m_track->zoomAtPlayhead(true); });
  addZoom(tr("All"), tr("Show the whole history (0)"), tr("Show the whole history"), [this] { m_track->showAll(); });
  addZoom(QStringLiteral("?"), tr("Keys of the timeline (?)"), tr("Keys of the timeline"),
          [this] { m_keys->toggle(); });
  m_collapse = makeButton({}, {}, tr("Collapse the timeline"));
  m_collapse->setCheckable(true);
  m_collapse->setIcon(widgets::icon(QStringLiteral("down")));
  m_collapse->setToolTip(tr("Collapse the timeline to one line"));
  connect(m_collapse, &QToolButton::toggled, this, &TimelinePanel::setCollapsed);

  auto* header = new QWidget(this);
  auto* line = new QHBoxLayout(header);
  const int em = fontMetrics().height();
  line->setContentsMargins(em * 2 / 3, 2, em / 3, 2);
  line->setSpacing(em / 3);
  line->addWidget(m_title);
  line->addWidget(m_transport);
  line->addWidget(m_readOut, 1);
  line->addWidget(m_zoom);
  line->addWidget(m_collapse);
  return header;
}

void TimelinePanel::connectTrack() {
  connect(m_track, &TimelineTrack::momentRequested, this, &TimelinePanel::momentRequested);
  connect(m_track, &TimelineTrack::liveRequested, this, &TimelinePanel::liveRequested);
  connect(m_track, &TimelineTrack::stepRequested, this, &TimelinePanel::stepRequested);
  connect(m_track, &TimelineTrack::hovered, this, &TimelinePanel::hovered);
  connect(m_track, &TimelineTrack::goToRequested, this, &TimelinePanel::goToRequested);
  connect(m_track, &TimelineTrack::keysRequested, m_keys, &KeySheet::toggle);
  connect(m_track, &TimelineTrack::viewChanged, this, &TimelinePanel::tellView);
  connect(m_overview, &OverviewStrip::brushMoved, m_track, &TimelineTrack::setPlaces);
  connect(m_track->player(), &Player::playingChanged, this, [this](bool playing) {
    m_play->setIcon(widgets::icon(playing ? QStringLiteral("stop") : QStringLiteral("run")));
    m_play->setAccessibleName(playing ? tr("Pause") : tr("Play"));
  });
}

void TimelinePanel::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::LocaleChange) updateReadOut();
}

void TimelinePanel::setCommands(const QList<QAction*>& commands) {
  auto* line = static_cast<QHBoxLayout*>(m_transport->layout());
  for (qsizetype at = 0; at < commands.size(); ++at) {
    auto* button = new QToolButton(m_transport);
    button->setDefaultAction(commands[at]);
    button->setToolButtonStyle(Qt::ToolButtonIconOnly);
    button->setFocusPolicy(Qt::TabFocus);
    button->setAccessibleName(commands[at]->text().remove(QLatin1Char('&')));
    line->insertWidget(static_cast<int>(at), button);
  }
}

void TimelinePanel::reset(const Extent& extent) {
  m_extent = {};
  m_overview->setWhole({}, {}, 0, 0, m_track->trackWidth());
  m_overview->setBuckets({});
  m_track->clear();
  setPlayhead(std::nullopt, std::nullopt);
  setExtent(extent);
}

void TimelinePanel::setExtent(const Extent& extent) {
  if (extent == m_extent) return;
  m_extent = extent;
  m_track->setExtent(extent);
  tellOverview();
  updateReadOut();
}

void TimelinePanel::appendCommitTimes(CommitNumber first, std::span<const TimeMicros> times) {
  m_track->appendCommits(first, times);
  tellOverview();
  updateAxisButton();
}

void TimelinePanel::setOverview(std::vector<Bucket> buckets) {
  m_track->setIdleFrom(buckets);
  m_overview->setBuckets(std::move(buckets));
}

void TimelinePanel::setBuckets(std::vector<Bucket> all, std::vector<Bucket> table) {
  m_track->setBuckets(std::move(all), std::move(table));
}

void TimelinePanel::setTableName(const QString& name) {
  m_title->setText(name.isEmpty() ? tr("History of the whole file") : tr("History of %1").arg(name));
}

void TimelinePanel::setPlayhead(std::optional<CommitNumber> commit, const std::optional<Moment>& moment) {
  const bool same = commit == m_commit;
  m_commit = commit;
  // While the description of the same moment is on its way, the old one stays.
  if (!same || moment) m_moment = moment;
  m_track->setPlayhead(commit, moment ? std::optional(moment->time) : std::nullopt);
  if (!commit) m_overview->setPlayhead(std::nullopt);
  else if (moment) m_overview->setPlayhead(moment->time);
  else m_overview->setPlayhead(m_track->commits().timeOf(*commit));
  updateReadOut();
}

void TimelinePanel::setHovered(const Moment& moment) { m_track->setHovered(moment); }

bool TimelinePanel::isCollapsed() const { return m_collapse->isChecked(); }

void TimelinePanel::setCollapsed(bool collapsed) {
  m_collapse->setChecked(collapsed);
  m_collapse->setIcon(widgets::icon(collapsed ? QStringLiteral("up") : QStringLiteral("down")));
  m_collapse->setToolTip(collapsed ? tr("Show the whole timeline") : tr("Collapse the timeline to one line"));
  m_collapse->setAccessibleName(collapsed ? tr("Show the whole timeline") : tr("Collapse the timeline"));
  m_track->setVisible(!collapsed);
  m_overview->setVisible(!collapsed);
  m_zoom->setVisible(!collapsed);
  setMaximumHeight(collapsed ? layout()->minimumSize().height() : QWIDGETSIZE_MAX);
}

QString TimelinePanel::readOut() const { return m_readOut->text(); }

void TimelinePanel::updateAxisButton() {
  switch (m_track->axisMode()) {
    case AxisMode::Elastic: m_axisButton->setText(tr("Elastic")); break;
    case AxisMode::Clock: m_axisButton->setText(tr("Clock")); break;
    case AxisMode::Commits: m_axisButton->setText(tr("Commits")); break;
  }
  m_equalSteps->setEnabled(m_track->canStepEqually());
  m_equalSteps->setToolTip(m_track->canStepEqually() ? QString()
                                                     : tr("This history has too many commits for equal steps."));
  m_zoneButton->setText(m_track->zone() == Zone::Utc ? tr("UTC") : tr("Local"));
}

void TimelinePanel::updateReadOut() {
  const QLocale locale;
  const auto number = [&locale](CommitNumber value) { return locale.toString(static_cast<qulonglong>(value)); };
  const QString between = QStringLiteral("  \u00b7  ");
  QString text;
  QString spoken;
  if (m_extent.last == 0) {
    text = spoken = tr("No commits yet");
  } else if (!m_commit) {
    text = tr("Live, after #%1").arg(number(m_extent.last)) + between + momentText(m_extent.lastTime, m_track->zone());
    spoken = tr("Live, after commit %1").arg(m_extent.last);
  } else {
    const auto time = m_moment ? std::optional(m_moment->time) : m_track->commits().timeOf(*m_commit);
    QStringList parts{tr("#%1 of %2").arg(number(*m_commit), number(m_extent.last))};
    if (time) parts << momentText(*time, m_track->zone());
    if (m_moment) parts << m_moment->ago << m_moment->counts << m_moment->message;
    parts.removeAll(QString());
    text = parts.join(between);
    QStringList words{tr("Commit %1").arg(*m_commit)};
    if (time)
      words << dateText(dateTimeOf(*time, m_track->zone())) + QLatin1Char(' ') +
                   clockText(dateTimeOf(*time, m_track->zone()), true);
    if (m_moment && !m_moment->countsInWords.isEmpty()) words << m_moment->countsInWords;
    spoken = words.join(QStringLiteral(", "));
  }
  m_readOut->setText(text);
  m_track->setValueText(spoken);
}

BucketRanges TimelinePanel::viewRanges() const { return m_track->ranges(); }

void TimelinePanel::tellView() {
  const auto& axis = m_track->axis();
  m_overview->setBrush(axis.fromPlace(), axis.toPlace());
  if (m_extent.last == 0) return;
  // Another scale bends the overview too, and another width stretches it.
  if (m_overview->axis().width() != axis.width() || m_overview->axis().scale().commits() != axis.scale().commits() ||
      m_overview->axis().scale().gaps().size() != axis.scale().gaps().size())
    tellOverview();
  emit viewChanged(m_track->ranges());
}

void TimelinePanel::tellOverview() {
  const auto [from, to] = m_track->wholeView();
  m_overview->setWhole(m_track->axis().scale(), m_extent, from, to, m_track->trackWidth());
  if (m_extent.last != 0) emit overviewChanged(m_overview->ranges());
}

}  // namespace drift::gui::timeline
