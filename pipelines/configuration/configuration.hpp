// The configuration file as values that have been checked: every key, type, unit, range and reference. What only the
// world can tell (a model's weights, a topic, a librdkafka setting) is checked by whoever uses it, with the place of
// the key at hand.
//
// docs/configuration.md lists every key with its default and what it costs.
#pragma once

#include "core/clock.hpp"
#include "core/error.hpp"
#include "core/event.hpp"
#include "core/log.hpp"
#include "core/result_tally.hpp"
#include "core/scaling_policy.hpp"
#include "education/course_material.hpp"
#include "kafka/session.hpp"
#include "models/image/decode.hpp"
#include "models/repository.hpp"
#include "models/video/clip_limits.hpp"
#include "pipelines/overrides.hpp"
#include "pipelines/page_reader.hpp"
#include "pipelines/prompt_template.hpp"
#include "pipelines/remote/remote_settings.hpp"
#include "pipelines/span_reader.hpp"
#include "pipelines/summarizer.hpp"
#include "pipelines/text_task.hpp"
#include "pipelines/text_writer.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace chalkstream::pipelines {

struct kafka_configuration {
  /// The broker inside the process; `brokers` is empty then.
  bool embedded = false;
  /// host:port,…
  std::string brokers;
  std::string group = "chalkstream";
  /// Absent: a free number is claimed under state_dir.
  std::optional<std::string> instance;
  kafka::client_properties client;
  /// "file:line:column" of `client`, for errors librdkafka finds in it.
  std::string client_where;
  kafka::delivery delivery = kafka::delivery::exactly_once;
  duration commit_interval = std::chrono::milliseconds(100);
  std::size_t commit_records = 4096;
  duration session_timeout = std::chrono::seconds(10);
  duration transaction_timeout = std::chrono::seconds(15);
  /// Of topics that are created.
  int partitions = 4;
  std::size_t max_message_bytes = 16U << 20U;
};

struct traces_configuration {
  /// http://host:port of an OpenTelemetry collector; empty: nothing is traced.
  std::string endpoint;
  /// Of the records that come without a trace of their own.
  double sample = 0.01;
};

struct engine_configuration {
  /// Batches computed at once on the CPU; as many as cores unless said otherwise, like prepare_threads.
  std::size_t slots = 1;
  std::size_t prepare_threads = 1;
  std::size_t in_flight_records = 4096;
  std::size_t in_flight_bytes = 64U << 20U;
  duration drain_grace = std::chrono::seconds(20);
  duration revoke_grace = std::chrono::seconds(5);
  std::uint32_t max_attempts = 3;
  /// Tokens in a batch, for every model that does not say otherwise; absent: searched for.
  std::optional<std::size_t> token_budget;
};

/// Where models compute.
struct device_configuration {
  /// "cpu" or "cuda:N"
  std::string name;
  /// Batches computed at once on it.
  std::size_t slots = 1;
  /// Bytes that models may take there; absent: as many as they need.
  std::optional<std::size_t> memory = {};
};

struct model_configuration {
  std::string name;
  std::filesystem::path path;
  /// "file:line:column" of `path`.
  std::string where;
  std::string version = "1";
  /// Where it may be, in the names of configuration::devices; the one that is used first at the front.
  std::vector<std::string> devices{"cpu"};
  std::size_t min_replicas = 1;
  std::size_t max_replicas = 1;
  std::optional<std::size_t> token_budget;
  /// Primary language subtags; empty: any language.
  std::vector<std::string> languages{"en"};
  /// As written, or as the pipelines that use it need it.
  models::head output = models::head::embedding;
  /// Of a model that writes: memory for the keys and values of texts that are being written.
  std::size_t text_cache_bytes = std::size_t{1} << 30;
  /// A program that was exported with it may be run.
  bool allow_code = false;
};

enum class pipeline_kind : std::uint8_t {
  grading,
  recommendation,
  embedding,
  summarization,
  answering,
  translation,
  feedback,
  recognition,
  video,
  echo,
  overrides,
};
std::string_view to_string(pipeline_kind kind) noexcept;

struct pipeline_configuration {
  std::string name;
  /// "file:line:column" of the pipeline's name.
  std::string where;
  pipeline_kind kind = pipeline_kind::echo;
  std::string from;
  std::string to;
  std::string dead_letters;
  duration deadline = std::chrono::seconds(60);
  priority urgency = priority::normal;
  std::size_t max_bytes = 1U << 20U;

  /// All but echo and overrides: an index into configuration::models.
  std::optional<std::size_t> model;
  overlong text_too_long = overlong::truncate;

  /// grading; "file:line:column" of answer_model, and the scale of an essay model's scores.
  std::optional<std::size_t> answer_model;
  std::string answer_model_where;
  std::optional<std::size_t> essay_model;
  double lowest_score = 0;
  double highest_score = 1;
  /// grading, summarization, answering, recognition, video
  std::optional<double> review_below;

