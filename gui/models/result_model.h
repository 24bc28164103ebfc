// ResultModel: the rows of one query, kept as the chunks that the engine gave. GUI thread.
//
// Rows come in batches; the model asks for more when a view reaches the end. It holds at most kRowsMax
// rows and kCellsMax cells, and says so when there were more.
#pragma once

#include <memory>

#include "models/grid_model.h"

namespace drift::gui::models {

class ResultModel final : public GridModel {
  Q_OBJECT

 public:
  static constexpr quint64 kRowsMax = 500'000;
  static constexpr quint64 kCellsMax = 8'000'000;

  using GridModel::GridModel;

  /// Forgets all rows and takes the columns of a new result.
  void start(const std::vector<api::ResultColumn>& columns);
  /// Adds a batch. `atEnd`: it was the last; `cut`: more rows exist that will not come.
  void append(std::shared_ptr<const api::Chunk> rows, bool atEnd, bool cut);
  void clear();

  /// True where rows exist that are not shown and will not be.
  bool isCut() const { return m_cut; }

  quint64 totalRows() const override { return static_cast<quint64>(m_rowCount); }
  bool totalIsExact() const override { return m_atEnd && !m_cut; }
  QString tableName() const override { return QStringLiteral("result"); }
  std::optional<api::Value> value(int row, int column) const override;

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  bool canFetchMore(const QModelIndex& parent) const override;
  void fetchMore(const QModelIndex& parent) override;

 signals:
  /// The view is near the end of what has come.
  void moreWanted();
  /// No more rows are wanted: the bound is reached.
  void boundReached();

 private:
  struct Part {
    int firstRow;
    std::shared_ptr<const api::Chunk> rows;
  };
  /// The part that holds a row, and the row within it.
  std::pair<const api::Chunk*, std::size_t> find(int row) const;

  std::vector<Part> m_parts;  // by firstRow
  int m_rowCount = 0;
  bool m_atEnd = true;
  bool m_cut = false;
};

}  // namespace drift::gui::models
