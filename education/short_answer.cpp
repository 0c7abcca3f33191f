#include "education/short_answer.hpp"

#include "education/pooled_opinions.hpp"
#include "education/short_answer_table.hpp"

#include <algorithm>
#include <cmath>

namespace chalkstream::education {

namespace {

constexpr double covered_share = 0.5;
constexpr double partly_covered = 0.3;
constexpr double certainly_correct = 0.9;
constexpr double word_for_word = 0.99;
constexpr std::size_t max_points = 12;

double& of(answer_probabilities& p, answer_class which) {
  return p[static_cast<std::size_t>(which)];
}

/// The class to name.
answer_class chosen(const pooled_opinions& opinions) {
  const auto& p = opinions.probabilities;
  std::size_t best = 0;
  double highest = -1;
  for (std::size_t c = 0; c < p.size(); ++c) {
    const auto kind = c == static_cast<std::size_t>(answer_class::partially_correct)
                          ? static_cast<std::size_t>(answer_class::incorrect)
                          : c;
    const auto weighed = p[c] / std::pow(opinions.share[kind], fitted_short_answer_table().balance);
    if (weighed > highest) {
      highest = weighed;
      best = c;
    }
  }
  return static_cast<answer_class>(best);
}

struct coverage {
  std::size_t points = 0;
  std::size_t words = 0; // content words and numbers of the reference
  std::size_t matched = 0;
  std::vector<std::string> missed;

