#include "pipelines/configuration/configuration.hpp"

#include "pipelines/configuration/clips.hpp"
#include "pipelines/configuration/devices.hpp"
#include "pipelines/configuration/images.hpp"
#include "pipelines/configuration/kinds.hpp"
#include "pipelines/configuration/monitoring.hpp"
#include "pipelines/configuration/overrides.hpp"
#include "pipelines/configuration/rules.hpp"
#include "pipelines/configuration/scaling.hpp"
#include "pipelines/configuration/section.hpp"
#include "pipelines/configuration/spelling.hpp"
#include "pipelines/configuration/units.hpp"
#include "pipelines/configuration/writing.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <thread>

namespace chalkstream::pipelines {

namespace {

using namespace std::chrono_literals;

constexpr duration year = 365 * 24h;

// Reads every section of one file. What is wrong is collected; what is missing keeps its default.
class reader {
public:
  reader(std::string_view file, const std::filesystem::path& base, findings& wrong)
      : file_(file), base_(base), wrong_(wrong) {}

  configuration read(const yaml_node& root) {
    configuration all;
    all.file = file_;
    config_section top(&root, "", wrong_);
    top.require("kafka", "where records come from");
    top.require("pipelines", "what to do with them");
    all.kafka = read_kafka(top.section("kafka"), top.has("kafka"));
    read_monitoring(top.section("monitoring"), all);
    all.state_dir = resolved(top.text("state_dir").value_or("state"));
    auto privacy = top.section("privacy");
    if (const auto key = privacy.text("key_file"))
      all.key_file = resolved(*key);
    privacy.close();
    read_log(top.section("log"), all);
    all.engine = read_engine(top.section("engine"));
    const device_sections devices(top, all.engine, wrong_);
    for (const auto* entry : top.entries("models"))
      all.models.push_back(read_model(*entry, all.engine, devices));
    all.devices = devices.used_by(all.models, wrong_);
    all.scaling = read_scaling(top, all.models);
    const auto pipelines = top.entries("pipelines");
    if (pipelines.empty() && top.has("pipelines"))
      wrong_.push_back({top.where("pipelines"), "pipelines: expected at least one pipeline"});
    for (const auto* entry : pipelines)
      all.pipelines.push_back(read_pipeline(*entry, all));
    top.close();
    return all;
  }

private:
  std::filesystem::path resolved(const std::filesystem::path& path) const {
    return (base_ / path).lexically_normal();
  }

  std::string place(text_position at) const { return format_place(file_, at); }

