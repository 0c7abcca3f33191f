// The program's subcommands. Each returns the process's exit status: 0, 1 (work failed), 2 (usage or configuration).
#pragma once

#include "core/generation.hpp"
#include "pipelines/tools/draw.hpp"
#include "pipelines/tools/scaling/arrival_trace.hpp"
#include "pipelines/tools/training/images/augmentation.hpp"
#include "pipelines/tools/training/writing_learner.hpp"
#include "pipelines/tools/word2vec_recipe.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace chalkstream::app {

inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;

struct serve_options {
  std::filesystem::path configuration;
  std::string listen; // empty: as the configuration has it
};
int serve(const serve_options& options);

struct autoscale_run_options {
  std::filesystem::path configuration;
  bool spawn = false;
  std::string unit = "chalkstream";
  std::string matchers;
  std::string listen; // of its own metrics; empty: none
};
int autoscale_run(const autoscale_run_options& options);

struct autoscale_manifests_options {
  std::filesystem::path configuration;
  std::filesystem::path chart; // rendered, instead of a configuration; "-": standard input
  std::string kind = "keda";   // or hpa, or rules
  std::string target;          // empty: the chart's, or StatefulSet/chalkstream
  std::string space;           // empty: the chart's, or the client's namespace
  std::string matchers;        // empty: the chart's, or none
  std::size_t partitions = 0;  // of the largest input; 0: not known
  std::string authentication;  // for KEDA to ask Kafka
};
int autoscale_manifests(const autoscale_manifests_options& options);

struct check_options {
  std::filesystem::path configuration;
  /// Also ask the broker whether the topics exist.
  bool offline = false;
};
int check(const check_options& options);

struct demo_options {
  /// Empty: examples/ beside the program's source.
  std::filesystem::path examples;
  /// Keep serving after the summary although there is no terminal, or stop although there is one.
  bool keep = false;
  bool once = false;
  /// A folder for pictures of what was recognised; empty: none.
  std::filesystem::path annotations;
};
int demo(const demo_options& options);

int broker();

struct top_options {
  /// host:port of each process; empty: the configuration's, and without one what `monitoring.listen` is by default.
  std::vector<std::string> addresses;
  std::filesystem::path configuration;
  double interval = 1; // seconds
  /// Ends after one view, of two readings.
  bool once = false;
};
int top(const top_options& options);

struct infer_options {
  std::filesystem::path model;
  std::string task = "embed";
  std::filesystem::path input;  // empty: standard input
  std::filesystem::path output; // empty: standard output
  std::string device = "cpu";
  std::size_t slots = 0;        // 0: one per core, two of a GPU
  bool allow_code = false;
  std::size_t token_budget = 0;      // 0: 512, of a GPU 16,384
  std::string lines = "whole";       // or split: how a reader is given pages
  std::filesystem::path annotations; // a folder for pages with what was read or found on them
  double regions_above = 0.5;
  std::size_t sentences = 3;         // of a summary
  std::string prefix;        // of what is written from
  std::string target_language;
  generation_settings writing;
  std::size_t neighbours = 10;
  std::size_t stride = 128; // tokens that the windows of a passage share
  std::size_t answer_tokens = 30;
  std::optional<double> no_answer_below;
};
int infer(const infer_options& options);

struct tokenize_options {
  std::filesystem::path model;
  std::filesystem::path input;
  std::filesystem::path output;
};
int tokenize(const tokenize_options& options);

/// Of the recipe seq2seq.
struct writing_options {
  std::filesystem::path targets;            // empty: a column of the rows
  std::filesystem::path validation_targets; // with targets
  std::string task = "translate";           // or summarize
  std::string bleu_tokenizer;               // empty: 13a; from scratch, none
  std::size_t written_rows = 500;
  std::string prefix;
  std::optional<double> smoothing; // nothing: 0; from scratch, 0.1
  // From scratch; what is absent is as usual for the architecture.
  std::string architecture = "transformer";
  std::optional<std::size_t> width, layers, decoder_layers;
  std::optional<double> dropout;
  pipelines::tools::new_writer anew;
};

