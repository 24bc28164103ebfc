// Commits of any bytes, and the rows in them.
#include "storage/commit_frame.h"
#include "target.h"

using namespace drift;
using namespace drift::storage;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto input = fuzz::inputOf(data, size);
  const auto head = decodeCommitHead(input);
  const auto commit = decodeCommit(input);
  if (!commit.ok()) return 0;
  fuzz::require(head.ok() && head->number == commit->head.number && head->time == commit->head.time,
                "the head alone says the same");
  for (const auto& change : commit->changes) {
    fuzz::require((change.op == RowOp::Delete) == (change.layout == nullptr), "a row has a layout, a delete has none");
    if (change.layout) (void)decodeRow(*change.layout, asBytes(change.row)).ok();  // malformed rows are errors
  }
  DensePacker packer;
  const auto bytes = encodeCommit(commit->head, commit->changes, packer);
  const auto again = decodeCommit(bytes);
  fuzz::require(again.ok() && again->changes.size() == commit->changes.size(), "a commit can be written again");
  fuzz::require(encodeCommit(again->head, again->changes, packer) == bytes, "and is the same then");
  return 0;
}
