#include "storage/replay_check.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "base/checksum.h"
#include "storage/fresh_pages.h"

namespace drift::storage {

namespace {

constexpr std::uint64_t kSecondSeed = 0x9e3779b97f4a7c15;
constexpr std::size_t kFindingsMax = 100;

/// A tree's key as 128 bits of hash.
struct KeyHash {
  std::uint64_t first = 0;
  std::uint64_t second = 0;
  friend bool operator==(const KeyHash&, const KeyHash&) = default;
};

/// The tree is hashed with the key, not given as the seed: XXH3 of short keys adds the seed to them, so that keys of
/// neighbouring trees would meet.
KeyHash hashOf(TreeId tree, std::string_view key) {
  std::string bytes(reinterpret_cast<const char*>(&tree), sizeof tree);
  bytes += key;
  return {xxh3(asBytes(bytes), 0), xxh3(asBytes(bytes), kSecondSeed)};
}

struct FirstHash {
  std::size_t operator()(const KeyHash& key) const { return static_cast<std::size_t>(key.first); }
};

/// What lives under a key.
struct LiveRow {
  TreeId tree = 0;
  std::uint32_t metAt = 0;  ///< number of the moment at which the row was met in the tree; 0 = never
  CommitNumber seq = 0;
  std::uint64_t values = 0;
};

/// Hash of a row's values. What shows the value that a missing column has counts as missing, so that it is the same
/// for rows of an older and of a newer layout.
class ValueHash final {
 public:
  void add(const LayoutColumn& column, const types::Value& value) {
    if (bytesOf(value) == bytesOf(column.missing)) return;
    auto bytes = bytesOf(value);
    bytes.append(reinterpret_cast<const char*>(&column.id), sizeof column.id);
    m_hash += xxh3(asBytes(bytes));
  }
  std::uint64_t value() const { return m_hash; }

 private:
  /// The value without its type, whose modifiers may have changed since; empty for NULL.
  static std::string bytesOf(const types::Value& value) {
    if (value.isNull()) return {};
    Bytes bytes;
    ByteWriter writer(bytes);
    types::writeType(writer, value.type());
    const auto typeBytes = bytes.size();
    bytes.clear();
    types::writeValue(writer, value);
    return std::string(asText(bytes).substr(typeBytes));
  }

  std::uint64_t m_hash = 0;
};

class Replay final {
 public:
  /// Does the part `part` of `parts`.
  Replay(const ReplayCheck& check, std::uint64_t parts, std::uint64_t part)
      : m_check(check), m_pages(*check.core.file), m_parts(parts), m_part(part) {}

  /// False where more rows live than fit; its findings do not count then.
  Result<bool> run() {
    Bytes payload, commit;
    std::uint64_t first = 0;
    FrameScanner scanner(m_check.core.file->file(), m_check.core.file->seed());
    const auto isLog = [](const FrameHeader& header) {
      return header.kind == FrameKind::Commit || header.kind == FrameKind::CommitPart;
    };
    for (auto offset = kFirstFrameOffset; offset < m_check.end && m_moment < m_check.moments.size();) {
      DRIFT_TRY(m_check.cancel.check());
      DRIFT_ASSIGN(const auto frame, scanner.read(offset, m_check.end, isLog));
      offset = frame.ref.end();
      if (!isLog(frame.header)) continue;
      if (commit.empty()) first = frame.ref.offset;
      commit.insert(commit.end(), scanner.payload().begin(), scanner.payload().end());
      if (frame.header.kind == FrameKind::CommitPart) continue;
      DRIFT_ASSIGN(const auto decoded, decodeCommit(commit));
      commit.clear();
      for (const auto& change : decoded.changes) DRIFT_TRY(take(change, decoded.head.number, first));
      if (m_rows.size() > m_check.rowsMax) return false;
      if (decoded.head.number == m_check.moments[m_moment]) DRIFT_TRY(compare());
    }
    return true;
  }

  const std::vector<Finding>& findings() const { return m_findings; }

 private:
  void note(std::uint64_t offset, std::string sentence) {
    if (m_findings.size() < kFindingsMax) m_findings.push_back({offset, std::move(sentence)});
  }

  bool isMine(const KeyHash& key) const { return key.second % m_parts == m_part; }

  /// Lays a change over what lives, and checks that it fits.
  Status take(const RowChange& change, CommitNumber number, std::uint64_t offset) {
    const auto key = hashOf(change.tree, change.key);
    if (!isMine(key)) return {};
    const auto before = m_rows.find(key);
    const bool lives = before != m_rows.end();
    const bool fits = lives == (change.op != RowOp::Insert);
    if (!fits || (lives && change.previous != 0 && change.previous != before->second.seq))
      note(offset, fmt::format("a change of commit {} in tree {} does not follow from the commits before it", number,
                               change.tree));
    if (change.op == RowOp::Delete) {
      if (lives) m_rows.erase(before);
      return {};
    }
    DRIFT_ASSIGN(const auto values, decodeRow(*change.layout, asBytes(change.row)));
    ValueHash hash;
    for (std::size_t i = 0; i < values.size(); ++i) hash.add(change.layout->columns[i], values[i]);
    m_rows.insert_or_assign(key, LiveRow{change.tree, 0, number, hash.value()});
    return {};
  }

