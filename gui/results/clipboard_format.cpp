#include "results/clipboard_format.h"

#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>

#include "models/cell_text.h"

namespace drift::gui::results {

namespace {

using models::GridModel;

QString csvField(const QString& text) {
  static const QString special = QStringLiteral(",\"\r\n");
  const bool quoted = std::any_of(text.begin(), text.end(), [](QChar c) { return special.contains(c); }) ||
                      text.startsWith(QLatin1Char(' ')) || text.endsWith(QLatin1Char(' '));
  if (!quoted) return text;
  return QLatin1Char('"') + QString(text).replace(QLatin1Char('"'), QLatin1String("\"\"")) + QLatin1Char('"');
}

/// Tabs and line breaks would break the rows apart in a spreadsheet.
QString tsvField(QString text) {
  return text.replace(QLatin1Char('\t'), QLatin1Char(' '))
      .replace(QLatin1String("\r\n"), QLatin1String(" "))
      .replace(QLatin1Char('\n'), QLatin1Char(' '));
}

QString markdownField(QString text) {
  return text.replace(QLatin1Char('|'), QLatin1String("\\|")).replace(QLatin1Char('\n'), QLatin1String("<br>"));
}

QString quotedName(const QString& name) {
  return QLatin1Char('"') + QString(name).replace(QLatin1Char('"'), QLatin1String("\"\"")) + QLatin1Char('"');
}

QString sqlLiteral(const api::Value& value) {
  if (value.isNull()) return QStringLiteral("NULL");
  const QString text = models::valueText(value);
  const bool bare = (value.type().isNumber() && text != QLatin1String("NaN") && !text.contains(QLatin1String("Inf"))) ||
                    value.type().id() == api::TypeId::Boolean;
  if (bare) return text;
  return QLatin1Char('\'') + QString(text).replace(QLatin1Char('\''), QLatin1String("''")) + QLatin1Char('\'');
}

QJsonValue jsonValue(const api::Value& value) {
  if (value.isNull()) return QJsonValue::Null;
  switch (value.type().id()) {
    case api::TypeId::Boolean: return value.asBool();
    case api::TypeId::SmallInt:
    case api::TypeId::Integer: return static_cast<qint64>(value.asInt());
    // Larger and exact numbers stay text: a JSON number would lose digits.
    default: return models::valueText(value);
  }
}

template <class Field>
QString lines(const GridModel& model, const std::vector<int>& rows, const std::vector<int>& columns, QChar separator,
              const Field& field) {
  QString out;
  const auto line = [&](const auto& cell) {
    for (std::size_t at = 0; at < columns.size(); ++at) {
      if (at) out += separator;
      out += field(cell(columns[at]));
    }
    out += QLatin1Char('\n');
  };
  line([&](int column) { return model.gridColumns()[static_cast<std::size_t>(column)].name; });
  for (const int row : rows)
    line([&](int column) { return models::valueText(model.value(row, column).value_or(api::Value())); });
  return out;
}

QString markdown(const GridModel& model, const std::vector<int>& rows, const std::vector<int>& columns) {
  QString out = QStringLiteral("|");
  for (const int column : columns)
    out += QStringLiteral(" %1 |").arg(markdownField(model.gridColumns()[static_cast<std::size_t>(column)].name));
  out += QStringLiteral("\n|");
  for (const int column : columns)
    out += models::isRightAligned(model.gridColumns()[static_cast<std::size_t>(column)].type) ? QStringLiteral(" ---: |")
                                                                                             : QStringLiteral(" --- |");
  out += QLatin1Char('\n');
  for (const int row : rows) {
    out += QLatin1Char('|');
    for (const int column : columns) {
      const auto value = model.value(row, column).value_or(api::Value());
      out += QStringLiteral(" %1 |").arg(value.isNull() ? QStringLiteral("NULL") : markdownField(models::valueText(value)));
    }
    out += QLatin1Char('\n');
  }
  return out;
}

QString json(const GridModel& model, const std::vector<int>& rows, const std::vector<int>& columns) {
  QJsonArray array;
  for (const int row : rows) {
    QJsonObject object;
    for (const int column : columns)
      object.insert(model.gridColumns()[static_cast<std::size_t>(column)].name,
                    jsonValue(model.value(row, column).value_or(api::Value())));
    array.append(object);
  }
  return QString::fromUtf8(QJsonDocument(array).toJson());
}

QString inserts(const GridModel& model, const std::vector<int>& rows, const std::vector<int>& columns) {
  QStringList names;
  for (const int column : columns) names << quotedName(model.gridColumns()[static_cast<std::size_t>(column)].name);
  const QString start =
      QStringLiteral("INSERT INTO %1 (%2) VALUES (").arg(quotedName(model.tableName()), names.join(QStringLiteral(", ")));
  QString out;
  for (const int row : rows) {
    QStringList values;
    for (const int column : columns) values << sqlLiteral(model.value(row, column).value_or(api::Value()));
    out += start + values.join(QStringLiteral(", ")) + QStringLiteral(");\n");
  }
  return out;
}

}  // namespace

QString formatCells(const GridModel& model, const std::vector<int>& rows, const std::vector<int>& columns,
                    ClipboardFormat format) {
  switch (format) {
    case ClipboardFormat::Tsv: return lines(model, rows, columns, QLatin1Char('\t'), tsvField);
    case ClipboardFormat::Csv: return lines(model, rows, columns, QLatin1Char(','), csvField);
    case ClipboardFormat::Markdown: return markdown(model, rows, columns);
    case ClipboardFormat::Json: return json(model, rows, columns);
    case ClipboardFormat::Insert: return inserts(model, rows, columns);
  }
  return {};
}

}  // namespace drift::gui::results
