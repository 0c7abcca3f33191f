// What the programs here that measure models that write have in common.
#pragma once

#include "bench/measure.hpp"
#include "core/writings.hpp"
#include "models/repository.hpp"

#include <nlohmann/json.hpp>

#include <fstream>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace chalkstream::bench {

inline models::loaded_model load_generator(const std::string& directory, const std::string& device = "cpu") {
  models::load_request request;
  request.name = "bench";
  request.directory = directory;
  request.output = models::head::text;
  request.device = device;
  return expect(models::load(request, observer::none(), log::none()));
}

/// Lines of {"ids": […]}.
inline std::vector<std::vector<std::int32_t>> read_sources(const std::string& file) {
  std::vector<std::vector<std::int32_t>> sources;
  std::ifstream in(file);
  for (std::string line; std::getline(in, line);)
    sources.push_back(nlohmann::json::parse(line).at("ids").get<std::vector<std::int32_t>>());
  return sources;
}

/// A prompt that is answered with exactly so many tokens, the most probable ones.
inline sequence prompt_for(std::vector<std::int32_t> source, std::size_t tokens) {
  generation_settings wanted;
  wanted.min_new_tokens = wanted.max_new_tokens = tokens;
  wanted.beams = 1;
  return {std::move(source), {}, std::make_shared<const generation_settings>(wanted)};
}

/// As many at a time as the model has room for, in their order; others join as soon as it has room again.
inline std::vector<written_text> write_all(const model& by, std::span<const sequence> prompts) {
  writings texts;
  std::vector<writing*> step;
  while (texts.begun() < prompts.size() || texts.under_way()) {
    expect(texts.begin(by, prompts));
    step.clear();
    texts.add_to(step);
    expect(by.step(step));
    texts.collect();
  }
  return texts.take();
}

} // namespace chalkstream::bench
