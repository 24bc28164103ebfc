// CREATE TABLE, DROP TABLE, ALTER TABLE.
#include "sql/grammar.h"

namespace drift::sql {

Result<bool> Grammar::ifExists() {
  if (!m_tokens.at(Keyword::If)) return false;
  m_tokens.take();
  DRIFT_TRY(m_tokens.expect(Keyword::Exists));
  return true;
}

Result<bool> Grammar::ifNotExists() {
  if (!m_tokens.at(Keyword::If, Keyword::Not)) return false;
  m_tokens.take();
  m_tokens.take();
  DRIFT_TRY(m_tokens.expect(Keyword::Exists));
  return true;
}

DropBehavior Grammar::dropBehavior() {
  if (m_tokens.accept(Keyword::Cascade)) return DropBehavior::Cascade;
  m_tokens.accept(Keyword::Restrict);
  return DropBehavior::Restrict;
}

// ON COMMIT PRESERVE ROWS | DELETE ROWS | DROP
Result<OnCommit> Grammar::onCommit(bool temporary) {
  auto action = OnCommit::PreserveRows;
  if (!m_tokens.at(Keyword::On)) return action;
  const SourceSpan start = m_tokens.take().span;
  DRIFT_TRY(m_tokens.expect(Keyword::Commit));
  if (m_tokens.accept(Keyword::Drop)) {
    action = OnCommit::Drop;
  } else if (m_tokens.accept(Keyword::Delete, Keyword::Rows)) {
    action = OnCommit::DeleteRows;
  } else if (!m_tokens.accept(Keyword::Preserve, Keyword::Rows)) {
    return m_tokens.syntaxError();
  }
  if (!temporary)
    return Error(ErrorKind::InvalidTableDefinition, "ON COMMIT can only be used on temporary tables").at(start);
  return action;
}

Result<StatementNode> Grammar::createTable(bool temporary) {
  CreateTable table;
  table.temporary = temporary;
  DRIFT_ASSIGN(table.ifNotExists, ifNotExists());
  DRIFT_ASSIGN(table.name, qualifiedName(NameClass::Column));
  if (m_tokens.at(Keyword::As)) return createTableAs(table.ifNotExists, temporary, std::move(table.name), {});
  if (m_tokens.at(Keyword::On)) return createTableAs(table.ifNotExists, temporary, std::move(table.name), {});
  if (m_tokens.at(Keyword::Of) || m_tokens.at(Keyword::Partition))
    return m_tokens.notSupported(m_tokens.at(Keyword::Of) ? "CREATE TABLE … OF" : "A partition", here());
  if (!m_tokens.at(TokenKind::LeftParen)) return m_tokens.syntaxError();
  const TokenKind afterName = m_tokens.peek(2).kind;
  if (afterName == TokenKind::Comma || afterName == TokenKind::RightParen) {
    DRIFT_ASSIGN(auto columns, nameList());
    return createTableAs(table.ifNotExists, temporary, std::move(table.name), std::move(columns));
  }
  m_tokens.take();
  if (m_tokens.at(TokenKind::RightParen))
    return m_tokens.notSupported("A table without columns", m_tokens.since(table.name.span));
  do {
    DRIFT_TRY(tableElement(table));
  } while (m_tokens.accept(TokenKind::Comma));
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  switch (m_tokens.peek().keyword) {
    case Keyword::Inherits: return m_tokens.notSupported("INHERITS", here());
    case Keyword::Partition: return m_tokens.notSupported("PARTITION BY", here());
    case Keyword::Using: return m_tokens.notSupported("USING", here());
    case Keyword::With: return m_tokens.notSupported("WITH (storage parameters)", here());
    case Keyword::Tablespace: return m_tokens.notSupported("TABLESPACE", here());
    default: break;
  }
  DRIFT_ASSIGN(table.onCommit, onCommit(temporary));
  return StatementNode(std::move(table));
}

Result<StatementNode> Grammar::createTableAs(bool ifNotExists, bool temporary, QualifiedName name,
                                             std::vector<Identifier> columns) {
  CreateTableAs table;
  table.ifNotExists = ifNotExists;
  table.name = std::move(name);
  table.columns = std::move(columns);
  table.temporary = temporary;
  DRIFT_ASSIGN(table.onCommit, onCommit(temporary));
  DRIFT_TRY(m_tokens.expect(Keyword::As));
  if (m_tokens.at(Keyword::Execute)) return m_tokens.notSupported("CREATE TABLE AS EXECUTE", here());
  DRIFT_ASSIGN(table.query, query());
  if (m_tokens.accept(Keyword::With)) {
    table.withData = !m_tokens.accept(Keyword::No);
    DRIFT_TRY(m_tokens.expect(Keyword::Data));
  }
  return StatementNode(std::move(table));
}

Result<StatementNode> Grammar::createView(bool orReplace) {
  CreateView view;
  view.orReplace = orReplace;
  DRIFT_ASSIGN(view.name, qualifiedName(NameClass::Column));
  if (m_tokens.at(TokenKind::LeftParen)) {
    DRIFT_ASSIGN(view.columns, nameList());
  }
  if (m_tokens.at(Keyword::With)) return m_tokens.notSupported("WITH (view options)", here());
  DRIFT_TRY(m_tokens.expect(Keyword::As));
  DRIFT_ASSIGN(view.query, query());
  if (m_tokens.at(Keyword::With)) return m_tokens.notSupported("WITH CHECK OPTION", here());
  return StatementNode(std::move(view));
}

Result<std::vector<QualifiedName>> Grammar::relationNames() {
  std::vector<QualifiedName> names;
  do {
    DRIFT_ASSIGN(QualifiedName name, qualifiedName(NameClass::Column));
    names.push_back(std::move(name));
  } while (m_tokens.accept(TokenKind::Comma));
  return names;
}

Result<StatementNode> Grammar::dropView(bool materialized) {
  DropView drop;
  drop.materialized = materialized;
  DRIFT_ASSIGN(drop.ifExists, ifExists());
  DRIFT_ASSIGN(drop.names, relationNames());
  drop.behavior = dropBehavior();
  return StatementNode(std::move(drop));
}

Status Grammar::tableElement(CreateTable& table) {
  switch (m_tokens.peek().keyword) {
    case Keyword::Constraint:
    case Keyword::Primary:
    case Keyword::Unique:
    case Keyword::Check:
    case Keyword::Foreign:
    case Keyword::Exclude: {
      DRIFT_ASSIGN(TableConstraint constraint, tableConstraint());
      table.constraints.push_back(std::move(constraint));
      return {};
    }
    case Keyword::Like: return likeTable(table);
    default: break;
  }
  DRIFT_ASSIGN(ColumnDefinition column, columnDefinition());
  table.columns.push_back(std::move(column));
  return {};
}

// LIKE table [INCLUDING | EXCLUDING what …]. STORAGE, COMPRESSION and STATISTICS may be named,
// though there is nothing of these to copy.
Status Grammar::likeTable(CreateTable& table) {
  LikeTable like;
  m_tokens.take();
  DRIFT_ASSIGN(like.table, qualifiedName(NameClass::Column));
  like.before = table.columns.size();
  while (m_tokens.at(Keyword::Including) || m_tokens.at(Keyword::Excluding)) {
    const bool included = m_tokens.take().keyword == Keyword::Including;
    switch (m_tokens.peek().keyword) {
      case Keyword::All:
        like.defaults = like.constraints = like.identity = like.indexes = like.comments = like.generated = included;
        break;
      case Keyword::Constraints: like.constraints = included; break;
      case Keyword::Defaults: like.defaults = included; break;
      case Keyword::Identity: like.identity = included; break;
      case Keyword::Generated: like.generated = included; break;
      case Keyword::Indexes: like.indexes = included; break;
      case Keyword::Comments: like.comments = included; break;
      case Keyword::Compression:
      case Keyword::Statistics:
      case Keyword::Storage: break;
      default: return m_tokens.syntaxError();
    }
    m_tokens.take();
  }
  table.likes.push_back(std::move(like));
  return {};
}

Result<ColumnDefinition> Grammar::columnDefinition() {
  ColumnDefinition column;
  const SourceSpan start = here();
  DRIFT_ASSIGN(column.name, m_tokens.name(NameClass::Column));
  DRIFT_ASSIGN(column.type, typeName());
  while (true) {
    DRIFT_ASSIGN(auto constraint, columnConstraint());
    if (!constraint) break;
    column.constraints.push_back(std::move(*constraint));
  }
  column.span = m_tokens.since(start);
  return column;
}

// One constraint of a column, or nothing where the column ends.
Result<std::optional<ColumnConstraint>> Grammar::columnConstraint() {
  ColumnConstraint constraint;
  const SourceSpan start = here();
  const bool named = m_tokens.accept(Keyword::Constraint);
  if (named) {
    DRIFT_ASSIGN(constraint.name, m_tokens.name(NameClass::Column));
  }
  const Token first = m_tokens.peek();
  if (m_tokens.accept(Keyword::Not, Keyword::Null)) {
    constraint.kind = ColumnConstraintKind::NotNull;
  } else if (m_tokens.accept(Keyword::Null)) {
    constraint.kind = ColumnConstraintKind::Null;
  } else if (m_tokens.accept(Keyword::Default)) {
    constraint.kind = ColumnConstraintKind::Default;
    DRIFT_ASSIGN(constraint.expression, expressionAt(Power::Lowest, true));
  } else if (m_tokens.accept(Keyword::Primary)) {
    DRIFT_TRY(m_tokens.expect(Keyword::Key));
    constraint.kind = ColumnConstraintKind::PrimaryKey;
  } else if (m_tokens.accept(Keyword::Unique)) {
    constraint.kind = ColumnConstraintKind::Unique;
  } else if (m_tokens.at(Keyword::Check)) {
    constraint.kind = ColumnConstraintKind::Check;
    DRIFT_ASSIGN(constraint.expression, checkCondition());
  } else if (first.keyword == Keyword::References) {
    constraint.kind = ColumnConstraintKind::References;
    DRIFT_ASSIGN(constraint.references, references());
  } else if (first.keyword == Keyword::Generated) {
    DRIFT_TRY(identity(constraint));
  } else if (first.keyword == Keyword::Collate) {
    return m_tokens.notSupported("COLLATE", first.span);
  } else if (named) {
    return m_tokens.syntaxError();
  } else {
    return std::optional<ColumnConstraint>();
  }
  DRIFT_TRY(constraintAttributes(nullptr));
  constraint.span = m_tokens.since(start);
  return std::optional<ColumnConstraint>(std::move(constraint));
}

// GENERATED ALWAYS | BY DEFAULT AS IDENTITY [(options)] | GENERATED ALWAYS AS (expression) STORED
Status Grammar::identity(ColumnConstraint& constraint) {
  m_tokens.take();
  constraint.kind = ColumnConstraintKind::Identity;
  constraint.always = m_tokens.accept(Keyword::Always);
  if (!constraint.always) {
    DRIFT_TRY(m_tokens.expect(Keyword::By));
    DRIFT_TRY(m_tokens.expect(Keyword::Default));
  }
  DRIFT_TRY(m_tokens.expect(Keyword::As));
  if (m_tokens.at(TokenKind::LeftParen)) {
    if (!constraint.always)
      return Error(ErrorKind::SyntaxError, "for a generated column, GENERATED ALWAYS must be specified").at(here());
    constraint.kind = ColumnConstraintKind::Generated;
    m_tokens.take();
    DRIFT_ASSIGN(constraint.expression, expression());
    DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
    return m_tokens.expect(Keyword::Stored);
  }
  DRIFT_TRY(m_tokens.expect(Keyword::Identity));
  if (!m_tokens.accept(TokenKind::LeftParen)) return {};
  DRIFT_ASSIGN(constraint.sequence, sequenceOptions());
  if (constraint.sequence->ownedBy || constraint.sequence->ownedByNone || constraint.sequence->restart)
    return m_tokens.syntaxError();
  return m_tokens.expect(TokenKind::RightParen);
}

Result<ExpressionPtr> Grammar::checkCondition() {
  m_tokens.take();
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  DRIFT_ASSIGN(ExpressionPtr condition, expression());
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  return condition;
}

// REFERENCES table [(column, …)] [MATCH SIMPLE] [ON DELETE action] [ON UPDATE action]
Result<References> Grammar::references() {
  References references;
  DRIFT_TRY(m_tokens.expect(Keyword::References));
  DRIFT_ASSIGN(references.table, qualifiedName(NameClass::Column));
  if (m_tokens.at(TokenKind::LeftParen)) {
    DRIFT_ASSIGN(references.columns, nameList());
  }
  if (m_tokens.at(Keyword::Match, Keyword::Full)) return m_tokens.notSupported("MATCH FULL", here());
  if (m_tokens.at(Keyword::Match, Keyword::Partial)) return m_tokens.notSupported("MATCH PARTIAL", here());
  if (m_tokens.accept(Keyword::Match)) DRIFT_TRY(m_tokens.expect(Keyword::Simple));
  DRIFT_TRY(referenceActions(references));
  return references;
}

Status Grammar::referenceActions(References& references) {
  bool isGiven[2] = {};
  while (m_tokens.at(Keyword::On)) {
    m_tokens.take();
    const bool deletes = m_tokens.at(Keyword::Delete);
    if (!deletes && !m_tokens.at(Keyword::Update)) return m_tokens.syntaxError();
    if (std::exchange(isGiven[deletes], true)) return m_tokens.syntaxError();
    m_tokens.take();
    auto& action = deletes ? references.onDelete : references.onUpdate;
    if (m_tokens.accept(Keyword::No, Keyword::Action)) action = ReferenceAction::NoAction;
    else if (m_tokens.accept(Keyword::Restrict)) action = ReferenceAction::Restrict;
    else if (m_tokens.accept(Keyword::Cascade)) action = ReferenceAction::Cascade;
    else if (m_tokens.accept(Keyword::Set, Keyword::Null)) action = ReferenceAction::SetNull;
    else if (m_tokens.accept(Keyword::Set, Keyword::Default)) action = ReferenceAction::SetDefault;
    else return m_tokens.syntaxError();
    if (!m_tokens.at(TokenKind::LeftParen)) continue;
    const bool sets = action == ReferenceAction::SetNull || action == ReferenceAction::SetDefault;
    if (!sets) return m_tokens.syntaxError();
    if (!deletes) return m_tokens.notSupported("A column list with ON UPDATE SET", here());
    DRIFT_ASSIGN(references.setColumns, nameList());
  }
  return {};
}

Result<TableConstraint> Grammar::tableConstraint() {
  TableConstraint constraint;
  const SourceSpan start = here();
  if (m_tokens.accept(Keyword::Constraint)) {
    DRIFT_ASSIGN(constraint.name, m_tokens.name(NameClass::Column));
  }
  const Token first = m_tokens.peek();
  switch (first.keyword) {
    case Keyword::Primary:
      m_tokens.take();
      DRIFT_TRY(m_tokens.expect(Keyword::Key));
      constraint.kind = TableConstraintKind::PrimaryKey;
      break;
    case Keyword::Unique:
      m_tokens.take();
      constraint.kind = TableConstraintKind::Unique;
      break;
    case Keyword::Check: {
      constraint.kind = TableConstraintKind::Check;
      DRIFT_ASSIGN(constraint.expression, checkCondition());
      break;
    }
    case Keyword::Foreign: {
      m_tokens.take();
      DRIFT_TRY(m_tokens.expect(Keyword::Key));
      constraint.kind = TableConstraintKind::ForeignKey;
      DRIFT_ASSIGN(constraint.columns, nameList());
      DRIFT_ASSIGN(constraint.references, references());
      break;
    }
    case Keyword::Exclude: return m_tokens.notSupported("EXCLUDE", first.span);
    default: return m_tokens.syntaxError();
  }
  if (!constraint.expression && !constraint.references) {
    if (m_tokens.at(Keyword::Using)) return m_tokens.notSupported("A constraint with USING INDEX", here());
    DRIFT_ASSIGN(constraint.columns, nameList());
  }
  DRIFT_TRY(constraintAttributes(&constraint.timing));
  const bool isKey =
      constraint.kind == TableConstraintKind::PrimaryKey || constraint.kind == TableConstraintKind::Unique;
  if (constraint.timing.notValid && isKey)
    return makeError(ErrorKind::FeatureNotSupported, "{} constraints cannot be marked NOT VALID",
                     constraint.kind == TableConstraintKind::Unique ? "UNIQUE" : "PRIMARY KEY")
        .at(m_tokens.since(first.span));
  constraint.span = m_tokens.since(start);
  return constraint;
}

// NOT DEFERRABLE and INITIALLY IMMEDIATE are what every constraint is. NOT VALID may be there with `timing` only: that
// of a constraint of a table.
Status Grammar::constraintAttributes(ConstraintTiming* timing) {
  while (true) {
    const Token token = m_tokens.peek();
    if (m_tokens.accept(Keyword::Not, Keyword::Deferrable) || m_tokens.accept(Keyword::Initially, Keyword::Immediate))
      continue;
    if (token.keyword == Keyword::Deferrable || token.keyword == Keyword::Initially)
      return m_tokens.notSupported("A deferrable constraint", token.span);
    if (timing && m_tokens.accept(Keyword::Not, Keyword::Valid)) {
      timing->notValid = true;
      continue;
    }
    if (m_tokens.at(Keyword::No, Keyword::Inherit)) return m_tokens.notSupported("NO INHERIT", token.span);
    if (token.keyword == Keyword::Include) return m_tokens.notSupported("INCLUDE", token.span);
    return {};
  }
}

Result<StatementNode> Grammar::dropTable() {
  DropTable drop;
  DRIFT_ASSIGN(drop.ifExists, ifExists());
  DRIFT_ASSIGN(drop.names, relationNames());
  drop.behavior = dropBehavior();
  return StatementNode(std::move(drop));
}

Result<StatementNode> Grammar::alterTable() {
  AlterTable table;
  DRIFT_ASSIGN(table.ifExists, ifExists());
  if (m_tokens.at(Keyword::Only)) return m_tokens.notSupported("ONLY", here());
  DRIFT_ASSIGN(table.name, qualifiedName(NameClass::Column));
  if (m_tokens.accept(Keyword::Rename)) {
    if (m_tokens.accept(Keyword::To)) {
      DRIFT_ASSIGN(Identifier to, m_tokens.name(NameClass::Column));
      table.actions.emplace_back(RenameTable{std::move(to)});
      return StatementNode(std::move(table));
    }
    if (m_tokens.accept(Keyword::Constraint)) {
      RenameConstraint rename;
      DRIFT_ASSIGN(rename.from, m_tokens.name(NameClass::Column));
      DRIFT_TRY(m_tokens.expect(Keyword::To));
      DRIFT_ASSIGN(rename.to, m_tokens.name(NameClass::Column));
      table.actions.emplace_back(std::move(rename));
      return StatementNode(std::move(table));
    }
    m_tokens.accept(Keyword::Column);
    RenameColumn rename;
    DRIFT_ASSIGN(rename.from, m_tokens.name(NameClass::Column));
    DRIFT_TRY(m_tokens.expect(Keyword::To));
    DRIFT_ASSIGN(rename.to, m_tokens.name(NameClass::Column));
    table.actions.emplace_back(std::move(rename));
    return StatementNode(std::move(table));
  }
  do {
    DRIFT_TRY(alterAction(table));
  } while (m_tokens.accept(TokenKind::Comma));
  return StatementNode(std::move(table));
}

// ALTER [COLUMN] name SET DEFAULT … | DROP DEFAULT | SET NOT NULL | DROP NOT NULL | DROP EXPRESSION [IF EXISTS] |
// [SET DATA] TYPE … [USING …]
Status Grammar::alterColumn(AlterTable& table) {
  const SourceSpan start = m_tokens.take().span;
  AlterColumn alter;
  m_tokens.accept(Keyword::Column);
  DRIFT_ASSIGN(alter.column, m_tokens.name(NameClass::Column));
  if (m_tokens.accept(Keyword::Set, Keyword::Default)) {
    alter.kind = AlterColumnKind::SetDefault;
    DRIFT_ASSIGN(alter.expression, expression());
  } else if (m_tokens.accept(Keyword::Drop, Keyword::Expression)) {
    alter.kind = AlterColumnKind::DropExpression;
    DRIFT_ASSIGN(alter.ifExists, ifExists());
  } else if (m_tokens.accept(Keyword::Drop, Keyword::Default)) {
    alter.kind = AlterColumnKind::DropDefault;
  } else if (m_tokens.at(Keyword::Set, Keyword::Not) || m_tokens.at(Keyword::Drop, Keyword::Not)) {
    alter.kind = m_tokens.at(Keyword::Set) ? AlterColumnKind::SetNotNull : AlterColumnKind::DropNotNull;
    m_tokens.take();
    m_tokens.take();
    DRIFT_TRY(m_tokens.expect(Keyword::Null));
  } else if (m_tokens.at(Keyword::Type) || m_tokens.at(Keyword::Set, Keyword::Data)) {
    alter.kind = AlterColumnKind::SetType;
    m_tokens.accept(Keyword::Set, Keyword::Data);
    DRIFT_TRY(m_tokens.expect(Keyword::Type));
    DRIFT_ASSIGN(alter.type, typeName());
    if (m_tokens.at(Keyword::Collate)) return m_tokens.notSupported("COLLATE", here());
    if (m_tokens.accept(Keyword::Using)) {
      DRIFT_ASSIGN(alter.expression, expression());
    }
  } else if (m_tokens.at(Keyword::Add) || m_tokens.at(Keyword::Set) || m_tokens.at(Keyword::Drop) ||
             m_tokens.at(Keyword::Reset) || m_tokens.at(Keyword::Restart)) {
    return m_tokens.notSupported("this form of ALTER TABLE … ALTER COLUMN", start);
  } else {
    return m_tokens.syntaxError();
  }
  alter.span = m_tokens.since(start);
  table.actions.emplace_back(std::move(alter));
  return {};
}

Status Grammar::alterAction(AlterTable& table) {
  const Token first = m_tokens.peek();
  if (m_tokens.accept(Keyword::Add)) {
    switch (m_tokens.peek().keyword) {
      case Keyword::Constraint:
      case Keyword::Primary:
      case Keyword::Unique:
      case Keyword::Check:
      case Keyword::Foreign:
      case Keyword::Exclude: {
        DRIFT_ASSIGN(TableConstraint constraint, tableConstraint());
        table.actions.emplace_back(AddConstraint{std::move(constraint)});
        return {};
      }
      default: break;
    }
    m_tokens.accept(Keyword::Column);
    AddColumn add;
    DRIFT_ASSIGN(add.ifNotExists, ifNotExists());
    DRIFT_ASSIGN(add.column, columnDefinition());
    table.actions.emplace_back(std::move(add));
    return {};
  }
  if (m_tokens.accept(Keyword::Drop)) {
    if (m_tokens.accept(Keyword::Constraint)) {
      DropConstraint drop;
      DRIFT_ASSIGN(drop.ifExists, ifExists());
      DRIFT_ASSIGN(drop.name, m_tokens.name(NameClass::Column));
      drop.behavior = dropBehavior();
      table.actions.emplace_back(std::move(drop));
      return {};
    }
    m_tokens.accept(Keyword::Column);
    DropColumn drop;
    DRIFT_ASSIGN(drop.ifExists, ifExists());
    DRIFT_ASSIGN(drop.column, m_tokens.name(NameClass::Column));
    drop.behavior = dropBehavior();
    table.actions.emplace_back(std::move(drop));
    return {};
  }
  switch (first.keyword) {
    case Keyword::Alter: return alterColumn(table);
    case Keyword::Owner: return m_tokens.notSupported("ALTER TABLE … OWNER TO", first.span);
    case Keyword::Set: return m_tokens.notSupported("ALTER TABLE … SET", first.span);
    case Keyword::Reset: return m_tokens.notSupported("ALTER TABLE … RESET", first.span);
    case Keyword::Validate: {
      m_tokens.take();
      DRIFT_TRY(m_tokens.expect(Keyword::Constraint));
      DRIFT_ASSIGN(Identifier name, m_tokens.name(NameClass::Column));
      table.actions.emplace_back(ValidateConstraint{std::move(name)});
      return {};
    }
    case Keyword::Attach:
    case Keyword::Detach: return m_tokens.notSupported("A partition", first.span);
    case Keyword::Enable:
    case Keyword::Disable: return m_tokens.notSupported("ALTER TABLE … ENABLE and DISABLE", first.span);
    case Keyword::Inherit:
    case Keyword::No: return m_tokens.notSupported("ALTER TABLE … INHERIT", first.span);
    default: return m_tokens.syntaxError();
  }
}

}  // namespace drift::sql
