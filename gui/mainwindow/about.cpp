#include "mainwindow/about.h"

#include <QCoreApplication>
#include <QDialog>
#include <QDialogButtonBox>
#include <QGridLayout>
#include <QLabel>
#include <QMessageBox>
#include <QScrollArea>
#include <QVBoxLayout>

#include "mainwindow/commands.h"

namespace drift::gui::mainwindow {

namespace {

class HelpWindows {
  Q_DECLARE_TR_FUNCTIONS(HelpWindows)

 public:
  static void shortcuts(const Commands& commands, QWidget* parent);
  static void about(QWidget* parent);
};

}  // namespace

void HelpWindows::shortcuts(const Commands& commands, QWidget* parent) {
  auto* dialog = new QDialog(parent);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setWindowTitle(tr("Keyboard Shortcuts"));
  auto* sheet = new QWidget(dialog);
  auto* grid = new QGridLayout(sheet);
  grid->setHorizontalSpacing(18);
  grid->setVerticalSpacing(5);
  const auto actions = commands.withShortcuts();
  const int rows = (static_cast<int>(actions.size()) + 1) / 2;
  for (int at = 0; at < static_cast<int>(actions.size()); ++at) {
    QString name = actions[at]->text();
    name.remove(QLatin1Char('&')).remove(QChar(0x2026));
    QStringList keys;
    for (const QKeySequence& key : actions[at]->shortcuts().mid(0, 2)) keys << key.toString(QKeySequence::NativeText);
    auto* keyLabel = new QLabel(keys.join(tr(" or ")), sheet);
    keyLabel->setAlignment(Qt::AlignRight | Qt::AlignVCenter);
    QFont bold = keyLabel->font();
    bold.setWeight(QFont::DemiBold);
    keyLabel->setFont(bold);
    auto* nameLabel = new QLabel(name, sheet);
    nameLabel->setToolTip(actions[at]->statusTip());
    grid->addWidget(keyLabel, at % rows, at / rows * 3);
    grid->addWidget(nameLabel, at % rows, at / rows * 3 + 1);
  }
  grid->setColumnMinimumWidth(2, 24);
  auto* area = new QScrollArea(dialog);
  area->setFrameShape(QFrame::NoFrame);
  area->setWidgetResizable(true);
  area->setWidget(sheet);
  auto* buttons = new QDialogButtonBox(QDialogButtonBox::Close, dialog);
  QObject::connect(buttons, &QDialogButtonBox::rejected, dialog, &QDialog::reject);
  auto* layout = new QVBoxLayout(dialog);
  layout->addWidget(area, 1);
  layout->addWidget(buttons);
  dialog->resize(sheet->sizeHint().width() + 60, dialog->fontMetrics().height() * 34);
  dialog->open();
}

void HelpWindows::about(QWidget* parent) {
  auto* box = new QMessageBox(parent);
  box->setAttribute(Qt::WA_DeleteOnClose);
  box->setWindowTitle(tr("About DriftDB"));
  box->setIconPixmap(QIcon(QStringLiteral(":/driftdb.svg")).pixmap(QSize(64, 64), parent->devicePixelRatioF()));
  box->setText(tr("<h3>DriftDB %1</h3>").arg(QCoreApplication::applicationVersion()));
  box->setInformativeText(
      tr("A database manager whose database never forgets: any table, any query and the schema itself can be seen as "
         "they were at any moment.<p>Free software under the GNU General Public License, version 3 or later. Built "
         "with Qt %1 and QScintilla.").arg(QLatin1String(qVersion())));
  box->setStandardButtons(QMessageBox::Close);
  box->open();
}

void showShortcuts(const Commands& commands, QWidget* parent) { HelpWindows::shortcuts(commands, parent); }

void showAbout(QWidget* parent) { HelpWindows::about(parent); }

}  // namespace drift::gui::mainwindow
