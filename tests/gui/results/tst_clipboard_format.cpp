#include <QTest>

#include "models/result_model.h"
#include "results/clipboard_format.h"
#include "results/selection_sum.h"

using namespace drift;
using namespace drift::gui;
using results::ClipboardFormat;

namespace {

void fill(models::ResultModel& model) {
  const std::vector<api::Type> types{api::TypeId::Integer, api::TypeId::Text, api::Type::numeric(8, 2)};
  model.start({{"id", types[0], std::nullopt, std::nullopt},
               {"a name", types[1], std::nullopt, std::nullopt},
               {"price", types[2], std::nullopt, std::nullopt}});
  auto chunk = std::make_shared<api::Chunk>(types, std::size_t{3});
  const char* names[] = {"plain", "with, comma \"and\" tab\tline\nend | it's", ""};
  for (int row = 0; row < 3; ++row) {
    const auto at = static_cast<std::size_t>(row);
    chunk->column(0).set(at, api::Value::integer(row + 1));
    chunk->column(1).set(at, row == 2 ? api::Value::null(types[1]) : api::Value::text(names[row]));
    chunk->column(2).set(at, api::Value(types[2], types::Decimal(row * 10 + 5, 2)));
  }
  chunk->setRowCount(3);
  model.append(chunk, true, false);
}

}  // namespace

class TestClipboardFormat final : public QObject {
  Q_OBJECT

 private slots:
  void writes_data();
  void writes();
  void leavesOutColumns();
  void addsExactly();
  void ignoresSingleCells();
};

void TestClipboardFormat::writes_data() {
  QTest::addColumn<int>("format");
  QTest::addColumn<QString>("text");
  const auto add = [](const char* name, ClipboardFormat format, const char* text) {
    QTest::newRow(name) << static_cast<int>(format) << QString::fromUtf8(text);
  };
  add("tsv", ClipboardFormat::Tsv,
      "id\ta name\tprice\n1\tplain\t0.05\n2\twith, comma \"and\" tab line end | it's\t0.15\n3\t\t0.25\n");
  add("csv", ClipboardFormat::Csv,
      "id,a name,price\n1,plain,0.05\n2,\"with, comma \"\"and\"\" tab\tline\nend | it's\",0.15\n3,,0.25\n");
  add("markdown", ClipboardFormat::Markdown,
      "| id | a name | price |\n| ---: | --- | ---: |\n| 1 | plain | 0.05 |\n"
      "| 2 | with, comma \"and\" tab\tline<br>end \\| it's | 0.15 |\n| 3 | NULL | 0.25 |\n");
  add("insert", ClipboardFormat::Insert,
      "INSERT INTO \"result\" (\"id\", \"a name\", \"price\") VALUES (1, 'plain', 0.05);\n"
      "INSERT INTO \"result\" (\"id\", \"a name\", \"price\") VALUES (2, 'with, comma \"and\" tab\tline\nend | it''s', 0.15);\n"
      "INSERT INTO \"result\" (\"id\", \"a name\", \"price\") VALUES (3, NULL, 0.25);\n");
  add("json", ClipboardFormat::Json,
      "[\n    {\n        \"a name\": \"plain\",\n        \"id\": 1,\n        \"price\": \"0.05\"\n    },\n"
      "    {\n        \"a name\": \"with, comma \\\"and\\\" tab\\tline\\nend | it's\",\n        \"id\": 2,\n"
      "        \"price\": \"0.15\"\n    },\n    {\n        \"a name\": null,\n        \"id\": 3,\n"
      "        \"price\": \"0.25\"\n    }\n]\n");
}

void TestClipboardFormat::writes() {
  QFETCH(int, format);
  QFETCH(QString, text);
  models::ResultModel model;
  fill(model);
  QCOMPARE(results::formatCells(model, {0, 1, 2}, {0, 1, 2}, static_cast<ClipboardFormat>(format)), text);
}

void TestClipboardFormat::leavesOutColumns() {
  models::ResultModel model;
  fill(model);
  QCOMPARE(results::formatCells(model, {1}, {2, 0}, ClipboardFormat::Csv), QStringLiteral("price,id\n0.15,2\n"));
}

void TestClipboardFormat::addsExactly() {
  models::ResultModel model;
  fill(model);
  const QItemSelection selection(model.index(0, 1), model.index(2, 2));
  QCOMPARE(results::describeSelection(model, selection),
           QStringLiteral("6 cells   sum 0.45   avg 0.15   min 0.05   max 0.25"));
  const QItemSelection texts(model.index(0, 1), model.index(2, 1));
  QCOMPARE(results::describeSelection(model, texts), QStringLiteral("3 cells"));
}

void TestClipboardFormat::ignoresSingleCells() {
  models::ResultModel model;
  fill(model);
  QCOMPARE(results::describeSelection(model, {}), QString());
  QCOMPARE(results::describeSelection(model, QItemSelection(model.index(0, 0), model.index(0, 0))), QString());
}

QTEST_GUILESS_MAIN(TestClipboardFormat)
#include "tst_clipboard_format.moc"
