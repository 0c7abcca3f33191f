#!/usr/bin/env python3
"""Writes what the usual Python libraries make of generated predictions: measures.json beside this script.

    pip install scikit-learn==1.9.1 scipy==1.17.1 numpy==2.4.6 rouge-score==0.1.2 nltk==3.10.4 sacrebleu==2.6.0
    python make_goldens.py

Everything is generated from fixed seeds, texts included: words of a dozen scripts, numbers, punctuation, entities,
unusual white space, empty texts; predictions are references with words dropped, swapped, doubled and exchanged.
SQuAD's evaluation script is no library: its rules stand below, in its own words of Python.
"""
import collections
import json
import os
import random
import re
import string
import warnings

import numpy as np
from nltk.stem.porter import PorterStemmer
from rouge_score import rouge_scorer, tokenizers
from sacrebleu.metrics import BLEU, CHRF
from scipy import stats
from sklearn import calibration, metrics

warnings.filterwarnings("ignore")
HERE = os.path.dirname(os.path.abspath(__file__))

WORDS = [
    "plants make sugar from light and water the a an of in cells store energy relational conditionally happiness flies "
    "Photosynthesis oxygen CO2 is released it's don't well-known e.g. U.S. running agreed hopping operators news skies",
    "die Pflanze wandelt Licht in Zucker um Straße GRÖSSE Äpfel über Fuß",
    "l'énergie naïve garçon Œuvre déjà où ça",
    "растения создают сахар Свет и вода ЭНЕРГИЯ ёлка",
    "τα φυτά παράγουν ΖΆΧΑΡΗ ΦΩΣ ΟΔΟΣ",
    "النباتات تصنع السكر من الضوء ١٢٣",
    "צמחים מייצרים סוכר מאור",
    "पौधे प्रकाश से चीनी बनाते हैं १२",
    "植物利用光能制造糖分。 水和二氧化碳，产生氧气！ 叶绿体 三",
    "植物は光から糖をつくる。 エネルギー ひかり",
    "식물은 빛으로 당을 만든다",
    "พืชสร้างน้ำตาลจากแสง",
    "İstanbul ILIK ışık ĞÜŞ",
    "🌱 ½ ² ① Ⅷ ﬁn ﬀ K Å ªº x² naïve",
]
PUNCTUATION = [".", ",", "!", "?", ";", ":", "-", "--", "(", ")", "\"", "'", "%", "$", "/", "&", "&amp;", "&quot;",
               "&lt;b&gt;", "<skipped>", "3.14", "1,000", "10-12", "5.", ",7", "-3", "a_b", "…", "“", "”", "’s", "—",
               "。", "，", "「", "」", "[x]", "{y}", "~", "`", "@", "#1", "^", "|", "=", "+", "*", "\\"]
SPACES = [" "] * 30 + ["  ", "\t", "\n", "-\n", "\u00a0", "\u3000", "\u2003", "\x1c", "\r\n", "\u200b", ""]


def text(rng, longest=24, scripts=None):
    pool = rng.choice(scripts or WORDS[:1] * 6 + WORDS).split()
    other = rng.choice(WORDS).split()
    out = []
    for _ in range(rng.randrange(longest + 1)):
        kind = rng.random()
        out.append(rng.choice(pool) if kind < 0.72 else rng.choice(other) if kind < 0.8 else rng.choice(PUNCTUATION))
        out.append(rng.choice(SPACES))
    return "".join(out[:-1])


def changed(rng, reference, strength):
    words = reference.split(" ")
    out = []
    for word in words:
        kind = rng.random() / strength
        if kind < 0.12:
            continue
        out.append(rng.choice(words) if kind < 0.22 else word.upper() if kind < 0.26 else word)
        if kind > 0.95:
            out.append(word)
    if rng.random() < 0.2:
        rng.shuffle(out)
    return " ".join(out)


