#!/usr/bin/env python3
"""Fits the short-answer models and writes education/short_answer_table.cpp. README.md beside it says how and how well."""
import argparse
import json
import os
import subprocess
import tempfile

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import GroupKFold, StratifiedKFold

CLASSES = ["correct", "incorrect", "contradictory"]
FEWEST_GRADED, MOST_GRADED = 8, 256  # as graded_answers.hpp and the event have it


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def load(datasets):
    folder = os.path.join(datasets, "semeval2013")
    questions = {(q["corpus"], q["qid"]): q for q in lines(os.path.join(folder, "questions.train.jsonl"))}
    references = {key: [r["text"] for r in q["refs"]] for key, q in questions.items()}
    rows = []
    for number, answer in enumerate(lines(os.path.join(folder, "answers.train.jsonl"))):
        question = answer["corpus"], answer["qid"]
        if answer["text"].strip() and references.get(question):
            rows.append({"id": str(number), "text": answer["text"], "references": references[question],
                         "question": questions[question]["question"], "group": "/".join(question),
                         "module": answer["corpus"] + "/" + questions[question]["module"], "corpus": answer["corpus"],
                         "label": CLASSES.index(answer["label3way"])})
    return rows


def with_perfect_answers(rows):
    """Each reference handed in as an answer is correct: without these the model has never seen a perfect answer."""
    extra, seen = [], set()
    for row in rows:
        for reference in row["references"]:
            if (row["group"], reference) not in seen:
                seen.add((row["group"], reference))
                extra.append({**row, "id": f"r{len(extra)}", "text": reference, "label": 0, "corpus": "reference"})
    return rows + extra


def features(rows, tool, embeddings, question=True):
    """Of each row, and of its graded answers where it has a list `graded`."""
    members = ["id", "text", "references", "graded"] + ["question"] * question
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as pairs:
        for row in rows:
            pairs.write(json.dumps({k: row[k] for k in members if k in row}) + "\n")
        pairs.flush()
        printed = subprocess.run([tool, pairs.name, embeddings], check=True, capture_output=True, text=True).stdout
    names, graded_names, *values = [json.loads(line) for line in printed.splitlines()]
    assert [v["id"] for v in values] == [r["id"] for r in rows]
    if "graded" not in rows[0]:
        return names, np.array([v["features"] for v in values])
    return names + graded_names, np.array([v["features"] + v["graded"] for v in values])


def beside_graded(rows, among, seed=None):
    """Rows with the other answers to their question that are `among`; with a seed, as many of them as it draws. Rows
    with too few are left out."""
    random, by_question, made = np.random.RandomState(seed), {}, []
    for row in among:
        by_question.setdefault(row["group"], []).append(row)
    for row in rows:
        others = [o for o in by_question.get(row["group"], []) if o["id"] != row["id"]]
        if seed is not None and len(others) > FEWEST_GRADED:
            wanted = int(np.exp(random.uniform(np.log(FEWEST_GRADED), np.log(len(others)))))
            others = [others[i] for i in random.permutation(len(others))[:wanted]]
        others = others[:MOST_GRADED]
        if len(others) >= FEWEST_GRADED and len({o["label"] for o in others}) > 1:
            made.append({**row, "graded": [[o["text"], CLASSES[o["label"]]] for o in others]})
    return made


def labels(rows):
    return np.array([row["label"] for row in rows])


class Model:
    """Standardised features, multinomial logistic regression, one temperature."""

    def __init__(self, strength):
        self.strength, self.temperature = strength, 1.0

    def fit(self, x, y, weight):
        self.mean, self.scale = x.mean(0), x.std(0) + 1e-9
        self.regression = LogisticRegression(C=self.strength, max_iter=2000).fit(self.standard(x), y, weight)
        self.share = np.bincount(y) / len(y)
        return self

    def standard(self, x):
        return np.clip((x - self.mean) / self.scale, -4, 4)

    def logits(self, x):
        return self.regression.decision_function(self.standard(x)) / self.temperature

    def probabilities(self, x):
        return softmax(self.logits(x))


class Alone:
    """A model for answers with several references, and one for those with one, which learns from both."""

    def __init__(self, strength):
        self.models = {True: Model(strength), False: Model(strength)}

    def fit(self, x, y, weight, one):
        for which, model in self.models.items():
            mine = one | True if which else ~one
            model.fit(x[mine], y[mine], weight[mine])
        return self

    def logits(self, x, one):
        out = np.zeros((len(x), len(CLASSES)))
        for which, model in self.models.items():
            if (one == which).any():
                out[one == which] = model.logits(x[one == which])
        return out

    def share(self, one):
        return np.where(one[:, None], self.models[True].share, self.models[False].share)


