#include <QtTest>

#include <atomic>
#include <latch>
#include <numeric>
#include <thread>

#include "runtime/worker_pool.h"

using drift::runtime::WorkerPool;

class TestWorkerPool : public QObject {
  Q_OBJECT

 private slots:
  /// Pieces from one place: all of them are done, however many threads come.
  void allPiecesAreDone_data() {
    QTest::addColumn<int>("threads");
    QTest::addColumn<int>("shares");
    QTest::newRow("no thread") << 0 << 4;
    QTest::newRow("one share") << 3 << 1;
    QTest::newRow("as many") << 3 << 4;
    QTest::newRow("more shares than threads") << 2 << 9;
  }
  void allPiecesAreDone() {
    QFETCH(int, threads);
    QFETCH(int, shares);
    WorkerPool pool(static_cast<std::size_t>(threads));
    for (int round = 0; round < 200; ++round) {
      constexpr std::size_t kPieces = 100;
      std::vector<int> done(kPieces, 0);
      std::vector<std::atomic<int>> begun(static_cast<std::size_t>(shares));
      std::atomic<std::size_t> next{0};
      pool.run(begun.size(), [&](std::size_t share) {
        ++begun[share];
        for (auto piece = next++; piece < kPieces; piece = next++) ++done[piece];
      });
      QCOMPARE(std::accumulate(done.begin(), done.end(), 0), static_cast<int>(kPieces));
      QVERIFY(std::ranges::all_of(done, [](int count) { return count == 1; }));
      QCOMPARE(begun[0].load(), 1);
      QVERIFY(std::ranges::all_of(begun, [](const auto& count) { return count.load() <= 1; }));
    }
  }

  /// Shares really run side by side: each waits for the others.
  void threadsHelp() {
    WorkerPool pool(3);
    std::latch all(4);
    std::atomic<int> through{0};
    pool.run(4, [&](std::size_t) {
      all.arrive_and_wait();
      ++through;
    });
    QCOMPARE(through.load(), 4);
  }

  /// Callers do not wait for threads that work for others.
  void callersDoNotWaitForEachOther() {
    WorkerPool pool(1);
    std::latch begun(2);
    std::latch ends(1);
    std::thread other([&] {
      pool.run(2, [&](std::size_t) {
        begun.count_down();
        ends.wait();
      });
    });
    begun.wait();
    std::vector<std::size_t> shares;
    pool.run(2, [&](std::size_t share) { shares.push_back(share); });
    ends.count_down();
    other.join();
    QCOMPARE(shares, std::vector<std::size_t>{0});
  }
};

QTEST_APPLESS_MAIN(TestWorkerPool)
#include "tst_worker_pool.moc"
