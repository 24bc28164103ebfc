#include "layer_check.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>

#include <fmt/format.h>

namespace drift::layers {

namespace {

namespace fs = std::filesystem;

std::string readText(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

std::vector<std::string> words(const std::string& text) {
  std::istringstream in(text);
  return {std::istream_iterator<std::string>(in), {}};
}

std::string withoutComments(const std::string& cmakeLists) {
  return std::regex_replace(cmakeLists, std::regex("#[^\n]*"), "");
}

bool isSource(const fs::path& path) { return path.extension() == ".cpp" || path.extension() == ".h"; }

bool isQtHeader(const std::string& include) {
  static const std::regex pattern(R"(^[<"](Q[A-Z]|Qt|Qsci/).*)");
  return std::regex_match(include, pattern);
}

/// Everything that `from` reaches along `arrows`, without itself.
Names reachable(const std::string& from, const std::map<std::string, Names>& arrows) {
  Names seen;
  std::vector<std::string> open{from};
  while (!open.empty()) {
    const auto next = arrows.find(open.back());
    open.pop_back();
    if (next == arrows.end()) continue;
    for (const auto& name : next->second)
      if (seen.insert(name).second) open.push_back(name);
  }
  return seen;
}

/// One folder of engine/ or gui/ with all that is to be known of it.
struct Folder {
  std::string area;
  std::string name;
  std::string cmakeLists;
  std::vector<Module> modules;
  std::vector<fs::path> sources;

  std::string where() const { return area + "/" + name; }
};

std::vector<Folder> readFolders(const fs::path& root) {
  std::vector<Folder> folders;
  for (const std::string area : {"engine", "gui"}) {
    if (!fs::is_directory(root / area)) continue;
    for (const auto& entry : fs::directory_iterator(root / area)) {
      if (!entry.is_directory()) continue;
      Folder folder{area, entry.path().filename().string(), {}, {}, {}};
      folder.cmakeLists = withoutComments(readText(entry.path() / "CMakeLists.txt"));
      folder.modules = parseModules(folder.cmakeLists);
      for (const auto& file : fs::recursive_directory_iterator(entry.path()))
        if (file.is_regular_file() && isSource(file.path())) folder.sources.push_back(file.path());
      std::ranges::sort(folder.sources);
      folders.push_back(std::move(folder));
    }
  }
  std::ranges::sort(folders, {}, &Folder::where);
  return folders;
}

class Check {
 public:
  explicit Check(const fs::path& root)
      : m_root(root), m_rooms(parseRooms(readText(root / "docs/architecture.md"))), m_folders(readFolders(root)) {
    for (const auto& folder : m_folders)
      for (const auto& module : folder.modules) m_declared[module.name] = module.depends;
    for (const auto& [name, room] : m_rooms) m_allowed[name] = room.arrows;
  }

  std::vector<std::string> run() {
    if (m_rooms.empty()) report("docs/architecture.md has no table of rooms");
    if (m_folders.empty()) report("there is neither engine/ nor gui/");
    for (const auto& folder : m_folders)
      if (!folder.sources.empty()) checkFolder(folder);
    for (const auto& [name, depends] : m_declared)
      if (reachable(name, m_declared).contains(name)) report("the arrows of {} lead back to it", name);
    return std::move(m_violations);
  }

 private:
  template <class... Args>
  void report(fmt::format_string<Args...> format, Args&&... args) {
    m_violations.push_back(fmt::format(format, std::forward<Args>(args)...));
  }

  void checkFolder(const Folder& folder) {
    if (folder.modules.size() != 1 || folder.modules.front().name != folder.name) {
      report("{}/CMakeLists.txt must declare one module, named {}", folder.where(), folder.name);
      return;
    }
    const auto& module = folder.modules.front();
    checkSourcesAreListed(folder);
    checkArrowsAreAllowed(folder, module);
    Names used;
    for (const auto& source : folder.sources) checkIncludes(folder, module, source, used);
    for (const auto& name : module.depends)
      if (!used.contains(name)) report("{} declares {} in DEPENDS and includes nothing of it", folder.where(), name);
  }

