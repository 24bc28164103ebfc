// SchemaModel: the tree of a database's objects at the moment of the playhead. GUI thread.
//
//   shop.drift
//     Tables (8)
//       orders                 12,431
//         id                   integer
//         orders_pkey          primary key
//       refunds                not yet        ghost: exists later
//       coupons                dropped        ghost: existed earlier
//
// The tree is rebuilt only when the shape of the schema changes; row counts alone are updated in place.
#pragma once

#include <memory>
#include <vector>

#include <QAbstractItemModel>

#include "models/playhead.h"
#include "models/table_reading.h"

namespace drift::gui::models {

class SchemaModel final : public QAbstractItemModel {
  Q_OBJECT

 public:
  enum class Kind { Database, Tables, Table, Column, Index };
  enum class Ghost { None, NotYet, Dropped };
  enum Role : int {
    KindRole = Qt::UserRole + 1,  ///< int(Kind)
    GhostRole,                    ///< int(Ghost)
    DetailRole,                   ///< QString, drawn dim at the right
    IdRole,                       ///< QString, the same for the same object at every moment
  };

  SchemaModel(bridge::EngineClient* client, Playhead* playhead, QObject* parent = nullptr);
  ~SchemaModel() override;

  /// The table that an index belongs to, itself a table or below one.
  std::optional<TableRef> tableAt(const QModelIndex& index) const;
  QModelIndex indexOfTable(TreeId id) const;
  /// Every table there ever was.
  const std::vector<TableLife>& lives() const { return m_lives; }
  const std::optional<api::Schema>& schema() const { return m_schema; }
  Ghost ghostOf(TreeId table) const;

  QModelIndex index(int row, int column, const QModelIndex& parent = {}) const override;
  QModelIndex parent(const QModelIndex& index) const override;
  int rowCount(const QModelIndex& parent = {}) const override;
  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;
  Qt::ItemFlags flags(const QModelIndex& index) const override;

 signals:
  /// The schema of the playhead's moment is shown.
  void schemaShown();
  void failed(const QString& sentence);

 private:
  struct Node;
  struct Reading;

  void read();
  void show(Reading reading);
  void rebuild();
  void updateCounts();
  std::unique_ptr<Node> tableNode(const api::TableInfo& info, Node* parent) const;
  QString shape() const;
  Node* nodeOf(const QModelIndex& index) const;
  Node* tablesNode() const;

  bridge::EngineClient* m_client;
  Playhead* m_playhead;
  std::optional<api::Schema> m_schema;
  std::vector<TableLife> m_lives;
  CommitNumber m_livesUntil = 0;  // head when m_lives were read
  CommitNumber m_shownAt = kNoCommit;
  QString m_shape;
  std::unique_ptr<Node> m_root;  // the database
  bridge::LatestRead<Reading> m_read;
};

}  // namespace drift::gui::models
