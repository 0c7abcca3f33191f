#include "models/training/starting_rules.hpp"

#include "models/document.hpp"

#include <nlohmann/json.hpp>

namespace chalkstream::models::training {

namespace {

result<void> check(const std::string& file, const generation_config& rules, std::size_t vocabulary) {
  CHALK_CHECK(rules.fits(vocabulary));
  if (!rules.start)
    return {errc::invalid_configuration, file + ": says by no 'decoder_start_token_id' what a line begins with"};
  return {};
}

} // namespace

result<starting_rules> rules_of_directory(const std::filesystem::path& directory, std::size_t vocabulary) {
  const auto file = directory / "generation_config.json";
  starting_rules made;
  std::error_code none;
  if (std::filesystem::exists(file, none)) {
    CHALK_TRY(made.text, read_text(file));
  }
  CHALK_TRY(made.rules, generation_config::of_directory(directory));
  CHALK_CHECK(check((made.text.empty() ? directory / "config.json" : file).string(), made.rules, vocabulary));
  return made;
}

result<starting_rules> new_rules(std::size_t positions, const new_vocabulary& words) {
  const nlohmann::json rules = {{"bos_token_id", words.start}, {"decoder_start_token_id", words.start},
                                {"eos_token_id", words.end},   {"forced_eos_token_id", words.end},
                                {"max_length", positions},     {"num_beams", 1},
                                {"pad_token_id", words.pad},   {"suppress_tokens", {words.pad, words.unknown}}};
  starting_rules made;
  made.text = rules.dump(2) + "\n";
  CHALK_TRY(const auto root, parse_json(made.text));
  CHALK_TRY(made.rules, generation_config::read(settings("generation_config.json", root), false));
  CHALK_CHECK(check("generation_config.json", made.rules, words.size));
  return made;
}

} // namespace chalkstream::models::training
