#include <QtTest>

#include <csignal>
#include <fstream>

#include <sys/wait.h>
#include <unistd.h>

#include "platform/file_system.h"

using namespace drift;
using namespace drift::platform;

namespace {

/// A child process that opens a file for writing, locks it, and then waits to be ended.
class LockingChild final {
 public:
  explicit LockingChild(const std::string& path) {
    int ready[2];
    if (::pipe(ready) != 0) return;
    m_process = ::fork();
    if (m_process == 0) {
      const auto file = makeNativeFileSystem()->open(path, OpenMode::ReadWrite);
      const bool locked = file.ok() && (*file)->lockExclusive().ok();
      const char answer = locked ? 'y' : 'n';
      if (::write(ready[1], &answer, 1) != 1) ::_exit(1);
      ::pause();
      ::_exit(0);
    }
    char answer = 'n';
    m_locked = ::read(ready[0], &answer, 1) == 1 && answer == 'y';
    ::close(ready[0]);
    ::close(ready[1]);
  }

  ~LockingChild() { kill(); }

  void kill() {
    if (m_process <= 0) return;
    ::kill(m_process, SIGKILL);
    ::waitpid(m_process, nullptr, 0);
    m_process = -1;
  }

  bool locked() const { return m_locked; }
  pid_t process() const { return m_process; }

 private:
  pid_t m_process = -1;
  bool m_locked = false;
};

}  // namespace

class TestPosixFileSystem : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    m_folder.emplace();
    QVERIFY(m_folder->isValid());
    m_path = m_folder->path().toStdString() + "/shop.drift";
    QVERIFY(m_files->open(m_path, OpenMode::CreateNew).ok());
  }

  void lockHoldsBetweenProcessesAndNamesTheHolder() {
    LockingChild child(m_path);
    QVERIFY(child.locked());
    const auto file = m_files->open(m_path, OpenMode::ReadWrite);
    QVERIFY(file.ok());
    const auto refused = (*file)->lockExclusive();
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().kind(), ErrorKind::DatabaseLocked);
#ifdef Q_OS_LINUX
    const auto expected =
        QStringLiteral("\"shop.drift\" is in use by tst_platform_po (process %1)").arg(child.process());
    QCOMPARE(QString::fromStdString(refused.error().message()), expected);
#endif
  }

  void lockIsFreeWhenItsProcessIsKilled() {
    LockingChild child(m_path);
    QVERIFY(child.locked());
    child.kill();
    const auto file = m_files->open(m_path, OpenMode::ReadWrite);
    QVERIFY(file.ok());
    QVERIFY((*file)->lockExclusive().ok());
    QVERIFY(!*m_files->exists(m_path + ".lock"));
  }

  void lockNamesThisProgram() {
    const auto first = m_files->open(m_path, OpenMode::ReadWrite);
    const auto second = m_files->open(m_path, OpenMode::ReadWrite);
    QVERIFY((*first)->lockExclusive().ok());
    const auto refused = (*second)->lockExclusive();
#ifdef Q_OS_LINUX
    QCOMPARE(refused.error().message(), std::string("\"shop.drift\" is in use by this program"));
#else
    QVERIFY(!refused.ok());
#endif
  }

  void folderInPlaceOfAFile() {
    for (const auto mode : {OpenMode::ReadOnly, OpenMode::ReadWrite}) {
      const auto opened = m_files->open(m_folder->path().toStdString(), mode);
      QVERIFY(!opened.ok());
      QCOMPARE(opened.error().kind(), ErrorKind::WrongObjectType);
      QCOMPARE(QString::fromStdString(opened.error().message()), "\"" + m_folder->path() + "\" is a folder");
    }
  }

  void missingFolder() {
    const auto path = m_folder->path().toStdString() + "/none/x.drift";
    const auto created = m_files->open(path, OpenMode::CreateNew);
    QCOMPARE(created.error().kind(), ErrorKind::FileNotFound);
    QCOMPARE(created.error().message(), "could not create \"" + path + "\": there is no such folder");
    QVERIFY(!m_files->syncFolderOf(path).ok());
    QVERIFY(!*m_files->exists(path));
  }

  void fullDisk() {
    if (!*m_files->exists("/dev/full")) QSKIP("there is no /dev/full here");
    const auto file = m_files->open("/dev/full", OpenMode::ReadWrite);
    QVERIFY(file.ok());
    const std::byte byte{1};
    const auto written = (*file)->writeAt(0, {&byte, 1});
    QCOMPARE(written.error().kind(), ErrorKind::DiskFull);
    QCOMPARE(written.error().message(), std::string("could not write \"/dev/full\": No space left on device"));
  }

  void noPermission() {
    if (::geteuid() == 0) QSKIP("root may open everything, so a refusal cannot be provoked");
    QVERIFY(QFile::setPermissions(QString::fromStdString(m_path), {}));
    const auto opened = m_files->open(m_path, OpenMode::ReadOnly);
    QCOMPARE(opened.error().kind(), ErrorKind::PermissionDenied);
    QCOMPARE(opened.error().message(), "no permission to open \"" + m_path + "\"");
  }

  void linksThatLeadNowhereAreNotListed() {
    QVERIFY(QFile::link(QStringLiteral("nowhere"), m_folder->filePath("broken")));
    const auto listed = m_files->list(m_folder->path().toStdString());
    QVERIFY(listed.ok());
    QCOMPARE(*listed, std::vector<std::string>{"shop.drift"});
  }

 private:
  std::unique_ptr<FileSystem> m_files = makeNativeFileSystem();
  std::optional<QTemporaryDir> m_folder;
  std::string m_path;
};

QTEST_APPLESS_MAIN(TestPosixFileSystem)
#include "tst_posix_file_system.moc"