  /// recommendation
  std::filesystem::path catalogue;
  std::string catalogue_where;
  double enough = 0.8;
  /// recommendation, answering
  double least_similarity = 0.25;
  std::size_t top_k = 5;

  /// summarization
  summary_settings summary;
  /// Summaries are written, rather than sentences chosen.
  bool abstractive = false;

  /// Of those that write; "file:line:column" of it, empty if it is not there.
  writing_settings writing;
  std::string writing_where;
  /// feedback and written answers; the text it was read from.
  std::optional<prompt_template> prompt;
  std::string prompt_text;
  /// translation
  std::string from_language;
  std::string to_language;

  bool writes() const noexcept {
    return abstractive || kind == pipeline_kind::translation || kind == pipeline_kind::feedback;
  }

  /// answering
  std::filesystem::path material;
  std::string material_where;
  std::size_t passage_length = education::default_passage_length;
  /// Passages found for a question.
  std::size_t passages = 5;
  /// Of grading too.
  std::optional<std::size_t> reader;
  /// Instead of a reader; `prompt` and `writing` are its.
  std::optional<std::size_t> writer;
  span_settings span;
  double no_answer_below = 0.1;

  /// grading; `reader` is the model that reads answers from images.
  std::optional<double> reading_below;
  /// recognition, video, and grading with a reader; where files may lie that events name by URI, and what one may cost
  std::vector<std::filesystem::path> image_folders;
  /// Absent: nothing is fetched from other machines.
  std::optional<remote::remote_settings> remote;
  image::decode_limits image_limits;
  video::clip_limits clip_limits;
  /// For a model that reads.
  page_split split = page_split::whole;
  /// What images are compared with, in words; empty: the model has classes or writes. The prompt has {} where a label
  /// goes.
  std::vector<std::string> labels;
  std::string label_prompt = "a photo of {}";
  /// Of a model that finds regions; absent: it says nothing, or finds none.
  std::optional<double> regions_above;

  /// overrides: the topic of the grades, how many of the newest are remembered, the steps of the scale they are
  /// compared on, and the tenant of those that do not say theirs.
  std::string grades;
  std::string tenant;
  std::size_t remembered = default_remembered_grades;
  std::size_t steps = default_override_steps;

  bool has_model() const noexcept { return kind != pipeline_kind::echo && kind != pipeline_kind::overrides; }
  bool sees() const noexcept { return kind == pipeline_kind::recognition || kind == pipeline_kind::video; }
  /// The section of image_folders and its limits.
  std::string_view files_key() const noexcept { return kind == pipeline_kind::video ? "clips" : "images"; }
};

/// What a replica is: a slot that a model may hold, or a process of the consumer group.
enum class scaling_actuator : std::uint8_t { slots, processes };

struct scaled_model {
  /// Of configuration::models.
  std::size_t model = 0;
  scaling_settings policy;
};

struct scaling_configuration {
  scaling_actuator actuator = scaling_actuator::slots;
  /// http://host:port, and a path if it has one.
  std::string prometheus;
  /// Of one query.
  duration timeout = std::chrono::seconds(2);
  /// Of processes; of slots, the objective and pace of models that do not say otherwise.
  scaling_settings policy;
  /// Of slots: every model.
  std::vector<scaled_model> models;
};

struct configuration {
  /// As it was given; names the file in messages.
  std::string file;
  kafka_configuration kafka;
  /// Empty: no metrics are served.
  std::string listen = "127.0.0.1:9464";
  /// What results are counted by, beside their pipeline.
  result_groups groups;
  traces_configuration traces;
  std::filesystem::path state_dir;
  /// Absent: a key is made under state_dir.
  std::optional<std::filesystem::path> key_file;
  log_level log = log_level::info;
  bool log_as_json = false;
  engine_configuration engine;
  /// The CPU at the front, then every GPU that a model names.
  std::vector<device_configuration> devices;
  std::vector<model_configuration> models;
  std::vector<pipeline_configuration> pipelines;
  /// Absent: replicas stay as they are.
  std::optional<scaling_configuration> scaling;
};

/// Reads and checks the file. The error holds everything that is wrong, one "file:line:column: what" a line, in the
/// order of the file; a model's directory, a catalogue or a key that does not exist is part of it.
result<configuration> load_configuration(const std::filesystem::path& file);

/// The same without looking at any other file. `name` stands for the file in messages; relative paths are relative to
/// `base`.
result<configuration> parse_configuration(std::string_view text, std::string_view name,
                                          const std::filesystem::path& base);

/// Every value in force, defaults included, as YAML that parses to the same configuration, except that secrets among
/// the client's settings are masked.
std::string describe(const configuration& all);

} // namespace chalkstream::pipelines
