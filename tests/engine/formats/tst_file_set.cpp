#include <QtTest>

#include <archive.h>
#include <archive_entry.h>

#include "formats/file_set.h"

using namespace drift;
using namespace drift::formats;

namespace {

using Files = std::vector<std::pair<std::string, std::string>>;

void writeArchive(const QString& path, const Files& files) {
  archive* handle = archive_write_new();
  archive_write_set_format_pax_restricted(handle);
  archive_write_add_filter_xz(handle);
  QCOMPARE(archive_write_open_filename(handle, path.toUtf8().constData()), ARCHIVE_OK);
  for (const auto& [name, contents] : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, name.c_str());
    archive_entry_set_size(entry, static_cast<la_int64_t>(contents.size()));
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_write_header(handle, entry);
    archive_write_data(handle, contents.data(), contents.size());
    archive_entry_free(entry);
  }
  archive_write_free(handle);
}

Result<Files> readSet(const QString& path, FileSetLimits limits = {}) {
  const auto fileSystem = platform::makeNativeFileSystem();
  Files found;
  DRIFT_TRY(visitFiles(*fileSystem, path.toStdString(), limits, [&](SetFile file) -> Status {
    found.emplace_back(std::move(file.name), std::move(file.contents));
    return {};
  }));
  return found;
}

void writeFile(const QString& path, const QByteArray& contents) {
  QFile file(path);
  QVERIFY(file.open(QIODevice::WriteOnly));
  file.write(contents);
}

}  // namespace

class TestFileSet : public QObject {
  Q_OBJECT

 private slots:
  void folderIsReadByName() {
    QTemporaryDir folder;
    writeFile(folder.filePath("b.csv"), "2");
    writeFile(folder.filePath("a.csv"), "1");
    const auto found = readSet(folder.path());
    QVERIFY(found.ok());
    QCOMPARE(*found, (Files{{"a.csv", "1"}, {"b.csv", "2"}}));
  }

  void archiveNamesAreOnlyLabels() {
    QTemporaryDir folder;
    writeArchive(folder.filePath("x.tar.xz"), {{"../../etc/2020.csv", "x"}, {"deep/2021.csv", ""}});
    const auto found = readSet(folder.filePath("x.tar.xz"));
    QVERIFY(found.ok());
    QCOMPARE(*found, (Files{{"2020.csv", "x"}, {"2021.csv", ""}}));
  }

  void unpackedSizeIsBounded() {
    QTemporaryDir folder;
    writeArchive(folder.filePath("bomb.tar.xz"), {{"zeros", std::string(1 << 20, '\0')}});
    FileSetLimits limits;
    limits.fileBytesMax = 1 << 19;
    QCOMPARE(readSet(folder.filePath("bomb.tar.xz"), limits).error().kind(), ErrorKind::LimitExceeded);
  }

  void otherFilesAreRefused() {
    QTemporaryDir folder;
    writeFile(folder.filePath("text.tar"), QByteArray(3000, 'x'));
    const auto found = readSet(folder.filePath("text.tar"));
    QVERIFY(!found.ok());
    QCOMPARE(found.error().kind(), ErrorKind::InvalidParameterValue);
    QVERIFY(readSet(folder.filePath("absent.tar")).error().kind() == ErrorKind::FileNotFound);
  }

  void truncatedArchiveIsAnError() {
    QTemporaryDir folder;
    const auto path = folder.filePath("x.tar.xz");
    writeArchive(path, {{"a.csv", std::string(100000, 'a')}});
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.resize(file.size() / 2));
    file.close();
    QVERIFY(!readSet(path).ok());
  }

  void visitorsErrorEndsTheWalk() {
    QTemporaryDir folder;
    writeFile(folder.filePath("a.csv"), "1");
    writeFile(folder.filePath("b.csv"), "1");
    const auto fileSystem = platform::makeNativeFileSystem();
    int calls = 0;
    const auto status = visitFiles(*fileSystem, folder.path().toStdString(), {}, [&](SetFile) -> Status {
      ++calls;
      return Error(ErrorKind::InvalidParameterValue, "enough");
    });
    QCOMPARE(status.error().message(), std::string("enough"));
    QCOMPARE(calls, 1);
  }
};

QTEST_APPLESS_MAIN(TestFileSet)
#include "tst_file_set.moc"