def texts(rng, count, longest=24, references=3):
    rows = []
    for _ in range(count):
        some = [text(rng, longest) for _ in range(rng.randrange(1, references + 1))]
        base = rng.choice(some)
        if len(some) > 1 and rng.random() < 0.7:
            some[0] = changed(rng, base, 1)
        rows.append({"predicted": "" if rng.random() < 0.04 else changed(rng, base, rng.choice([0.2, 1, 2])),
                     "references": some})
    return rows


# --- scikit-learn and SciPy


def number(value):
    return None if np.isnan(value) else float(value)


def classified(rng, labels, count, skill):
    reference = [rng.choice(labels) for _ in range(count)]
    predicted = [r if rng.random() < skill else rng.choice(labels[:-1] if len(labels) > 2 else labels)
                 for r in reference]
    precision, recall, f1, support = metrics.precision_recall_fscore_support(
        reference, predicted, labels=labels, zero_division=0)
    return {"labels": labels, "reference": reference, "predicted": predicted,
            "accuracy": metrics.accuracy_score(reference, predicted),
            "macro_f1": metrics.f1_score(reference, predicted, average="macro", zero_division=0),
            "qwk": number(metrics.cohen_kappa_score(reference, predicted, labels=labels, weights="quadratic")),
            "precision": list(precision), "recall": list(recall), "f1": list(f1), "support": [int(s) for s in support],
            "counts": metrics.confusion_matrix(reference, predicted, labels=labels).tolist()}


def classify_cases(rng):
    return [classified(rng, ["0", "1", "2", "3", "4"], 200, 0.6), classified(rng, ["0", "1", "2", "3"], 40, 0.0),
            classified(rng, ["correct", "incorrect"], 60, 0.9), classified(rng, ["A1", "A2", "B1", "B2", "C1"], 90, 0.5),
            classified(rng, ["x", "y"], 1, 1.0), classified(rng, ["да", "нет", "不", "é"], 50, 0.4),
            classified(rng, ["0", "1", "2"], 30, 1.0)]


def score_cases(rng):
    cases = []
    for count, noise in ((50, 0.5), (3, 2.0), (2, 1.0), (200, 0.1), (1, 1.0), (20, 0.0)):
        reference = [round(rng.uniform(0, 6), 2) for _ in range(count)]
        predicted = [r + rng.gauss(0, noise) for r in reference]
        cases.append((predicted, reference))
    cases.append(([1.5] * 5, [1.0, 2.0, 3.0, 4.0, 5.0]))
    cases.append(([0.1, 0.2, 0.4], [0.1] * 3))
    cases.append(([1e9 + 1, 1e9 + 2, 1e9 + 4], [1e-9, 3e-9, 2e-9]))
    out = []
    for predicted, reference in cases:
        constant = len(set(predicted)) == 1 or len(set(reference)) == 1
        out.append({"predicted": predicted, "reference": reference,
                    "rmse": metrics.root_mean_squared_error(reference, predicted),
                    "mae": metrics.mean_absolute_error(reference, predicted),
                    "pearson": None if len(predicted) < 2 or constant else
                    number(stats.pearsonr(predicted, reference).statistic)})
    return out


def rounded_scores(rng):
    """Whole right scores and predictions between and beyond them: the weighted kappa after rounding and clamping."""
    traits = {}
    for name, low, high in (("content", 1, 6), ("wording", -2, 2)):
        reference = [float(rng.randint(low, high)) for _ in range(60)]
        predicted = [r + rng.gauss(0, 1.2) for r in reference]
        predicted[:4] = [low + 0.5, low + 1.5, high + 3.0, low - 3.0]
        steps = [int(min(max(np.trunc(p + np.copysign(0.5, p)), min(reference)), max(reference))) for p in predicted]
        traits[name] = {"predicted": predicted, "reference": reference,
                        "rmse": metrics.root_mean_squared_error(reference, predicted),
                        "qwk": metrics.cohen_kappa_score([int(r) for r in reference], steps, weights="quadratic",
                                                         labels=list(range(int(min(reference)), int(max(reference)) + 1)))}
    columns = [[traits[t][side] for t in traits] for side in ("predicted", "reference")]
    mcrmse = metrics.root_mean_squared_error(np.array(columns[1]).T, np.array(columns[0]).T)
    return {"traits": traits, "mcrmse": mcrmse}


