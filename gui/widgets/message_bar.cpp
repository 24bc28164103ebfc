#include "widgets/message_bar.h"

#include <QClipboard>
#include <QEvent>
#include <QGuiApplication>
#include <QHBoxLayout>
#include <QLabel>
#include <QPainter>
#include <QStyle>
#include <QToolButton>

#include "widgets/icons.h"
#include "widgets/theme.h"

namespace drift::gui::widgets {

namespace {

QToolButton* flatButton(const QString& text, const QString& toolTip, QWidget* parent) {
  auto* button = new QToolButton(parent);
  button->setText(text);
  button->setToolTip(toolTip);
  button->setAccessibleName(text.isEmpty() ? toolTip : text);
  button->setAutoRaise(true);
  button->setFocusPolicy(Qt::TabFocus);
  return button;
}

}  // namespace

MessageBar::MessageBar(QWidget* parent)
    : QFrame(parent),
      m_icon(new QLabel(this)),
      m_label(new QLabel(this)),
      m_details(new QLabel(this)),
      m_linkButton(flatButton({}, tr("Go to the place"), this)),
      m_detailsButton(flatButton(tr("Details"), tr("Show everything that is known"), this)) {
  auto* copyButton = flatButton(tr("Copy"), tr("Copy the message and its details"), this);
  auto* closeButton = flatButton({}, tr("Dismiss this message"), this);
  closeButton->setIcon(icon(QStringLiteral("close"), IconTone::Dim));
  m_detailsButton->setCheckable(true);
  m_label->setWordWrap(true);
  m_label->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_details->setWordWrap(true);
  m_details->setTextInteractionFlags(Qt::TextSelectableByMouse);
  m_details->hide();

  auto* line = new QHBoxLayout;
  line->setSpacing(8);
  line->addWidget(m_icon);
  line->addWidget(m_label, 1);
  for (auto* button : {m_linkButton, m_detailsButton, copyButton, closeButton})
    line->addWidget(button);
  auto* all = new QVBoxLayout(this);
  all->setContentsMargins(12, 6, 8, 6);
  all->setSpacing(4);
  all->addLayout(line);
  auto* indented = new QHBoxLayout;
  indented->addSpacing(28);
  indented->addWidget(m_details, 1);
  all->addLayout(indented);

  connect(m_detailsButton, &QToolButton::toggled, m_details, &QLabel::setVisible);
  connect(m_linkButton, &QToolButton::clicked, this, &MessageBar::linkActivated);
  connect(copyButton, &QToolButton::clicked, this, &MessageBar::copy);
  connect(closeButton, &QToolButton::clicked, this, &MessageBar::clear);
  hide();
}

void MessageBar::showMessage(Tone tone, const QString& sentence, const QString& details, const QString& link) {
  m_tone = tone;
  m_sentence = sentence;
  m_detailText = details;
  m_label->setText(sentence);
  m_details->setText(details);
  m_detailsButton->setChecked(false);
  m_detailsButton->setVisible(!details.isEmpty());
  m_linkButton->setText(link);
  m_linkButton->setAccessibleName(link);
  m_linkButton->setVisible(!link.isEmpty());
  setAccessibleName(sentence);
  for (QLabel* label : {m_label, m_details}) {
    label->setProperty("tone", tone == Tone::Error ? "error" : "notice");
    label->style()->unpolish(label);  // style sheets look at properties only when polishing
    label->style()->polish(label);
  }
  recolour();
  show();
}

void MessageBar::clear() {
  m_sentence.clear();
  hide();
}

void MessageBar::copy() const {
  QGuiApplication::clipboard()->setText(m_detailText.isEmpty() ? m_sentence
                                                               : m_sentence + QLatin1Char('\n') + m_detailText);
}

void MessageBar::recolour() {
  const int side = fontMetrics().height() + 2;
  m_icon->setPixmap(m_tone == Tone::Error
                        ? icon(QStringLiteral("error"), IconTone::Error).pixmap(QSize(side, side), devicePixelRatioF())
                        : icon(QStringLiteral("info"), IconTone::Accent).pixmap(QSize(side, side), devicePixelRatioF()));
}

void MessageBar::changeEvent(QEvent* event) {
  QFrame::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) recolour();
}

void MessageBar::paintEvent(QPaintEvent*) {
  const Theme& theme = Theme::of(palette());
  QPainter painter(this);
  painter.fillRect(rect(), m_tone == Tone::Error ? theme.errorTint : theme.surfaceRaised);
  painter.fillRect(QRect(0, 0, 3, height()), m_tone == Tone::Error ? theme.error : theme.accent);
  painter.fillRect(QRect(0, height() - 1, width(), 1), theme.border);
}

}  // namespace drift::gui::widgets
