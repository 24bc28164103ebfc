// Tables and answers of TPC-H as text files with | between the fields, in a folder or an archive (tar in any usual
// compression): lineitem.tbl …, answers/q01.csv … with a header. One thread.
#pragma once

#include <map>
#include <string>

#include "databases.h"

namespace drift::tpch {

struct Archive {
  std::map<std::string, std::string> tables;   ///< by table: the text
  std::map<std::string, std::string> answers;  ///< by "q01": the text
};

/// FileNotFound, InvalidParameterValue …, as formats::visitFiles().
Result<Archive> readArchive(const std::string& path);

/// Gives the rows of a table's text to the sink, chunk by chunk.
Status readRows(const Table& table, const std::string& text, const RowSink& sink);
/// The rows of an answer's text, without the header.
Answer readAnswer(const std::string& text);

}  // namespace drift::tpch
