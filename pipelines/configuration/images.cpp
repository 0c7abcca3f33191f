#include "pipelines/configuration/images.hpp"

#include "pipelines/configuration/remote.hpp"
#include "pipelines/configuration/units.hpp"
#include "pipelines/label_vectors.hpp"

#include <algorithm>

namespace chalkstream::pipelines {

using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_labels = 1'000;

} // namespace

void read_images(config_section& pipeline, pipeline_configuration& into) {
  if (const auto lines = pipeline.choice("lines", {"whole", "split"}))
    into.split = static_cast<page_split>(*lines);
  auto s = pipeline.section("images");
  if (const auto folders = s.text_list("folders"))
    into.image_folders.assign(folders->begin(), folders->end());
  read_remote(s, into);
  auto& limits = into.image_limits;
  limits.max_bytes = s.bytes("max_bytes", 1, 1'000'000'000).value_or(limits.max_bytes);
  limits.max_pixels = s.count("max_pixels", 1, 1'000'000'000).value_or(limits.max_pixels);
  limits.max_pages = s.count("max_pages", 1, 1'000).value_or(limits.max_pages);
  limits.max_memory = s.bytes("max_memory", 1U << 20U, std::uint64_t{1} << 36U).value_or(limits.max_memory);
  if (const auto time = s.time("max_time", 10ms, 10min))
    limits.max_time = std::chrono::duration_cast<std::chrono::milliseconds>(*time);
  limits.pdf_dpi = static_cast<unsigned>(s.count("pdf_dpi", 50, 600).value_or(limits.pdf_dpi));
  s.close();
}

void read_labels(config_section& pipeline, pipeline_configuration& into) {
  if (const auto labels = pipeline.text_list("labels")) {
    into.labels = *labels;
    if (labels->size() < 2 || labels->size() > most_labels)
      pipeline.complain("labels", "expected 2 to " + std::to_string(most_labels) + " labels, found "
                                      + std::to_string(labels->size()));
    auto sorted = *labels;
    std::ranges::sort(sorted);
    if (std::ranges::adjacent_find(sorted) != sorted.end())
      pipeline.complain("labels", "labels must differ");
  }
  const auto prompt = pipeline.text("prompt");
  if (!prompt)
    return;
  into.label_prompt = *prompt;
  if (!pipeline.has("labels"))
    pipeline.complain("prompt", "recognition has a prompt for its labels, and there are no labels");
  const auto place = prompt->find(label_place);
  if (place == std::string::npos || prompt->find(label_place, place + 1) != std::string::npos)
    pipeline.complain("prompt", "expected {} once, where the label goes");
}

std::string describe_images(const pipeline_configuration& p) {
  std::string folders;
  for (const auto& folder : p.image_folders)
    folders += (folders.empty() ? "" : ", ") + yaml_text(folder.string());
  std::string labels;
  for (const auto& label : p.labels)
    labels += (labels.empty() ? "" : ", ") + yaml_text(label);
  if (!labels.empty())
    labels = "    labels: [" + labels + "]\n    prompt: " + yaml_text(p.label_prompt) + "\n";
  return labels + "    lines: " + (p.split == page_split::lines ? "split" : "whole") + "\n"
         + "    images: {folders: [" + folders + "]" + describe_remote(p) + ", max_bytes: " + format_bytes(p.image_limits.max_bytes)
         + ", max_pixels: " + std::to_string(p.image_limits.max_pixels) + ", max_pages: "
         + std::to_string(p.image_limits.max_pages) + ", max_memory: " + format_bytes(p.image_limits.max_memory)
         + ", max_time: " + format_duration(p.image_limits.max_time)
         + ", pdf_dpi: " + std::to_string(p.image_limits.pdf_dpi) + "}\n";
}

} // namespace chalkstream::pipelines