def has_one(rows):
    return np.array([len(row["references"]) == 1 for row in rows])


def softmax(logits):
    e = np.exp(logits - logits.max(1, keepdims=True))
    return e / e.sum(1, keepdims=True)


def best_temperature(logits, y):
    candidates = np.linspace(0.6, 2.5, 96)
    losses = [-np.log(softmax(logits / t)[np.arange(len(y)), y] + 1e-12).mean() for t in candidates]
    return candidates[int(np.argmin(losses))]


def calibration_error(confidence, right, bins=15):
    edges = np.linspace(0, 1, bins + 1)
    which = np.clip(np.digitize(confidence, edges) - 1, 0, bins - 1)
    return sum((which == b).mean() * abs(confidence[which == b].mean() - right[which == b].mean())
               for b in range(bins) if (which == b).any())


def balanced(probabilities, share, balance):
    return (probabilities / share**balance).argmax(1)


def report(title, y, probabilities, guess):
    right = guess == y
    confidence = probabilities[np.arange(len(y)), guess]
    print(f"| {title} | {len(y)} | {f1_score(y, guess, average='macro'):.3f} | {accuracy_score(y, guess):.3f} | "
          f"{f1_score(y == 0, guess == 0, average='macro'):.3f} | {accuracy_score(y == 0, guess == 0):.3f} | "
          f"{calibration_error(confidence, right):.3f} |")


def wrap(values):
    text, line = [], "   "
    for value in values:
        word = f" {value},"
        if len(line) + len(word) > 116:
            text.append(line)
            line = "   "
        line += word
    return "\n".join(text + [line]).rstrip(",")


def braced(values):
    return "{" + wrap(values).strip() + "}"


def number(x):
    return f"{x:.6g}"


def logistic(names, model):
    scale = 1 / model.temperature
    rows = ",\n".join(braced(map(number, row * scale)) for row in model.regression.coef_)
    quoted = [f'"{name}"' for name in names]
    return (f"{{// names\n{braced(quoted)},\n// mean\n{braced(map(number, model.mean))},\n"
            f"// scale\n{braced(map(number, model.scale))},\n// weights: {', '.join(CLASSES)}\n{{{{{rows}}}}},\n"
            f"// bias\n{braced(number(b * scale) for b in model.regression.intercept_)},\n"
            f"// share of each class\n{braced(map(number, model.share))}}}")


def write_table(path, one, several, graded, opinions, balance, threshold):
    weights = ",\n".join(f"// {title}: fitted, read\n{{{number(o['fitted'])}, {number(o['read'])}}}"
                         for title, o in opinions.items())
    with open(path, "w", encoding="utf-8") as out:
        out.write("// Made by calibration/fit.py; calibration/README.md has the data, the commands and the figures.\n"
                  '#include "education/short_answer_table.hpp"\n\nnamespace chalkstream::education {\n\n'
                  "const short_answer_table& fitted_short_answer_table() noexcept {\n"
                  "  static const short_answer_table table{\n")
        out.write(f"// one reference\n{logistic(*one)},\n// several references\n{logistic(*several)},\n// beside graded answers\n{logistic(*graded)},\n"
                  f"{weights},\n// balance\n{balance:.2f},\n"
                  f"// review below\n{threshold:.2f}}};\n  return table;\n}}\n\n}} // namespace chalkstream::education\n")
    subprocess.run(["clang-format-14", "-i", path], check=False)


def held_out(rows, splits, strength, tool, embeddings):
    """Logits of the fitted model for rows it has not seen; alone."""
    _, x = features(rows, tool, embeddings)
    y, one, logits = labels(rows), has_one(rows), np.zeros((len(rows), len(CLASSES)))
    weight = np.where([r["corpus"] == "reference" for r in rows], 0.5, 1.0)
    for train, test in splits:
        logits[test] = Alone(strength).fit(x[train], y[train], weight[train], one[train]).logits(x[test], one[test])
    return logits


