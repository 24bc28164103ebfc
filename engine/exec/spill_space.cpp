#include "exec/spill_space.h"

#include <algorithm>
#include <cassert>

#include "base/checksum.h"
#include "platform/temporary_file.h"

namespace drift::exec {

namespace {

constexpr std::size_t kBlockBytesMin = 4 * 1024;
constexpr std::size_t kBlockBytesMax = 128 * 1024;
/// Of workBytes: partitions, or runs that are merged, have a block each in memory.
constexpr std::size_t kBlocksInMemory = 64;
constexpr std::size_t kChecksumBytes = sizeof(std::uint64_t);

}  // namespace

SpillSpace::SpillSpace(platform::FileSystem& files, const std::string& databasePath, SpillLimits limits)
    : m_files(files),
      m_databasePath(databasePath),
      m_limits(std::move(limits)),
      m_blockBytes(std::clamp(m_limits.workBytes / kBlocksInMemory, kBlockBytesMin, kBlockBytesMax)) {}

std::vector<std::string> SpillSpace::folders() const {
  if (!m_limits.folder.empty()) return {m_limits.folder};
  // Beside the database, where there is room for what belongs to it; elsewhere if nothing may be written there.
  const auto slash = m_databasePath.find_last_of('/');
  const auto own = slash == std::string::npos ? std::string() : m_databasePath.substr(0, slash + (slash == 0));
  std::vector<std::string> folders{own};
  if (auto folder = platform::temporaryFolder(); !folder.empty()) folders.push_back(std::move(folder));
  return folders;
}

Status SpillSpace::open() {
  Status status;
  for (const auto& folder : folders()) {
    auto file = platform::openTemporary(m_files, folder);
    if (file.ok()) {
      m_file = std::move(file).value();
      m_folder = folder.empty() ? "." : folder;
      return {};
    }
    if (status.ok()) status = std::move(file).error();  // what the first folder said is what the user can mend
  }
  return Error(status.error().kind(), "no temporary file could be made for the rows that do not fit in memory")
      .withHint("SET temp_directory names a folder for it; SET query_memory and SET work_mem give the statement more "
                "memory.")
      .causedBy(std::move(status).error());
}

std::uint64_t SpillSpace::offsetOf(std::uint32_t block) const { return block * (m_blockBytes + kChecksumBytes); }

Status SpillSpace::putBlock(std::uint32_t block, ByteSpan payload) {
  Bytes bytes;
  bytes.reserve(kChecksumBytes + payload.size());
  ByteWriter writer(bytes);
  writer.fixed(xxh3(payload, block));
  writer.raw(payload);
  return m_file->writeAt(offsetOf(block), bytes);
}

Status SpillSpace::getBlock(std::uint32_t block, std::span<std::byte> payload) const {
  Bytes bytes(kChecksumBytes + payload.size());
  DRIFT_TRY(m_file->readAt(offsetOf(block), bytes));
  ByteReader reader(bytes);
  DRIFT_ASSIGN(const auto checksum, reader.fixed<std::uint64_t>());
  std::copy(bytes.begin() + kChecksumBytes, bytes.end(), payload.begin());
  if (checksum == xxh3(payload, block)) return {};
  return makeError(ErrorKind::DataCorrupted, "the temporary file of the statement in \"{}\" reads back damaged",
                   m_folder)
      .withHint("The database is not touched by this; the disk should be looked at.");
}

Result<std::uint32_t> SpillSpace::write(ByteSpan payload) {
  assert(payload.size() <= m_blockBytes);
  if ((m_usedBlocks + 1) * m_blockBytes > m_limits.fileBytesMax)
    return makeError(ErrorKind::LimitExceeded,
                     "the statement needs more than {} kB of temporary files; setting: temp_file_limit",
                     m_limits.fileBytesMax / 1024)
        .withHint("SET temp_file_limit = '-1' lifts the limit; SET query_memory and SET work_mem give the statement "
                  "more memory.");
  if (!m_file) DRIFT_TRY(open());
  // Room for all blocks, so that giving one back takes no memory.
  if (m_freeBlocks.capacity() <= m_blockCount) m_freeBlocks.reserve(std::max<std::size_t>(64, m_blockCount * 2ull));
  const bool reused = !m_freeBlocks.empty();
  const auto block = reused ? m_freeBlocks.back() : m_blockCount;
  if (auto written = putBlock(block, payload); !written.ok()) {
    if (written.error().kind() != ErrorKind::DiskFull) return std::move(written).error();
    return makeError(ErrorKind::DiskFull,
                     "the disk of \"{}\" is full: the temporary file of the statement had {} MB there", m_folder,
                     usedBytes() / (1024 * 1024))
        .withHint("SET temp_directory names a folder on another disk; SET query_memory and SET work_mem give the "
                  "statement more memory.")
        .causedBy(std::move(written).error());
  }
  if (reused) m_freeBlocks.pop_back();
  else ++m_blockCount;
  ++m_usedBlocks;
  return block;
}

Status SpillSpace::read(std::uint32_t block, std::span<std::byte> payload) const { return getBlock(block, payload); }

void SpillSpace::free(std::uint32_t block) {
  m_freeBlocks.push_back(block);
  --m_usedBlocks;
}

}  // namespace drift::exec
