#include "editor/find_bar.h"

#include <QCheckBox>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QToolButton>

#include "editor/sql_editor.h"
#include "widgets/icons.h"

namespace drift::gui::editor {

FindBar::FindBar(SqlEditor* editor, QWidget* parent)
    : QWidget(parent),
      m_editor(editor),
      m_text(new QLineEdit(this)),
      m_replacement(new QLineEdit(this)),
      m_matchCase(new QCheckBox(tr("Match case"), this)),
      m_outcome(new QLabel(this)) {
  const auto button = [this](const QString& iconName, const QString& text, const QString& toolTip) {
    auto* made = new QToolButton(this);
    if (iconName.isEmpty()) {
      made->setText(text);
    } else {
      made->setIcon(widgets::icon(iconName));
    }
    made->setAccessibleName(text);
    made->setToolTip(toolTip);
    made->setFocusPolicy(Qt::TabFocus);
    return made;
  };
  auto* previous = button(QStringLiteral("up"), tr("Previous"), tr("Find the previous match (Shift+F3)"));
  auto* next = button(QStringLiteral("down"), tr("Next"), tr("Find the next match (F3)"));
  auto* replace = button({}, tr("Replace"), tr("Replace this match and find the next"));
  auto* all = button({}, tr("Replace All"), tr("Replace every match in the editor"));
  auto* closeButton = button(QStringLiteral("close"), tr("Close"), tr("Close the find bar (Esc)"));
  m_text->setPlaceholderText(tr("Find"));
  m_text->setAccessibleName(tr("Find"));
  m_replacement->setPlaceholderText(tr("Replace with"));
  m_replacement->setAccessibleName(tr("Replace with"));
  m_outcome->setMinimumWidth(fontMetrics().averageCharWidth() * 14);
  auto* layout = new QHBoxLayout(this);
  layout->setContentsMargins(10, 5, 8, 5);
  layout->setSpacing(5);
  layout->addWidget(m_text, 2);
  layout->addWidget(previous);
  layout->addWidget(next);
  layout->addWidget(m_matchCase);
  layout->addWidget(m_outcome);
  layout->addWidget(m_replacement, 2);
  layout->addWidget(replace);
  layout->addWidget(all);
  layout->addWidget(closeButton);
  connect(m_text, &QLineEdit::textEdited, this, [this] { find(true, true); });
  connect(m_matchCase, &QCheckBox::toggled, this, [this] { find(true, true); });
  connect(m_text, &QLineEdit::returnPressed, this, &FindBar::findNext);
  connect(previous, &QToolButton::clicked, this, &FindBar::findPrevious);
  connect(next, &QToolButton::clicked, this, &FindBar::findNext);
  connect(replace, &QToolButton::clicked, this, &FindBar::replaceOne);
  connect(all, &QToolButton::clicked, this, &FindBar::replaceAll);
  connect(closeButton, &QToolButton::clicked, this, &FindBar::close);
  hide();
}

void FindBar::open() {
  const QString selected = m_editor->selectedText();
  if (!selected.isEmpty() && !selected.contains(QLatin1Char('\n'))) m_text->setText(selected);
  show();
  m_text->selectAll();
  m_text->setFocus(Qt::ShortcutFocusReason);
}

void FindBar::close() {
  hide();
  m_editor->setFocus(Qt::OtherFocusReason);
}

void FindBar::findNext() { find(true, false); }

void FindBar::findPrevious() { find(false, false); }

void FindBar::find(bool forward, bool fromStart) {
  const QString wanted = m_text->text();
  if (wanted.isEmpty()) {
    m_outcome->clear();
    return;
  }
  int line = 0;
  int index = 0;
  int endLine = 0;
  int endIndex = 0;
  m_editor->getCursorPosition(&line, &index);
  if (m_editor->hasSelectedText()) {
    m_editor->getSelection(&line, &index, &endLine, &endIndex);
    if (forward && !fromStart) {
      line = endLine;
      index = endIndex;
    }
  }
  const bool found = m_editor->findFirst(wanted, false, m_matchCase->isChecked(), false, true, forward, line, index);
  m_outcome->setText(found ? tr("Matches: %L1").arg(countMatches()) : tr("No matches"));
}

int FindBar::countMatches() const {
  return static_cast<int>(m_editor->text().count(
      m_text->text(), m_matchCase->isChecked() ? Qt::CaseSensitive : Qt::CaseInsensitive));
}

void FindBar::replaceOne() {
  const auto sensitivity = m_matchCase->isChecked() ? Qt::CaseSensitive : Qt::CaseInsensitive;
  if (m_editor->selectedText().compare(m_text->text(), sensitivity) == 0 && !m_text->text().isEmpty())
    m_editor->replaceSelectedText(m_replacement->text());
  findNext();
}

void FindBar::replaceAll() {
  const int count = countMatches();
  if (m_text->text().isEmpty() || count == 0) {
    m_outcome->setText(tr("No matches"));
    return;
  }
  QString text = m_editor->text();
  text.replace(m_text->text(), m_replacement->text(),
               m_matchCase->isChecked() ? Qt::CaseSensitive : Qt::CaseInsensitive);
  m_editor->beginUndoAction();
  m_editor->selectAll();
  m_editor->replaceSelectedText(text);
  m_editor->endUndoAction();
  m_outcome->setText(tr("Replaced: %L1").arg(count));
}

void FindBar::keyPressEvent(QKeyEvent* event) {
  if (event->key() == Qt::Key_Escape) {
    close();
    return;
  }
  QWidget::keyPressEvent(event);
}

}  // namespace drift::gui::editor
