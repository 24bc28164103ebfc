// LayerCheck: compares what the rooms of engine/ and gui/ include with the arrows they declare, and these
// with the arrows the architecture allows. Plain functions over a source tree, no thread rule.
#pragma once

#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace drift::layers {

using Names = std::set<std::string>;

/// What the architecture page says of one room.
struct Room {
  std::string area;  ///< "engine" or "gui"
  Names arrows;      ///< rooms it may use; it may also use whatever these reach
};

/// One module as its CMakeLists.txt declares it.
struct Module {
  std::string name;
  Names depends;
};

/// Reads the table of rooms: the lines "name/ … -> names" of docs/architecture.md below a line "engine/" or
/// "gui/". "nothing" is no arrow.
std::map<std::string, Room> parseRooms(const std::string& architecturePage);

/// Reads the add_module(…) calls of a CMakeLists.txt; comments are skipped.
std::vector<Module> parseModules(const std::string& cmakeLists);

/// Gives the names between <> or "" of every #include of a source text, with their opening character
/// in front: "<vector", "\"base/result.h".
std::vector<std::string> parseIncludes(const std::string& source);

/// Gives one sentence for each thing that is wrong in the tree under `root`; empty = all arrows hold.
///
/// * the folder and the module have one name, and every .cpp file is in the folder's CMakeLists.txt;
/// * every #include "module/…" is of the module itself or of one in its DEPENDS;
/// * every arrow of DEPENDS is used, and leads where the architecture page lets it;
/// * no arrows go round in a circle;
/// * nothing under engine/ includes Qt.
std::vector<std::string> findViolations(const std::filesystem::path& root);

}  // namespace drift::layers
