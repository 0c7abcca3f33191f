// One change to a right configuration, and word for word what a person is told.
#include "pipelines/configuration/configuration.hpp"

#include <gtest/gtest.h>

#include <sstream>

namespace chalkstream::pipelines {
namespace {

constexpr std::string_view right = R"(kafka:
  brokers: localhost:9092
  group: exams
  client: {linger.ms: 5}
  delivery: exactly_once
  commit_interval: 100ms
  partitions: 4
monitoring: {listen: 127.0.0.1:9464}
engine:
  slots: 2
  in_flight: {records: 100, bytes: 8MiB}
models:
  minilm: {path: models/minilm, replicas: {min: 1, max: 4}}
  scorer: {path: models/scorer, output: logits}
  writer: {path: models/writer}
pipelines:
  answers: {kind: grading, from: submissions, to: grades, model: minilm, review_below: 0.5}
  steps:
    kind: recommendation
    from: grades
    to: recommendations
    model: minilm
    catalogue: resources.jsonl
  speed: {kind: echo, from: in, to: out}
  short: {kind: summarization, from: essays, to: summaries, model: minilm, sentences: 2, diversity: 0.5}
  german: {kind: translation, from: essays, to: german, model: writer, to_language: de, writing: {beams: 4}}
  comments: {kind: feedback, from: essays, to: comments, model: writer, prompt: "{text}"}
  ask: {kind: answering, from: questions, to: answers, model: minilm, material: m.jsonl, passages: 3}
)";

struct mistake {
  std::string_view was;
  std::string_view is;
  std::string_view told; // without the file's name
};

std::ostream& operator<<(std::ostream& out, const mistake& m) {
  return out << m.was << " -> " << m.is;
}

class mistakes_test : public testing::TestWithParam<mistake> {};

TEST_P(mistakes_test, is_told_where_what_is_wrong_and_what_was_meant) {
  const auto& [was, is, told] = GetParam();
  std::string text(right);
  const auto at = text.find(was);
  ASSERT_NE(at, std::string::npos);
  text.replace(at, was.size(), is);
  const auto read = parse_configuration(text, "c", "/");
  ASSERT_FALSE(read) << "accepted";
  std::string message;
  std::istringstream lines(read.error().message);
  for (std::string line; std::getline(lines, line);) {
    ASSERT_TRUE(line.starts_with("c:")) << line;
    message += (message.empty() ? "" : "\n") + line.substr(2);
  }
  EXPECT_EQ(message, told);
}

TEST(mistakes_test_control, without_a_mistake_it_is_accepted) {
  const auto read = parse_configuration(right, "c", "/");
  EXPECT_TRUE(read) << read.error().message;
}

constexpr mistake keys[] = {
    {"kafka:\n", "kakfa:\n", "1:1: unknown key 'kakfa'; did you mean 'kafka'?"},
    {"monitoring:", "metrics:", "8:1: unknown key 'metrics'"},
    {"models:\n", "model:\n",
     "12:1: unknown key 'model'; did you mean 'models'?\n"
     "17:66: pipelines.answers.model: there is no model 'minilm' under models\n"
     "22:12: pipelines.steps.model: there is no model 'minilm' under models\n"
     "25:68: pipelines.short.model: there is no model 'minilm' under models\n"
     "26:64: pipelines.german.model: there is no model 'writer' under models\n"
     "27:65: pipelines.comments.model: there is no model 'writer' under models\n"
     "28:63: pipelines.ask.model: there is no model 'minilm' under models"},
    {"brokers:", "broker:", "2:3: unknown key 'broker' in kafka; did you mean 'brokers'?"},
    {"group:", "Group:", "3:3: unknown key 'Group' in kafka; did you mean 'group'?"},
    {"commit_interval:", "commit-interval:",
     "6:3: unknown key 'commit-interval' in kafka; did you mean 'commit_interval'?"},
    {"partitions:", "frobnicate:", "7:3: unknown key 'frobnicate' in kafka"},
    {"listen:", "liste:", "8:14: unknown key 'liste' in monitoring; did you mean 'listen'?"},
    {"listen:", "groups: {lesson: a}, listen:", "8:23: unknown key 'lesson' in monitoring.groups"},
    {"listen:", "traces: {sampled: 1}, listen:",
     "8:23: unknown key 'sampled' in monitoring.traces; did you mean 'sample'?"},
    {"slots:", "slot:", "10:3: unknown key 'slot' in engine; did you mean 'slots'?"},
    {"records:", "record:", "11:15: unknown key 'record' in engine.in_flight; did you mean 'records'?"},
    {"min:", "minimum:", "13:44: unknown key 'minimum' in models.minilm.replicas"},
    {"output:", "outputs:", "14:33: unknown key 'outputs' in models.scorer; did you mean 'output'?"},
    {"from: submissions", "form: submissions",
     "17:28: unknown key 'form' in pipelines.answers; did you mean 'from'?"},
    {"review_below:", "review-below:",
     "17:74: unknown key 'review-below' in pipelines.answers; did you mean 'review_below'?"},
    {"catalogue:", "catalog:", "23:5: unknown key 'catalog' in pipelines.steps; did you mean 'catalogue'?"},
    {"sentences:", "sentence:", "25:76: unknown key 'sentence' in pipelines.short; did you mean 'sentences'?"},
    {"diversity:", "divercity:", "25:90: unknown key 'divercity' in pipelines.short; did you mean 'diversity'?"},
    {"group: exams", "brokers: again", "3:3: 'brokers' comes twice; the first one is on line 2"},
    {"scorer:", "minilm:", "14:3: 'minilm' comes twice; the first one is on line 13"},
    {"  speed:", "  answers:", "24:3: 'answers' comes twice; the first one is on line 17"},
};
INSTANTIATE_TEST_SUITE_P(of_keys, mistakes_test, testing::ValuesIn(keys));

constexpr mistake types[] = {
    {"  brokers: localhost:9092\n", "  brokers:\n",
     "2:3: kafka.brokers: expected text or a list of texts, found nothing"},
    {"group: exams", "group: [a, b]", "3:10: kafka.group: expected text, found a list"},
    {"group: exams", "group: {a: b}", "3:10: kafka.group: expected text, found a mapping"},
    {"group: exams", "group: ''", "3:10: kafka.group: expected text, found ''"},
    {"client: {linger.ms: 5}", "client: 5", "4:11: kafka.client: expected keys and values, found '5'"},
    {"client: {linger.ms: 5}", "client: {linger.ms: }", "4:12: kafka.client.linger.ms: expected a text or a number"},
    {"partitions: 4", "partitions: four",
     "7:15: kafka.partitions: expected a whole number from 1 to 10000, found 'four'"},
    {"partitions: 4", "partitions: '4'",
     "7:15: kafka.partitions: expected a whole number from 1 to 10000, found '4'"},
    {"partitions: 4", "partitions: 4.5",
     "7:15: kafka.partitions: expected a whole number from 1 to 10000, found '4.5'"},
    {"partitions: 4", "partitions: 0", "7:15: kafka.partitions: expected a whole number from 1 to 10000, found '0'"},
    {"partitions: 4", "partitions: -4",
     "7:15: kafka.partitions: expected a whole number from 1 to 10000, found '-4'"},
    {"partitions: 4", "partitions: 99999999999999999999",
     "7:15: kafka.partitions: expected a whole number from 1 to 10000, found '99999999999999999999'"},
    {"monitoring: {listen: 127.0.0.1:9464}", "monitoring: [1]",
     "8:13: monitoring: expected keys and values, found a list"},
    {"replicas: {min: 1, max: 4}", "replicas: 4",
     "13:43: models.minilm.replicas: expected keys and values, found '4'"},
    {"{path: models/scorer, output: logits}", "models/scorer",
     "14:11: models.scorer: expected keys and values, found 'models/scorer'"},
    {"review_below: 0.5", "review_below: half",
     "17:88: pipelines.answers.review_below: expected a number from 0 to 1, found 'half'"},
    {"review_below: 0.5", "review_below: 50",
     "17:88: pipelines.answers.review_below: expected a number from 0 to 1, found '50'"},
    {"review_below: 0.5", "review_below: .nan",
     "17:88: pipelines.answers.review_below: expected a number from 0 to 1, found '.nan'"},
};
INSTANTIATE_TEST_SUITE_P(of_types, mistakes_test, testing::ValuesIn(types));

constexpr mistake values[] = {
    {"listen: 127.0.0.1:9464", "groups: {assignment: [a, b, a]}",
     "8:35: monitoring.groups.assignment: 'a' is there twice"},
    {"listen: 127.0.0.1:9464", "groups: {tenant: [other]}",
     "8:31: monitoring.groups.tenant: expected names of 1 to 100 bytes other than 'other', which is all the rest; "
     "found 'other'"},
    {"listen: 127.0.0.1:9464", "groups: {language: [en-GB]}",
     "8:33: monitoring.groups.language: expected languages such as en, without a region; found 'en-GB'"},
    {"listen: 127.0.0.1:9464", "traces: {endpoint: collector}",
     "8:33: monitoring.traces.endpoint: 'collector' is no address: host:port or http://host:port/path is meant"},
    {"listen: 127.0.0.1:9464", "traces: {endpoint: \"https://collector\"}",
     "8:33: monitoring.traces.endpoint: 'https://collector' asks for https, which is not supported: http is"},
    {"listen: 127.0.0.1:9464", "traces: {sample: 2}",
     "8:31: monitoring.traces.sample: expected a number from 0 to 1, found '2'"},
    {"localhost:9092", "localhost", "2:12: kafka.brokers: expected host:port or embedded, found 'localhost'"},
    {"localhost:9092", "embeded",
     "2:12: kafka.brokers: expected host:port or embedded, found 'embeded'; did you mean "
     "'embedded'?"},
    {"localhost:9092", "a:9092,b", "2:12: kafka.brokers: expected host:port or embedded, found 'b'"},
    {"localhost:9092", "a:99999", "2:12: kafka.brokers: expected host:port or embedded, found 'a:99999'"},
    {"localhost:9092", "SSL://a:9092",
     "2:12: kafka.brokers: expected host:port without a scheme (client: {security.protocol: SSL} asks for TLS), "
     "found "
     "'SSL://a:9092'"},
    {"group: exams", "group: my group",
     "3:10: kafka.group: a name has up to 100 letters, digits, '.', '_' and '-', and starts with a letter or digit"},
    {"linger.ms: 5", "group.id: x", "4:12: kafka.client.group.id: please set kafka.group instead"},
    {"linger.ms: 5", "bootstrap.servers: 'a:1'",
     "4:12: kafka.client.bootstrap.servers: please set kafka.brokers instead"},
    {"linger.ms: 5", "transaction.timeout.ms: 1",
     "4:12: kafka.client.transaction.timeout.ms: please set kafka.transaction_timeout instead"},
    {"exactly_once", "exactly-once",
     "5:13: kafka.delivery: expected exactly_once or at_least_once, found 'exactly-once'; did you mean "
     "'exactly_once'?"},
    {"exactly_once", "at_most_once",
     "5:13: kafka.delivery: expected exactly_once or at_least_once, found 'at_most_once'; did you mean "
     "'at_least_once'?"},
    {"100ms", "100", "6:20: kafka.commit_interval: expected a duration such as 100ms, 5s or 2m, found '100'"},
    {"100ms", "100 ms", "6:20: kafka.commit_interval: expected a duration such as 100ms, 5s or 2m, found '100 ms'"},
    {"100ms", "100msec", "6:20: kafka.commit_interval: expected a duration such as 100ms, 5s or 2m, found '100msec'"},
    {"100ms", "2h", "6:20: kafka.commit_interval: expected a duration from 1ms to 1m, found '2h'"},
    {"commit_interval: 100ms", "transaction_timeout: 20m",
     "6:24: kafka.transaction_timeout: expected a duration from 1s to 15m, found '20m'"},
    {"commit_interval: 100ms", "commit_interval: 10s",
     "6:20: kafka.commit_interval: a transaction must be allowed at least twice the commit_interval"},
    {"127.0.0.1:9464", "127.0.0.1", "8:22: monitoring.listen: expected host:port or off, found '127.0.0.1'"},
    {"127.0.0.1:9464", "'::1:9464'", "8:22: monitoring.listen: expected host:port or off, found '::1:9464'"},
    {"slots: 2", "slots: 5000", "10:10: engine.slots: expected a whole number from 1 to 1024, found '5000'"},
    {"slots: 2", "token_budget: lots",
     "10:17: engine.token_budget: expected auto or a whole number from 1 to 1048576, found 'lots'"},
    {"8MiB", "8Mib", "11:36: engine.in_flight.bytes: expected a size such as 64MiB, 16MB or 4096, found '8Mib'"},
    {"8MiB", "12", "11:36: engine.in_flight.bytes: expected a size from 1KiB to 1024GiB, found '12'"},
    {"min: 1, max: 4", "min: 5, max: 4", "13:49: models.minilm.replicas.min: there are more than max, 4"},
    {"path: models/scorer", "path: models/scorer, device: cuda:x",
     "14:41: models.scorer.device: expected cpu, cuda or cuda:N, found 'cuda:x'"},
    {"path: models/scorer", "path: models/scorer, languages: [English]",
     "14:44: models.scorer.languages: expected languages such as en or zh, or any, found 'English'"},
    {"path: models/scorer", "version: a b, path: models/scorer",
     "14:21: models.scorer.version: a name has up to 100 letters, digits, '.', '_' and '-', and starts with a letter "
     "or "
     "digit"},
    {"logits", "logit",
     "14:41: models.scorer.output: expected embedding, logits, span or text, found 'logit'; did you mean 'logits'?"},
    {"kind: grading", "kind: grade",
     "17:19: pipelines.answers.kind: expected grading, recommendation, embedding, summarization, answering, "
     "translation, feedback, recognition, video, echo or overrides, found 'grade'"},
    {"kind: grading, ", "",
     "17:12: pipelines.answers: 'kind' is missing (grading, recommendation, embedding, summarization, answering, "
     "translation, feedback, recognition, video, echo or overrides)"},
    {"sentences: 2", "sentences: 0",
     "25:87: pipelines.short.sentences: expected a whole number from 1 to 100, found '0'"},
    {"diversity: 0.5", "diversity: 2", "25:101: pipelines.short.diversity: expected a number from 0 to 1, found '2'"},
    {"diversity: 0.5", "max_tokens: 5",
     "25:102: pipelines.short.max_tokens: expected a whole number from 64 to 1048576, found '5'"},
    {"passages: 3", "passages: 0",
     "28:100: pipelines.ask.passages: expected a whole number from 1 to 100, found '0'"},
    {"passages: 3", "passage_length: 20",
     "28:106: pipelines.ask.passage_length: expected a whole number from 100 to 10000, found '20'"},
    {"passages: 3", "no_answer_below: 7",
     "28:107: pipelines.ask.no_answer_below: expected a number from 0 to 1, found '7'"},
    {"review_below: 0.5", "priority: urgent",
     "17:84: pipelines.answers.priority: expected exam, interactive, normal or bulk, found 'urgent'"},
    {"review_below: 0.5", "text_too_long: cut",
     "17:89: pipelines.answers.text_too_long: expected truncate or reject, found 'cut'"},
    {"from: submissions", "from: my submissions",
     "17:34: pipelines.answers.from: a topic has up to 249 letters, digits, '.', '_' and '-'"},
    {"  speed:", "  1 speed:",
     "24:3: pipelines.1 speed: a name has up to 100 letters, digits, '.', '_' and '-', and starts with a letter or "
     "digit"},
};
INSTANTIATE_TEST_SUITE_P(of_values, mistakes_test, testing::ValuesIn(values));

constexpr mistake relations[] = {
    {"model: minilm, review_below", "model: minilmm, review_below",
     "17:66: pipelines.answers.model: there is no model 'minilmm'; did you mean 'minilm'?"},
    {"model: minilm, review_below", "model: gpt, review_below",
     "17:66: pipelines.answers.model: there is no model 'gpt' under models"},
    {"model: minilm, review_below", "model: scorer, review_below",
     "17:66: pipelines.answers.model: model 'scorer' gives logits elsewhere, and embeddings are needed here; list "
     "its "
     "directory under a second name"},
    {"model: minilm, review_below", "model: minilm, essay_model: minilm, review_below",
     "17:87: pipelines.answers.essay_model: model 'minilm' gives embeddings elsewhere, and logits are needed here; "
     "list "
     "its directory under a second name"},
    {"model: minilm, review_below", "model: minilm, essay_scale: {min: 3, max: 3}, review_below",
     "17:93: pipelines.answers.essay_scale.min: it is not below max, 3"},
    {"model: minilm, review_below", "review_below",
     "17:12: pipelines.answers: 'model' is missing (the sentence encoder that short answers are judged with; essays "
     "need "
     "an essay_model)"},
    {"    catalogue: resources.jsonl\n", "",
     "19:5: pipelines.steps: 'catalogue' is missing (a file of learning resources, one JSON object a line)"},
    {"    from: grades\n", "", "19:5: pipelines.steps: 'from' is missing (the topic to read)"},
    {"  brokers: localhost:9092\n", "", "2:3: kafka: 'brokers' is missing (host:port of the brokers, or embedded)"},
    {"review_below: 0.5", "top_k: 3",
     "17:74: pipelines.answers: 'top_k' belongs to kind recommendation, not to grading"},
    {"review_below: 0.5", "reading_below: 0.5",
     "17:74: pipelines.answers: 'reading_below' belongs to answers that a reader reads from images"},
    {"review_below: 0.5", "lines: split",
     "17:74: pipelines.answers: 'lines' belongs to answers that a reader reads from images"},
    {"review_below: 0.5", "reader: minilm",
     "17:82: pipelines.answers.reader: model 'minilm' gives embeddings elsewhere, and logits are needed here; list "
     "its "
     "directory under a second name"},
    {"review_below: 0.5", "reader: scorer, lines: halved",
     "17:97: pipelines.answers.lines: expected whole or split, found 'halved'"},
    {"from: in, to: out", "from: in, to: out, lines: split",
     "24:42: pipelines.speed: 'lines' belongs to kind recognition or grading, not to echo"},
    {"from: in, to: out", "from: in, to: out, diversity: 0.1",
     "24:42: pipelines.speed: 'diversity' belongs to kind summarization, not to echo"},
    {"model: minilm, sentences", "sentences", "25:10: pipelines.short: 'model' is missing (the sentence encoder)"},
    {"catalogue: resources.jsonl", "catalogue: resources.jsonl\n    review_below: 0.5",
     "24:5: pipelines.steps: 'review_below' belongs to kind grading, summarization, answering, recognition or video, "
     "not to recommendation"},
    {"from: in, to: out", "from: in, to: out, model: minilm",
     "24:42: pipelines.speed: 'model' belongs to kind grading, recommendation, embedding, summarization, answering, "
     "translation, feedback, recognition or video, not to echo"},
    {"sentences: 2, diversity: 0.5", "writing: {beams: 2}",
     "25:76: pipelines.short: 'writing' belongs to the method abstractive"},
    {"model: minilm, sentences: 2, diversity: 0.5", "model: writer, method: abstractive, sentences: 2",
     "25:97: pipelines.short: 'sentences' belongs to the method extractive"},
    {"to_language: de, ", "",
     "26:11: pipelines.german: 'to_language' is missing (the language that the model translates to)"},
    {"to_language: de", "to_language: German",
     "26:85: pipelines.german.to_language: expected a language such as en or zh, found 'German'"},
    {"beams: 4", "beams: 0",
     "26:106: pipelines.german.writing.beams: expected a whole number from 1 to 64, found '0'"},
    {"beams: 4", "beans: 4", "26:99: unknown key 'beans' in pipelines.german.writing; did you mean 'beams'?"},
    {"beams: 4", "length_penalty: high",
     "26:115: pipelines.german.writing.length_penalty: expected a number from -100 to 100, found 'high'"},
    {"beams: 4", "sample: maybe", "26:107: pipelines.german.writing.sample: expected false or true, found 'maybe'"},
    {"{text}", "{txet}", "27:81: pipelines.comments.prompt: nothing fills {txet}; did you mean 'text'?"},
    {", prompt: \"{text}\"", "",
     "27:13: pipelines.comments: 'prompt' is missing (what the model is told, with {text} where the learner's text "
     "belongs)"},
    {"to: out", "to: in", "24:37: pipelines.speed.to: records would go round for ever: in > in"},
    {", material: m.jsonl", "",
     "28:8: pipelines.ask: 'material' is missing (a file of course material, one JSON object a line)"},
    {"passages: 3", "reader: minilm",
     "28:98: pipelines.ask.reader: model 'minilm' gives embeddings elsewhere, and spans are needed here; list its "
     "directory under a second name"},
    {"passages: 3", "reader: scorer",
     "28:98: pipelines.ask.reader: model 'scorer' gives logits elsewhere, and spans are needed here; list its "
     "directory under a second name"},
    {"passages: 3", "prompt: \"{text} {passages}\", writer: writer, reader: scorer",
     "28:127: pipelines.ask.writer: an answer is marked by a reader or written by a writer, not both\n"
     "28:143: pipelines.ask.reader: model 'scorer' gives logits elsewhere, and spans are needed here; list its "
     "directory under a second name"},
    {"passages: 3", "writer: writer, prompt: \"{text}\"",
     "28:114: pipelines.ask.prompt: {passages} is missing: the answer would rest on nothing"},
    {"passages: 3", "prompt: \"{text} {passages}\"",
     "28:90: pipelines.ask: 'prompt' belongs to answers that a writer writes"},
    {"from: in, to: out", "from: in, to: out, stride: 8",
     "24:42: pipelines.speed: 'stride' belongs to kind answering, not to echo"},
    {"passages: 3", "passage: 3", "28:90: unknown key 'passage' in pipelines.ask; did you mean 'passages'?"},
    {"to: recommendations", "to: submissions",
     "17:51: pipelines.answers.to: records would go round for ever: submissions > grades > submissions\n"
     "21:9: pipelines.steps.to: records would go round for ever: grades > submissions > grades"},
    {"to: out", "to: out, dead_letters: in",
     "24:56: pipelines.speed.dead_letters: records would go round for ever: in > in"},
    {"to: out", "to: out, dead_letters: out",
     "24:56: pipelines.speed.dead_letters: dead letters must not go where the results go, 'out'"},
};
INSTANTIATE_TEST_SUITE_P(of_relations, mistakes_test, testing::ValuesIn(relations));

static_assert(std::size(keys) + std::size(types) + std::size(values) + std::size(relations) >= 80);

} // namespace
} // namespace chalkstream::pipelines
