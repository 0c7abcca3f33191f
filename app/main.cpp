// The command line. Each subcommand's work is in a file of its own.
#include "app/commands.hpp"
#include "app/failure.hpp"
#include "app/option_groups.hpp"
#include "app/version.hpp"
#include "pipelines/configuration/spelling.hpp"

#include <CLI/CLI.hpp>
#include <csignal>
#include <optional>
#include <vector>

namespace {

using namespace chalkstream::app;

CLI::App* add(CLI::App& program, const char* name, const char* what, const char* example) {
  auto* command = program.add_subcommand(name, what);
  command->footer(std::string{"Example:\n  "} + example);
  return command;
}

// What is wrong where a command should stand; CLI11 says only that one is missing.
std::optional<std::string> unknown_command(const CLI::App& program) {
  const auto words = program.remaining();
  if (words.empty() || !program.get_subcommands().empty())
    return {};
  std::vector<std::string_view> known{"--help", "--version"};
  for (const auto* command : program.get_subcommands([](const CLI::App*) { return true; }))
    known.push_back(command->get_name());
  const auto meant = chalkstream::pipelines::did_you_mean(words.front(), known);
  return "there is no command '" + words.front() + "'" + (meant.empty() ? "; `chalkstream --help` lists them" : meant);
}

} // namespace

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);
  CLI::App program{"Chalkstream: student work on Kafka topics comes out graded."};
  program.name("chalkstream");
  program.set_version_flag("--version", version_text());
  program.require_subcommand(1);
  program.footer("`chalkstream COMMAND --help` explains a command and shows an example.\n"
                 "Exit status: 0 done, 1 the work failed, 2 wrong usage or configuration.");
  int status = exit_ok;

  serve_options serving;
  auto* c = add(program, "serve", "Run the pipelines of a configuration until SIGTERM",
                "chalkstream serve --config examples/chalkstream.yaml");
  c->add_option("-c,--config", serving.configuration, "the configuration file")->required();
  c->add_option("--listen", serving.listen, "host:port for metrics instead of monitoring.listen, which several "
                                            "processes with one configuration cannot share");
  c->callback([&] { status = serve(serving); });

  check_options checking;
  c = add(program, "check", "Validate configuration, models and topics; says file and line, what is wrong and what was meant",
          "chalkstream check --config examples/chalkstream.yaml");
  c->add_option("-c,--config", checking.configuration, "the configuration file")->required();
  c->add_flag("--offline", checking.offline, "do not ask the broker for its topics");
  c->callback([&] { status = check(checking); });

  demo_options showing;
  c = add(program, "demo", "Grade the sample submissions on the embedded broker, on screen", "chalkstream demo");
  c->add_option("--examples", showing.examples, "the folder with the samples and their configuration");
  c->add_flag("--keep", showing.keep, "keep serving after the summary, terminal or not");
  c->add_option("--annotate", showing.annotations,
                "a folder for pictures of the images and clips with what was found in them");
  c->add_flag("--once", showing.once, "end after the summary, terminal or not");
  c->callback([&] { status = demo(showing); });

  c = add(program, "broker", "The embedded broker alone; prints its address, which kcat and any client can use",
          "chalkstream broker");
  c->callback([&] { status = broker(); });

  top_options watching;
  c = add(program, "top", "What running processes do, second by second: flow, latency, models, without a Prometheus",
          "chalkstream top --address 127.0.0.1:9464 --address other-host:9464");
  c->add_option("-a,--address", watching.addresses, "host:port of a process's metrics; may be repeated");
  c->add_option("-c,--config", watching.configuration, "the configuration whose monitoring.listen is asked")
      ->check(CLI::ExistingFile);
  c->add_option("--interval", watching.interval, "seconds between two views (default: 1)")
      ->check(CLI::Range(0.1, 3600.0));
  c->add_flag("--once", watching.once, "print one view and end: 0 if a process answered, else 1");
  c->callback([&] { status = top(watching); });

  infer_options inferring;
  c = add(program, "infer", "JSON lines in, JSON lines out in the same order: the same engine without Kafka",
          "echo '{\"id\":1,\"text\":\"Plants make sugar from light.\"}' | chalkstream infer --model .deps/models/minilm --task embed");
  c->add_option("-m,--model", inferring.model, "the model's directory")->required()->check(CLI::ExistingDirectory);
  c->add_option("-t,--task", inferring.task,
                "embed, classify, score, span, tag, read, detect, summarize, generate, translate or neighbours")
      ->check(CLI::IsMember({"embed", "classify", "score", "span", "tag", "read", "detect", "summarize", "generate",
                             "translate", "neighbours"}));
  c->add_option("-i,--input", inferring.input, "a file instead of standard input")->check(CLI::ExistingFile);
  c->add_option("-o,--output", inferring.output, "a file instead of standard output");
  c->add_option("--device", inferring.device, "cpu, cuda or cuda:1");
  c->add_flag("--allow-code", inferring.allow_code, "run a program that was exported with the model (model.yaml)");
  c->add_option("--slots", inferring.slots, "batches computed at once (default: one per core, two of a GPU)");
  c->add_option("--token-budget", inferring.token_budget, "tokens a batch may hold (default: 512, of a GPU 16384)")
      ->check(CLI::Range(1, 1 << 20));
  c->add_option("--lines", inferring.lines, "read: whole pages, or split into their lines first (default: whole)")
      ->check(CLI::IsMember({"whole", "split"}));
  c->add_option("--annotate", inferring.annotations,
                "read, detect, classify: a folder for pictures of the images with their lines, regions or likeliest classes, and "
                "how sure the model is of each");
  c->add_option("--regions-above", inferring.regions_above,
                "detect: regions no surer than this are left out (default: 0.5)")
      ->check(CLI::Range(0.0, 1.0));
  c->add_option("--sentences", inferring.sentences, "sentences of a summary (default: 3)")->check(CLI::Range(1, 100));
  add_writing(*c, inferring);
  c->add_option("--neighbours", inferring.neighbours, "words nearest to a text's (default: 10)")->check(CLI::Range(1, 10000));
  c->add_option("--stride", inferring.stride, "span: tokens that the windows of a long passage share (default: 128)")
      ->check(CLI::Range(0, 1 << 16));
  c->add_option("--answer-tokens", inferring.answer_tokens, "span: of the longest answer (default: 30)")
      ->check(CLI::Range(1, 1 << 16));
  c->add_option("--no-answer-below", inferring.no_answer_below,
                "span: \"\" where no answer is likelier than one, or where the answer scores less (default: never)")
      ->check(CLI::Range(0.0, 1.0));
  c->callback([&] { status = infer(inferring); });

  tokenize_options tokenizing;
  c = add(program, "tokenize", "JSON lines {\"id\",\"text\",\"pair\"?} to {\"id\",\"ids\",\"offsets\"}",
          "echo '{\"id\":1,\"text\":\"Plants make sugar.\"}' | chalkstream tokenize --model .deps/models/minilm");
  c->add_option("-m,--model", tokenizing.model, "the model's directory")->required()->check(CLI::ExistingDirectory);
  c->add_option("-i,--input", tokenizing.input, "a file instead of standard input")->check(CLI::ExistingFile);
  c->add_option("-o,--output", tokenizing.output, "a file instead of standard output");
  c->callback([&] { status = tokenize(tokenizing); });

  train_options training;
  c = add(program, "train",
          "Fine-tune a model on labelled texts; writes a Hugging Face directory that serve, infer and eval read",
          "chalkstream train pair --model .deps/models/minilm --data answers.jsonl --group question --out graded\n\n"
          "Recipes, and what their rows have (JSON lines, CSV, TSV; span also SQuAD's .json):\n"
          "  classify   text, label               regress   text, score (or several: --label content,wording)\n"
          "  pair       text, pair, label; with --scores text, pair, score\n"
          "  span       text (the question), pair (the passage), answer or answers, start (if known)\n"
          "  seq2seq    text, target (what is to be written from it); or two plain files, --data and --target-file.\n"
          "             Without --model a small Transformer (or --architecture lstm) begins anew, with the words of the rows\n"
          "  summarize  text (or a list of its sentences), summary or summaries\n"
          "  image-classify  pictures: a folder with one for each label, a .zip of <label>-<anything>.png, MNIST's IDX\n"
          "             files (name the one with pictures), CIFAR-10's .bin. No model to start from: --net says which\n"
          "  gan        the same pictures; what it learns draws more of them (`chalkstream draw`)\n"
          "  ocr-line   pictures of lines: a folder or a .zip with labels.tsv or labels.jsonl in it, that has file and text\n"
          "  word2vec   a text a line, or JSON lines with text; one file, no labels, no model to start from\n"
          "Seed, data and settings give the same model again. A run that was stopped or killed goes on by --resume.");
  add_training(*c, training);
  c->callback([&] { status = train(training); });

  chalkstream::pipelines::tools::draw_settings drawing;
  c = add(program, "draw", "Draw pictures of a model that `train gan` made: a folder to learn from, or a sheet to practise on",
          "chalkstream draw --model digits-gan --count 500 --out drawn\n"
          "  chalkstream train image-classify --data scarce.zip --synthetic drawn --out digits\n"
          "  chalkstream draw --model digits-gan --count 12 --sheet page.png --invert --scale 3");
  add_drawing(*c, drawing);
  c->callback([&] { status = draw(drawing); });

  eval_options evaluating;
  c = add(program, "eval", "How good predictions are against a reference: figures, ranges, subgroups, a report page",
          "chalkstream eval --task classify --predictions predicted.jsonl --references right.jsonl --group lang "
          "--bootstrap 1000 --report report.html\n\n"
          "Both files have JSON lines that are joined by their id:\n"
          "  classify               {\"id\",\"label\"}, a prediction may have a \"confidence\"\n"
          "  regress                {\"id\",\"score\"}, a number or an object with one for each trait\n"
          "  span                   {\"id\",\"answer\"}, a reference may have \"answers\":[...] instead\n"
          "  summary, translation   {\"id\",\"text\"}, a reference may have \"references\":[...] instead");
  c->add_option("-t,--task", evaluating.task, "classify, regress, span, summary or translation")
      ->required()
      ->check(CLI::IsMember({"classify", "regress", "span", "summary", "translation"}));
  c->add_option("-p,--predictions", evaluating.predictions, "what was predicted")->required()->check(CLI::ExistingFile);
  c->add_option("-r,--references", evaluating.references, "what is right")->required()->check(CLI::ExistingFile);
  c->add_option("-g,--group", evaluating.group, "the field that names a row's subgroup: its figures are shown as well");
  c->add_option("--json", evaluating.json, "write the figures to this file, as JSON");
  c->add_option("--report", evaluating.report, "write a page with pictures to this file, as HTML");
  c->add_option("--bootstrap", evaluating.bootstrap, "resamples for 95 % ranges, 1000 is usual; 0 shows none")
      ->check(CLI::Range(0, 1000000));
  c->add_option("--seed", evaluating.seed, "where the resampling starts; the same seed gives the same ranges");
  c->add_option("--scale", evaluating.scale, "classify: the labels from lowest to highest, for the weighted kappa; A1,A2,B1")
      ->delimiter(',');
  c->add_option("--bins", evaluating.bins, "classify: bins of the calibration error")->check(CLI::Range(1, 1000));
  c->add_flag("--stem", evaluating.stem, "summary: compare Porter stems");
  c->add_flag("--any-script", evaluating.any_script, "summary: words of every script, not of a-z and digits alone");
  c->add_option("--tokenizer", evaluating.tokenizer, "translation: BLEU's words, by sacrebleu's name: 13a, zh, char, none")
      ->check(CLI::IsMember({"13a", "zh", "char", "none"}));
  c->callback([&] { status = eval(evaluating); });

  auto* autoscale = add(program, "autoscale", "How many replicas there should be: run, manifests, simulate",
                        "chalkstream autoscale simulate --html scaling.html");
  autoscale->require_subcommand(1);
  autoscale_run_options scaling;
  c = add(*autoscale, "run", "Start and stop processes on this machine, as `autoscaling` in the configuration says",
          "chalkstream autoscale run --config chalkstream.yaml --spawn --listen 127.0.0.1:9463\n\n"
          "Process N shows its metrics at 127.0.0.N and the port of monitoring.listen; Prometheus must scrape them.");
  add_process_scaling(*c, scaling);
  c->callback([&] { status = autoscale_run(scaling); });
  autoscale_manifests_options manifests;
  c = add(*autoscale, "manifests", "Print objects for Kubernetes that follow the same policy",
          "helm template grades deploy/helm/chalkstream -n exams -f values.yaml | chalkstream autoscale manifests --chart - "
          ">scaling.yaml\n"
          "  chalkstream autoscale manifests --config chalkstream.yaml -n exams --match 'namespace=\"exams\"' | kubectl apply -f -");
  add_manifests(*c, manifests);
  c->callback([&] { status = autoscale_manifests(manifests); });
  simulate_options simulating;
  c = add(*autoscale, "simulate", "Replay arrivals against ways of scaling: replica-hours, misses, drain time, pictures",
          "chalkstream autoscale simulate --html scaling.html\n"
          "  chalkstream autoscale simulate --trace exam --trace ../shared/datasets/oulad --json figures.json\n"
          "  chalkstream autoscale simulate --trace monday.csv --deadline 60 --config chalkstream.yaml\n\n"
          "A file has columns seconds (when a stretch of time begins), records (how many came in it) and, if it is to\n"
          "differ, tokens (their mean length).");
  add_simulation(*c, simulating);
  c->callback([&] { status = simulate_scaling(simulating); });

  bench_options benching;
  c = add(program, "bench", "Send events at a rate, read their results, report throughput and latency",
          "chalkstream bench --brokers localhost:9092 --topic submissions --results grades --count 2000 --rate 20");
  c->add_option("-b,--brokers", benching.brokers, "bootstrap address")->required();
  c->add_option("--topic", benching.topic, "where to send events")->required();
  c->add_option("--results", benching.results, "where their results appear")->required();
  c->add_option("--documents", benching.documents, "JSON lines with a `text` each; made up if absent")->check(CLI::ExistingFile);
  c->add_option("-n,--count", benching.count, "events to send");
  c->add_option("--rate", benching.rate, "events per second, Poisson arrivals; 0 is as fast as possible");
  c->add_option("--type", benching.type, "event type: short_answer or essay")->check(CLI::IsMember({"short_answer", "essay"}));
  c->add_option("--text-bytes", benching.text_bytes, "length of made-up texts");
  c->add_option("--timeout", benching.timeout, "seconds to wait for the last result");
  c->callback([&] { status = bench(benching); });

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& e) {
    if (e.get_exit_code() == 0)
      return program.exit(e);
    if (auto wrong = unknown_command(program))
      return report_failure({chalkstream::errc::invalid_argument, std::move(*wrong)});
    program.exit(e);
    return exit_usage;
  }
  return status;
}
