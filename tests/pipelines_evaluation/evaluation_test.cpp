#include "app/evaluation_table.hpp"
#include "pipelines/tools/evaluation/evaluation_json.hpp"
#include "pipelines/tools/evaluation/evaluation_page.hpp"
#include "pipelines/tools/evaluation/markup.hpp"
#include "tests/pipelines_evaluation/evaluation_fixture.hpp"

#include <simdjson.h>

namespace chalkstream::pipelines::tools {
namespace {

using testing::HasSubstr;
using testing::Not;

class evaluation_test : public evaluation_fixture {
protected:
  evaluation made(evaluated_task task, std::string_view predictions, std::string_view references,
                  evaluation_settings settings = {}) {
    auto found = evaluated(task, predictions, references, std::move(settings));
    EXPECT_TRUE(found) << found.error().message;
    return std::move(found).value();
  }

  /// Valid until the next call.
  simdjson::dom::element json(const evaluation& of) {
    text_ = to_json(of);
    return parser_.parse(text_);
  }

private:
  std::string text_;
  simdjson::dom::parser parser_;
};

constexpr std::string_view predicted = R"({"id":"x","label":"a","confidence":0.9,"more":[1]}
{"id":"y","label":"b","confidence":0.6}
{"id":"z","label":"b","confidence":0.7}
)";
constexpr std::string_view right = R"({"id":"z","label":"b","lang":"de"}
{"id":"x","label":"a","lang":"de"}

{"id":"y","label":"a","lang":"it"}
)";

TEST_F(evaluation_test, labels_are_joined_by_id_and_counted_by_subgroup) {
  evaluation_settings settings;
  settings.group = "lang";
  settings.bootstrap = {100, 3, 0.95};
  const auto found = made(evaluated_task::classify, predicted, right, settings);
  const auto all = json(found);
  EXPECT_EQ(std::string_view(all["task"]), "classify");
  EXPECT_EQ(std::uint64_t(all["rows"]), 3u);
  EXPECT_EQ(std::string_view(all["predictions"]), "p") << "the name alone, without its folder";
  EXPECT_NEAR(double(all["figures"]["accuracy"]["value"]), 2.0 / 3, 1e-12);
  EXPECT_NEAR(double(all["figures"]["ece"]["value"]), (0.1 + 0.6 + 0.3) / 3, 1e-12);
  EXPECT_LE(double(all["figures"]["accuracy"]["low"]), 2.0 / 3);
  EXPECT_EQ(std::uint64_t(all["bootstrap"]["seed"]), 3u);
  EXPECT_EQ(std::string_view(all["groups"].at(0)["group"]), "de");
  EXPECT_EQ(double(all["groups"].at(0)["figures"]["accuracy"]["value"]), 1);
  EXPECT_EQ(double(all["groups"].at(1)["figures"]["accuracy"]["value"]), 0);
  EXPECT_EQ(std::uint64_t(all["confusion"]["counts"].at(0).at(1)), 1u);
  EXPECT_EQ(std::uint64_t(all["classes"].at(0)["support"]), 2u);
  EXPECT_EQ(all["reliability"].get_array().size(), 15u);
}

TEST_F(evaluation_test, what_infer_writes_is_read_as_it_is) {
  const auto labels =
      made(evaluated_task::classify, R"({"id":1,"label":"b","logits":[0,0.0]})", R"({"id":1,"label":"b"})");
  EXPECT_NEAR(double(json(labels)["figures"]["ece"]["value"]), 0.5, 1e-12);
  const auto scores =
      made(evaluated_task::regress, R"({"id":1,"label":"2.5","logits":[2.5]})", R"({"id":1,"score":2})");
  EXPECT_EQ(double(json(scores)["figures"]["rmse"]["value"]), 0.5);
}

TEST_F(evaluation_test, figures_that_are_not_defined_are_null) {
  const auto one = json(made(evaluated_task::regress, R"({"id":1,"score":2.5})", R"({"id":1,"score":2})"));
  EXPECT_TRUE(one["figures"]["pearson"]["value"].is_null());
  EXPECT_TRUE(one["figures"]["qwk"]["value"].is_null());
  EXPECT_EQ(one["groups"].error(), simdjson::NO_SUCH_FIELD);
}

TEST_F(evaluation_test, texts_have_one_reference_or_several) {
  const auto answers =
      json(made(evaluated_task::span, "{\"id\":1,\"answer\":\"The Nile.\"}\n{\"id\":2,\"answer\":\"\"}\n",
                "{\"id\":1,\"answers\":[\"Congo\",\"nile\"]}\n{\"id\":2,\"answers\":[]}\n"));
  EXPECT_EQ(double(answers["figures"]["exact_match"]["value"]), 100);
  const auto summary = json(made(evaluated_task::summary, R"({"id":1,"text":"plants make sugar"})",
                                 R"({"id":1,"references":["rain","Plants make sugar!"]})"));
  EXPECT_EQ(double(summary["figures"]["rougeL"]["value"]), 100);
  evaluation_settings chinese;
  chinese.tokenizer = education::measures::bleu_tokenizer::zh;
  const auto translation = json(made(evaluated_task::translation, R"({"id":1,"text":"植物利用光能"})",
                                     R"({"id":1,"text":"植物利用光能"})", chinese));
  EXPECT_NEAR(double(translation["figures"]["bleu"]["value"]), 100, 1e-9);
  EXPECT_EQ(std::string_view(translation["settings"]["tokenizer"]), "zh");
}

