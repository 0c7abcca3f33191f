#include "pipelines/configuration/yaml_tree.hpp"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/mark.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <sstream>

namespace chalkstream::pipelines {

namespace {

text_position position(const YAML::Mark& mark) {
  return {static_cast<std::size_t>(std::max(mark.line, 0)) + 1,
          static_cast<std::size_t>(std::max(mark.column, 0)) + 1};
}

// Ends the parse; the finding says why.
struct stopped {
  finding why;
};

class tree_builder final : public YAML::EventHandler {
public:
  explicit tree_builder(findings& wrong) : wrong_(wrong) {}

  yaml_node root;

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    no_anchor(mark, anchor);
    if (expects_key())
      throw stopped{{position(mark), "a key is missing in front of the colon"}};
    add({yaml_kind::null, position(mark), {}, false, {}, {}});
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    throw stopped{{position(mark), "aliases (*name) are not supported here; please write the value out"}};
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    no_anchor(mark, anchor);
    if (tag != "?" && tag != "!" && !tag.empty())
      throw stopped{{position(mark), "tags (!name) are not supported here"}};
    if (expects_key()) {
      open_.back().key = yaml_entry{value, position(mark), {}};
      return;
    }
    add({yaml_kind::text, position(mark), value, tag == "!", {}, {}});
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(yaml_kind::list, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(yaml_kind::mapping, mark, anchor);
  }
  void OnMapEnd() override { close(); }

private:
  struct frame {
    yaml_node node;
    std::optional<yaml_entry> key; // read, its value is not there yet
  };

  bool expects_key() const {
    return !open_.empty() && open_.back().node.kind == yaml_kind::mapping && !open_.back().key;
  }

  static void no_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != 0)
      throw stopped{{position(mark), "anchors (&name) are not supported here; please write the value out"}};
  }

  void open(yaml_kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    no_anchor(mark, anchor);
    if (expects_key())
      throw stopped{{position(mark), "a key must be plain text"}};
    open_.push_back({{kind, position(mark), {}, false, {}, {}}, {}});
  }

  void close() {
    auto done = std::move(open_.back().node);
    open_.pop_back();
    add(std::move(done));
  }

  void add(yaml_node node) {
    if (open_.empty()) {
      root = std::move(node);
      return;
    }
    auto& [parent, key] = open_.back();
    if (parent.kind == yaml_kind::list) {
      parent.items.push_back(std::move(node));
      return;
    }
    auto entry = std::move(*key);
    key.reset();
    const auto first = std::find_if(parent.entries.begin(), parent.entries.end(),
                                    [&entry](const yaml_entry& e) { return e.key == entry.key; });
    if (first != parent.entries.end()) {
      wrong_.push_back(
          {entry.at, "'" + entry.key + "' comes twice; the first one is on line " + std::to_string(first->at.line)});
      return;
    }
    entry.value = std::move(node);
    if (entry.value.kind == yaml_kind::null)
      entry.value.at = entry.at; // nothing stands nowhere; yaml-cpp would name what follows
    parent.entries.push_back(std::move(entry));
  }

  findings& wrong_;
  std::vector<frame> open_;
};

// yaml-cpp's words, except where it has none for the commonest slip.
std::string explain(std::string_view text, const YAML::Exception& failure) {
  for (int line = 0; line < failure.mark.line && !text.empty(); ++line)
    text.remove_prefix(std::min(text.find('\n'), text.size() - 1) + 1);
  const auto indent = text.substr(0, text.find_first_not_of(" \t"));
  return indent.find('\t') == std::string_view::npos ? failure.msg : "this line is indented with a tab; use spaces";
}

} // namespace

result<std::string> read_yaml(const std::filesystem::path& file) {
  std::error_code failed;
  if (!std::filesystem::is_regular_file(file, failed))
    return {errc::not_found, file.string() + ": there is no such file"};
  std::ifstream stream(file, std::ios::binary);
  std::string text(max_yaml_bytes + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(std::max<std::streamsize>(stream.gcount(), 0)));
  if (!stream && !stream.eof())
    return {errc::io, file.string() + ": cannot be read"};
  return text;
}

yaml_node parse_yaml(std::string_view text, findings& wrong) {
  if (text.size() > max_yaml_bytes) {
    wrong.push_back({{}, "the file is larger than " + std::to_string(max_yaml_bytes) + " bytes"});
    return {};
  }
  tree_builder builder(wrong);
  try { // yaml-cpp throws; it is caught here
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    tree_builder second(wrong);
    if (parser.HandleNextDocument(builder) && parser.HandleNextDocument(second))
      throw stopped{{second.root.at, "one document is expected, and another one starts here"}};
  } catch (const stopped& end) {
    wrong.push_back(end.why);
  } catch (const YAML::Exception& failure) {
    wrong.push_back({position(failure.mark), "not valid YAML: " + explain(text, failure)});
  }
  return std::move(builder.root);
}

const yaml_node* value_at(const yaml_node& root, std::span<const std::string_view> path) {
  const auto* node = &root;
  for (const auto key : path) {
    const auto at =
        std::find_if(node->entries.begin(), node->entries.end(), [key](const yaml_entry& e) { return e.key == key; });
    if (at == node->entries.end())
      return nullptr;
    node = &at->value;
  }
  return node;
}

const yaml_node* value_at(const yaml_node& root, std::initializer_list<std::string_view> path) {
  return value_at(root, std::span(path.begin(), path.size()));
}

} // namespace chalkstream::pipelines
