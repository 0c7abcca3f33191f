#include "models/reading/line_description.hpp"

#include "models/families/configuration.hpp"
#include "models/text/utf8.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <utility>

namespace chalkstream::models::reading {

namespace {

using json = nlohmann::ordered_json;
using nets::net_role;
using nets::tensor_list;

constexpr std::size_t stages = 5; // 32 rows to 1
constexpr std::size_t widest_layer = 1024;
constexpr std::size_t most_characters = 20'000;

bool is_one_character(const std::string& text) {
  return !text.empty() && text::is_valid_utf8(text)
         && text.size() == text::utf8_length(static_cast<unsigned char>(text.front()));
}

} // namespace

result<line_description> describe_line_reader(const settings& configuration) {
  const auto& c = configuration;
  CHALK_CHECK(families::require_text(c, "model_type", reader_type));
  CHALK_CHECK(families::require_number(c, "image_height", line_height));
  CHALK_CHECK(families::require_number(c, "num_channels", 1));
  line_description net;
  if (c.find("hidden_sizes") != nullptr) {
    CHALK_TRY(net.hidden_sizes, nets::read_hidden_sizes(c));
  }
  CHALK_TRY(net.state_size, families::read_size(c, "state_size", net.state_size, widest_layer));
  const auto* found = c.find("characters");
  const auto* list = found == nullptr ? nullptr : found->as<json_value::array>();
  if (list == nullptr)
    return error{errc::invalid_configuration,
                 c.file() + ": 'characters' must be a list of texts of one character each"};
  for (const auto& one : *list) {
    const auto* text = one.as<std::string>();
    net.characters.push_back(text == nullptr ? std::string() : *text);
  }
  if (const auto good = check_line_reader(net); !good)
    return error{errc::invalid_configuration, c.file() + ": " + good.error().message};
  return net;
}

result<void> check_line_reader(const line_description& net) {
  if (net.hidden_sizes.size() != stages)
    return {errc::invalid_argument,
            std::to_string(net.hidden_sizes.size()) + " hidden_sizes; there must be " + std::to_string(stages)};
  for (const auto width : net.hidden_sizes)
    if (width == 0 || width > widest_layer)
      return {errc::invalid_argument,
              "a layer of " + std::to_string(width) + "; it may be 1 to " + std::to_string(widest_layer) + " wide"};
  if (net.state_size == 0 || net.state_size > widest_layer)
    return {errc::invalid_argument, "a state of " + std::to_string(net.state_size) + "; it may be 1 to "
                                        + std::to_string(widest_layer) + " wide"};
  if (net.characters.empty() || net.characters.size() > most_characters)
    return {errc::invalid_argument, std::to_string(net.characters.size()) + " characters; there may be 1 to "
                                        + std::to_string(most_characters)};
  for (std::size_t i = 0; i < net.characters.size(); ++i)
    if (!is_one_character(net.characters[i]))
      return {errc::invalid_argument, "'characters': number " + std::to_string(i) + " is not one character"};
  if (std::set(net.characters.begin(), net.characters.end()).size() != net.characters.size())
    return {errc::invalid_argument, "'characters': one comes twice"};
  return nets::check_sizes(tensors_of(net));
}

std::string configuration_of(const line_description& net) {
  const json config = {{"model_type", std::string(reader_type)},
                       {"architectures", {"LineCrnn"}},
                       {"image_height", line_height},
                       {"num_channels", 1},
                       {"hidden_sizes", net.hidden_sizes},
                       {"state_size", net.state_size},
                       {"characters", net.characters}};
  return config.dump(2) + "\n";
}

std::vector<nets::net_tensor> tensors_of(const line_description& net) {
  tensor_list made;
  std::size_t in = 1;
  for (std::size_t stage = 0; stage < net.hidden_sizes.size(); ++stage) {
    const auto name = "stages." + std::to_string(stage);
    made.convolution(name + ".convolution", net.hidden_sizes[stage], in, 3, false);
    made.norm(name + ".norm", net.hidden_sizes[stage]);
    in = net.hidden_sizes[stage];
  }
  for (const char* way : {"", "_reverse"}) {
    const auto suffix = std::string("_l0") + way;
    made.add("lstm.weight_ih" + suffix, {4 * net.state_size, in}, net_role::weight);
    made.add("lstm.weight_hh" + suffix, {4 * net.state_size, net.state_size}, net_role::weight);
    made.add("lstm.bias_ih" + suffix, {4 * net.state_size}, net_role::bias);
    made.add("lstm.bias_hh" + suffix, {4 * net.state_size}, net_role::bias);
  }
  made.linear("classifier", net.classes(), 2 * net.state_size);
  return std::move(made).take();
}

} // namespace chalkstream::models::reading