TEST_F(evaluation_test, the_page_escapes_all_it_shows_and_fetches_nothing) {
  evaluation_settings settings;
  settings.group = "<g>";
  const auto page =
      to_page(made(evaluated_task::classify, R"({"id":1,"label":"<script>alert(1)</script>","confidence":0.5})",
                   R"({"id":1,"label":"\"><img src=x onerror='x'>&","<g>":"</td>"})", settings));
  for (const auto* live : {"<script", "<img", "<g>", "</td></bdi>", "onerror='", "http-equiv=\"refresh"})
    EXPECT_THAT(page, Not(HasSubstr(live))) << live;
  EXPECT_THAT(page, HasSubstr("&lt;script&gt;alert(1)&lt;/script&gt;"));
  EXPECT_THAT(page, HasSubstr("&lt;/td&gt;"));
  EXPECT_THAT(page, HasSubstr("Content-Security-Policy"));
}

TEST_F(evaluation_test, the_page_has_the_pictures_of_its_task) {
  const auto labels = to_page(made(evaluated_task::classify, predicted, right));
  EXPECT_THAT(labels, HasSubstr("<title>Confusion matrix</title>"));
  EXPECT_THAT(labels, HasSubstr("<title>Reliability</title>"));
  const auto scores = to_page(
      made(evaluated_task::regress, R"({"id":1,"score":{"<a>":2,"b":1}})", R"({"id":1,"score":{"<a>":2,"b":1}})"));
  EXPECT_THAT(scores, HasSubstr("Scores: <bdi>&lt;a&gt;</bdi>"));
  EXPECT_THAT(scores, HasSubstr("<circle"));
  EXPECT_THAT(scores, Not(HasSubstr("Confusion")));
}

TEST_F(evaluation_test, every_figure_has_a_meaning) {
  for (const auto* name : {"accuracy", "qwk:content", "rouge1", "chrf++", "f1", "mcrmse"})
    EXPECT_FALSE(meaning_of(name).empty()) << name;
  EXPECT_EQ(meaning_of("speed"), "");
}

TEST_F(evaluation_test, markup_is_safe_and_short) {
  EXPECT_EQ(escaped("<a href=\"x\">&'\x01\x7f\n"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;\uFFFD\uFFFD\n");
  EXPECT_EQ(shortened("äöü", 3), "äöü");
  EXPECT_EQ(shortened("äöü", 2), "äö…");
  EXPECT_EQ(fixed(1.25, 1), "1.2");
  EXPECT_EQ(fixed(-0.001, 2), "0.00");
  EXPECT_EQ(fixed(-1e308, 0).size(), 310u);
  EXPECT_EQ(fixed(1.0 / 0.0, 2), "–");
}

TEST_F(evaluation_test, the_terminal_shows_figures_subgroups_classes_and_confusion) {
  evaluation_settings settings;
  settings.group = "lang";
  settings.bootstrap = {10, 0, 0.95};
  const auto found = made(evaluated_task::classify, predicted, right, settings);
  const auto wide = app::format_evaluation(found, 80);
  EXPECT_THAT(wide, testing::StartsWith("classify: 3 rows, ranges: 95 % of 10 resamples, seed 0\n\nfigure "));
  EXPECT_THAT(wide, HasSubstr("\nlang  rows  accuracy  macro_f1     ece\nde       2    1.0000    1.0000  0.2000\n"));
  EXPECT_THAT(wide, HasSubstr("\nlabel  precision  recall      F1  rows\na         1.0000  0.5000  0.6667     2\n"));
  EXPECT_THAT(wide, HasSubstr("\nright \\ predicted  a  b\na                  1  1\nb                  0  1\n"));
  const auto narrow = app::format_evaluation(found, 45);
  for (const auto* name : {"accuracy", "macro_f1", "ece"})
    EXPECT_NE(narrow.find(name, narrow.find("\nlang ")), std::string::npos) << name;
}

TEST_F(evaluation_test, names_cannot_steer_the_terminal) {
  const auto shown = app::format_evaluation(
      made(evaluated_task::classify, R"({"id":1,"label":"\u001b[2Jx\u009b"})", R"({"id":1,"label":"é"})"), 80);
  EXPECT_THAT(shown, Not(HasSubstr("\x1b")));
  EXPECT_THAT(shown, HasSubstr("?[2Jx?"));
  EXPECT_THAT(shown, HasSubstr("é"));
}

} // namespace
} // namespace chalkstream::pipelines::tools