  void checkSourcesAreListed(const Folder& folder) {
    const std::regex separators(R"([\s()]+)");
    const Names listed(std::sregex_token_iterator(folder.cmakeLists.begin(), folder.cmakeLists.end(), separators, -1),
                       std::sregex_token_iterator());
    for (const auto& source : folder.sources) {
      const auto name = fs::relative(source, m_root / folder.where()).generic_string();
      if (source.extension() == ".cpp" && !listed.contains(name))
        report("{}/CMakeLists.txt does not list {}", folder.where(), name);
    }
  }

  void checkArrowsAreAllowed(const Folder& folder, const Module& module) {
    const auto room = m_rooms.find(module.name);
    if (room == m_rooms.end() || room->second.area != folder.area) {
      report("docs/architecture.md has no room {}", folder.where());
      return;
    }
    const auto allowed = reachable(module.name, m_allowed);
    for (const auto& name : module.depends)
      if (!allowed.contains(name))
        report("{} may not use {}: docs/architecture.md has no such arrow", folder.where(), name);
  }

  void checkIncludes(const Folder& folder, const Module& module, const fs::path& source, Names& used) {
    const auto file = fs::relative(source, m_root).generic_string();
    for (const auto& include : parseIncludes(readText(source))) {
      if (folder.area == "engine" && isQtHeader(include))
        report("{} includes Qt ({}); the engine knows no Qt", file, include.substr(1));
      if (include.front() != '"') continue;
      const auto slash = include.find('/');
      if (slash == std::string::npos) {
        report("{} includes \"{}\" without the name of its module", file, include.substr(1));
        continue;
      }
      const auto target = include.substr(1, slash - 1);
      used.insert(target);
      if (target != module.name && !module.depends.contains(target))
        report("{} includes \"{}\", but {} does not declare {} in DEPENDS", file, include.substr(1), folder.where(),
               target);
    }
  }

  fs::path m_root;
  std::map<std::string, Room> m_rooms;
  std::vector<Folder> m_folders;
  std::map<std::string, Names> m_declared;
  std::map<std::string, Names> m_allowed;
  std::vector<std::string> m_violations;
};

}  // namespace

std::map<std::string, Room> parseRooms(const std::string& architecturePage) {
  static const std::regex areaLine(R"(^(engine|gui|tests)/.*)");
  static const std::regex roomLine(R"(^\s+([a-z]+)/\s.*->\s*([a-z ]+)$)");
  std::map<std::string, Room> rooms;
  std::istringstream in(architecturePage);
  std::string line, area;
  std::smatch match;
  while (std::getline(in, line)) {
    if (std::regex_match(line, match, areaLine)) area = match[1];
    if (!std::regex_match(line, match, roomLine)) continue;
    Room room{area, {}};
    for (const auto& name : words(match[2]))
      if (name != "nothing") room.arrows.insert(name);
    rooms[match[1]] = std::move(room);
  }
  return rooms;
}

std::vector<Module> parseModules(const std::string& cmakeLists) {
  static const Names keywords{"NAME", "DEPENDS", "SOURCES", "LIBS", "PRIVATE_LIBS", "QT"};
  static const std::regex call(R"(add_module\s*\(([^)]*)\))");
  std::vector<Module> modules;
  const auto text = withoutComments(cmakeLists);
  for (std::sregex_iterator at(text.begin(), text.end(), call), end; at != end; ++at) {
    Module module;
    std::string keyword;
    for (const auto& word : words((*at)[1])) {
      if (keywords.contains(word)) keyword = word;
      else if (keyword == "NAME") module.name = word;
      else if (keyword == "DEPENDS") module.depends.insert(word);
    }
    modules.push_back(std::move(module));
  }
  return modules;
}

std::vector<std::string> parseIncludes(const std::string& source) {
  static const std::regex directive(R"(^\s*#\s*include\s*([<"][^>"]+)[>"])");
  std::vector<std::string> includes;
  std::istringstream in(source);
  std::string line;
  std::smatch match;
  while (std::getline(in, line))
    if (std::regex_search(line, match, directive)) includes.push_back(match[1]);
  return includes;
}

std::vector<std::string> findViolations(const std::filesystem::path& root) { return Check(root).run(); }

}  // namespace drift::layers