def held_out_graded(rows, folds, strength, tool, embeddings):
    """Rows of which others to the same question were known and graded, and their logits."""
    y = labels(rows)
    by_question = np.unique([f"{r['group']}/{r['label']}" for r in rows], return_inverse=True)[1]
    judged, logits = [], []
    for train, test in StratifiedKFold(folds, shuffle=True, random_state=1).split(y, by_question):
        known = [rows[i] for i in train]
        learnt = beside_graded(known, known) + beside_graded(known, known, seed=1)
        asked = beside_graded([rows[i] for i in test], known)
        model = Model(strength).fit(features(learnt, tool, embeddings)[1], labels(learnt), None)
        logits.append(model.logits(features(asked, tool, embeddings)[1]))
        judged += asked
    return judged, np.concatenate(logits)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", default=os.environ.get("CHALK_DATASETS", "../shared/datasets"))
    parser.add_argument("--tool", default="build/education/short_answer_features")
    parser.add_argument("--embeddings", help="JSON lines {id: text, embedding}; made by embed.py or chalkstream infer")
    parser.add_argument("--texts", help="write the texts to embed ({id, text}) here and stop")
    parser.add_argument("--table", help="write the fitted tables here")
    parser.add_argument("--opinions", help="what opinions.py printed: how a reading model counts")
    parser.add_argument("--strength", type=float, default=0.1)
    parser.add_argument("--balance", type=float, default=0.75, help="of rare classes when one is named, 0 to 1")
    parser.add_argument("--precision", type=float, default=0.80, help="wished-for precision of what is not reviewed")
    arguments = parser.parse_args()

    answers = load(arguments.datasets)
    rows = with_perfect_answers(answers)
    if arguments.texts:
        with open(arguments.texts, "w", encoding="utf-8") as out:
            for text in dict.fromkeys(t for row in rows for t in [row["text"], *row["references"]]):
                out.write(json.dumps({"id": text, "text": text}) + "\n")
        return
    ask = (arguments.strength, arguments.tool, arguments.embeddings)
    y = labels(rows)
    corpus = np.array([row["corpus"] for row in rows])
    student = corpus != "reference"
    one = has_one(rows)
    all_share, several = np.bincount(y[student]) / student.sum(), student & ~one
    shares = {True: all_share, False: np.bincount(y[several]) / several.sum()}
    share = np.where(one[:, None], shares[True], shares[False])

    print("| held out | answers | macro-F1 3-way | accuracy | macro-F1 2-way | accuracy | ECE |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for title, folds, column in [("questions", 10, "group"), ("modules", 8, "module")]:
        groups = np.array([row[column] for row in rows])
        logits = held_out(rows, GroupKFold(folds).split(y, y, groups), *ask)
        temperature = best_temperature(logits[student], y[student])
        p = softmax(logits / temperature)
        guess = balanced(p, share, arguments.balance)
        for part, mask in [("all", student), ("beetle", corpus == "beetle"), ("sciEntsBank", corpus == "sciEntsBank")]:
            report(f"{title}: {part}", y[mask], p[mask], guess[mask])
        if column == "group":
            questions = temperature, p, guess
    judged, logits = held_out_graded(answers, 5, *ask)
    y_graded, graded_corpus = labels(judged), np.array([row["corpus"] for row in judged])
    graded_temperature = best_temperature(logits, y_graded)
    p = softmax(logits / graded_temperature)
    for part in ["beetle", "sciEntsBank"]:
        mask = graded_corpus == part
        report(f"answers: {part}", y_graded[mask], p[mask], balanced(p[mask], all_share, arguments.balance))

    temperature, p, guess = questions
    print(f"\nreferences handed in as answers: {(guess[~student] == 0).mean():.3f} judged correct")
    print(f"temperatures {temperature:.2f}, {graded_temperature:.2f}\n\n| review below | graded without review | 3-way | 2-way |")
    print("| --- | --- | --- | --- |")
    threshold = None
    confidence = p[np.arange(len(y)), guess][student]
    right, two_way = (guess == y)[student], ((guess == 0) == (y == 0))[student]
    for candidate in np.arange(0.40, 0.96, 0.05):
        kept = confidence >= candidate
        print(f"| {candidate:.2f} | {kept.mean():.3f} | {right[kept].mean():.3f} | {two_way[kept].mean():.3f} |")
        if threshold is None and two_way[kept].mean() >= arguments.precision:
            threshold = candidate
    if not arguments.table:
        return
    names, x = features(rows, arguments.tool, arguments.embeddings)
    _, unasked = features(rows, arguments.tool, arguments.embeddings, question=False)
    weight = np.where(student, 1.0, 0.5)
    # Events may leave the question out: a quarter of what is learnt from has none.
    alone = Alone(arguments.strength).fit(np.vstack([x, unasked]), np.hstack([y, y]),
                                          np.hstack([0.75 * weight, 0.25 * weight]), np.hstack([one, one]))
    for which, model in alone.models.items():
        model.temperature, model.share = temperature, shares[which]
    learnt = beside_graded(answers, answers) + beside_graded(answers, answers, seed=1)
    graded_names, x = features(learnt, arguments.tool, arguments.embeddings)
    graded = Model(arguments.strength).fit(x, labels(learnt), None)
    graded.temperature = graded_temperature
    with open(arguments.opinions, encoding="utf-8") as file:
        opinions = json.load(file)
    write_table(arguments.table, (names, alone.models[True]), (names, alone.models[False]), (graded_names, graded), opinions,
                arguments.balance, threshold or 0.95)


if __name__ == "__main__":
    main()
