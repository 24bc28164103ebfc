#include "session/results.h"

#include <cassert>

namespace drift::session {

Result<bool> StoredResult::next(types::Chunk& out) {
  out.clear();
  if (m_next == m_contents.chunks.size()) return false;
  out = std::move(m_contents.chunks[m_next++]);
  return true;
}

std::unique_ptr<api::ResultSet> tagResult(std::string tag, std::optional<CommitNumber> committed) {
  return std::make_unique<StoredResult>(StoredResult::Contents{
      .columns = {}, .chunks = {}, .tag = std::move(tag), .affectedRows = 0, .committed = committed});
}

std::unique_ptr<api::ResultSet> textResult(const std::vector<std::string>& columns,
                                           const std::vector<std::vector<std::string>>& rows, std::string tag) {
  assert(rows.size() <= types::kChunkRows);
  StoredResult::Contents contents;
  contents.tag = std::move(tag);
  contents.affectedRows = rows.size();
  for (const auto& name : columns)
    contents.columns.push_back({name, types::TypeId::Text, std::nullopt, std::nullopt});
  const std::vector<types::Type> types(columns.size(), types::TypeId::Text);
  types::Chunk chunk(types, rows.size());
  for (std::size_t row = 0; row < rows.size(); ++row)
    for (std::size_t at = 0; at < columns.size(); ++at) chunk.column(at).setString(row, rows[row][at]);
  chunk.setRowCount(rows.size());
  contents.chunks.push_back(std::move(chunk));
  return std::make_unique<StoredResult>(std::move(contents));
}

}  // namespace drift::session