  double share() const {
    if (points == 0 || words == 0)
      return 0;
    const auto of = [](std::size_t part, std::size_t whole) {
      return static_cast<double>(part) / static_cast<double>(whole);
    };
    return std::max(of(points - missed.size(), points), of(matched, words));
  }
};

coverage cover(const analysed_text& answer, const reference_answer& reference) {
  coverage found;
  for (const auto& [text, point] : reference.points) {
    std::size_t matched = count_matches(point.content, answer.content);
    for (const auto& number : point.numbers)
      matched += std::binary_search(answer.numbers.begin(), answer.numbers.end(), number);
    const auto wanted = point.content.size() + point.numbers.size();
    if (static_cast<double>(matched) < covered_share * static_cast<double>(wanted))
      found.missed.push_back(text);
    ++found.points;
    found.words += wanted;
    found.matched += matched;
  }
  return found;
}

/// Words of a list without sentences around them.
bool reads_like_key_words(const analysed_text& text) {
  const auto functions =
      std::count_if(text.words.begin(), text.words.end(), [](const auto& w) { return w.function_word; });
  return text.words.size() >= 8 && functions * 10 < static_cast<std::ptrdiff_t>(text.words.size());
}

bool repeats_itself(const analysed_text& text) {
  std::vector<std::string_view> words;
  for (const auto& w : text.words)
    if (!w.function_word)
      words.push_back(w.word);
  std::sort(words.begin(), words.end());
  const auto distinct = std::unique(words.begin(), words.end()) - words.begin();
  return words.size() >= 12 && distinct * 3 < static_cast<std::ptrdiff_t>(words.size());
}

bool same_words(const analysed_text& left, const analysed_text& right) {
  return !left.words.empty()
         && std::equal(left.words.begin(), left.words.end(), right.words.begin(), right.words.end(),
                       [](const auto& a, const auto& b) { return a.word == b.word; });
}

std::string feedback_for(const judgement& verdict) {
  const auto first = verdict.missed.empty() ? std::string{} : verdict.missed.front();
  if (verdict.label == "correct")
    return "The answer covers the main points of the reference.";
  if (verdict.label == "partially_correct")
    return "The answer covers part of the reference; it does not yet say: " + first + ".";
  if (verdict.label == "contradictory")
    return "The answer seems to say the opposite of the reference: " + first + ".";
  return first.empty() ? "The answer does not match the reference."
                       : "The answer does not match the reference, which says: " + first + ".";
}

} // namespace

double default_review_threshold() noexcept {
  return fitted_short_answer_table().review_below;
}

std::vector<std::string> points_of(std::string_view reference) {
  constexpr std::string_view joints[] = {" and ", " because ", " so ",        " which ",   " while ",
                                         " but ", " whereas ", " therefore ", " so that ", " then "};
  const auto text = visible_text(reference);
  std::vector<std::string> points;
  std::string current;
  const auto content = [](std::string_view piece) {
    const auto analysis = analyse(piece);
    return analysis.content.size() + analysis.numbers.size();
  };
  const auto cut = [&] {
    const auto first = current.find_first_not_of(" ,;:.");
    const auto last = current.find_last_not_of(" ,;:.");
    auto piece = first == std::string::npos ? std::string{} : current.substr(first, last - first + 1);
    for (std::string_view joint : {"and ", "so ", "but ", "then ", "while ", "whereas "})
      if (piece.starts_with(joint))
        piece.erase(0, joint.size());
    current.clear();
    if (!piece.empty() && points.size() < max_points)
      points.push_back(std::move(piece));
  };
  for (std::size_t i = 0; i < text.size();) {
    const bool stop = std::string_view{".;:,"}.find(text[i]) != std::string_view::npos
                      && (i + 1 == text.size() || text[i + 1] == ' ');
    const auto rest = std::string_view{text}.substr(i);
    const auto* joint =
        std::find_if(std::begin(joints), std::end(joints), [&](std::string_view j) { return rest.starts_with(j); });
    // A clause of one content word is no point of its own: it stays with what follows.
    if ((stop || joint != std::end(joints)) && content(current) >= 2 && content(rest) >= 2) {
      cut();
      i += stop ? 1 : joint->size();
    } else {
      current += text[i++];
    }
  }
  cut();
  return points;
}

bool addresses_the_grader(const analysed_text& text) {
  const auto& words = text.words;
  const auto near = [&](std::initializer_list<std::string_view> first,
                        std::initializer_list<std::string_view> second) {
    const auto is_one_of = [](const analysed_word& w, std::initializer_list<std::string_view> list) {
      return std::find(list.begin(), list.end(), w.word) != list.end();
    };
    for (std::size_t i = 0; i < words.size(); ++i)
      for (std::size_t j = i + 1; is_one_of(words[i], first) && j < std::min(i + 6, words.size()); ++j)
        if (is_one_of(words[j], second))
          return true;
    return false;
  };
  return near({"ignore", "disregard", "forget", "override"},
              {"instruction", "instructions", "prompt", "rubric", "rules"})
         || near({"give", "award", "assign", "grant", "grade", "mark", "score", "return", "output"},
                 {"marks", "points", "score", "correct", "grade", "100", "a+"})
         || near({"dear"}, {"grader", "teacher", "ai", "examiner"}) || near({"system"}, {"prompt"})
         || near({"as"}, {"grader", "examiner"});
}

reference_answer make_reference(std::string text, std::vector<float> embedding) {
  reference_answer made;
  made.analysis = analyse(text);
  for (auto& point : points_of(text)) {
    auto analysis = analyse(point);
    made.points.push_back({std::move(point), std::move(analysis)});
  }
  made.text = std::move(text);
  made.embedding = std::move(embedding);
  return made;
}

std::vector<std::size_t> closest_in_words(const embedded_text& answer, std::span<const embedded_text* const> references,
                                          std::size_t most) {
  const auto f1 = std::find(feature_names.begin(), feature_names.end(), "f1") - feature_names.begin();
  std::vector<std::pair<double, std::size_t>> order;
  order.reserve(references.size());
  for (const auto* const& reference : references)
    order.emplace_back(-compare(answer, std::span(&reference, 1)).features[static_cast<std::size_t>(f1)],
                       order.size());
  std::sort(order.begin(), order.end());
  std::vector<std::size_t> closest;
  for (std::size_t i = 0; i < std::min(most, order.size()); ++i)
    closest.push_back(order[i].second);
  return closest;
}

std::vector<std::size_t> closest_in_words(std::string_view answer, std::span<const std::string> references,
                                          std::size_t most) {
  std::vector<embedded_text> texts;
  texts.reserve(references.size());
  for (const auto& reference : references)
    texts.push_back({{}, analyse(reference), {}});
  std::vector<const embedded_text*> places;
  places.reserve(texts.size());
  for (const auto& text : texts)
    places.push_back(&text);
  return closest_in_words(embedded_text{{}, analyse(answer), {}}, places, most);
}

judgement judge(const embedded_text& answer, std::span<const reference_answer* const> references,
                const answer_context& known) {
  const std::vector<const embedded_text*> texts(references.begin(), references.end());
  const auto compared = compare(answer, texts, known.question);
  const auto& best = *references[compared.best];
  const bool repeated = std::any_of(texts.begin(), texts.end(), [&](const embedded_text* reference) {
    return same_words(answer.analysis, reference->analysis);
  });
  auto covered = cover(answer.analysis, best);

  judgement verdict;
  verdict.reference = compared.best;
  pooled_opinions opinions;
  if (!known.encoded && known.read) {
    opinions = {*known.read, {1, 1, 1}, false};
  } else if (known.encoded && enough_graded(known.graded)) {
    const auto beside = compare(answer, known.graded);
    verdict.graded = beside.nearest;
    opinions = pool(compared.features, references.size(), &beside.features, known.read);
  } else {
    opinions = pool(compared.features, references.size(), nullptr, known.read);
  }
  auto& p = verdict.probabilities = opinions.probabilities;
  const auto likeliest = chosen(opinions);
  const double correct = of(p, answer_class::correct);
  verdict.confidence = of(p, likeliest);
  if (repeated || likeliest == answer_class::correct)
    verdict.label = "correct";
  else if (likeliest == answer_class::contradictory)
    verdict.label = "contradictory";
  else if (likeliest == answer_class::partially_correct
           || (covered.share() >= partly_covered && !covered.missed.empty()))
    verdict.label = "partially_correct";
  else
    verdict.label = "incorrect";

  verdict.credit =
      correct + (of(p, answer_class::partially_correct) + of(p, answer_class::incorrect) * covered.share()) / 2;
  if (repeated || (verdict.label == "correct" && correct > certainly_correct))
    verdict.credit = 1;
  if (repeated)
    verdict.confidence = std::max(correct, word_for_word);

  if (verdict.label != "correct") {
    verdict.missed = std::move(covered.missed);
    // Every word is there and yet it is not right: what the reference says as a whole was missed.
    if (verdict.missed.empty())
      verdict.missed.push_back(visible_text(best.text));
  }
  verdict.feedback = feedback_for(verdict);

  const auto is = [&](std::string_view feature) {
    const auto at = std::find(feature_names.begin(), feature_names.end(), feature) - feature_names.begin();
    return compared.features[static_cast<std::size_t>(at)] > 0;
  };
  const auto suspect = [&](review_reason why, std::string_view sentence) {
    verdict.reasons.emplace_back(fixed_note{why, sentence});
  };
  // The encoder hardly tells "rises" from "falls"; a person does.
  if (!repeated && verdict.label == "correct" && (is("reversed") || is("negation_differs")))
    suspect(review_reason::contradiction, "the answer may say the reverse of the reference");
  if (!repeated && opinions.contrary)
    suspect(review_reason::contradiction, "what reads the answer is sure of another verdict than the features are");
  if (addresses_the_grader(answer.analysis))
    suspect(review_reason::suspicious, "the text seems to address the grader");
  if (answer.analysis.invisible > 0 && answer.analysis.invisible * 8 > answer.analysis.words.size())
    suspect(review_reason::suspicious, "the text contains hidden characters");
  if (!repeated && reads_like_key_words(answer.analysis))
    suspect(review_reason::suspicious, "the text reads like a list of key words");
  if (repeats_itself(answer.analysis))
    suspect(review_reason::suspicious, "the text repeats itself");
  return verdict;
}

} // namespace chalkstream::education
