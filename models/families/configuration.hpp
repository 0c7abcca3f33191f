// What the families read alike in config.json. Every error names the file, the key and the value.
#pragma once

#include "models/description.hpp"
#include "models/document.hpp"

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::models::families {

error unsupported(const settings& configuration, const std::string& what);

/// A size between 1 and `limit` (or 0, where `may_be_none`).
result<std::size_t> read_size(const settings& configuration, std::string_view key, std::size_t fallback,
                              std::size_t limit, bool may_be_none = false);

/// invalid_configuration unless `part` (of another key) divides `whole`.
result<void> require_multiple(const settings& configuration, std::string_view key, std::size_t whole,
                              std::string_view part_key, std::size_t part);

/// layer_norm_eps, or what a family calls it.
result<float> read_epsilon(const settings& configuration, double fallback, std::string_view key = "layer_norm_eps");

/// The first of these keys that is there: at least 0 and below 1.
result<double> read_rate(const settings& configuration, std::initializer_list<std::string_view> keys,
                         double fallback);

/// hidden_act and its relatives by Hugging Face's names; `unsupported` names an unknown one.
result<kernels::activation> read_activation(const settings& configuration, std::string_view key,
                                            std::string_view fallback = "gelu");

/// `unsupported` if one of these is true.
result<void> refuse_flags(const settings& configuration, std::initializer_list<std::string_view> keys);

/// `unsupported` if the key is there with another text.
result<void> require_text(const settings& configuration, std::string_view key, std::string_view only);

/// `unsupported` if the key is there with the other value.
result<void> require_flag(const settings& configuration, std::string_view key, bool only);

/// `unsupported` if the key is there with another whole number.
result<void> require_number(const settings& configuration, std::string_view key, std::uint64_t only);

/// Positions that begin at padding + 1 and do not count tokens of that id (fairseq's rule): the longest sequence is
/// shorter than the table by as much. invalid_configuration if nothing is left of it.
result<void> begin_positions_behind(std::size_t padding, const settings& configuration, encoder_description& encoder);

/// The one name in `architectures`; empty if the configuration has none.
result<std::string> read_architecture_name(const settings& configuration);

/// The head that `architectures` names: `stem` with ForSequenceClassification, ForTokenClassification or
/// ForQuestionAnswering; none for the bare encoder and those in `headless` ("Model", "ForMaskedLM").
result<std::optional<head_kind>> read_architecture(const settings& configuration, std::string_view stem,
                                                   std::span<const std::string_view> headless);

/// What the name in `architectures` ends with for such a head.
std::string_view architecture_suffix(head_kind kind);

/// id2label in order of ids. num_labels is implied by it, as in Hugging Face's own reader; without either there are
/// two.
result<std::vector<std::string>> read_labels(const settings& configuration);

/// problem_type; empty if it is not stated.
result<std::string> read_problem_type(const settings& configuration);

} // namespace chalkstream::models::families
