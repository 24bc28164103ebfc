// The syntax tree of one SQL statement: what the text says, before any name is looked up.
//
// Plain data: structs, variants, unique_ptr for the nodes that nest. Nodes own their children; a tree
// belongs to one thread at a time. Names are as PostgreSQL's lexical rules leave them: folded to lower
// case unless quoted. Every node has the SourceSpan of its text, so errors can point and callers can
// slice (DEFAULT and CHECK are stored as slices of the statement).
//
// Depth. No tree is deeper than kNestingDepthMax, save for one shape: the left side of a
// BinaryExpression may be a BinaryExpression and so on, once for each term of "a + b + c + …". Walk
// that spine with a loop, everything else may recurse.
#pragma once

#include "sql/ast_expression.h"
#include "sql/ast_query.h"
#include "sql/ast_statement.h"
