// A writing process is killed again and again; what it had acknowledged must be there each time.
#include <cstdio>
#include <random>

#include <QProcess>
#include <QTemporaryDir>

#include "store_fixture.h"

using namespace drift;
using namespace drift::storage;
using namespace drift::storage::fixture;

namespace {

constexpr auto kWriteArgument = "--write";
constexpr int kKills = 200;
/// Keys are used again, so that there are inserts, updates and deletes, and states stay small.
constexpr CommitNumber kKeys = 50;

/// What commit `number` does: it visits keys in turn, and rounds of keys insert, update and delete them.
RowChange changeOf(CommitNumber number) {
  static constexpr RowOp kOps[] = {RowOp::Insert, RowOp::Update, RowOp::Delete};
  const auto visit = number - 1;  // the first commit has the number 1
  const auto id = static_cast<std::int64_t>(visit % kKeys);
  return change(kTree, kOps[visit / kKeys % 3], id, "commit " + std::to_string(number));
}

std::vector<std::string> stateOf(CommitNumber number) {
  std::map<std::int64_t, std::string> rows;
  // Three rounds before, every key had been deleted.
  const auto before = number / (3 * kKeys) * (3 * kKeys);
  for (auto n = before + 1; n <= number; ++n) {
    const auto id = static_cast<std::int64_t>((n - 1) % kKeys);
    if (changeOf(n).op == RowOp::Delete) rows.erase(id);
    else rows[id] = std::to_string(id) + "|commit " + std::to_string(n);
  }
  std::vector<std::string> texts;
  for (const auto& [id, text] : rows) texts.push_back(text);
  return texts;
}

StoreOptions options() {
  StoreOptions options;
  options.durability = Durability::Full;
  options.memtableRowsMax = 16;  // epochs often, so that kills fall into them too
  return options;
}

/// The process that is killed: commits without end and prints each number once it is acknowledged.
int writeUntilKilled(const char* path) {
  const auto files = platform::makeNativeFileSystem();
  const ManualClock clock(1'000'000);
  const auto store = must(Store::open(*files, path, clock, options()));
  for (;;) {
    const auto receipt = must(store->commit({.changes = {changeOf(store->lastCommit() + 1)}}, {}));
    std::printf("%llu\n", static_cast<unsigned long long>(receipt.number));
    std::fflush(stdout);
  }
}

}  // namespace

class TestKill : public QObject {
  Q_OBJECT

 private slots:
  void nothingAcknowledgedIsLost() {
    const auto seed = qEnvironmentVariableIsSet("DRIFT_SEED") ? qEnvironmentVariableIntValue("DRIFT_SEED") : 1;
    qInfo("seed %d", seed);
    std::mt19937 random(static_cast<unsigned>(seed));
    const QTemporaryDir folder;
    QVERIFY(folder.isValid());
    const auto path = folder.filePath(kPath).toStdString();
    const auto files = platform::makeNativeFileSystem();
    const ManualClock clock(1'000'000);
    must(Store::create(*files, path, clock, options()));
    CommitNumber acknowledged = 0;
    std::uint64_t torn = 0;
    for (int kill = 0; kill < kKills; ++kill) {
      acknowledged = std::max(acknowledged, writeAndKill(path, random));
      if (QTest::currentTestFailed()) return;
      StoreOptions readOnly = options();
      readOnly.readOnly = true;  // the next process is to find the file as the killed one left it
      const auto store = must(Store::open(*files, path, clock, readOnly));
      QVERIFY2(!store->openReport().corrupted, store->openReport().corruption.c_str());
      const auto last = store->lastCommit();
      QVERIFY2(last >= acknowledged, qPrintable(QString("%1 < %2").arg(last).arg(acknowledged)));
      QVERIFY(last <= acknowledged + 1);
      QCOMPARE(rowsAt(*store, last), stateOf(last));
      const CommitNumber earlier = random() % (last + 1);
      QCOMPARE(rowsAt(*store, earlier), stateOf(earlier));
      if (must(files->open(path, platform::OpenMode::ReadOnly))->size().value() > store->fileBytes()) ++torn;
    }
    const auto store = must(Store::open(*files, path, clock, options()));
    QVERIFY(acknowledged > kKills);
    const auto report = must(store->verify({}));
    QVERIFY2(report.findings.empty(), report.findings.empty() ? "" : report.findings.front().sentence.c_str());
    qInfo("%llu commits, %llu torn tails", static_cast<unsigned long long>(store->lastCommit()),
          static_cast<unsigned long long>(torn));
  }

 private:
  /// Runs a writer, kills it at a random moment and gives the last commit that it acknowledged.
  static CommitNumber writeAndKill(const std::string& path, std::mt19937& random) {
    QProcess writer;
    writer.setProcessChannelMode(QProcess::ForwardedErrorChannel);
    writer.start(QCoreApplication::applicationFilePath(), {kWriteArgument, QString::fromStdString(path)});
    const int wanted = 1 + static_cast<int>(random() % 40);
    QByteArray output;
    while (output.count('\n') < wanted && writer.waitForReadyRead(60'000)) output += writer.readAllStandardOutput();
    // Somewhat later, so that the kill does not always follow an acknowledgement.
    volatile std::uint64_t spin = random() % 300'000;
    while (spin > 0) spin = spin - 1;
    writer.kill();
    [&] { QVERIFY(writer.waitForFinished(60'000)); }();
    [&] { QCOMPARE(writer.exitStatus(), QProcess::CrashExit); }();
    output += writer.readAllStandardOutput();
    [&] { QVERIFY(output.count('\n') >= wanted); }();
    // The last line may be cut short by the kill; the ones before it are whole.
    output.truncate(output.lastIndexOf('\n'));
    return output.mid(output.lastIndexOf('\n') + 1).toULongLong();
  }
};

int main(int argc, char** argv) {
  if (argc == 3 && std::string_view(argv[1]) == kWriteArgument) return writeUntilKilled(argv[2]);
  const QCoreApplication application(argc, argv);
  TestKill test;
  return QTest::qExec(&test, argc, argv);
}
#include "tst_kill.moc"
