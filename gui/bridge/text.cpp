#include "bridge/text.h"

#include <QCoreApplication>
#include <QStringList>

namespace drift::gui::bridge {

namespace {

QString translated(const char* text) { return QCoreApplication::translate("EngineError", text); }

QString capitalised(QString sentence) {
  if (sentence.isEmpty()) return sentence;
  sentence[0] = sentence[0].toUpper();
  const QChar last = sentence.back();
  if (last != QLatin1Char('.') && last != QLatin1Char('!') && last != QLatin1Char('?'))
    sentence.append(QLatin1Char('.'));
  return sentence;
}

}  // namespace

QString sentenceOf(const Error& error) { return capitalised(fromEngine(error.message())); }

QString sentenceWithHint(const Error& error) {
  const QString sentence = sentenceOf(error);
  return error.hint().empty() ? sentence : sentence + QLatin1Char(' ') + capitalised(fromEngine(error.hint()));
}

QString detailsOf(const Error& error) {
  QStringList lines;
  if (!error.hint().empty()) lines << capitalised(fromEngine(error.hint()));
  if (!error.detail().empty()) lines << fromEngine(error.detail());
  if (const auto& span = error.span())
    lines << translated("Line %1, column %2.").arg(span->line).arg(span->column);
  for (const Error* cause = error.cause(); cause; cause = cause->cause())
    lines << translated("Caused by: %1").arg(fromEngine(cause->message()));
  lines << translated("SQLSTATE %1").arg(fromEngine(error.sqlState()));
  return lines.join(QLatin1Char('\n'));
}

}  // namespace drift::gui::bridge
