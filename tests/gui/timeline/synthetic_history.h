// Histories made up for tests: times of commits, and what each did, told by its number alone.
#pragma once

#include <algorithm>
#include <vector>

#include "timeline/timeline_data.h"

namespace drift::test {

using namespace gui::timeline;

constexpr TimeMicros kSecond = 1'000'000;
constexpr TimeMicros kMinute = 60 * kSecond;
constexpr TimeMicros kHour = 60 * kMinute;
constexpr TimeMicros kDay = 24 * kHour;
constexpr TimeMicros kStart = 1'700'000'000 * kSecond;  // 14 Nov 2023 22:13:20 UTC

class SyntheticHistory final {
 public:
  explicit SyntheticHistory(std::vector<TimeMicros> times) : m_times(std::move(times)) {
    m_sums.reserve(m_times.size() + 1);
    m_sums.push_back({});
    for (CommitNumber commit = 1; commit <= m_times.size(); ++commit) {
      Bucket sum = m_sums.back();
      const CommitNumber mixed = commit * 2654435761u >> 7;
      sum.inserted += mixed % 5 == 0 ? mixed % 40 : mixed % 3;
      sum.updated += mixed % 4;
      sum.deleted += mixed % 11 == 0 ? mixed % 9 : 0;
      sum.schemaChanges += commit == 1 || mixed % 997 == 0;
      m_sums.push_back(sum);
    }
  }

  /// `count` commits, one every `step`.
  static SyntheticHistory even(std::size_t count, TimeMicros step) {
    std::vector<TimeMicros> times;
    for (std::size_t at = 0; at < count; ++at) times.push_back(kStart + static_cast<TimeMicros>(at) * step);
    return SyntheticHistory(std::move(times));
  }
  /// Bursts of commits a second or two apart, with weeks of silence between them.
  static SyntheticHistory bursts() {
    std::vector<TimeMicros> times;
    TimeMicros at = kStart;
    for (const int days : {0, 3, 41, 120, 9}) {
      at += days * kDay;
      for (int commit = 0; commit < 180; ++commit) times.push_back(at += kSecond + commit * 7919 % 13 * kSecond / 5);
    }
    return SyntheticHistory(std::move(times));
  }
  /// Two years of a shop: busy by day, quiet at night, quieter on Sundays.
  static SyntheticHistory shop() {
    std::vector<TimeMicros> times;
    std::uint64_t noise = 42;
    for (int day = 0; day < 730; ++day) {
      const int count = (day % 7 == 3 ? 6 : 24) + static_cast<int>((noise >> 20) % 18) + (day % 90 > 80 ? 40 : 0);
      std::vector<TimeMicros> ofDay;
      for (int commit = 0; commit < count; ++commit) {
        noise = noise * 6364136223846793005u + 1442695040888963407u;
        ofDay.push_back(kStart + day * kDay + static_cast<TimeMicros>((noise >> 33) % (13 * 3600)) * kSecond);
      }
      std::sort(ofDay.begin(), ofDay.end());
      times.insert(times.end(), ofDay.begin(), ofDay.end());
    }
    for (std::size_t at = 1; at < times.size(); ++at) times[at] = std::max(times[at], times[at - 1] + 1);
    return SyntheticHistory(std::move(times));
  }

  const std::vector<TimeMicros>& times() const { return m_times; }
  Extent extent() const {
    if (m_times.empty()) return {};
    return {1, m_times.size(), m_times.front(), m_times.back()};
  }
  /// `share` of the changes, as if of one table.
  std::vector<Bucket> buckets(const BucketRanges& ranges, double share = 1) const {
    std::vector<Bucket> series;
    for (const auto& range : ranges)
      for (int at = 0; at < range.columns; ++at) {
        const TimeMicros width = (range.to - range.from) / range.columns;
        series.push_back(
            bucket(range.from + width * at, at + 1 == range.columns ? range.to : range.from + width * (at + 1), share));
      }
    return series;
  }

 private:
  Bucket bucket(TimeMicros from, TimeMicros to, double share) const {
    const auto index = [this](TimeMicros time) {
      return static_cast<std::size_t>(std::lower_bound(m_times.begin(), m_times.end(), time) - m_times.begin());
    };
    const std::size_t first = index(from);
    const std::size_t last = index(to);
    Bucket bucket;
    bucket.start = from;
    bucket.end = to;
    bucket.commits = last - first;
    if (last == first) return bucket;
    bucket.first = first + 1;
    bucket.last = last;
    const auto part = [share](std::uint64_t count) {
      return static_cast<std::uint64_t>(static_cast<double>(count) * share);
    };
    bucket.inserted = part(m_sums[last].inserted - m_sums[first].inserted);
    bucket.updated = part(m_sums[last].updated - m_sums[first].updated);
    bucket.deleted = part(m_sums[last].deleted - m_sums[first].deleted);
    bucket.schemaChanges = m_sums[last].schemaChanges - m_sums[first].schemaChanges;
    return bucket;
  }

  std::vector<TimeMicros> m_times;
  std::vector<Bucket> m_sums;  // of all commits before
};

}  // namespace drift::test