  kafka_configuration read_kafka(config_section s, bool present) {
    kafka_configuration k;
    if (!present)
      return k;
    s.require("brokers", "host:port of the brokers, or embedded");
    if (const auto brokers = s.text_list("brokers")) {
      k.embedded = brokers->size() == 1 && brokers->front() == "embedded";
      if (!k.embedded)
        for (const auto& part : *brokers)
          k.brokers += (k.brokers.empty() ? "" : ",") + part;
      if (const auto why = k.embedded ? "" : why_no_brokers(k.brokers); !why.empty())
        s.complain("brokers", why);
    }
    if (const auto group = s.text("group")) {
      k.group = *group;
      check_name(s, "group", *group);
    }
    if ((k.instance = s.text("instance")))
      check_name(s, "instance", *k.instance);
    read_client(s, k);
    if (const auto way = s.choice("delivery", {"exactly_once", "at_least_once"}))
      k.delivery = *way == 0 ? kafka::delivery::exactly_once : kafka::delivery::at_least_once;
    k.commit_interval = s.time("commit_interval", 1ms, 1min).value_or(k.commit_interval);
    k.commit_records = s.count("commit_records", 1, 1'000'000).value_or(k.commit_records);
    k.session_timeout = s.time("session_timeout", 1s, 30min).value_or(k.session_timeout);
    k.transaction_timeout = s.time("transaction_timeout", 1s, 15min).value_or(k.transaction_timeout);
    if (k.transaction_timeout < 2 * k.commit_interval)
      s.complain(s.has("transaction_timeout") ? "transaction_timeout" : "commit_interval",
                 "a transaction must be allowed at least twice the commit_interval");
    k.partitions = static_cast<int>(s.count("partitions", 1, 10'000).value_or(4));
    k.max_message_bytes = s.bytes("max_message_bytes", 1024, 1'000'000'000).value_or(k.max_message_bytes);
    s.close();
    return k;
  }

  void read_client(config_section& s, kafka_configuration& k) {
    k.client_where = place(s.where("client"));
    for (const auto* entry : s.entries("client")) {
      const auto name = s.name_of("client") + "." + entry->key;
      if (const auto ours = our_name_for(entry->key); !ours.empty())
        wrong_.push_back({entry->at, name + ": please set kafka." + std::string(ours) + " instead"});
      else if (entry->value.kind != yaml_kind::text) // no word of what was found: it may be a secret
        wrong_.push_back({entry->value.at, name + ": expected a text or a number"});
      else
        k.client.emplace_back(entry->key, entry->value.text);
    }
  }

  void read_monitoring(config_section s, configuration& all) {
    if (const auto listen = s.text("listen")) {
      all.listen = *listen == "off" ? "" : *listen;
      if (!all.listen.empty() && !is_address(all.listen))
        s.complain("listen", "expected host:port or off, found '" + *listen + "'");
    }
    read_groups(s, all);
    read_traces(s, all);
    s.close();
  }

  void read_log(config_section s, configuration& all) {
    if (const auto level = s.choice("level", {"debug", "info", "warning", "error"}))
      all.log = static_cast<log_level>(*level);
    all.log_as_json = s.choice("format", {"text", "json"}).value_or(0) == 1;
    s.close();
  }

  engine_configuration read_engine(config_section s) {
    engine_configuration e;
    const std::size_t cores = std::max(1U, std::thread::hardware_concurrency());
    e.slots = s.count("slots", 1, 1024).value_or(cores);
    e.prepare_threads = s.count("prepare_threads", 1, 1024).value_or(cores);
    auto in_flight = s.section("in_flight");
    e.in_flight_records = in_flight.count("records", 1, 1'000'000).value_or(e.in_flight_records);
    e.in_flight_bytes = in_flight.bytes("bytes", 1024, std::uint64_t{1} << 40U).value_or(e.in_flight_bytes);
    in_flight.close();
    e.drain_grace = s.time("drain_grace", 0s, 1h).value_or(e.drain_grace);
    e.revoke_grace = s.time("revoke_grace", 0s, 10min).value_or(e.revoke_grace);
    e.max_attempts = static_cast<std::uint32_t>(s.count("max_attempts", 1, 100).value_or(e.max_attempts));
    e.token_budget = read_budget(s, {});
    s.close();
    return e;
  }

  static std::optional<std::size_t> read_budget(config_section& s, std::optional<std::size_t> otherwise) {
    const auto* node = s.take("token_budget");
    if (node == nullptr)
      return otherwise;
    if (node->kind == yaml_kind::text && node->text == "auto")
      return {};
    if (node->kind == yaml_kind::text && !node->quoted)
      if (const auto n = parse_count(node->text); n && *n >= 1 && *n <= 1U << 20U)
        return *n;
    s.complain("token_budget", "expected auto or a whole number from 1 to 1048576, found " + describe_found(*node));
    return {};
  }

  model_configuration read_model(const yaml_entry& entry, const engine_configuration& engine,
                                 const device_sections& devices) {
    config_section s(&entry.value, "models." + entry.key, wrong_);
    model_configuration m;
    m.name = entry.key;
    if (const auto why = why_no_name(entry.key); !why.empty())
      wrong_.push_back({entry.at, s.name() + ": " + why});
    s.require("path", "the model's directory");
    m.path = resolved(s.text("path").value_or(""));
    m.where = place(s.where("path"));
    if (const auto version = s.text("version")) {
      m.version = *version;
      check_name(s, "version", m.version);
    }
    m.devices = read_device(s);
    auto replicas = s.section("replicas");
    m.min_replicas = replicas.count("min", 1, 1024).value_or(1);
    m.max_replicas = replicas.count("max", 1, 1024).value_or(std::max(devices.slots(m.devices), m.min_replicas));
    if (m.min_replicas > m.max_replicas)
      replicas.complain("min", "there are more than max, " + std::to_string(m.max_replicas));
    replicas.close();
    m.token_budget = read_budget(s, engine.token_budget);
    read_languages(s, m);
    if (const auto output = s.choice("output", {"embedding", "logits", "span", "text"})) {
      constexpr std::array outputs{models::head::embedding, models::head::logits, models::head::span_logits,
                                   models::head::text};
      m.output = outputs[*output];
    }
    m.text_cache_bytes = s.bytes("text_cache", 1U << 20U, std::uint64_t{1} << 42U).value_or(m.text_cache_bytes);
    m.allow_code = s.flag("allow_code").value_or(false);
    s.close();
    outputs_said_.push_back(s.has("output"));
    return m;
  }

  static void read_languages(config_section& s, model_configuration& m) {
    const auto languages = s.text_list("languages");
    if (!languages)
      return;
    m.languages.clear();
    if (languages->size() == 1 && languages->front() == "any")
      return;
    if (languages->empty())
      s.complain("languages", "expected at least one language, or any");
    for (const auto& tag : *languages) {
      if (!is_language(tag))
        s.complain("languages", "expected languages such as en or zh, or any, found '" + tag + "'");
      m.languages.push_back(tag);
    }
  }

  pipeline_configuration read_pipeline(const yaml_entry& entry, configuration& all) {
    config_section s(&entry.value, "pipelines." + entry.key, wrong_);
    pipeline_configuration p;
    p.name = entry.key;
    p.where = place(entry.at);
    if (const auto why = why_no_name(entry.key); !why.empty())
      wrong_.push_back({entry.at, s.name() + ": " + why});
    s.require("kind", "grading, recommendation, embedding, summarization, answering, translation, feedback, "
                      "recognition, video, echo or overrides");
    const auto kind = s.choice("kind", {"grading", "recommendation", "embedding", "summarization", "answering",
                                        "translation", "feedback", "recognition", "video", "echo", "overrides"});
    p.kind = static_cast<pipeline_kind>(kind.value_or(static_cast<std::size_t>(pipeline_kind::echo)));
    s.require("from", "the topic to read");
    s.require("to", "the topic to write");
    p.from = read_topic(s, "from", "");
    p.to = read_topic(s, "to", "");
    p.dead_letters = read_topic(s, "dead_letters", p.from.empty() ? "" : p.from + ".dead");
    p.deadline = s.time("deadline", 1ms, year).value_or(p.deadline);
    if (const auto level = s.choice("priority", {"exam", "interactive", "normal", "bulk"}))
      p.urgency = static_cast<priority>(*level);
    p.max_bytes = s.bytes("max_bytes", 1, 1'000'000'000).value_or(p.max_bytes);
    if (kind) {
      read_kind(s, p, all);
      s.close();
    } else if (!s.has("kind")) {
      take_kind_keys(s); // without the kind nobody knows which keys are right
      s.close();
    }
    return p;
  }

  void read_kind(config_section& s, pipeline_configuration& p, configuration& all) {
    refuse_foreign_keys(s, p.kind);
    if (p.kind == pipeline_kind::overrides)
      read_overrides(s, p);
    if (!p.has_model())
      return;
    if (p.sees()) {
      read_seeing(s, p, all);
      return;
    }
    if (const auto way = s.choice("text_too_long", {"truncate", "reject"}))
      p.text_too_long = *way == 0 ? overlong::truncate : overlong::reject;
    if (p.kind == pipeline_kind::summarization)
      p.abstractive = s.choice("method", {"extractive", "abstractive"}).value_or(0) == 1;
    p.model = read_model_name(s, "model", p.writes() ? models::head::text : models::head::embedding, all);
    if (p.kind == pipeline_kind::grading)
      read_grading(s, p, all);
    else
      s.require("model", p.writes() ? "the model that writes" : "the sentence encoder");
    if (p.kind == pipeline_kind::summarization)
      refuse_other_method(s, p.abstractive);
    if (p.writes()) {
      read_writing(s, p);
    } else if (p.kind == pipeline_kind::summarization) {
      p.review_below = s.share("review_below");
      p.summary.sentences = s.count("sentences", 1, 100).value_or(p.summary.sentences);
      p.summary.diversity = s.share("diversity").value_or(p.summary.diversity);
      p.summary.max_tokens = s.count("max_tokens", 64, 1U << 20U).value_or(p.summary.max_tokens);
    }
    if (p.kind == pipeline_kind::answering)
      read_answering(s, p, all);
    if (p.kind != pipeline_kind::recommendation)
      return;
    s.require("catalogue", "a file of learning resources, one JSON object a line");
    p.catalogue = resolved(s.text("catalogue").value_or(""));
    p.catalogue_where = place(s.where("catalogue"));
    p.enough = s.share("enough").value_or(p.enough);
    p.least_similarity = s.share("least_similarity").value_or(p.least_similarity);
    p.top_k = s.count("top_k", 1, 100).value_or(p.top_k);
  }

  void read_seeing(config_section& s, pipeline_configuration& p, configuration& all) {
    s.require("model", "the model that sees images");
    // What is compared by meaning needs vectors.
    p.model = read_model_name(s, "model", s.has("labels") ? models::head::embedding : models::head::logits, all);
    p.review_below = s.share("review_below");
    read_files(s, p);
    if (p.kind == pipeline_kind::video)
      return;
    read_labels(s, p);
    p.regions_above = s.share("regions_above");
    read_writing(s, p);
    if (s.has("writing"))
      p.writing_where = place(s.where("writing"));
  }

  // Images or clips, which come in events or lie where these say.
  void read_files(config_section& s, pipeline_configuration& p) {
    const bool clips = p.kind == pipeline_kind::video;
    if (clips)
      read_clips(s, p);
    else
      read_images(s, p);
    for (auto& folder : p.image_folders)
      folder = resolved(folder);
    if (p.remote && p.remote->ca_file)
      p.remote->ca_file = resolved(*p.remote->ca_file);
    if (p.remote && p.remote->s3 && p.remote->s3->credentials)
      p.remote->s3->credentials = resolved(*p.remote->s3->credentials);
    const auto file_bytes = clips ? p.clip_limits.max_bytes : p.image_limits.max_bytes;
    if (!s.has("max_bytes")) // as JSON has it, a file takes a third more
      p.max_bytes = std::min<std::size_t>(file_bytes / 3 * 4 + (1U << 16U), 1'000'000'000);
  }

  void read_scans(config_section& s, pipeline_configuration& p, configuration& all) {
    p.reader = read_model_name(s, "reader", models::head::logits, all);
    p.reading_below = s.share("reading_below");
    if (s.has("reader"))
      read_files(s, p);
    for (const std::string_view key : {"images", "lines", "reading_below"})
      if (!s.has("reader") && s.has(key))
        s.foreign(key, "'" + std::string(key) + "' belongs to answers that a reader reads from images");
  }

  void read_grading(config_section& s, pipeline_configuration& p, configuration& all) {
    p.answer_model = read_model_name(s, "answer_model", models::head::logits, all);
    p.answer_model_where = place(s.where("answer_model"));
    p.essay_model = read_model_name(s, "essay_model", models::head::logits, all);
    auto scale = s.section("essay_scale");
    p.lowest_score = scale.number("min", -1e6, 1e6).value_or(p.lowest_score);
    p.highest_score = scale.number("max", -1e6, 1e6).value_or(p.highest_score);
    if (!(p.lowest_score < p.highest_score))
      scale.complain("min", "it is not below max, " + format_number(p.highest_score));
    scale.close();
    p.review_below = s.share("review_below");
    read_scans(s, p, all);
    if (!s.has("essay_model") && !s.has("answer_model"))
      s.require("model", "the sentence encoder that short answers are judged with; essays need an essay_model");
  }

  // A summary is made in one of two ways, and each has settings of its own.
  static void refuse_other_method(config_section& s, bool abstractive) {
    for (const std::string_view key : {"sentences", "diversity", "max_tokens", "review_below"})
      if (abstractive && s.has(key))
        s.foreign(key, "'" + std::string(key) + "' belongs to the method extractive");
    if (!abstractive && s.has("writing"))
      s.foreign("writing", "'writing' belongs to the method abstractive");
  }

  void read_answering(config_section& s, pipeline_configuration& p, configuration& all) {
    s.require("material", "a file of course material, one JSON object a line");
    p.material = resolved(s.text("material").value_or(""));
    p.material_where = place(s.where("material"));
    p.passage_length = s.count("passage_length", 100, 10'000).value_or(p.passage_length);
    p.passages = s.count("passages", 1, 100).value_or(p.passages);
    p.least_similarity = s.share("least_similarity").value_or(p.least_similarity);
    p.reader = read_model_name(s, "reader", models::head::span_logits, all);
    p.writer = read_model_name(s, "writer", models::head::text, all);
    if (s.has("reader") && s.has("writer"))
      s.complain("writer", "an answer is marked by a reader or written by a writer, not both");
    if (s.has("writer"))
      read_writing(s, p);
    for (const std::string_view key : {"prompt", "writing"})
      if (!s.has("writer") && s.has(key))
        s.foreign(key, "'" + std::string(key) + "' belongs to answers that a writer writes");
    p.span.stride = s.count("stride", 0, 1U << 16U).value_or(p.span.stride);
    p.span.longest = s.count("answer_tokens", 1, 1U << 16U).value_or(p.span.longest);
    p.no_answer_below = s.share("no_answer_below").value_or(p.no_answer_below);
    p.review_below = s.share("review_below");
  }

  std::string read_topic(config_section& s, std::string_view key, std::string otherwise) {
    const auto topic = s.text(key);
    if (!topic)
      return otherwise;
    if (const auto why = why_no_topic(*topic); !why.empty())
      s.complain(key, why);
    return *topic;
  }

  // The index of the model that `key` names. Its output becomes what this pipeline needs, unless the file says it.
  std::optional<std::size_t> read_model_name(config_section& s, std::string_view key, models::head needed,
                                             configuration& all) {
    const auto name = s.text(key);
    if (!name)
      return {};
    std::vector<std::string_view> names;
    for (std::size_t i = 0; i < all.models.size(); ++i) {
      auto& m = all.models[i];
      names.push_back(m.name);
      if (m.name != *name)
        continue;
      if (!outputs_said_[i]) {
        m.output = needed;
        outputs_said_[i] = true;
      } else if (m.output != needed) {
        s.complain(key, "model '" + m.name + "' gives " + word(m.output) + " elsewhere, and " + word(needed)
                            + " are needed here; list its directory under a second name");
      }
      return i;
    }
    const auto meant = did_you_mean(*name, names);
    s.complain(key, "there is no model '" + *name + "'" + (meant.empty() ? " under models" : meant));
    return {};
  }

  static std::string word(models::head output) {
    switch (output) {
    case models::head::embedding:
      return "embeddings";
    case models::head::span_logits:
      return "spans";
    case models::head::text:
      return "texts";
    default:
      return "logits";
    }
  }

  static void check_name(config_section& s, std::string_view key, const std::string& name) {
    if (const auto why = why_no_name(name); !why.empty())
      s.complain(key, why);
  }

  std::string file_;
  const std::filesystem::path& base_;
  findings& wrong_;
  std::vector<bool> outputs_said_; // of each model: its output is settled
};

result<configuration> parse(std::string_view text, std::string_view name, const std::filesystem::path& base,
                            bool look_at_files) {
  findings wrong;
  const auto root = parse_yaml(text, wrong);
  configuration all;
  // After a syntax error half the keys would be reported as missing.
  const bool readable = root.kind != yaml_kind::null || wrong.empty();
  if (readable) {
    all = reader(name, base, wrong).read(root);
    check_topics(root, all, wrong);
    if (look_at_files)
      check_files(root, all, wrong);
  }
  if (wrong.empty())
    return all;
  return error_of(std::move(wrong), name);
}

} // namespace

result<configuration> parse_configuration(std::string_view text, std::string_view name,
                                          const std::filesystem::path& base) {
  return parse(text, name, base, false);
}

result<configuration> load_configuration(const std::filesystem::path& file) {
  CHALK_TRY(const auto text, read_yaml(file));
  std::error_code failed;
  const auto base = std::filesystem::absolute(file, failed).parent_path();
  return parse(text, file.string(), base, true);
}

} // namespace chalkstream::pipelines
