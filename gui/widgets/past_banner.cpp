#include "widgets/past_banner.h"

#include <QEvent>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QPushButton>

#include "widgets/icons.h"
#include "widgets/theme.h"

namespace drift::gui::widgets {

PastBanner::PastBanner(QWidget* parent)
    : QFrame(parent),
      m_icon(new QLabel(this)),
      m_title(new QLabel(tr("VIEWING THE PAST"), this)),
      m_moment(new QLabel(this)),
      m_readOnly(new QLabel(tr("read-only"), this)),
      m_live(new QPushButton(tr("Return to Live"), this)) {
  QFont bold = font();
  bold.setWeight(QFont::Bold);
  bold.setLetterSpacing(QFont::PercentageSpacing, 103);
  m_title->setFont(bold);
  for (QLabel* label : {m_title, m_moment, m_readOnly}) label->setProperty("tone", "past");
  m_moment->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_live->setToolTip(tr("Show what the database holds now"));
  m_live->setIcon(icon(QStringLiteral("live")));
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(12, 5, 10, 6);
  layout->setSpacing(9);
  layout->addWidget(m_icon);
  layout->addWidget(m_title);
  layout->addWidget(m_moment);
  layout->addSpacing(8);
  layout->addWidget(m_readOnly);
  layout->addStretch(1);
  layout->addWidget(m_live);
  connect(m_live, &QPushButton::clicked, this, &PastBanner::returnToLiveRequested);
  recolour();
}

void PastBanner::setMoment(const QString& what, const QString& when, const QString& commit, const QString& ago) {
  QString text = what.toHtmlEscaped();
  if (when.isEmpty()) {
    text = tr("<b>%1</b> as of %2", "table, commit").arg(text, commit);
  } else {
    text = tr("<b>%1</b> as of %2 &nbsp; %3 &nbsp; (%4)", "table, time, commit, how long ago")
               .arg(text, when, commit, ago);
  }
  m_moment->setText(text);
  setAccessibleName(tr("Viewing the past: %1 as of %2, %3, read-only").arg(what, when.isEmpty() ? commit : when, commit));
}

QString PastBanner::text() const { return m_title->text() + QLatin1Char(' ') + m_moment->text(); }

void PastBanner::recolour() {
  const int side = fontMetrics().height() + 3;
  m_icon->setPixmap(icon(QStringLiteral("clock"), IconTone::Past).pixmap(QSize(side, side), devicePixelRatioF()));
}

void PastBanner::changeEvent(QEvent* event) {
  QFrame::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) recolour();
}

void PastBanner::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::of(palette());
  QPainter painter(this);
  painter.fillRect(rect(), theme.pastTint);
  painter.fillRect(QRect(0, height() - 1, width(), 1), theme.past);
  // The words "read-only" sit in a pill of their own.
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(theme.past);
  QRectF pill(m_readOnly->geometry().adjusted(-7, 0, 7, 0));
  const qreal pillHeight = fontMetrics().height() + 3;
  pill.setTop(pill.center().y() - pillHeight / 2);
  pill.setHeight(pillHeight);
  pill.translate(0.5, 0.5);
  painter.drawRoundedRect(pill, pill.height() / 2, pill.height() / 2);
}

}  // namespace drift::gui::widgets