def calibration_cases(rng):
    cases = []
    for bins, count in ((15, 300), (10, 40), (5, 3), (1, 20)):
        confidence = [rng.choice([rng.random(), 0.0, 1.0, rng.randrange(bins + 1) / bins]) for _ in range(count)]
        right = [rng.random() < 0.2 + 0.7 * c for c in confidence]
        accuracy, mean = calibration.calibration_curve(right, confidence, n_bins=bins, strategy="uniform", pos_label=True)
        which = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidence)
        counts = np.bincount(which, minlength=bins)
        filled = counts[counts > 0]
        cases.append({"bins": bins, "confidence": confidence, "right": right, "counts": counts.tolist(),
                      "accuracies": list(accuracy), "confidences": list(mean),
                      "ece": float(np.sum(filled / count * np.abs(accuracy - mean)))})
    return cases


class Rows:
    """splitmix64, as education/measures/bootstrap has it."""

    def __init__(self, seed):
        self.state = seed

    def below(self, bound):
        mask = (1 << 64) - 1
        self.state = (self.state + 0x9E3779B97F4A7C15) & mask
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & mask
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & mask
        return (z ^ (z >> 31)) % bound


def bootstrap_cases(rng):
    cases = []
    for seed, count, resamples, level in ((0, 30, 200, 0.95), (7, 5, 99, 0.9), (2**64 - 1, 200, 50, 0.5)):
        values = [rng.gauss(3, 2) for _ in range(count)]
        rows = Rows(seed)
        means = [np.mean([values[rows.below(count)] for _ in range(count)]) for _ in range(resamples)]
        low, high = np.percentile(means, [50 * (1 - level), 100 - 50 * (1 - level)])
        cases.append({"seed": str(seed), "values": values, "resamples": resamples, "level": level,
                      "low": float(low), "high": float(high)})
    return cases


# --- answers, as SQuAD 2.0's evaluation script defines them


def normalize_answer(s):
    s = "".join(c for c in s.lower() if c not in set(string.punctuation))
    return " ".join(re.sub(r"\b(a|an|the)\b", " ", s).split())


def answer_f1(gold, predicted):
    gold, predicted = normalize_answer(gold).split(), normalize_answer(predicted).split()
    same = sum((collections.Counter(gold) & collections.Counter(predicted)).values())
    if not gold or not predicted:
        return float(gold == predicted)
    if same == 0:
        return 0.0
    precision, recall = same / len(predicted), same / len(gold)
    return 2 * precision * recall / (precision + recall)


def answer_cases(rng):
    rows = texts(rng, 100, longest=7)
    rows += [{"predicted": p, "references": r} for p, r in (
        ("", []), ("", ["", "the"]), ("x", []), ("the", [""]), ("The  Cat.", ["cat"]), ("a_b the-cat", ["ab thecat"]),
        ("a’s theory", ["’s theory"]), ("an αthe the1 1a", ["αthe the1 1a"]), ("İ", ["i̇"]), ("ΟΔΟΣ ΣΑΣ", ["οδος σας"]))]
    for row in rows:
        answers = [a for a in row["references"] if normalize_answer(a)] or [""]
        row["normalised"] = normalize_answer(row["predicted"])
        row["exact"] = max(float(normalize_answer(a) == row["normalised"]) for a in answers)
        row["f1"] = max(answer_f1(a, row["predicted"]) for a in answers)
    return rows


# --- rouge-score


def rouge_cases(rng):
    rows = texts(rng, 60) + texts(rng, 4, longest=150) + [{"predicted": "", "references": [""]}]
    plain = [rouge_scorer.RougeScorer(["rouge1", "rouge2", "rougeL"], use_stemmer=stem) for stem in (False, True)]
    for row in rows:
        for name, scorer in zip(("plain", "stemmed"), plain):
            best = scorer.score_multi(row["references"], row["predicted"])
            row[name] = [best[kind].fmeasure for kind in ("rouge1", "rouge2", "rougeL")]
        row["words"] = tokenizers.DefaultTokenizer(True).tokenize(row["predicted"])
    return rows


