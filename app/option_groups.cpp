#include "app/option_groups.hpp"

#include <CLI/CLI.hpp>
#include <map>

namespace chalkstream::app {

void add_writing(CLI::App& command, infer_options& to) {
  const std::string group = "Models that write";
  const auto option = [&](const char* name, auto& into, const char* what) {
    return command.add_option(name, into, what)->group(group);
  };
  auto& w = to.writing;
  option("--prefix", to.prefix, "before every text, word for word: 'translate English to German: '");
  option("--target-language", to.target_language, "the tokenizer's name for it: de_DE, de");
  option("--max-new-tokens", w.max_new_tokens, "write no more")->check(CLI::Range(1, 1 << 20));
  option("--min-new-tokens", w.min_new_tokens, "do not end before")->check(CLI::Range(0, 1 << 20));
  option("--beams", w.beams, "lines of a beam search; 1 is greedy")->check(CLI::Range(1, 64));
  option("--length-penalty", w.length_penalty, "above 0 favours longer texts of a beam search");
  option("--early-stopping", w.stop_early, "when a beam search ends: false, true or never")
      ->transform(CLI::Transformer(std::map<std::string, early_stopping>{
          {"false", early_stopping::no}, {"true", early_stopping::yes}, {"never", early_stopping::never}}));
  option("--no-repeat-ngram", w.no_repeat_ngram, "no run of so many tokens twice; 0 allows all")
      ->check(CLI::Range(0, 1 << 20));
  option("--repetition-penalty", w.repetition_penalty, "above 1 avoids tokens that were there");
  command
      .add_flag("--sample,!--no-sample", w.sample,
                "draw from the distribution rather than take the most probable token")
      ->group(group);
  option("--temperature", w.temperature, "below 1 sharpens the distribution, above 1 flattens it");
  option("--top-k", w.top_k, "draw among so many; 0 is all");
  option("--top-p", w.top_p, "draw among the most probable that reach this share")->check(CLI::Range(0.0, 1.0));
  option("--seed", w.seed, "the same seed draws the same tokens");
}

namespace {

void add_learning_to_write(CLI::App& command, writing_options& to) {
  const std::string group = "seq2seq";
  const auto option = [&](const char* name, auto& into, const char* what) {
    return command.add_option(name, into, what)->group(group);
  };
  option("--target-file", to.targets, "--data is a plain file, a text a line, and this has what to write from each")
      ->check(CLI::ExistingFile);
  option("--validation-target", to.validation_targets, "likewise of --validation")->check(CLI::ExistingFile);
  option("--task", to.task, "what is written, which says how it is measured: translate (bleu) or summarize (rougeL)")
      ->check(CLI::IsMember({"translate", "summarize"}));
  option("--bleu-tokenizer", to.bleu_tokenizer,
         "BLEU's words, by sacrebleu's name: 13a, zh, char, none (default: 13a; none from scratch)")
      ->check(CLI::IsMember({"13a", "zh", "char", "none"}));
  option("--written-rows", to.written_rows, "so many rows are written after each epoch, to be measured")
      ->check(CLI::Range(1, 1'000'000));
  option("--prefix", to.prefix, "before every text, word for word: 'summarize: '");
  option("--smoothing", to.smoothing,
         "the share of a target that goes to all words alike (default: 0; 0.1 from scratch)")
      ->check(CLI::Range(0.0, 0.9));
  auto& sizes = to.anew.transformer;
  option("--architecture", to.architecture, "from scratch: transformer or lstm")
      ->check(CLI::IsMember({"transformer", "lstm"}));
  option("--width", to.width, "from scratch: of a state")->check(CLI::Range(8, 4096));
  option("--heads", sizes.heads, "from scratch: of a transformer's attention")->check(CLI::Range(1, 64));
  option("--inner", sizes.inner, "from scratch: of a transformer's feed-forward layers")->check(CLI::Range(8, 16384));
  option("--layers", to.layers, "from scratch: that read")->check(CLI::Range(1, 48));
  option("--decoder-layers", to.decoder_layers, "from scratch: that write")->check(CLI::Range(1, 48));
  option("--dropout", to.dropout, "from scratch: the share of states that is left out while learning")
      ->check(CLI::Range(0.0, 0.9));
  option("--vocabulary", to.anew.vocabulary.most_words, "from scratch: words at most, the most frequent ones")
      ->check(CLI::Range(16, 1'000'000));
}

void add_learning_pictures(CLI::App& command, image_options& to) {
  const std::string group = "image-classify, gan, ocr-line";
  const auto option = [&](const char* name, auto& into, const char* what) {
    return command.add_option(name, into, what)->group(group);
  };
  option("--net", to.net, "image-classify: conv_net, dense_net or residual_net")
      ->check(CLI::IsMember({"conv_net", "dense_net", "residual_net"}));
  option("--image-size", to.size, "height,width that all are brought to (default: they have one size)")
      ->delimiter(',')
      ->expected(1, 2)
      ->check(CLI::Range(1, 512));
  option("--channels", to.channels, "1 (grey) or 3 (default: 1 if every picture is grey)")
      ->check(CLI::IsMember({"1", "3"}));
  option("--optimiser", to.optimiser, "image-classify: sgd or adamw (default: sgd, of dense_net adamw)")
      ->check(CLI::IsMember({"sgd", "adamw"}));
  option("--momentum", to.momentum, "of sgd")->check(CLI::Range(0.0, 0.9999));
  option("--synthetic", to.synthetic,
         "image-classify: drawn pictures to learn from beside the others, and never to judge by")
      ->check(CLI::ExistingPath);
  option("--latent-size", to.latent_size, "gan: numbers that a picture is drawn from")->check(CLI::Range(1, 4096));
  option("--hidden-sizes", to.hidden_sizes,
         "gan: maps from the smallest on; each halves a picture's sides (default: 128,64; from sides of 33 on "
         "256,128,64); "
         "ocr-line: of the five convolutions (default: 16,32,64,96,96)")
      ->delimiter(',')
      ->check(CLI::Range(1, 4096));
  option("--variety", to.variety, "gan: how much it counts that pictures of a label differ as real ones do")
      ->check(CLI::Range(0.0, 1000.0));
  option("--averaging", to.averaging, "gan: the share of the old in the running mean that draws")
      ->check(CLI::Range(0.0, 0.99999));
  option(
      "--augment", to.augment,
      "gan: change both real and drawn pictures, so that it does not draw the changes, or real ones alone, so that "
      "it does")
      ->check(CLI::IsMember({"both", "real"}));
  auto& how = to.augmentation;
  option("--shift", how.shift, "while learning, move pictures by so much of a side at most: 0.1")
      ->check(CLI::Range(0.0, 1.0));
  option("--rotate", how.rotation, "turn them by so many degrees at most")->check(CLI::Range(0.0, 180.0));
  option("--zoom", how.zoom, "make them larger or smaller by such a share at most")->check(CLI::Range(0.0, 0.9));
  option("--shear", how.shear, "slant them so far at most; 1 is 45 degrees")->check(CLI::Range(0.0, 1.0));
  option("--erase", how.erase, "the chance that a rectangle of them is blotted out")->check(CLI::Range(0.0, 1.0));
  option("--flip", how.flip, "the chance that left and right change places")->check(CLI::Range(0.0, 1.0));
}

} // namespace

void add_training(CLI::App& command, train_options& to) {
  auto& words = to.words.training;
  command
      .add_option("recipe", to.recipe,
                  "classify, regress, pair, span, seq2seq, summarize, image-classify, gan, ocr-line or word2vec")
      ->required();
  command.add_option("-m,--model", to.model, "the directory to start from")->check(CLI::ExistingDirectory);
  command.add_flag("--ngrams", to.ngrams,
                   "no model to start from: a linear model over n-grams (classify with --scale, regress)");
  command.add_option("--scale", to.scale, "with --ngrams: the labels from lowest to highest: A1,A2,B1")
      ->delimiter(',');
  command.add_option("-d,--data", to.data, "rows to learn from; several files are one; pictures may be a folder")
      ->required()
      ->check(CLI::ExistingPath);
  command.add_option("-o,--out", to.out, "the new model's directory")->required();
  command.add_option("--validation", to.validation, "rows to judge by, instead of a part of the data")
      ->check(CLI::ExistingPath);
  command.add_option("-g,--group", to.group,
                     "the column of what belongs together: question, prompt, writer; never in both parts");
  command
      .add_option("--validation-share", to.validation_share, "of the rows, in whole groups; of each label's pictures")
      ->check(CLI::Range(0.001, 0.9));
  command.add_option("--text", to.text, "the column of the text");
  command.add_option("--pair", to.pair, "the column of the second text");
  command
      .add_option("--label", to.label,
                  "the column of the label, of the scores (content,wording), of the answer, the target or the summary")
      ->delimiter(',');
  command.add_option("--start", to.start, "span: the column that says where the answer starts, in code points");
  command.add_flag("--scores", to.scores, "pair: learn a score, not a label");
  command
      .add_option("--draw-references", to.drawn_references,
                  "pair: each row so many times, beside references of its list or right answers to the same question, "
                  "drawn anew; 0: once, beside the closest")
      ->check(CLI::Range(0, 1000));
  command
      .add_option("--epochs", to.epochs,
                  "how often every row is learnt from (default: 10, of word2vec 5, of seq2seq from scratch 20, of "
                  "gan 100, of ocr-line 30)")
      ->check(CLI::Range(1, 10000));
  auto* rows =
      command
          .add_option("-b,--batch", to.batch, "rows computed at once (default: 32, of pictures 64, of conv_net 4)")
          ->check(CLI::Range(1, 65536));
  command
      .add_option("--batch-tokens", to.batch_tokens,
                  "instead of rows: tokens computed at once, so that short texts share a batch with many (default of "
                  "seq2seq: 2048)")
      ->check(CLI::Range(1, 1 << 24))
      ->excludes(rows);
  command.add_option("--accumulate", to.accumulate, "batches a step, where memory is short")
      ->check(CLI::Range(1, 65536));
  command
      .add_option("--learning-rate", to.learning_rate,
                  "at its highest (default: 5e-5, of seq2seq from scratch 7e-4, of "
                  "conv_net and dense_net 1e-3, of residual_net 0.1, of gan 2e-4, of ocr-line 2e-3)")
      ->check(CLI::Range(1e-9, 1.0));
  command.add_option("--warmup", to.warmup, "the share of steps in which it rises; then it falls to 0")
      ->check(CLI::Range(0.0, 1.0));
  command
      .add_option("--weight-decay", to.weight_decay,
                  "not of biases and norms (default: 0.01; by sgd 0, of residual_net 5e-4)")
      ->check(CLI::Range(0.0, 1.0));
  command.add_option("--clip", to.clip, "the gradients' largest norm; 0: any (default: 1; by sgd 0)")
      ->check(CLI::Range(0.0, 1e9));
  command.add_option("--patience", to.patience,
                     "epochs without a better one before it ends early; 0: never (default: 3, of gan 0)");
  command.add_option(
      "--select", to.select,
      "the figure that says which epoch is best (macro_f1, accuracy, cer, rmse, mcrmse, f1, bleu or rougeL)");
  command.add_option("--class-weights", to.class_weights, "equal, or balanced: rare labels count more")
      ->check(CLI::IsMember({"equal", "balanced"}));
  command.add_option("--max-tokens", to.max_tokens, "cut longer texts; 0: as the model reads");
  command.add_option("--seed", to.seed, "of everything that is drawn");
  command.add_option("--device", to.device, "cpu, cuda or cuda:1");
  command
      .add_option("--precision", to.precision,
                  "float32, bfloat16 (GPUs, and CPUs with AVX512_BF16 or AMX) or auto: bfloat16 on a GPU")
      ->check(CLI::IsMember({"auto", "float32", "bfloat16"}));
  command.add_option("--threads", to.threads, "of a CPU; 0: one per core")->check(CLI::Range(0, 1024));
  command.add_option("--checkpoint-every", to.checkpoint_every, "steps, beside the one after each epoch")
      ->check(CLI::Range(1, 1000000));
  command.add_flag("--resume", to.resume, "go on from the checkpoint in --out, if there is one");
  add_learning_to_write(command, to.writing);
  add_learning_pictures(command, to.images);
  command.add_option("--dimensions", words.width, "word2vec: of a vector")
      ->check(CLI::Range(1, 4096))
      ->group("word2vec");
  command.add_option("--window", words.window, "word2vec: words to either side")
      ->check(CLI::Range(1, 1000))
      ->group("word2vec");
  command.add_option("--negative", words.negative, "word2vec: words drawn against each true one")
      ->check(CLI::Range(1, 1000))
      ->group("word2vec");
  command
      .add_option("--min-count", to.min_count,
                  "word2vec and seq2seq from scratch: rarer words are left out (default: 5; 3)")
      ->group("word2vec");
  command.add_option("--sample", words.sample, "word2vec: words of a larger share are thinned out; 0: none")
      ->group("word2vec");
  command
      .add_flag("!--cbow", words.skip_gram, "word2vec: guess words from their neighbours, not neighbours from words")
      ->group("word2vec");
  command
      .add_flag_callback(
          "--text-vectors", [&to] { to.words.format = text::vector_format::text; },
          "word2vec: write vectors.txt instead of vectors.bin")
      ->group("word2vec");
}

void add_drawing(CLI::App& command, pipelines::tools::draw_settings& to) {
  command.add_option("-m,--model", to.model, "the directory that `train gan` wrote")
      ->required()
      ->check(CLI::ExistingDirectory);
  command.add_option("-n,--count", to.count, "pictures of each label")->check(CLI::Range(1, 1'000'000));
  command.add_option("-l,--label", to.labels, "these alone: 3,7 (default: all)")->delimiter(',');
  auto* out = command.add_option("-o,--out", to.folder,
                                 "a new folder, with one for each label, as `train image-classify` reads it");
  auto* sheet = command.add_option("--sheet", to.sheet, "one PNG file, a row for each label, or several");
  out->excludes(sheet);
  command.add_option("--columns", to.form.columns, "of a sheet (default: as many as are drawn of a label, up to 16)")
      ->check(CLI::Range(1, 1000));
  command.add_option("--scale", to.form.scale, "of a sheet: so many pixels a pixel, along each side")
      ->check(CLI::Range(1, 32));
  command.add_flag("--invert", to.form.inverted, "of a sheet: dark on light, where pictures are light on dark");
  command.add_option("--spread", to.drawing.spread, "below 1, pictures are more usual and less varied")
      ->check(CLI::Range(0.0, 4.0));
  command.add_option("--best-of", to.drawing.best_of, "draw so many for each, and keep the one that seems most real")
      ->check(CLI::Range(1, 1000));
  command.add_option("--seed", to.drawing.seed, "the same seed draws the same pictures");
  command.add_option("--device", to.device, "cpu, cuda or cuda:1");
}

void add_simulation(CLI::App& command, simulate_options& to) {
  command.add_option("-t,--trace", to.traces,
                     "exam, day-night, deadline or flash-crowd, a CSV file, or the folder of the OULAD dataset; may be "
                     "given several times (default: those four)");
  command.add_option("-c,--config", to.configuration,
                     "simulate its `autoscaling` of the mode processes (default: as usual for the trace's deadline)")
      ->check(CLI::ExistingFile);
  command.add_option("--html", to.html, "write tables and pictures to this file");
  command.add_option("--json", to.json, "write the figures to this file");
  command.add_option("--seed", to.seed, "the same seed makes the same records");
  command.add_option("--scale", to.scale, "every record of a file or the dataset comes so many times (default: 1, 20)")
      ->check(CLI::Range(1, 10'000));
  command.add_option("--startup", to.startup, "seconds until a new replica works")->check(CLI::Range(0.0, 3600.0));
  command.add_option("--rival-step", to.rival_step, "pods that the others may add in 15 s (default: Kubernetes' 4)")
      ->check(CLI::Range(1, 1000));
  const std::string group = "Of a file's records";
  command.add_option("--deadline", to.work.deadline, "seconds within which each is due")
      ->check(CLI::Range(0.1, 1e6))
      ->group(group);
  command.add_option("--rate", to.work.rate, "tokens a second that one replica works off")
      ->check(CLI::Range(0.01, 1e9))
      ->group(group);
  command.add_option("--bursts", to.bursts, "rises that replicas follow, for turns a burst")
      ->check(CLI::Range(1, 1'000'000))
      ->group(group);
  command.add_option("--min", to.work.least, "replicas")->check(CLI::Range(0, 1000))->group(group);
  command.add_option("--max", to.work.most, "replicas")->check(CLI::Range(1, 1000))->group(group);
}

void add_process_scaling(CLI::App& command, autoscale_run_options& to) {
  command.add_option("-c,--config", to.configuration, "the configuration file, with autoscaling: {mode: processes}")
      ->required();
  auto* spawn = command.add_flag("--spawn", to.spawn, "as child processes, rather than units of systemd");
  command.add_option("--unit", to.unit, "the systemd template whose instances are started (default: chalkstream)")
      ->excludes(spawn);
  command.add_option("--match", to.matchers, "PromQL matchers that tell these processes from others: job=\"chalkstream\"");
  command.add_option("--listen", to.listen, "host:port for the autoscaler's own metrics (default: none)");
}

void add_manifests(CLI::App& command, autoscale_manifests_options& to) {
  auto* from = command.add_option_group("From one of");
  from->add_option("-c,--config", to.configuration, "the configuration file, with autoscaling: {mode: processes}");
  from->add_option("--chart", to.chart, "what `helm template` wrote of deploy/helm/chalkstream; - is standard input");
  from->require_option(1);
  command.add_option("--kind", to.kind,
                     "keda: a ScaledObject; hpa: an HPA; each with its PrometheusRule. rules: a file of rules for a "
                     "Prometheus without an operator (default: keda)")
      ->check(CLI::IsMember({"keda", "hpa", "rules"}));
  command.add_option("--target", to.target, "what is scaled (default: the chart's, or StatefulSet/chalkstream)");
  command.add_option("-n,--namespace", to.space, "where it is (default: the chart's, or as the client says)");
  command.add_option("--match", to.matchers,
                     "PromQL matchers that tell these processes from others (default: the chart's pods, or none)");
  command.add_option("--partitions", to.partitions, "of the largest input topic: there are no more processes than that")
      ->check(CLI::Range(1, 10'000));
  command.add_option("--kafka-authentication", to.authentication,
                     "the TriggerAuthentication by which KEDA may ask Kafka, where replicas.min is 0");
}

} // namespace chalkstream::app
