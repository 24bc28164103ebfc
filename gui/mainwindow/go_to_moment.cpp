#include "mainwindow/go_to_moment.h"

#include <QDialogButtonBox>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QVBoxLayout>

namespace drift::gui::mainwindow {

namespace {

template <class... Cases>
struct Overload : Cases... {
  using Cases::operator()...;
};

}  // namespace

GoToMoment::GoToMoment(QWidget* parent)
    : QDialog(parent), m_text(new QLineEdit(this)), m_meaning(new QLabel(this)) {
  setWindowTitle(tr("Go to Moment"));
  auto* label = new QLabel(tr("&Moment:"), this);
  label->setBuddy(m_text);
  m_text->setPlaceholderText(tr("#18231,  2 h ago,  yesterday 14:30,  2025-11-12T14:02"));
  m_text->setMinimumWidth(fontMetrics().horizontalAdvance(m_text->placeholderText()) + 40);
  m_meaning->setProperty("tone", "dim");
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Cancel, this);
  m_go = buttons->addButton(tr("Go"), QDialogButtonBox::AcceptRole);
  m_go->setDefault(true);
  auto* layout = new QVBoxLayout(this);
  layout->addWidget(label);
  layout->addWidget(m_text);
  layout->addWidget(m_meaning);
  layout->addWidget(buttons);
  connect(m_text, &QLineEdit::textChanged, this, &GoToMoment::read);
  connect(buttons, &QDialogButtonBox::accepted, this, &QDialog::accept);
  connect(buttons, &QDialogButtonBox::rejected, this, &QDialog::reject);
  read();
}

void GoToMoment::read() {
  const QDateTime now = QDateTime::currentDateTime();
  m_request = models::parseMoment(m_text->text(), now);
  m_go->setEnabled(m_request.has_value());
  if (!m_request) {
    m_meaning->setText(m_text->text().trimmed().isEmpty()
                           ? tr("A commit number, a time, or how long ago.")
                           : tr("Not a moment yet. Try \u201c#120\u201d, \u201c3 days ago\u201d or \u201ctoday 9:00\u201d."));
    return;
  }
  m_meaning->setText(std::visit(
      Overload{[](models::LiveMoment) { return tr("What the database holds now"); },
               [](CommitNumber commit) { return tr("Commit %1").arg(models::commitLabel(commit)); },
               [&now](TimeMicros time) {
                 return tr("The last commit at or before %1  (%2)")
                     .arg(models::momentTime(time), models::relativeTime(time, now));
               }},
      *m_request));
}

}  // namespace drift::gui::mainwindow