def stems(rng):
    beginnings = ("relat condit ration val hesit digit conform radic differ vile analog geo theo log vietnam predic oper feud "
                  "decis hop hopp callous form sensit sens triplic electr adjust fl d enjo y sk spi agre fe fall fizz "
                  "tann fail fil controll roll ev ic us ar cav snow tray hap cri sa by b ab possib able univers arch "
                  "plast gyroscop inf irrit replac depend bowdler angular homolog effect commun activ 42 x1 yy oo").split()
    endings = ("s es ies ied ed eed ing y ly ational tional enci anci izer bli alli entli eli ousli ization ation ator "
               "alism iveness fulness ousness aliti iviti biliti fulli logi icate ative alize iciti ical ful ness al "
               "ance ence er ic able ible ant ement ment ent ion ou ism ate iti ous ive ize e ll sses ss").split()
    words = [b + e for b in beginnings for e in endings]
    fixed = ("sky skies dying lying tying news innings inning outings outing cannings canning howe proceed exceed succeed "
             "dies died flies spied is as a be oed die day boy spy cry happily rationally lies").split()
    stemmer = PorterStemmer()
    return [[w, stemmer.stem(w)] for w in fixed + sorted(rng.sample(words, 900))]


# --- sacrebleu


def streams(rows):
    most = max(len(row["references"]) for row in rows)
    return [row["predicted"] for row in rows], [
        [row["references"][k] if k < len(row["references"]) else None for row in rows] for k in range(most)]


def corpus_cases(rng):
    corpora = [texts(rng, 40), texts(rng, 12, references=1), texts(rng, 3, longest=3), texts(rng, 2, longest=120)]
    corpora += [[{"predicted": p, "references": r}] for p, r in (
        ("the cat sat on the mat", ["the cat sat on the mat"]), ("the the the the", ["the cat"]), ("", ["the cat"]),
        ("one two three", ["one two three"]), ("one two three four", ["five six seven eight"]),
        ("a b c d e f", ["a b x d e y", "a b c"]), (".5 and 5. end.", [".5 and 5. end ."]), ("(hi) \"x\"", ["(hi)"]),
        ("植物“利用”光—能…", ["植物“利用”光能"]), ("x", [""]), ("the cat sat on it", ["", "the cat sat on"]))]
    out = []
    for rows in corpora:
        predicted, references = streams(rows)
        case = {"rows": rows, "bleu": {}, "tokens": {}, "sentences": {}}
        for kind in ("13a", "zh", "char", "none"):
            bleu = BLEU(tokenize=kind)
            case["bleu"][kind] = bleu.corpus_score(predicted, references).score
            case["tokens"][kind] = [bleu.tokenizer(p.rstrip()).split() for p in predicted[:6]]
        for name, words in (("chrf", 0), ("chrf++", 2)):
            chrf = CHRF(word_order=words)
            case[name] = chrf.corpus_score(predicted, references).score
            case["sentences"][name] = [chrf.sentence_score(r["predicted"], r["references"]).score for r in rows[:8]]
        out.append(case)
    return out


def main():
    goldens = {
        "classify": classify_cases(random.Random(1)), "scores": score_cases(random.Random(2)),
        "rounded": rounded_scores(random.Random(3)), "calibration": calibration_cases(random.Random(4)),
        "bootstrap": bootstrap_cases(random.Random(5)), "answers": answer_cases(random.Random(6)),
        "rouge": rouge_cases(random.Random(7)), "stems": stems(random.Random(8)),
        "corpora": corpus_cases(random.Random(9)),
    }
    with open(os.path.join(HERE, "measures.json"), "w", encoding="utf-8") as file:
        json.dump(goldens, file, ensure_ascii=False, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
