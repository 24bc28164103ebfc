// FreshPages: leaves and inner nodes read around the cache: for checks, what counts is what the file holds now.
// Thread rule: stateless but for the file; pages that it gives refer to it.
#pragma once

#include "storage/page_cache.h"

namespace drift::storage {

class FreshPages final : public PageSource {
 public:
  explicit FreshPages(const FrameFile& file) : m_file(file) {}

  Result<VersionPageRef> base(FrameRef ref, Keys keys = Keys::Anywhere) const override;
  Result<InnerNode> inner(FrameRef ref) const;
  /// Also DataCorrupted where the pages have other row counts than the reference says.
  Result<std::shared_ptr<const Leaf>> leaf(const LeafState& state) const;

 private:
  Result<VersionPageRef> read(FrameRef ref, FrameKind kind, FrameKind orKind, Keys keys) const;

  const FrameFile& m_file;
};

}  // namespace drift::storage
