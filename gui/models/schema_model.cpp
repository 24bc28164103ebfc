#include "models/schema_model.h"

#include <algorithm>

#include <QFileInfo>
#include <QLocale>

#include "bridge/text.h"

namespace drift::gui::models {

struct SchemaModel::Node {
  Kind kind = Kind::Table;
  Ghost ghost = Ghost::None;
  QString id;
  QString text;
  QString detail;
  QString toolTip;
  TableRef table;
  Node* parent = nullptr;
  std::vector<std::unique_ptr<Node>> children;

  Node* add(std::unique_ptr<Node> child) {
    child->parent = this;
    children.push_back(std::move(child));
    return children.back().get();
  }
  int row() const {
    if (!parent) return 0;
    const auto& siblings = parent->children;
    return static_cast<int>(std::find_if(siblings.begin(), siblings.end(), [this](const auto& node) {
                              return node.get() == this;
                            }) - siblings.begin());
  }
};

struct SchemaModel::Reading {
  CommitNumber at = kNoCommit;
  CommitNumber head = 0;
  std::optional<api::Schema> schema;
  std::optional<std::vector<TableLife>> lives;
  std::optional<Error> error;
};

SchemaModel::SchemaModel(bridge::EngineClient* client, Playhead* playhead, QObject* parent)
    : QAbstractItemModel(parent), m_client(client), m_playhead(playhead), m_read(client, this) {
  connect(playhead, &Playhead::momentChanged, this, &SchemaModel::read);
  connect(client, &bridge::EngineClient::headMoved, this, &SchemaModel::read);
  read();
}

SchemaModel::~SchemaModel() = default;

void SchemaModel::read() {
  m_read.submit(
      [at = m_playhead->moment().value_or(kNoCommit), known = m_livesUntil](const api::Database& database) {
        Reading reading;
        reading.at = at;
        auto schema = database.schemaAt(at);
        if (!schema.ok()) {
          reading.error = std::move(schema).error();
          return reading;
        }
        reading.schema = std::move(schema).value();
        const auto extent = database.extent();
        if (!extent.ok()) {
          reading.error = extent.error();
          return reading;
        }
        reading.head = extent->last;
        // Lives change only when a commit since the last reading changed the catalog.
        bool changed = known == 0;
        if (known != 0 && known != reading.head) {
          const auto next = database.step(known, true, kCatalogTree);
          if (!next.ok()) {
            reading.error = next.error();
            return reading;
          }
          changed = next->has_value();
        }
        if (changed) {
          auto lives = readTableLives(database);
          if (lives.ok()) {
            reading.lives = std::move(lives).value();
          } else {
            reading.error = std::move(lives).error();
          }
        }
        return reading;
      },
      [this](Reading reading) { show(std::move(reading)); });
}

void SchemaModel::show(Reading reading) {
  if (reading.error) {
    emit failed(bridge::sentenceOf(*reading.error));
    return;
  }
  m_schema = std::move(reading.schema);
  m_shownAt = reading.at;
  m_livesUntil = reading.head;
  if (reading.lives) m_lives = std::move(*reading.lives);
  const QString shape = this->shape();
  if (shape != m_shape || !m_root) {
    m_shape = shape;
    rebuild();
  } else {
    updateCounts();
  }
  emit schemaShown();
}

SchemaModel::Ghost SchemaModel::ghostOf(TreeId table) const {
  if (!m_schema) return Ghost::None;
  const bool there = std::any_of(m_schema->tables.begin(), m_schema->tables.end(),
                                 [&](const api::TableInfo& info) { return info.id == table; });
  if (there) return Ghost::None;
  const auto life = std::find_if(m_lives.begin(), m_lives.end(),
                                 [&](const TableLife& known) { return known.table.id == table; });
  return life != m_lives.end() && life->until <= m_shownAt ? Ghost::Dropped : Ghost::NotYet;
}

QString SchemaModel::shape() const {
  QString shape;
  for (const auto& info : m_schema->tables) {
    shape += QStringLiteral("%1:%2(").arg(info.id).arg(bridge::fromEngine(info.name));
    for (const auto& column : info.columns)
      shape += QStringLiteral("%1 %2 %3%4,")
                   .arg(column.id)
                   .arg(bridge::fromEngine(column.name), bridge::fromEngine(column.type.name()))
                   .arg(column.notNull);
    for (const auto& index : info.indexes) shape += bridge::fromEngine(index.name) + QLatin1Char(';');
    shape += QLatin1Char(')');
  }
  for (const auto& life : m_lives)
    if (const auto ghost = ghostOf(life.table.id); ghost != Ghost::None)
      shape += QStringLiteral("|%1:%2").arg(life.table.id).arg(static_cast<int>(ghost));
  return shape;
}

std::unique_ptr<SchemaModel::Node> SchemaModel::tableNode(const api::TableInfo& info, Node* parent) const {
  auto table = std::make_unique<Node>();
  table->kind = Kind::Table;
  table->id = QStringLiteral("t%1").arg(info.id);
  table->text = bridge::fromEngine(info.name);
  table->detail = QLocale().toString(static_cast<qulonglong>(info.rowCount));
  table->toolTip = tr("Table %1, rows: %2", "name, count").arg(table->text, table->detail);
  table->table = {info.id, info.name};
  table->parent = parent;
  for (const auto& column : info.columns) {
    auto* node = table->add(std::make_unique<Node>());
    node->kind = Kind::Column;
    node->id = QStringLiteral("t%1c%2").arg(info.id).arg(column.id);
    node->text = bridge::fromEngine(column.name);
    node->detail = bridge::fromEngine(column.type.name());
    QStringList facts{node->detail};
    if (column.inPrimaryKey) facts << tr("primary key");
    if (column.notNull) facts << tr("not null");
    if (!column.defaultSql.empty()) facts << tr("default %1").arg(bridge::fromEngine(column.defaultSql));
    node->toolTip = facts.join(QStringLiteral(", "));
    node->table = table->table;
  }
  for (const auto& index : info.indexes) {
    auto* node = table->add(std::make_unique<Node>());
    node->kind = Kind::Index;
    node->id = QStringLiteral("t%1i%2").arg(info.id).arg(bridge::fromEngine(index.name));
    node->text = bridge::fromEngine(index.name);
    node->detail = index.primary ? tr("primary key") : index.unique ? tr("unique") : tr("index");
    QStringList columns;
    for (const auto& column : index.columns) columns << bridge::fromEngine(column);
    node->toolTip = tr("%1 on %2").arg(node->detail, columns.join(QStringLiteral(", ")));
    node->table = table->table;
  }
  return table;
}

void SchemaModel::rebuild() {
  beginResetModel();
  m_root = std::make_unique<Node>();
  m_root->kind = Kind::Database;
  m_root->id = QStringLiteral("database");
  m_root->text = QFileInfo(m_client->facts().path).fileName();
  m_root->toolTip = m_client->facts().path;
  auto* tables = m_root->add(std::make_unique<Node>());
  tables->kind = Kind::Tables;
  tables->id = QStringLiteral("tables");
  tables->text = tr("Tables (%1)").arg(m_schema->tables.size());
  for (const auto& info : m_schema->tables) tables->add(tableNode(info, tables));
  for (const auto& life : m_lives) {
    const Ghost ghost = ghostOf(life.table.id);
    if (ghost == Ghost::None) continue;
    auto* node = tables->add(std::make_unique<Node>());
    node->kind = Kind::Table;
    node->ghost = ghost;
    node->id = QStringLiteral("t%1").arg(life.table.id);
    node->text = bridge::fromEngine(life.table.name);
    node->detail = ghost == Ghost::NotYet ? tr("not yet") : tr("dropped");
    node->toolTip = ghost == Ghost::NotYet ? tr("Created later, by commit #%1").arg(life.from)
                                           : tr("Dropped by commit #%1").arg(life.until);
    node->table = life.table;
  }
  endResetModel();
}

void SchemaModel::updateCounts() {
  auto* tables = tablesNode();
  const QModelIndex group = index(0, 0, index(0, 0));
  for (std::size_t row = 0; row < m_schema->tables.size(); ++row) {
    const QString count = QLocale().toString(static_cast<qulonglong>(m_schema->tables[row].rowCount));
    Node& node = *tables->children[row];
    if (node.detail == count) continue;
    node.detail = count;
    node.toolTip = tr("Table %1, rows: %2", "name, count").arg(node.text, count);
    const QModelIndex at = index(static_cast<int>(row), 0, group);
    emit dataChanged(at, at, {DetailRole, Qt::ToolTipRole});
  }
}

SchemaModel::Node* SchemaModel::tablesNode() const { return m_root->children.front().get(); }

SchemaModel::Node* SchemaModel::nodeOf(const QModelIndex& index) const {
  return static_cast<Node*>(index.internalPointer());
}

std::optional<TableRef> SchemaModel::tableAt(const QModelIndex& index) const {
  if (!index.isValid() || nodeOf(index)->table.id == 0) return std::nullopt;
  return nodeOf(index)->table;
}

QModelIndex SchemaModel::indexOfTable(TreeId id) const {
  if (!m_root) return {};
  const auto& tables = tablesNode()->children;
  for (const auto& node : tables)
    if (node->table.id == id) return createIndex(node->row(), 0, node.get());
  return {};
}

QModelIndex SchemaModel::index(int row, int column, const QModelIndex& parent) const {
  if (!m_root || column != 0 || row < 0) return {};
  if (!parent.isValid()) return row == 0 ? createIndex(0, 0, m_root.get()) : QModelIndex();
  const auto& children = nodeOf(parent)->children;
  if (row >= static_cast<int>(children.size())) return {};
  return createIndex(row, 0, children[static_cast<std::size_t>(row)].get());
}

QModelIndex SchemaModel::parent(const QModelIndex& index) const {
  if (!index.isValid()) return {};
  Node* above = nodeOf(index)->parent;
  return above ? createIndex(above->row(), 0, above) : QModelIndex();
}

int SchemaModel::rowCount(const QModelIndex& parent) const {
  if (!m_root) return 0;
  return parent.isValid() ? static_cast<int>(nodeOf(parent)->children.size()) : 1;
}

int SchemaModel::columnCount(const QModelIndex&) const { return 1; }

QVariant SchemaModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid()) return {};
  const Node& node = *nodeOf(index);
  switch (role) {
    case Qt::DisplayRole: return node.text;
    case Qt::ToolTipRole: return node.toolTip;
    case Qt::AccessibleTextRole:
      return node.detail.isEmpty() ? node.text : QStringLiteral("%1, %2").arg(node.text, node.detail);
    case KindRole: return static_cast<int>(node.kind);
    case GhostRole: return static_cast<int>(node.ghost);
    case DetailRole: return node.detail;
    case IdRole: return node.id;
    default: return {};
  }
}

Qt::ItemFlags SchemaModel::flags(const QModelIndex& index) const {
  return index.isValid() ? Qt::ItemIsEnabled | Qt::ItemIsSelectable : Qt::NoItemFlags;
}

}  // namespace drift::gui::models
