#include "mainwindow/welcome_page.h"

#include <algorithm>

#include <QDir>
#include <QFileInfo>
#include <QHBoxLayout>
#include <QLabel>
#include <QProgressBar>
#include <QPushButton>
#include <QVBoxLayout>

#include "mainwindow/commands.h"
#include "widgets/icons.h"
#include "widgets/message_bar.h"

namespace drift::gui::mainwindow {

namespace {

QLabel* sectionTitle(const QString& text, QWidget* parent) {
  auto* label = new QLabel(text, parent);
  QFont font = label->font();
  font.setWeight(QFont::DemiBold);
  label->setFont(font);
  return label;
}

}  // namespace

WelcomePage::WelcomePage(const Commands& commands, QWidget* parent)
    : QWidget(parent),
      m_messages(new widgets::MessageBar(this)),
      m_start(new QWidget(this)),
      m_recent(new QVBoxLayout),
      m_recentTitle(sectionTitle(tr("Recent"), this)),
      m_busy(new QLabel(this)),
      m_progress(new QProgressBar(this)) {
  setAutoFillBackground(true);
  setBackgroundRole(QPalette::Base);
  const int em = fontMetrics().height();

  auto* mark = new QLabel(this);
  mark->setPixmap(QIcon(QStringLiteral(":/driftdb.svg")).pixmap(QSize(em * 4, em * 4), devicePixelRatioF()));
  auto* name = new QLabel(tr("DriftDB"), this);
  QFont large = name->font();
  large.setPointSizeF(large.pointSizeF() * 2.1);
  large.setWeight(QFont::DemiBold);
  name->setFont(large);
  auto* motto = new QLabel(tr("Every moment of your data, one drag away."), this);
  motto->setProperty("tone", "dim");
  auto* words = new QVBoxLayout;
  words->setSpacing(2);
  words->addStretch(1);
  words->addWidget(name);
  words->addWidget(motto);
  words->addStretch(1);
  auto* head = new QHBoxLayout;
  head->setSpacing(em);
  head->addWidget(mark);
  head->addLayout(words, 1);

  auto* startColumn = new QVBoxLayout(m_start);
  startColumn->setContentsMargins(0, 0, 0, 0);
  startColumn->setSpacing(6);
  startColumn->addWidget(sectionTitle(tr("Start"), this));
  startColumn->addWidget(makeStartButtons(commands));
  startColumn->addStretch(1);
  auto* recentColumn = new QVBoxLayout;
  recentColumn->setSpacing(6);
  recentColumn->addWidget(m_recentTitle);
  m_recent->setSpacing(2);
  recentColumn->addLayout(m_recent);
  recentColumn->addStretch(1);
  auto* columns = new QHBoxLayout;
  columns->setSpacing(em * 3);
  columns->addWidget(m_start, 1);
  columns->addLayout(recentColumn, 1);

  m_progress->setTextVisible(false);
  m_progress->setMaximumHeight(6);
  auto* sheet = new QWidget(this);
  sheet->setMaximumWidth(em * 52);
  auto* sheetLayout = new QVBoxLayout(sheet);
  sheetLayout->setSpacing(em * 3 / 2);
  sheetLayout->addLayout(head);
  sheetLayout->addLayout(columns);
  sheetLayout->addWidget(m_busy);
  sheetLayout->addWidget(m_progress);

  auto* centred = new QHBoxLayout;
  centred->addStretch(1);
  centred->addWidget(sheet, 8);
  centred->addStretch(1);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->addWidget(m_messages);
  layout->addStretch(2);
  layout->addLayout(centred);
  layout->addStretch(3);
  setBusy({});
  setRecentFiles({});
}

QWidget* WelcomePage::makeStartButtons(const Commands& commands) {
  auto* holder = new QWidget(this);
  auto* column = new QVBoxLayout(holder);
  column->setContentsMargins(0, 0, 0, 0);
  column->setSpacing(6);
  const struct {
    Command command;
    QString text;
    bool primary;
  } buttons[] = {{Command::OpenSample, tr("Explore the Sample Shop"), true},
                 {Command::OpenDatabase, tr("Open\u2026"), false},
                 {Command::NewDatabase, tr("New\u2026"), false}};
  for (const auto& [command, text, primary] : buttons) {
    QAction* action = commands[command];
    auto* button = new QPushButton(text, holder);
    if (!primary) button->setIcon(action->icon());
    button->setProperty("primary", primary);
    button->setToolTip(action->toolTip());
    button->setAccessibleName(text);
    connect(button, &QPushButton::clicked, action, &QAction::trigger);
    column->addWidget(button);
  }
  auto* hint = new QLabel(tr("The sample is a small shop with two years of history: prices change, orders travel, "
                             "a table is dropped, an import goes wrong and is put right."),
                          holder);
  hint->setWordWrap(true);
  hint->setProperty("tone", "dim");
  column->addWidget(hint);
  return holder;
}

void WelcomePage::setRecentFiles(const QStringList& paths) {
  while (QLayoutItem* item = m_recent->takeAt(0)) {
    delete item->widget();
    delete item;
  }
  for (const QString& path : paths) {
    const QFileInfo file(path);
    auto* button = new QPushButton(this);
    button->setFlat(true);
    button->setText(QStringLiteral("%1   %2").arg(file.fileName(), QDir::toNativeSeparators(file.absolutePath())));
    button->setToolTip(QDir::toNativeSeparators(path));
    button->setAccessibleName(tr("Open %1").arg(file.fileName()));
    button->setStyleSheet(QStringLiteral("QPushButton { text-align: left; border: 1px solid transparent; padding: 4px 8px; }"));
    button->setEnabled(file.exists());
    if (!file.exists()) button->setToolTip(tr("This file is not there any more: %1").arg(path));
    connect(button, &QPushButton::clicked, this, [this, path] { emit fileChosen(path); });
    m_recent->addWidget(button);
  }
  if (paths.isEmpty()) {
    auto* none = new QLabel(tr("Files that you open are listed here.\nYou can also drop one onto the window."), this);
    none->setProperty("tone", "dim");
    none->setWordWrap(true);
    m_recent->addWidget(none);
  }
}

void WelcomePage::setBusy(const QString& sentence, int percent) {
  const bool busy = !sentence.isEmpty();
  m_busy->setText(sentence);
  m_busy->setVisible(busy);
  m_progress->setVisible(busy);
  m_progress->setRange(0, percent < 0 ? 0 : 100);
  m_progress->setValue(std::max(0, percent));
  m_start->setEnabled(!busy);
}

}  // namespace drift::gui::mainwindow
