#include "pipelines/configuration/configuration.hpp"
#include "pipelines/configuration/yaml_tree.hpp"

#include <gmock/gmock.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <set>
#include <sstream>
#include <thread>
#include <unistd.h>

namespace chalkstream::pipelines {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

constexpr auto sample = R"(kafka:      {brokers: embedded, group: chalkstream}
monitoring: {listen: 127.0.0.1:9464}
models:
  minilm: {path: models/minilm, replicas: {min: 1, max: 4}}
pipelines:
  short-answers: {kind: grading, from: submissions, to: grades, dead_letters: submissions.dead, model: minilm}
  next-steps:    {kind: recommendation, from: grades, to: recommendations, catalogue: resources.jsonl, model: minilm}
)";

// Every key there is.
constexpr auto full = R"(kafka:
  brokers: [one:9092, "[::1]:9093"]
  group: exams
  instance: a1
  client:
    security.protocol: SASL_SSL
    sasl.password: "hunter: 2"
    ssl.key.password: abc
    queued.min.messages: 1000
  delivery: at_least_once
  commit_interval: 250ms
  commit_records: 100
  session_timeout: 45s
  transaction_timeout: 1m
  partitions: 12
  max_message_bytes: 1MB
monitoring:
  listen: "[::]:0"
  groups: {assignment: [cells-quiz, "a: b"], language: [en, de], tenant: north}
  traces: {endpoint: "http://collector:4318", sample: 0.25}
state_dir: /var/lib/chalkstream
privacy: {key_file: secret.key}
log: {level: debug, format: json}
engine:
  slots: 3
  prepare_threads: 2
  in_flight: {records: 100, bytes: 8MiB}
  drain_grace: 1m
  revoke_grace: 1s
  max_attempts: 5
  token_budget: 1024
models:
  minilm:
    path: /models/minilm
    version: "7"
    device: cuda:1
    replicas: {min: 2, max: 3}
    token_budget: auto
    languages: [en, de]
    output: embedding
  scorer: {path: scorer, languages: any}
  writer: {path: writer, output: text, text_cache: 2GiB, allow_code: true}
  reader: {path: reader}
pipelines:
  short-answers:
    kind: grading
    from: submissions
    to: grades
    dead_letters: trash
    deadline: 5m
    priority: exam
    max_bytes: 64KiB
    model: minilm
    answer_model: scorer
    essay_model: scorer
    essay_scale: {min: -2, max: 3.5}
    text_too_long: reject
    review_below: 0.75
  next-steps:
    kind: recommendation
    from: grades
    to: recommendations
    model: minilm
    catalogue: lists/resources.jsonl
    enough: 0.9
    least_similarity: 0.5
    top_k: 3
  vectors: {kind: embedding, from: submissions, to: vectors, model: minilm}
  speed: {kind: echo, from: in, to: out}
  short-texts:
    kind: summarization
    from: essays
    to: summaries
    model: minilm
    review_below: 0.5
    sentences: 2
    diversity: 0.75
    max_tokens: 4096
  gists: {kind: summarization, method: abstractive, from: essays, to: gists, model: writer}
  german:
    kind: translation
    from: essays
    to: german
    model: writer
    from_language: en
    to_language: de
    writing:
      prefix: "translate: "
      target_token: de_DE
      max_new_tokens: 200
      min_new_tokens: 2
      beams: 4
      length_penalty: -0.5
      early_stopping: never
      no_repeat_ngram: 3
      repetition_penalty: 1.5
      sample: true
      temperature: 0.5
      top_k: 10
      top_p: 0.9
      seed: 7
  comments:
    kind: feedback
    from: submissions
    to: comments
    model: writer
    prompt: "Say \"{text}\" of {{{item}}}:\n"
  course-questions:
    kind: answering
    from: questions
    to: answers
    model: minilm
    material: lists/material.jsonl
    passage_length: 600
    passages: 7
    least_similarity: 0.375
    reader: reader
    stride: 64
    answer_tokens: 20
    no_answer_below: 0.25
    review_below: 0.625
  written-answers:
    kind: answering
    from: questions
    to: written
    model: minilm
    material: lists/material.jsonl
    writer: writer
    prompt: "{passages}\n\n{text}"
    writing: {max_new_tokens: 60}
  scanned-digits:
    kind: recognition
    from: scans
    to: recognised
    model: scorer
    review_below: 0.875
    images:
      folders: [scans, /srv/scans]
      max_bytes: 3MiB
      max_pixels: 1000000
      max_pages: 4
      max_memory: 64MiB
      max_time: 2s
      pdf_dpi: 200
    writing: {beams: 4, max_new_tokens: 40}
  lesson-clips:
    kind: video
    from: clips
    to: seen
    model: scorer
    review_below: 0.75
    clips:
      folders: [clips]
      max_bytes: 30MiB
      max_pixels: 2000000
      max_frames: 3000
      max_segments: 50
      max_memory: 128MiB
      max_duration: 2m
      max_time: 20s
  scanned-answers:
    kind: grading
    from: answers
    to: scan-grades
    model: minilm
    reader: scorer
    reading_below: 0.625
    lines: split
    images: {folders: [scans], max_bytes: 3MiB}
)";

