#include "models/generation/writer_directory.hpp"

#include "models/device.hpp"
#include "models/generation/decoder_directory.hpp"
#include "models/generation/writing_model.hpp"
#include "models/loading.hpp"

#include <algorithm>
#include <utility>

namespace chalkstream::models {
namespace {

// A short prompt or a grey picture, some steps on: buffers are what they will be, and an answer that is not finite
// shows before any record does.
result<void> warm_up(const writing_model& ready, const vision::picture_form* form) {
  sequence prompt;
  if (form != nullptr)
    prompt = vision::grey_picture(*form, ready.max_tokens());
  else
    prompt.ids.assign(std::min<std::size_t>(8, std::max<std::size_t>(ready.max_tokens(), 2) - 1), 0);
  generation_settings wanted;
  wanted.max_new_tokens = 4;
  wanted.beams = 1;
  prompt.wanted = std::make_shared<const generation_settings>(wanted);
  auto text = ready.begin(prompt);
  auto done = text ? result<void>() : result<void>(text.error());
  while (done && *text && !(*text)->finished()) {
    writing* const batch[]{text->get()};
    done = ready.step(batch);
  }
  if (!done)
    return error{done.error().code, "warming up failed: " + done.error().message};
  return {};
}

} // namespace

result<loaded_model> load_writer(const load_request& request, observer& watcher) {
  CHALK_TRY(const auto where, parse_device(request.device));
  if (request.output != head::text)
    return error{errc::invalid_configuration,
                 request.directory.string() + ": is a model that writes texts; it has no vectors and no trained head"};
  const std::string step = "load " + request.name;
  watcher.progress(step, 0);
  CHALK_TRY(auto opened, open_decoder(request.directory, where, request.text_cache_bytes,
                                      [&](double fraction) { watcher.progress(step, 0.8 * fraction); }));
  writing_model::parts parts;
  parts.compute = std::move(opened.compute);
  parts.image_tokens = opened.image_tokens;
  CHALK_TRY(parts.rules, generation_config::of_directory(request.directory));
  CHALK_TRY(const auto digest, digest_of(request, opened.files));
  parts.identity = identity_of(request, digest);

  loaded_model loaded;
  loaded.weight_bytes = opened.weight_bytes;
  loaded.writing = {parts.compute->source_positions() > 0, parts.rules.max_new_tokens, parts.rules.max_length};
  loaded.pictures = std::move(opened.pictures);
  loaded.image_tokens = opened.image_tokens;
  const auto* form = parts.compute->pictures();
  auto made = writing_model::make(std::move(parts));
  if (!made)
    return error{made.error().code, request.directory.string() + ": " + made.error().message};
  const auto& ready = *made;
  CHALK_CHECK(warm_up(*ready, form));
  watcher.progress(step, 1);
  loaded.compute = ready;
  loaded.max_tokens = ready->max_tokens();
  if (!loaded.pictures) {
    CHALK_TRY(loaded.max_tokens, tokenizer_limit(request.directory, ready->max_tokens()));
  }
  return loaded;
}

std::size_t longest_prompt(const loaded_model& loaded, const generation_settings& wanted) {
  if (!loaded.writing || loaded.writing->has_source)
    return loaded.max_tokens;
  const auto& known = *loaded.writing;
  constexpr std::size_t default_new_tokens = 20; // as plan_search has it
  auto longest = loaded.max_tokens;
  auto new_tokens = wanted.max_new_tokens ? wanted.max_new_tokens : known.max_new_tokens;
  if (!new_tokens && known.max_length)
    return std::max<std::size_t>(std::min(longest, *known.max_length), 2) - 1;
  const auto room = new_tokens.value_or(default_new_tokens);
  return longest > room ? longest - room : 1;
}

result<void> inspect_writer(const std::filesystem::path& directory) {
  CHALK_CHECK(inspect_decoder(directory));
  CHALK_TRY(const auto rules, generation_config::of_directory(directory));
  return {};
}

} // namespace chalkstream::models