  /// Compares what lives with what the trees show at the moment that the log has reached.
  Status compare() {
    const auto number = m_check.moments[m_moment++];
    const auto epoch =
        std::ranges::lower_bound(m_check.epochs, number, {}, [](const EpochRef& e) { return e->lastCommit; });
    m_unread.clear();
    for (const auto& [tree, root] : (*epoch)->trees) DRIFT_TRY(compareNode(tree, root.root, number));
    struct Missing {
      std::uint64_t rows = 0;
      CommitNumber seq = kNoCommit;
    };
    std::map<TreeId, Missing> missing;
    for (const auto& [key, row] : m_rows) {
      if (row.metAt == m_moment || m_unread.contains(row.tree)) continue;
      auto& found = missing[row.tree];
      ++found.rows;
      found.seq = std::min(found.seq, row.seq);
    }
    for (const auto& [tree, found] : missing) {
      const auto frame = m_check.core.index.frameOf(found.seq);
      note(frame.ok() ? frame->offset : 0,
           fmt::format("tree {} lacks {} rows as of commit {}: the log has them, the first of commit {}", tree,
                       found.rows, number, found.seq));
    }
    return {};
  }

  Status compareNode(TreeId tree, const NodeEntry& entry, CommitNumber number) {
    DRIFT_TRY(m_check.cancel.check());
    auto status = entry.isLeaf ? compareLeaf(tree, entry, number) : compareInner(tree, entry, number);
    if (status.ok() || status.error().kind() != ErrorKind::DataCorrupted) return status;
    m_unread.insert(tree);
    return {};
  }

  Status compareInner(TreeId tree, const NodeEntry& entry, CommitNumber number) {
    DRIFT_ASSIGN(const auto node, m_pages.inner(entry.page));
    for (const auto& child : node) DRIFT_TRY(compareNode(tree, child, number));
    return {};
  }

  Status compareLeaf(TreeId tree, const NodeEntry& entry, CommitNumber number) {
    const auto& state = entry.sliceAt(number).state;
    DRIFT_ASSIGN(const auto leaf, m_pages.leaf(state));
    std::vector<std::uint32_t> rows;
    leaf->findVisible(number, 0, leaf->rowCount(), rows);
    std::uint64_t wrong = 0;
    CommitNumber firstWrong = 0;
    for (const auto row : rows) {
      const auto key = hashOf(tree, leaf->key(row).view());
      if (!isMine(key)) continue;
      const auto found = m_rows.find(key);
      DRIFT_ASSIGN(const auto values, valuesOf(*leaf, row));
      if (found != m_rows.end()) found->second.metAt = static_cast<std::uint32_t>(m_moment);
      if (found != m_rows.end() && found->second.seq == leaf->seq(row) && found->second.values == values) continue;
      if (wrong++ == 0) firstWrong = leaf->seq(row);
    }
    if (wrong > 0)
      note(state.newest().offset,
           fmt::format(
               "a page of tree {} shows {} rows as of commit {} that the log does not have so; the first one is of "
               "commit {}",
               tree, wrong, number, firstWrong));
    return {};
  }

  static Result<std::uint64_t> valuesOf(const Leaf& leaf, std::size_t row) {
    ValueHash hash;
    for (const auto& column : leaf.columns()) {
      DRIFT_ASSIGN(const auto* values, leaf.column(column.id));
      hash.add(column, values->get(row));
    }
    return hash.value();
  }

  const ReplayCheck& m_check;
  const FreshPages m_pages;
  const std::uint64_t m_parts;
  const std::uint64_t m_part;
  std::vector<Finding> m_findings;
  std::size_t m_moment = 0;  ///< of the moments, the next one
  std::unordered_map<KeyHash, LiveRow, FirstHash> m_rows;
  std::set<TreeId> m_unread;  ///< trees with a page that cannot be read
};

}  // namespace

Status checkReplay(const ReplayCheck& check) {
  struct Part {
    std::uint64_t of = 1;
    std::uint64_t number = 0;
  };
  std::vector<Part> parts{{}};
  while (!parts.empty()) {
    const auto part = parts.back();
    parts.pop_back();
    Replay replay(check, part.of, part.number);
    DRIFT_ASSIGN(const bool fits, replay.run());
    if (fits) {
      for (const auto& finding : replay.findings()) check.note(finding.offset, finding.sentence);
      continue;
    }
    // What leaves the rest r by n leaves r or r + n by 2n.
    parts.push_back({2 * part.of, part.number});
    parts.push_back({2 * part.of, part.number + part.of});
  }
  return {};
}

}  // namespace drift::storage