configuration must_parse(std::string_view text) {
  auto read = parse_configuration(text, "c.yaml", "/etc/chalkstream");
  if (!read) {
    ADD_FAILURE() << read.error().message;
    return {};
  }
  return std::move(read).value();
}

std::string complaint(std::string_view text) {
  auto read = parse_configuration(text, "c.yaml", "/etc/chalkstream");
  if (read)
    return "nothing";
  EXPECT_EQ(read.error().code, errc::invalid_configuration);
  return read.error().message;
}

TEST(configuration_test, the_short_form_of_the_design_is_enough) {
  const auto c = must_parse(sample);
  EXPECT_TRUE(c.kafka.embedded);
  EXPECT_EQ(c.kafka.brokers, "");
  EXPECT_EQ(c.kafka.group, "chalkstream");
  EXPECT_EQ(c.kafka.delivery, kafka::delivery::exactly_once);
  EXPECT_EQ(c.kafka.commit_interval, 100ms);
  EXPECT_EQ(c.listen, "127.0.0.1:9464");
  EXPECT_EQ(c.traces.endpoint, "");
  EXPECT_EQ(c.state_dir, "/etc/chalkstream/state");
  EXPECT_EQ(c.key_file, std::nullopt);
  EXPECT_EQ(c.engine.slots, std::max(1U, std::thread::hardware_concurrency()));
  EXPECT_EQ(c.engine.in_flight_records, 4096u);
  EXPECT_EQ(c.engine.in_flight_bytes, 64u << 20);
  EXPECT_EQ(c.engine.drain_grace, 20s);
  ASSERT_EQ(c.models.size(), 1u);
  EXPECT_EQ(c.models[0].path, "/etc/chalkstream/models/minilm");
  EXPECT_EQ(c.models[0].where, "c.yaml:4:18");
  EXPECT_EQ(c.models[0].max_replicas, 4u);
  EXPECT_EQ(c.models[0].output, models::head::embedding);
  EXPECT_EQ(c.models[0].languages, std::vector<std::string>{"en"});
  ASSERT_EQ(c.pipelines.size(), 2u);
  EXPECT_EQ(c.pipelines[0].name, "short-answers");
  EXPECT_EQ(c.pipelines[0].kind, pipeline_kind::grading);
  EXPECT_EQ(c.pipelines[0].model, 0u);
  EXPECT_EQ(c.pipelines[0].deadline, 60s);
  EXPECT_EQ(c.pipelines[0].urgency, priority::normal);
  EXPECT_EQ(c.pipelines[0].text_too_long, overlong::truncate);
  EXPECT_EQ(c.pipelines[1].dead_letters, "grades.dead");
  EXPECT_EQ(c.pipelines[1].catalogue, "/etc/chalkstream/resources.jsonl");
  EXPECT_EQ(c.pipelines[1].catalogue_where, "c.yaml:7:87");
}

