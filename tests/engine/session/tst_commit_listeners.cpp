#include <QtTest>

#include <thread>

#include "session/commit_listeners.h"

using namespace drift;
using session::CommitListeners;

class TestCommitListeners : public QObject {
  Q_OBJECT

 private slots:
  void callsAllUntilTheirHandleIsGone() {
    CommitListeners listeners;
    std::vector<CommitNumber> first, second;
    auto one = listeners.add([&](CommitNumber number) { first.push_back(number); });
    const auto two = listeners.add([&](CommitNumber number) { second.push_back(number); });
    QVERIFY(one);
    listeners.notify(1);
    one.reset();
    listeners.notify(2);
    QCOMPARE(first, (std::vector<CommitNumber>{1}));
    QCOMPARE(second, (std::vector<CommitNumber>{1, 2}));
  }

  void aCallbackMayEndItselfAndOthers() {
    CommitListeners listeners;
    int calls = 0;
    std::shared_ptr<void> self, other;
    self = listeners.add([&](CommitNumber) {
      ++calls;
      self.reset();
      other.reset();
    });
    other = listeners.add([&](CommitNumber) { ++calls; });
    listeners.notify(1);
    listeners.notify(2);
    QCOMPARE(calls, 1);
  }

  void handleMayOutliveTheListeners() {
    std::shared_ptr<void> handle;
    {
      CommitListeners listeners;
      handle = listeners.add([](CommitNumber) {});
    }
    handle.reset();
  }

  void nobodyIsCalledAfterTheHandleIsGone() {
    CommitListeners listeners;
    std::atomic<bool> stop{false};
    std::thread notifier([&] {
      while (!stop) listeners.notify(1);
    });
    for (int round = 0; round < 500; ++round) {
      auto alive = std::make_unique<std::atomic<int>>(0);
      auto handle = listeners.add([target = alive.get()](CommitNumber) { ++*target; });
      handle.reset();
      alive.reset();  // a call after this point is a use after free, which the sanitizers see
    }
    stop = true;
    notifier.join();
  }
};

QTEST_APPLESS_MAIN(TestCommitListeners)
#include "tst_commit_listeners.moc"
