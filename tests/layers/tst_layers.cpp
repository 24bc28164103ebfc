#include <QtTest>

#include <fstream>

#include "layer_check.h"

using namespace drift::layers;

namespace {

namespace fs = std::filesystem;
using Tree = std::map<std::string, std::string>;

/// A small tree whose arrows hold; every failing row changes one file of it.
Tree goodTree() {
  return {
      {"docs/architecture.md",
       "```\nengine/   the library\n  base/     words            -> nothing\n"
       "  types/    words -> words   -> base\n  sql/      words            -> types\n"
       "gui/\n  bridge/   words            -> base\n```\n"},
      {"engine/base/CMakeLists.txt", "add_module(NAME base SOURCES error.cpp)  # add_module(NAME no)\n"},
      {"engine/base/error.h", "#pragma once\n#include <string>\n"},
      {"engine/base/error.cpp", "#include \"base/error.h\"\n"},
      {"engine/types/CMakeLists.txt", "add_module(NAME types\n  DEPENDS base)\n"},
      {"engine/types/value.h", "#include \"base/error.h\"\n"},
      {"engine/sql/CMakeLists.txt", "add_module(NAME sql DEPENDS base types)\n"},
      {"engine/sql/ast.h", "#include \"base/error.h\"\n  #  include \"types/value.h\"\n"},
      {"gui/bridge/CMakeLists.txt", "add_module(NAME bridge DEPENDS base QT Core)\n"},
      {"gui/bridge/client.h", "#include <QObject>\n#include \"base/error.h\"\n"},
      {"engine/empty/CMakeLists.txt", "add_module(NAME empty DEPENDS sql)\n"},
  };
}

void write(const fs::path& root, const Tree& tree) {
  for (const auto& [name, text] : tree) {
    fs::create_directories((root / name).parent_path());
    std::ofstream(root / name) << text;
  }
}

QString joined(const std::vector<std::string>& sentences) {
  QStringList lines;
  for (const auto& sentence : sentences) lines << QString::fromStdString(sentence);
  return lines.join('\n');
}

}  // namespace

class TestLayers : public QObject {
  Q_OBJECT

 private slots:
  /// The project itself.
  void arrowsHold() {
    const auto violations = findViolations(DRIFT_SOURCE_DIR);
    for (const auto& violation : violations) qWarning("%s", violation.c_str());
    QVERIFY2(violations.empty(), "the sentences above say which arrows do not hold");
  }

  void theTableIsRead() {
    std::ifstream in(fs::path(DRIFT_SOURCE_DIR) / "docs/architecture.md");
    const auto rooms = parseRooms({std::istreambuf_iterator<char>(in), {}});
    QVERIFY(rooms.at("base").arrows.empty());
    QCOMPARE(rooms.at("storage").area, std::string("engine"));
    QVERIFY(rooms.at("storage").arrows.contains("platform"));
    QCOMPARE(rooms.at("mainwindow").area, std::string("gui"));
  }

  void badTrees_data() {
    QTest::addColumn<QString>("file");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("sentence");
    QTest::newRow("good tree") << "engine/base/error.h"
                               << "#include <string>\n"
                               << "";
    QTest::newRow("arrow that is not declared")
        << "engine/types/value.h"
        << "#include \"base/error.h\"\n#include \"sql/ast.h\"\n"
        << "engine/types/value.h includes \"sql/ast.h\", but engine/types does not declare sql in DEPENDS";
    QTest::newRow("Qt in the engine") << "engine/base/error.h"
                                      << "#include <QString>\n"
                                      << "engine/base/error.h includes Qt (QString); the engine knows no Qt";
    QTest::newRow("Qt module in the engine")
        << "engine/base/error.h"
        << "#include <QtCore/qstring.h>\n"
        << "engine/base/error.h includes Qt (QtCore/qstring.h); the engine knows no Qt";
    QTest::newRow("arrow that is not used") << "engine/sql/ast.h"
                                            << "#include \"types/value.h\"\n"
                                            << "engine/sql declares base in DEPENDS and includes nothing of it";
    QTest::newRow("no module in front") << "engine/base/error.cpp"
                                        << "#include \"error.h\"\n"
                                        << "engine/base/error.cpp includes \"error.h\" without the name of its module";
    QTest::newRow("folder without module") << "engine/sql/CMakeLists.txt"
                                           << "# nothing\n"
                                           << "engine/sql/CMakeLists.txt must declare one module, named sql";
    QTest::newRow("file that is not built") << "engine/base/lost.cpp"
                                            << "#include \"base/error.h\"\n"
                                            << "engine/base/CMakeLists.txt does not list lost.cpp";
    QTest::newRow("room that is not in the table") << "engine/empty/new.h"
                                                   << "#include \"sql/ast.h\"\n"
                                                   << "docs/architecture.md has no room engine/empty";
    QTest::newRow("no table") << "docs/architecture.md"
                              << "words\n"
                              << "docs/architecture.md has no table of rooms";
  }

  void badTrees() {
    QFETCH(QString, file);
    QFETCH(QString, text);
    QFETCH(QString, sentence);
    QTemporaryDir folder;
    auto tree = goodTree();
    tree[file.toStdString()] = text.toStdString();
    write(folder.path().toStdString(), tree);
    const auto found = joined(findViolations(folder.path().toStdString()));
    if (sentence.isEmpty()) QCOMPARE(found, QString());
    else QVERIFY2(found.split('\n').contains(sentence), qPrintable("found:\n" + found));
  }

  void arrowThatTheTableForbids() {
    QTemporaryDir folder;
    auto tree = goodTree();
    tree["gui/bridge/CMakeLists.txt"] = "add_module(NAME bridge DEPENDS base sql)\n";
    tree["gui/bridge/client.h"] = "#include \"base/error.h\"\n#include \"sql/ast.h\"\n";
    write(folder.path().toStdString(), tree);
    QCOMPARE(joined(findViolations(folder.path().toStdString())),
             QStringLiteral("gui/bridge may not use sql: docs/architecture.md has no such arrow"));
  }

  void circle() {
    QTemporaryDir folder;
    auto tree = goodTree();
    tree["engine/base/CMakeLists.txt"] = "add_module(NAME base DEPENDS sql SOURCES error.cpp)\n";
    tree["engine/base/error.cpp"] = "#include \"base/error.h\"\n#include \"sql/ast.h\"\n";
    write(folder.path().toStdString(), tree);
    const auto found = findViolations(folder.path().toStdString());
    QVERIFY2(std::ranges::count(found, "the arrows of base lead back to it") == 1, qPrintable(joined(found)));
    QVERIFY2(std::ranges::count(found, "the arrows of bridge lead back to it") == 0, qPrintable(joined(found)));
  }
};

QTEST_APPLESS_MAIN(TestLayers)
#include "tst_layers.moc"
