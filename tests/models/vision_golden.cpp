#include "tests/models/vision_golden.hpp"

#include "tests/models/model_folder.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <memory>

namespace chalkstream::models::testing {

std::vector<std::uint8_t> bytes_of(const std::string& hexadecimal) {
  std::vector<std::uint8_t> bytes;
  for (std::size_t i = 0; i + 1 < hexadecimal.size(); i += 2)
    bytes.push_back(static_cast<std::uint8_t>(std::stoul(hexadecimal.substr(i, 2), nullptr, 16)));
  return bytes;
}

namespace {

sequence image_of(const vision::image_input& input, std::vector<std::uint8_t> values) {
  sequence s;
  s.image = std::make_shared<const picture>(
      picture{input.size.width, input.size.height, input.channels, std::move(values)});
  return s;
}

} // namespace

vision_golden read_vision_golden(const std::string& name) {
  vision_golden found;
  found.directory = name.find('/') == std::string::npos ? golden("vision") / name : golden(name);
  std::ifstream in(found.directory / "expected.json");
  const auto root = nlohmann::json::parse(in);
  found.input.size = {root.at("width").get<std::size_t>(), root.at("height").get<std::size_t>()};
  found.input.channels = root.at("channels").get<std::size_t>();
  found.input.own_sizes = root.at("images").at(0).contains("regions");
  for (std::size_t c = 0; c < found.input.channels; ++c)
    for (std::size_t byte = 0; byte < 256; ++byte)
      found.input.values[c][byte] =
          static_cast<float>((static_cast<double>(byte) / 255 - root.at("mean").at(c).get<double>())
                             / root.at("std").at(c).get<double>());
  for (const auto& image : root.at("images")) {
    vision_case made;
    auto input = found.input;
    input.size = {image.value("width", input.size.width), image.value("height", input.size.height)};
    made.input = image_of(input, bytes_of(image.at("bytes").get<std::string>()));
    made.embedding = image.value("embedding", std::vector<float>());
    made.regions = image.value("regions", std::vector<float>());
    if (image.contains("logits"))
      made.logits = image.at("logits").get<std::vector<float>>();
    if (image.contains("similarity"))
      made.similarity = image.at("similarity").get<std::vector<float>>();
    found.cases.push_back(std::move(made));
  }
  for (const auto& text : root.value("texts", nlohmann::json::array()))
    found.texts.push_back(
        {{text.at("ids").get<std::vector<std::int32_t>>(), {}}, text.at("embedding").get<std::vector<float>>()});
  return found;
}

sequence even_image(std::size_t width, std::size_t height, std::size_t channels, std::uint8_t value) {
  vision::image_input input;
  input.size = {width, height};
  input.channels = channels;
  return image_of(input, std::vector<std::uint8_t>(width * height * channels, value));
}

} // namespace chalkstream::models::testing
