#include "session/cursors.h"

#include <algorithm>
#include <limits>

namespace drift::session {

namespace {

constexpr auto kAllRows = std::numeric_limits<std::uint64_t>::max() / 2;

Error unknownCursor(const sql::Identifier& name) {
  return makeError(ErrorKind::UndefinedCursor, "cursor \"{}\" does not exist", name.text).at(name.span);
}

std::uint64_t magnitude(std::int64_t number) {
  return number < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(number) : static_cast<std::uint64_t>(number);
}

}  // namespace

Status Cursors::checkFree(const sql::Identifier& name) const {
  if (!m_cursors.contains(name.text)) return {};
  return makeError(ErrorKind::DuplicateCursor, "cursor \"{}\" already exists", name.text).at(name.span);
}

Status Cursors::open(const sql::DeclareCursor& declare, std::shared_ptr<StatementRun> run, bool outlives) {
  Cursor cursor;
  cursor.columns = run->columns();
  cursor.run = std::move(run);
  cursor.forwardOnly = declare.forwardOnly;
  cursor.hold = declare.hold;
  if (outlives) {
    DRIFT_TRY(read(cursor, kAllRows));
    cursor.committed = true;
  }
  m_cursors.emplace(declare.name.text, std::move(cursor));
  return {};
}

Status Cursors::close(const sql::CloseCursor& close) {
  if (!close.name) m_cursors.clear();
  else if (m_cursors.erase(close.name->text) == 0) return unknownCursor(*close.name);
  return {};
}

Status Cursors::read(Cursor& cursor, std::uint64_t rows) {
  while (cursor.run && cursor.rowCount < rows) {
    types::Chunk chunk;
    DRIFT_ASSIGN(const bool more, cursor.run->next(chunk));
    if (!more) {
      cursor.run.reset();
      break;
    }
    cursor.rowCount += chunk.rowCount();
    cursor.chunks.push_back(std::move(chunk));
  }
  return {};
}

Status Cursors::readAll(bool heldOnly) {
  for (auto& [name, cursor] : m_cursors)
    if (cursor.hold || !heldOnly) DRIFT_TRY(read(cursor, kAllRows));
  return {};
}

void Cursors::endTransaction(bool committed) {
  std::erase_if(m_cursors, [committed](const auto& entry) {
    const auto& cursor = entry.second;
    return !cursor.committed && !(committed && cursor.hold);
  });
  for (auto& [name, cursor] : m_cursors) cursor.committed = true;
}

Result<Cursors::Range> Cursors::forward(Cursor& cursor, std::uint64_t count) {
  const auto before = cursor.position;
  const auto wanted = before + count;
  DRIFT_TRY(read(cursor, wanted));
  cursor.position = std::min(wanted, cursor.rowCount + 1);
  if (count == 0) return before >= 1 && before <= cursor.rowCount ? Range{before, before} : Range{};
  const auto last = std::min(wanted, cursor.rowCount);
  return before < last ? Range{before + 1, last} : Range{};
}

Cursors::Range Cursors::backward(Cursor& cursor, std::uint64_t count) {
  const auto before = cursor.position;
  cursor.position = before > count ? before - count : 0;
  if (before <= 1 || count == 0) return {};
  return {before - 1, std::max<std::uint64_t>(cursor.position, 1)};
}

Cursors::Range Cursors::toRow(Cursor& cursor, std::uint64_t row) {
  cursor.position = std::min(row, cursor.rowCount + 1);
  return cursor.position >= 1 && cursor.position <= cursor.rowCount ? Range{cursor.position, cursor.position} : Range{};
}

Result<Cursors::Range> Cursors::move(Cursor& cursor, const sql::Fetch& fetch) {
  const auto count = fetch.count ? magnitude(*fetch.count) : kAllRows;
  const bool negative = fetch.count && *fetch.count < 0;
  const bool absolute = fetch.kind == sql::FetchKind::Absolute;
  const bool relative = fetch.kind == sql::FetchKind::Relative;
  const bool back = (fetch.kind == sql::FetchKind::Backward) != negative && count != 0;
  if (cursor.forwardOnly && (back || absolute))
    return Error(ErrorKind::WrongObjectState, "cursor can only scan forward")
        .withHint("Declare it with SCROLL option to enable backward scan.");
  if (absolute) {
    DRIFT_TRY(read(cursor, negative ? kAllRows : count));
    return toRow(cursor, !negative ? count : cursor.rowCount + 1 > count ? cursor.rowCount + 1 - count : 0);
  }
  if (relative) {
    if (back) return toRow(cursor, cursor.position > count ? cursor.position - count : 0);
    DRIFT_TRY(read(cursor, cursor.position + count));
    return toRow(cursor, cursor.position + count);
  }
  if (!back) return forward(cursor, count);
  return backward(cursor, count);
}

std::vector<types::Chunk> Cursors::rowsOf(const Cursor& cursor, Range range) {
  std::vector<types::Chunk> rows;
  if (range.size() == 0) return rows;
  const bool back = range.first > range.last;
  const auto low = std::min(range.first, range.last);
  const auto high = std::max(range.first, range.last);
  auto before = cursor.firstRow;  // rows before the chunk
  for (const auto& chunk : cursor.chunks) {
    types::Selection chosen;
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
      const auto number = before + row + 1;
      if (number >= low && number <= high) chosen.push_back(static_cast<std::uint16_t>(row));
    }
    before += chunk.rowCount();
    if (chosen.empty()) continue;
    if (back) std::ranges::reverse(chosen);
    rows.push_back(chunk.selected(chosen));
  }
  if (back) std::ranges::reverse(rows);
  return rows;
}

void Cursors::dropPassed(Cursor& cursor) {
  while (!cursor.chunks.empty() && cursor.firstRow + cursor.chunks.front().rowCount() < cursor.position) {
    cursor.firstRow += cursor.chunks.front().rowCount();
    cursor.chunks.erase(cursor.chunks.begin());
  }
}

Result<std::unique_ptr<api::ResultSet>> Cursors::fetch(const sql::Fetch& fetch) {
  const auto found = m_cursors.find(fetch.cursor.text);
  if (found == m_cursors.end()) return unknownCursor(fetch.cursor);
  auto& cursor = found->second;
  auto moved = move(cursor, fetch);
  if (!moved.ok()) return std::move(moved).error().at(fetch.cursor.span);
  StoredResult::Contents contents;
  contents.tag = fmt::format("{} {}", fetch.move ? "MOVE" : "FETCH", moved->size());
  contents.affectedRows = moved->size();
  if (!fetch.move) {
    contents.columns = cursor.columns;
    contents.chunks = rowsOf(cursor, *moved);
  }
  if (cursor.forwardOnly) dropPassed(cursor);
  return std::unique_ptr<api::ResultSet>(std::make_unique<StoredResult>(std::move(contents)));
}

}  // namespace drift::session
