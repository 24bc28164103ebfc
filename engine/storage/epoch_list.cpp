#include "storage/epoch_list.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace drift::storage {

namespace {

Error malformed() { return Error(ErrorKind::DataCorrupted, "the list of epochs in the file is malformed"); }

/// About what an epoch takes up in memory for each byte of its frame.
constexpr std::size_t kExpansion = 4;

Result<EpochRoots> readEpoch(const FrameFile& file, FrameRef frame) {
  DRIFT_ASSIGN(const auto payload, file.read(frame, FrameKind::Epoch));
  DRIFT_ASSIGN(auto epoch, decodeEpoch(payload));
  epoch.frame = frame;
  return epoch;
}

}  // namespace

void EpochList::append(const EpochRoots& epoch) {
  m_tree.append({static_cast<std::int64_t>(epoch.lastCommit), epoch.frame, {}});
}

void EpochList::clear() {
  m_tree.clear();
  m_cache.clear();
}

Result<EpochList::Entry> EpochList::entryAt(const IndexTree::View& view, std::uint64_t position) const {
  if (position >= view.size) return malformed();
  if (const auto open = view.leaf->first(); position >= open) {
    const auto& item = (*view.leaf)[static_cast<std::size_t>(position - open)];
    return Entry{static_cast<CommitNumber>(item.key), item.frame};
  }
  DRIFT_ASSIGN(const auto leaf, m_tree.leafOf(view, position));
  const auto at = static_cast<std::size_t>(position - leaf->first());
  return Entry{static_cast<CommitNumber>(leaf->keyAt(at)), leaf->frameAt(at)};
}

Result<std::uint64_t> EpochList::countBefore(const IndexTree::View& view, CommitNumber number) const {
  if (number == 0) return std::uint64_t{0};
  const auto last = std::min<CommitNumber>(number - 1, std::numeric_limits<std::int64_t>::max());
  return m_tree.countUpTo(view, static_cast<std::int64_t>(last));
}

Result<EpochRef> EpochList::read(const IndexTree::View& view, std::uint64_t position) const {
  DRIFT_ASSIGN(const auto entry, entryAt(view, position));
  auto epoch = m_cache.find(entry.frame.offset).value_or(nullptr);
  if (!epoch) {
    DRIFT_ASSIGN(auto read, readEpoch(m_file, entry.frame));
    read.earlier = {};  // only the newest is gone on from
    epoch = std::make_shared<const EpochRoots>(std::move(read));
    m_cache.insert(entry.frame.offset, epoch, entry.frame.payloadBytes * kExpansion);
  }
  if (epoch->number != position + 1 || epoch->lastCommit != entry.lastCommit || epoch->frame != entry.frame)
    return malformed();
  return epoch;
}

Result<EpochRef> Epochs::at(std::uint64_t position) const {
  if (position + 1 == size()) return m_newest;
  return m_list->read(m_view, position);
}

Result<std::uint64_t> Epochs::firstReaching(CommitNumber number) const {
  // Most ask for what is new.
  if (!m_newest || m_newest->lastCommit < number) return size();
  if (m_newest->previousCommit < number) return size() - 1;
  return m_list->countBefore(m_view, number);
}

Result<EpochRef> Epochs::reaching(CommitNumber number) const {
  DRIFT_ASSIGN(const auto position, firstReaching(number));
  if (position >= size()) return EpochRef();
  return at(position);
}

Result<std::vector<EpochRef>> readEpochChain(const FrameFile& file, EpochRef newest) {
  const auto broken = [] { return Error(ErrorKind::DataCorrupted, "the chain of epochs is broken"); };
  std::vector<EpochRef> epochs;
  while (newest) {
    epochs.push_back(std::move(newest));
    newest = nullptr;
    const auto& epoch = *epochs.back();
    const bool isFirst = !epoch.previousEpoch;
    if (isFirst != (epoch.number == 1) || (isFirst && epoch.previousCommit != 0)) return broken();
    if (isFirst) break;
    // Each epoch lies before the one that names it, so damage cannot make a circle.
    if (epoch.previousEpoch.offset >= epoch.frame.offset) return broken();
    DRIFT_ASSIGN(auto before, readEpoch(file, epoch.previousEpoch));
    before.earlier = {};
    if (before.number + 1 != epoch.number || before.lastCommit != epoch.previousCommit) return broken();
    newest = std::make_shared<const EpochRoots>(std::move(before));
  }
  std::ranges::reverse(epochs);
  return epochs;
}

}  // namespace drift::storage