TEST(configuration_test, every_key_is_read) {
  const auto c = must_parse(full);
  EXPECT_FALSE(c.kafka.embedded);
  EXPECT_EQ(c.kafka.brokers, "one:9092,[::1]:9093");
  EXPECT_EQ(c.kafka.group, "exams");
  EXPECT_EQ(c.kafka.instance, "a1");
  EXPECT_THAT(c.kafka.client, testing::ElementsAre(testing::Pair("security.protocol", "SASL_SSL"),
                                                   testing::Pair("sasl.password", "hunter: 2"),
                                                   testing::Pair("ssl.key.password", "abc"),
                                                   testing::Pair("queued.min.messages", "1000")));
  EXPECT_EQ(c.kafka.client_where, "c.yaml:6:5");
  EXPECT_EQ(c.kafka.delivery, kafka::delivery::at_least_once);
  EXPECT_EQ(c.kafka.commit_interval, 250ms);
  EXPECT_EQ(c.kafka.commit_records, 100u);
  EXPECT_EQ(c.kafka.session_timeout, 45s);
  EXPECT_EQ(c.kafka.transaction_timeout, 60s);
  EXPECT_EQ(c.kafka.partitions, 12);
  EXPECT_EQ(c.kafka.max_message_bytes, 1'000'000u);
  EXPECT_EQ(c.listen, "[::]:0");
  EXPECT_THAT(c.groups.names,
              ElementsAre(ElementsAre("cells-quiz", "a: b"), ElementsAre("en", "de"), ElementsAre("north")));
  EXPECT_EQ(c.traces.endpoint, "http://collector:4318");
  EXPECT_EQ(c.traces.sample, 0.25);
  EXPECT_EQ(c.state_dir, "/var/lib/chalkstream");
  EXPECT_EQ(c.key_file, "/etc/chalkstream/secret.key");
  EXPECT_EQ(c.log, log_level::debug);
  EXPECT_TRUE(c.log_as_json);
  EXPECT_EQ(c.engine.slots, 3u);
  EXPECT_EQ(c.engine.prepare_threads, 2u);
  EXPECT_EQ(c.engine.in_flight_records, 100u);
  EXPECT_EQ(c.engine.in_flight_bytes, 8u << 20);
  EXPECT_EQ(c.engine.drain_grace, 60s);
  EXPECT_EQ(c.engine.revoke_grace, 1s);
  EXPECT_EQ(c.engine.max_attempts, 5u);
  EXPECT_EQ(c.engine.token_budget, 1024u);
  ASSERT_EQ(c.models.size(), 4u);
  EXPECT_EQ(c.models[0].version, "7");
  EXPECT_THAT(c.models[0].devices, testing::ElementsAre("cuda:1"));
  EXPECT_EQ(c.models[0].min_replicas, 2u);
  EXPECT_EQ(c.models[0].max_replicas, 3u);
  EXPECT_EQ(c.models[0].token_budget, std::nullopt);
  EXPECT_THAT(c.models[0].languages, testing::ElementsAre("en", "de"));
  EXPECT_EQ(c.models[1].token_budget, 1024u);
  EXPECT_TRUE(c.models[1].languages.empty());
  EXPECT_EQ(c.models[1].output, models::head::logits) << "as the essay model it must have logits";
  EXPECT_EQ(c.models[1].max_replicas, 3u) << "as many as slots";
  const auto& p = c.pipelines[0];
  EXPECT_EQ(p.dead_letters, "trash");
  EXPECT_EQ(p.deadline, 5min);
  EXPECT_EQ(p.urgency, priority::exam);
  EXPECT_EQ(p.max_bytes, 65'536u);
  EXPECT_EQ(p.answer_model, 1u);
  EXPECT_THAT(p.answer_model_where, testing::EndsWith(":54:19"));
  EXPECT_EQ(p.essay_model, 1u);
  EXPECT_EQ(p.lowest_score, -2);
  EXPECT_EQ(p.highest_score, 3.5);
  EXPECT_EQ(p.text_too_long, overlong::reject);
  EXPECT_EQ(p.review_below, 0.75);
  EXPECT_EQ(c.pipelines[1].enough, 0.9);
  EXPECT_EQ(c.pipelines[1].least_similarity, 0.5);
  EXPECT_EQ(c.pipelines[1].top_k, 3u);
  EXPECT_EQ(c.pipelines[3].kind, pipeline_kind::echo);
  EXPECT_EQ(c.pipelines[3].model, std::nullopt);
  EXPECT_EQ(c.pipelines[4].kind, pipeline_kind::summarization);
  EXPECT_EQ(c.pipelines[4].model, 0u);
  EXPECT_EQ(c.pipelines[4].review_below, 0.5);
  EXPECT_EQ(c.pipelines[4].summary.sentences, 2u);
  EXPECT_EQ(c.pipelines[4].summary.diversity, 0.75);
  EXPECT_EQ(c.pipelines[4].summary.max_tokens, 4096u);
  const auto& asked = c.pipelines[8];
  EXPECT_EQ(asked.kind, pipeline_kind::answering);
  EXPECT_EQ(asked.material, "/etc/chalkstream/lists/material.jsonl");
  EXPECT_EQ(asked.passage_length, 600u);
  EXPECT_EQ(asked.passages, 7u);
  EXPECT_EQ(asked.least_similarity, 0.375);
  EXPECT_EQ(asked.reader, 3u);
  EXPECT_EQ(c.models[3].output, models::head::span_logits);
  EXPECT_EQ(asked.span.stride, 64u);
  EXPECT_EQ(asked.span.longest, 20u);
  EXPECT_EQ(asked.no_answer_below, 0.25);
  EXPECT_EQ(asked.review_below, 0.625);
  const auto& written = c.pipelines[9];
  EXPECT_EQ(written.writer, 2u);
  EXPECT_FALSE(written.reader);
  ASSERT_TRUE(written.prompt);
  EXPECT_EQ(written.prompt->fill(event{}, "who?", "[1] he"), "[1] he\n\nwho?");
  EXPECT_EQ(written.writing.generation.max_new_tokens, 60u);
}

TEST(configuration_test, images_may_be_compared_with_labels) {
  const auto c = must_parse(R"(
kafka: {brokers: "localhost:9092"}
models: {clip: {path: clip}}
pipelines:
  scenes: {kind: recognition, from: scans, to: seen, model: clip, labels: [a map, "a graph: lines"], prompt: "this is {}."}
)");
  EXPECT_EQ(c.models[0].output, models::head::embedding);
  EXPECT_EQ(c.pipelines[0].labels, (std::vector<std::string>{"a map", "a graph: lines"}));
  EXPECT_EQ(c.pipelines[0].label_prompt, "this is {}.");
  EXPECT_EQ(describe(must_parse(describe(c))), describe(c));
}

TEST(configuration_test, regions_that_are_not_sure_enough_may_be_left_out) {
  const auto c = must_parse(R"(
kafka: {brokers: "localhost:9092"}
models: {detr: {path: detr}}
pipelines:
  figures: {kind: recognition, from: scans, to: found, model: detr, regions_above: 0.9}
)");
  EXPECT_EQ(c.models[0].output, models::head::logits);
  EXPECT_EQ(c.pipelines[0].regions_above, 0.9);
  EXPECT_EQ(describe(must_parse(describe(c))), describe(c));
}

TEST(configuration_test, labels_and_prompts_of_images_that_cannot_be_are_named) {
  const std::string head = R"(
kafka: {brokers: "localhost:9092"}
models: {clip: {path: clip}}
pipelines:
  scenes: {kind: recognition, from: scans, to: seen, model: clip, )";
  for (const auto& [keys, named] : std::vector<std::pair<std::string, std::string>>{
           {"labels: [map]", "scenes.labels: expected 2 to 1000 labels, found 1"},
           {"labels: [map, map]", "scenes.labels: labels must differ"},
           {"labels: [map, '']", "scenes.labels: expected text or a list of texts"},
           {"labels: [map, graph], prompt: a photo", "scenes.prompt: expected {} once, where the label goes"},
           {"labels: [map, graph], prompt: '{} {}'", "scenes.prompt: expected {} once, where the label goes"},
           {"prompt: 'a {}'", "scenes.prompt: recognition has a prompt for its labels, and there are no labels"}}) {
    const auto read = parse_configuration(head + keys + "}\n", "c.yaml", "/etc/chalkstream");
    ASSERT_FALSE(read) << keys;
    EXPECT_NE(read.error().message.find(named), std::string::npos) << read.error().message;
  }
}

TEST(configuration_test, images_may_cost_what_is_said) {
  const auto c = must_parse(full);
  const auto& p = c.pipelines[10];
  EXPECT_EQ(p.kind, pipeline_kind::recognition);
  EXPECT_EQ(p.model, 1u);
  EXPECT_EQ(p.review_below, 0.875);
  EXPECT_EQ(p.image_folders, (std::vector<std::filesystem::path>{"/etc/chalkstream/scans", "/srv/scans"}));
  EXPECT_EQ(p.image_limits.max_bytes, 3u << 20);
  EXPECT_EQ(p.image_limits.max_pixels, 1'000'000u);
  EXPECT_EQ(p.image_limits.max_pages, 4u);
  EXPECT_EQ(p.image_limits.max_memory, 64u << 20);
  EXPECT_EQ(p.image_limits.max_time, 2s);
  EXPECT_EQ(p.image_limits.pdf_dpi, 200u);
  EXPECT_EQ(p.split, page_split::whole);
  EXPECT_EQ(p.max_bytes, (4u << 20) + (1u << 16)); // base64, and the event around it
  EXPECT_EQ(p.writing.unit, prompt_unit::picture);
  EXPECT_EQ(p.writing.generation.beams, 4u);
  EXPECT_EQ(p.writing.generation.max_new_tokens, 40u);
  EXPECT_EQ(p.writing_where.substr(0, 7), "c.yaml:");
}

TEST(configuration_test, clips_may_cost_what_is_said) {
  const auto c = must_parse(full);
  const auto& p = c.pipelines[11];
  EXPECT_EQ(p.kind, pipeline_kind::video);
  EXPECT_EQ(p.model, 1u);
  EXPECT_EQ(p.review_below, 0.75);
  EXPECT_EQ(p.image_folders, (std::vector<std::filesystem::path>{"/etc/chalkstream/clips"}));
  EXPECT_EQ(p.clip_limits.max_bytes, 30u << 20);
  EXPECT_EQ(p.clip_limits.max_pixels, 2'000'000u);
  EXPECT_EQ(p.clip_limits.max_frames, 3000u);
  EXPECT_EQ(p.clip_limits.max_segments, 50u);
  EXPECT_EQ(p.clip_limits.max_memory, 128u << 20);
  EXPECT_EQ(p.clip_limits.max_duration, 2min);
  EXPECT_EQ(p.clip_limits.max_time, 20s);
  EXPECT_EQ(p.max_bytes, (40u << 20) + (1u << 16)); // base64, and the event around it
}

TEST(configuration_test, grading_may_have_a_reader_and_its_images) {
  const auto c = must_parse(full);
  const auto& p = c.pipelines[12];
  EXPECT_EQ(p.kind, pipeline_kind::grading);
  EXPECT_EQ(p.reader, 1u);
  EXPECT_EQ(p.reading_below, 0.625);
  EXPECT_EQ(p.split, page_split::lines);
  EXPECT_EQ(p.image_folders, (std::vector<std::filesystem::path>{"/etc/chalkstream/scans"}));
  EXPECT_EQ(p.max_bytes, (4u << 20) + (1u << 16));
  EXPECT_FALSE(c.pipelines[0].reader);
  EXPECT_EQ(c.pipelines[0].max_bytes, 64u << 10);
}

TEST(configuration_test, what_writes_has_its_settings_and_leaves_the_others_to_the_model) {
  const auto c = must_parse(full);
  EXPECT_EQ(c.models[2].output, models::head::text);
  EXPECT_EQ(c.models[2].text_cache_bytes, std::size_t{2} << 30);
  EXPECT_TRUE(c.models[2].allow_code);
  EXPECT_FALSE(c.models[0].allow_code);
  EXPECT_TRUE(c.pipelines[5].abstractive);
  EXPECT_EQ(c.pipelines[5].writing.unit, prompt_unit::window);
  EXPECT_FALSE(c.pipelines[5].writing.generation.beams);
  const auto& p = c.pipelines[6];
  EXPECT_EQ(p.kind, pipeline_kind::translation);
  EXPECT_EQ(p.from_language, "en");
  EXPECT_EQ(p.to_language, "de");
  EXPECT_EQ(p.writing.unit, prompt_unit::sentence);
  EXPECT_EQ(p.writing.prefix, "translate: ");
  EXPECT_EQ(p.writing.target_language, "de_DE");
  const auto& g = p.writing.generation;
  EXPECT_EQ(g.max_new_tokens, 200u);
  EXPECT_EQ(g.min_new_tokens, 2u);
  EXPECT_EQ(g.beams, 4u);
  EXPECT_EQ(g.length_penalty, -0.5);
  EXPECT_EQ(g.stop_early, early_stopping::never);
  EXPECT_EQ(g.no_repeat_ngram, 3u);
  EXPECT_EQ(g.repetition_penalty, 1.5);
  EXPECT_EQ(g.sample, true);
  EXPECT_EQ(g.temperature, 0.5);
  EXPECT_EQ(g.top_k, 10u);
  EXPECT_EQ(g.top_p, 0.9);
  EXPECT_EQ(g.seed, 7u);
  ASSERT_TRUE(c.pipelines[7].prompt);
  event from;
  from.item = "i";
  EXPECT_EQ(c.pipelines[7].prompt->fill(from, "yes"), "Say \"yes\" of {i}:\n");
}

TEST(configuration_test, the_description_parses_to_the_same_configuration_but_hides_secrets) {
  for (const auto* text : {sample, full}) {
    const auto said = describe(must_parse(text));
    EXPECT_EQ(describe(must_parse(said)), said);
    EXPECT_THAT(said, Not(HasSubstr("hunter")));
    EXPECT_THAT(said, Not(HasSubstr("abc")));
  }
  const auto said = describe(must_parse(full));
  EXPECT_THAT(said, HasSubstr("    \"sasl.password\": \"********\"\n"));
  EXPECT_THAT(said, HasSubstr("    \"security.protocol\": \"SASL_SSL\"\n"));
}

TEST(configuration_test, metrics_may_be_off) {
  std::string text(sample);
  text.replace(text.find("127.0.0.1:9464"), 14, "off");
  EXPECT_EQ(must_parse(text).listen, "");
}

TEST(configuration_test, overrides_name_the_topic_of_the_grades_they_are_about) {
  const auto with = [](std::string_view keys) {
    return "kafka: {brokers: embedded}\npipelines:\n  fixed: {kind: overrides, from: in, to: out" + std::string(keys)
           + "}\n";
  };
  const auto c = must_parse(with(", grades: g, remembered: 5, steps: 6, tenant: north"));
  EXPECT_EQ(c.pipelines[0].kind, pipeline_kind::overrides);
  EXPECT_EQ(c.pipelines[0].grades, "g");
  EXPECT_EQ(c.pipelines[0].remembered, 5u);
  EXPECT_EQ(c.pipelines[0].steps, 6u);
  EXPECT_EQ(c.pipelines[0].model, std::nullopt);
  const auto again = must_parse(describe(c));
  EXPECT_EQ(describe(again), describe(c));
  EXPECT_EQ(again.pipelines[0].remembered, 5u);
  EXPECT_EQ(again.pipelines[0].tenant, "north");
  EXPECT_EQ(must_parse(with(", grades: g")).pipelines[0].steps, 10u);
  EXPECT_EQ(complaint(with("")), "c.yaml:3:10: pipelines.fixed: 'grades' is missing (the topic of the grades that "
                                 "people override)");
  for (const auto* own : {"in", "out", "in.dead"})
    EXPECT_THAT(complaint(with(std::string(", grades: ") + own)),
                HasSubstr("is where this pipeline's own records are"));
  EXPECT_THAT(complaint(with(", grades: 'a b'")), HasSubstr("a topic has up to 249 letters"));
  EXPECT_THAT(complaint(with(", grades: g, steps: 0")), HasSubstr("expected a whole number from 1 to 1000"));
  EXPECT_THAT(complaint(with(", grades: g, model: m")), HasSubstr("recognition or video, not to overrides"));
  EXPECT_THAT(complaint("kafka: {brokers: embedded}\npipelines: {a: {kind: echo, from: x, to: y, grades: g}}\n"),
              HasSubstr("'grades' belongs to kind overrides, not to echo"));
}

TEST(configuration_test, pipelines_may_be_chained_and_share_topics) {
  must_parse("kafka: {brokers: embedded}\npipelines:\n"
             "  a: {kind: echo, from: in, to: middle, dead_letters: dead}\n"
             "  b: {kind: echo, from: in, to: middle, dead_letters: dead}\n"
             "  c: {kind: echo, from: middle, to: out, dead_letters: dead}\n");
}

TEST(configuration_test, a_secret_of_the_wrong_type_is_not_repeated) {
  EXPECT_EQ(complaint("kafka: {brokers: embedded, client: {sasl.password: [hunter2]}}\n"
                      "pipelines: {a: {kind: echo, from: x, to: y}}\n"),
            "c.yaml:1:52: kafka.client.sasl.password: expected a text or a number");
}

TEST(configuration_test, everything_that_is_wrong_is_reported_at_once_in_the_order_of_the_file) {
  EXPECT_EQ(complaint("kafka: {brokesr: embedded, commit_interval: 5}\n"
                      "models: {m: {device: gpu}}\n"
                      "pipelines:\n"
                      "  a: {kind: grading, from: x, to: y, model: n}\n"
                      "  b: {kind: ecko, from: x, to: x}\n"),
            "c.yaml:1:9: unknown key 'brokesr' in kafka; did you mean 'brokers'?\n"
            "c.yaml:1:45: kafka.commit_interval: expected a duration such as 100ms, 5s or 2m, found '5'\n"
            "c.yaml:2:13: models.m: 'path' is missing (the model's directory)\n"
            "c.yaml:2:22: models.m.device: expected cpu, cuda or cuda:N, found 'gpu'\n"
            "c.yaml:4:45: pipelines.a.model: there is no model 'n'; did you mean 'm'?\n"
            "c.yaml:5:13: pipelines.b.kind: expected grading, recommendation, embedding, summarization, answering, "
            "translation, feedback, recognition, video, echo or overrides, found 'ecko'; did you mean 'echo'?\n"
            "c.yaml:5:32: pipelines.b.to: records would go round for ever: x > x");
}

TEST(configuration_test, what_is_not_yaml_says_where) {
  EXPECT_EQ(complaint("kafka: {brokers: embedded\npipelines: 1\n"),
            "c.yaml:2:10: not valid YAML: end of map flow not found");
  EXPECT_EQ(complaint("kafka:\n\tbrokers: x\n"),
            "c.yaml:2:9: not valid YAML: this line is indented with a tab; use spaces");
  EXPECT_EQ(complaint(""), "c.yaml:1:1: 'kafka' is missing (where records come from)\n"
                           "c.yaml:1:1: 'pipelines' is missing (what to do with them)");
  EXPECT_EQ(complaint("just words"), "c.yaml:1:1: the file: expected keys and values, found 'just words'");
}

TEST(configuration_test, hostile_files_are_refused_without_harm) {
  EXPECT_EQ(complaint(std::string(max_yaml_bytes + 1, '#')), "c.yaml:1:1: the file is larger than 1048576 bytes");
  EXPECT_THAT(complaint(std::string(100'000, '[')), HasSubstr("c.yaml:1:"));
  EXPECT_THAT(complaint("a: &x [1]\nb: [*x, *x]\n"), HasSubstr("anchors (&name) are not supported"));
  EXPECT_THAT(complaint("kafka: !!binary aGk=\n"), HasSubstr("tags (!name) are not supported"));
  EXPECT_THAT(complaint("? [a, b]\n: c\n"), HasSubstr("a key must be plain text"));
  EXPECT_THAT(complaint("--- {a: 1}\n--- {b: 2}\n"), HasSubstr("c.yaml:2:5: one document is expected"));
  const std::string zeros("kafka: {\0\0\0}", 12);
  EXPECT_THAT(complaint(zeros), HasSubstr("c.yaml:"));
}

class configuration_file_test : public testing::Test {
protected:
  void SetUp() override {
    auto pattern = (std::filesystem::temp_directory_path() / "chalkstream-configuration-XXXXXX").string();
    ASSERT_NE(mkdtemp(pattern.data()), nullptr);
    folder = pattern;
  }
  void TearDown() override { std::filesystem::remove_all(folder); }

  std::filesystem::path folder;
};

TEST_F(configuration_file_test, what_it_names_must_exist) {
  const auto file = folder / "chalkstream.yaml";
  std::ofstream(file) << sample << "privacy: {key_file: key}\n";
  const auto wrong = load_configuration(file);
  ASSERT_FALSE(wrong);
  const auto f = file.string();
  const auto d = folder.string();
  EXPECT_EQ(wrong.error().message, f + ":4:18: models.minilm.path: there is no directory '" + d + "/models/minilm'\n"
                                       + f + ":7:87: pipelines.next-steps.catalogue: there is no file '" + d
                                       + "/resources.jsonl'\n" + f + ":8:21: privacy.key_file: there is no file '" + d
                                       + "/key'; leave the key out to have one made");
  std::filesystem::create_directories(folder / "models/minilm");
  std::ofstream(folder / "resources.jsonl") << "{}\n";
  std::ofstream(folder / "key") << "k";
  const auto right = load_configuration(file);
  ASSERT_TRUE(right) << right.error().message;
  EXPECT_EQ(right->models[0].path, folder / "models/minilm");
  EXPECT_EQ(right->state_dir, folder / "state");
}

TEST_F(configuration_file_test, a_file_that_is_not_there_is_named) {
  const auto missing = load_configuration(folder / "nowhere.yaml");
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().message, (folder / "nowhere.yaml").string() + ": there is no such file");
  EXPECT_FALSE(load_configuration(folder));
}

TEST(configuration_documentation_test, every_key_is_in_the_reference) {
  std::ifstream file("docs/configuration.md");
  const std::string reference(std::istreambuf_iterator<char>(file), {});
  std::istringstream lines(full);
  for (std::string line; std::getline(lines, line);) {
    auto key = line.substr(0, line.find(':'));
    key.erase(0, key.find_first_not_of(' '));
    const std::set<std::string> own{"minilm", "scorer", "writer", "vectors", "speed", "gists", "german", "comments"};
    if (key.find('.') != std::string::npos || key.find('-') != std::string::npos || own.contains(key))
      continue; // names of the user's own, and librdkafka's
    EXPECT_THAT(reference, HasSubstr("`" + key + "`"));
  }
}

} // namespace
} // namespace chalkstream::pipelines
