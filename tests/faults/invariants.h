// What must hold for a store that wrote a history, or a prefix of it. Each check gives the first thing that is
// wrong as an InternalError, or the error that the store gave instead of an answer.
//
// Thread rule: checks only read; any number may run beside each other and beside a writer, but
// checkVersions(), checkKey() and checkEverything() want a store that stands still.
#pragma once

#include "faults/history.h"

namespace drift::faults {

/// How many moments, keys and pairs are looked at.
struct Effort {
  std::size_t moments = 8;
  std::size_t keys = 8;
  std::size_t pairs = 8;
  bool everyMoment = false;  ///< and every key
  /// The power was cut before: verify() says so of a superblock that is torn until the next epoch, and of a torn
  /// tail that a reader may not cut off.
  bool afterPowerCut = false;
};

/// Sets the clock that a store reads to what the history says.
class ClockSetter final {
 public:
  Clock& clock() { return m_clock; }
  void set(TimeMicros now) { m_clock.set(now); }

 private:
  ManualClock m_clock{0};
};

/// Makes the commits behind the store's last one, up to `to`. They must get their numbers and their times.
Status replay(storage::Store& store, ClockSetter& clock, const History& history, CommitNumber to);

/// A snapshot gives the rows, counts, pages, ranges and single rows of its moment.
Status checkMoment(const storage::Store& store, const History& history, CommitNumber number, Random& random,
                   const Effort& effort);
/// As of b = as of a + diff(a, b), and the differences are the net ones.
Status checkDiff(const storage::Store& store, const History& history, CommitNumber from, CommitNumber to);
/// Versions of the tree: they tile time, and those alive at a moment are its rows.
Status checkVersions(const storage::Store& store, const History& history, TreeId tree, Random& random,
                     const Effort& effort);
/// The history of one key, whole and in pieces.
Status checkKey(const storage::Store& store, const History& history, TreeId tree, const std::string& key,
                Random& random);
/// Changes and infos of the commits, and the log applied to nothing gives the trees.
Status checkLog(const storage::Store& store, const History& history, Random& random, const Effort& effort);
/// Moments, steps, last changes and summaries.
Status checkTimes(const storage::Store& store, const History& history, Random& random, const Effort& effort);
/// verify() has nothing to say.
Status checkVerify(const storage::Store& store, const Effort& effort);

/// All of the above; the store holds the first lastCommit() commits of the history.
Status checkEverything(const storage::Store& store, const History& history, Random& random, const Effort& effort);

}  // namespace drift::faults
