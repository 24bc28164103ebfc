#include "storage/fresh_pages.h"

namespace drift::storage {

Result<VersionPageRef> FreshPages::base(FrameRef ref, Keys keys) const {
  DRIFT_ASSIGN(auto payload, m_file.read(ref, FrameKind::Base));
  return VersionPage::decode(std::move(payload), ref, *this, keys);
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
    DRIFT_ASSIGN(auto payload, m_file.read(ref, FrameKind::Run));
    DRIFT_ASSIGN(auto run, VersionPage::decode(std::move(payload), ref, *this));
    rows += run->rowCount();
    runs.push_back(std::move(run));
  }
  if (rows != state.runRows) return Error(ErrorKind::DataCorrupted, "its runs have another row count");
  return Leaf::merge(std::move(base), std::move(runs));
}

}  // namespace drift::storage
