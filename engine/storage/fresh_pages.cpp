#include "storage/fresh_pages.h"

namespace drift::storage {

Result<VersionPageRef> FreshPages::read(FrameRef ref, FrameKind kind, FrameKind orKind, Keys keys) const {
  DRIFT_ASSIGN(auto start, m_file.readStart(ref, kind, orKind, FrameFile::Extent::Whole));
  DRIFT_ASSIGN(auto page, VersionPage::decode(std::move(start), ref, m_file, *this, keys));
  DRIFT_TRY(page->checkBlocks());
  return page;
}

Result<VersionPageRef> FreshPages::base(FrameRef ref, Keys keys) const {
  return read(ref, FrameKind::Base, FrameKind::WholeBase, keys);
}

Result<InnerNode> FreshPages::inner(FrameRef ref) const {
  DRIFT_ASSIGN(const auto payload, m_file.read(ref, FrameKind::Inner));
  return decodeInner(payload);
}

Result<std::shared_ptr<const Leaf>> FreshPages::leaf(const LeafState& state) const {
  DRIFT_ASSIGN(auto base, this->base(state.base));
  if (base->rowCount() != state.baseRows) return Error(ErrorKind::DataCorrupted, "its base has another row count");
  std::size_t rows = 0;
  std::vector<VersionPageRef> runs;
  for (const auto ref : state.runs) {
    DRIFT_ASSIGN(auto run, read(ref, FrameKind::Run, FrameKind::WholeRun, Keys::Anywhere));
    rows += run->rowCount();
    runs.push_back(std::move(run));
  }
  if (rows != state.runRows) return Error(ErrorKind::DataCorrupted, "its runs have another row count");
  return Leaf::merge(std::move(base), std::move(runs));
}

}  // namespace drift::storage