/// Of the recipes image-classify, gan and ocr-line.
struct image_options {
  std::string net = "residual_net";
  std::vector<std::size_t> size; // empty: as the pictures have it
  std::size_t channels = 0;      // 0: likewise
  std::string optimiser;         // empty: sgd, of dense_net adamw
  double momentum = 0.9;
  pipelines::tools::augmentation_settings augmentation;
  std::vector<std::filesystem::path> synthetic; // image-classify
  std::size_t latent_size = 64;                 // gan
  std::vector<std::size_t> hidden_sizes;        // gan, ocr-line; empty: as usual
  double variety = 0;                           // gan
  double averaging = 0.99;                      // gan
  std::string augment = "both";
};

struct train_options {
  std::string recipe;
  std::filesystem::path model; // empty: with ngrams, and for seq2seq from scratch
  bool ngrams = false;
  std::vector<std::string> scale; // with ngrams: the labels, lowest first
  std::vector<std::filesystem::path> data;
  std::vector<std::filesystem::path> validation; // empty: whole groups of the data
  std::filesystem::path out;
  bool resume = false;
  std::string group; // empty: none
  double validation_share = 0.1;
  std::string text = "text";
  std::string pair;                        // empty: "pair" where the recipe needs one
  std::vector<std::string> label;          // empty: "label", "score", or "answers"
  std::string start;                       // empty: "start" if there is one
  bool scores = false;                     // pair
  std::size_t drawn_references = 0;        // pair; 0: each row once, beside its closest reference
  std::size_t epochs = 0;                  // 0: 10, of word2vec 5, of seq2seq from scratch 20
  pipelines::tools::word2vec_recipe words; // word2vec
  writing_options writing;                 // seq2seq
  image_options images;                    // image-classify, gan, ocr-line
  std::optional<std::size_t> min_count;    // nothing: 5, of seq2seq 3
  std::size_t batch = 0;                   // 0: 32, of pictures 64, of seq2seq by tokens
  std::size_t batch_tokens = 0;            // 0: of seq2seq 2048
  std::size_t accumulate = 1;
  double learning_rate = 0; // 0: 5e-5; of seq2seq from scratch 7e-4; of nets of pictures as usual for each
  double warmup = 0.1;
  std::optional<double> weight_decay; // nothing: 0.01, by sgd 0, of residual_net 5e-4
  std::optional<double> clip;         // nothing: 1; by sgd 0
  std::optional<std::size_t> patience; // nothing: 3, of gan 0
  std::string select; // empty: the recipe's usual figure
  std::string class_weights = "equal";
  std::size_t max_tokens = 0; // 0: as long as the model reads
  std::uint64_t seed = 0;
  std::string device = "cpu";
  std::string precision = "auto";
  std::size_t threads = 0; // 0: one per core
  std::size_t checkpoint_every = 200;
};
int train(const train_options& options);

int draw(const pipelines::tools::draw_settings& settings);

struct eval_options {
  std::string task;
  std::filesystem::path predictions;
  std::filesystem::path references;
  std::string group;            // empty: no subgroups
  std::filesystem::path json;   // empty: not written
  std::filesystem::path report; // likewise
  std::size_t bootstrap = 0;    // resamples; 0: no ranges
  std::uint64_t seed = 0;
  std::vector<std::string> scale; // classify
  std::size_t bins = 15;          // classify
  bool stem = false;              // summary
  bool any_script = false;        // summary
  std::string tokenizer = "13a";  // translation
};
int eval(const eval_options& options);

struct simulate_options {
  std::vector<std::string> traces;     // names, files or the dataset's folder; empty: every name
  std::filesystem::path configuration; // empty: as usual
  std::uint64_t seed = 1;
  std::optional<std::size_t> scale; // nothing: 20 of the dataset, 1 of a file
  double startup = 30;              // seconds; with a configuration its own
  std::size_t rival_step = 4;
  // Of a file.
  pipelines::tools::simulated_work work;
  std::size_t bursts = 1;
  std::filesystem::path html; // empty: not written
  std::filesystem::path json; // likewise
};
int simulate_scaling(const simulate_options& options);

struct bench_options {
  std::string brokers;
  std::string topic;
  std::string results;
  std::filesystem::path documents; // JSON lines with "text", or whole events; empty: made up
  std::size_t count = 1000;
  double rate = 0; // records per second, Poisson arrivals; 0: as fast as possible
  std::size_t text_bytes = 700;
  double timeout = 600; // seconds
  std::string type = "essay";
};
int bench(const bench_options& options);

} // namespace chalkstream::app
