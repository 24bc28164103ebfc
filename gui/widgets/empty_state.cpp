#include "widgets/empty_state.h"

#include <QEvent>
#include <QLabel>
#include <QVBoxLayout>

namespace drift::gui::widgets {

EmptyState::EmptyState(QWidget* parent)
    : QWidget(parent), m_icon(new QLabel(this)), m_title(new QLabel(this)), m_sentence(new QLabel(this)) {
  setAutoFillBackground(true);
  setBackgroundRole(QPalette::Base);
  m_icon->setAlignment(Qt::AlignHCenter);
  m_title->setAlignment(Qt::AlignHCenter);
  m_title->setWordWrap(true);
  m_sentence->setAlignment(Qt::AlignHCenter);
  m_sentence->setWordWrap(true);
  QFont large = font();
  large.setPointSizeF(large.pointSizeF() * 1.2);
  large.setWeight(QFont::DemiBold);
  m_title->setFont(large);
  m_sentence->setProperty("tone", "dim");
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(24, 16, 24, 16);
  layout->setSpacing(6);
  layout->addStretch(2);
  layout->addWidget(m_icon);
  layout->addWidget(m_title);
  layout->addWidget(m_sentence);
  layout->addStretch(3);
  recolour();
}

void EmptyState::setText(const QString& iconName, const QString& title, const QString& sentence, IconTone tone) {
  m_iconName = iconName;
  m_tone = tone;
  m_title->setText(title);
  m_sentence->setText(sentence);
  setAccessibleName(title);
  setAccessibleDescription(sentence);
  recolour();
}

QString EmptyState::title() const { return m_title->text(); }

void EmptyState::recolour() {
  const int side = fontMetrics().height() * 2;
  m_icon->setPixmap(icon(m_iconName, m_tone).pixmap(QSize(side, side), devicePixelRatioF()));
}

void EmptyState::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) recolour();
}

}  // namespace drift::gui::widgets
