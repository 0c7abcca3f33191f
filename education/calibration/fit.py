#!/usr/bin/env python3
"""Fits the short-answer model and writes education/short_answer_table.cpp. README.md beside it says how and how well."""
import argparse
import json
import os
import subprocess
import tempfile

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import accuracy_score, f1_score
from sklearn.model_selection import GroupKFold

CLASSES = ["correct", "incorrect", "contradictory"]


def lines(path):
    with open(path, encoding="utf-8") as file:
        return [json.loads(line) for line in file]


def load(datasets):
    folder = os.path.join(datasets, "semeval2013")
    references = {(q["corpus"], q["qid"]): [r["text"] for r in q["refs"]]
                  for q in lines(os.path.join(folder, "questions.train.jsonl"))}
    rows = []
    for number, answer in enumerate(lines(os.path.join(folder, "answers.train.jsonl"))):
        question = answer["corpus"], answer["qid"]
        if answer["text"].strip() and references.get(question):
            rows.append({"id": str(number), "text": answer["text"], "references": references[question],
                         "group": "/".join(question), "corpus": answer["corpus"],
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


def features(rows, tool, embeddings):
    with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as pairs:
        for row in rows:
            pairs.write(json.dumps({k: row[k] for k in ("id", "text", "references")}) + "\n")
        pairs.flush()
        printed = subprocess.run([tool, pairs.name, embeddings], check=True, capture_output=True, text=True).stdout
    names, *values = [json.loads(line) for line in printed.splitlines()]
    assert [v["id"] for v in values] == [r["id"] for r in rows]
    return names, np.array([v["features"] for v in values])


class Model:
    """Standardised features, multinomial logistic regression, one temperature."""

    def __init__(self, strength):
        self.strength, self.temperature = strength, 1.0

    def fit(self, x, y, weight):
        self.mean, self.scale = x.mean(0), x.std(0) + 1e-9
        self.regression = LogisticRegression(C=self.strength, max_iter=2000).fit(self.standard(x), y, weight)
        return self

    def standard(self, x):
        return np.clip((x - self.mean) / self.scale, -4, 4)

    def logits(self, x):
        return self.regression.decision_function(self.standard(x)) / self.temperature

    def probabilities(self, x):
        return softmax(self.logits(x))


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


def report(title, y, probabilities):
    guess, confidence = probabilities.argmax(1), probabilities.max(1)
    right = guess == y
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


def write_table(path, names, model, threshold):
    number = lambda x: f"{x:.6g}"
    scale = 1 / model.temperature
    with open(path, "w", encoding="utf-8") as out:
        out.write('// Made by calibration/fit.py; calibration/README.md has the data, the command and the figures.\n'
                  '#include "education/short_answer_table.hpp"\n\nnamespace chalkstream::education {\n\n'
                  "const short_answer_table& fitted_short_answer_table() noexcept {\n"
                  "  static const short_answer_table table{\n")
        out.write("      // names\n      {" + wrap([f'"{n}"' for n in names]).strip() + "},\n")
        out.write("      // mean\n      {" + wrap(map(number, model.mean)).strip() + "},\n")
        out.write("      // scale\n      {" + wrap(map(number, model.scale)).strip() + "},\n")
        out.write("      // weights: " + ", ".join(CLASSES) + "\n      {{")
        out.write(",\n        ".join("{" + wrap(map(number, row * scale)).strip() + "}" for row in model.regression.coef_))
        out.write("}},\n      // bias\n      {" + ", ".join(number(b * scale) for b in model.regression.intercept_) + "},\n")
        out.write(f"      // review below\n      {threshold:.2f}}};\n  return table;\n}}\n\n}} // namespace chalkstream::education\n")
    subprocess.run(["clang-format-14", "-i", path], check=False)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--datasets", default=os.environ.get("CHALK_DATASETS", "../shared/datasets"))
    parser.add_argument("--tool", default="build/education/short_answer_features")
    parser.add_argument("--embeddings", help="JSON lines {id: text, embedding}; made by embed.py or chalkstream infer")
    parser.add_argument("--texts", help="write the texts to embed ({id, text}) here and stop")
    parser.add_argument("--table", help="write the fitted table here")
    parser.add_argument("--strength", type=float, default=0.3)
    parser.add_argument("--precision", type=float, default=0.80, help="wished-for precision of what is not reviewed")
    arguments = parser.parse_args()

    rows = with_perfect_answers(load(arguments.datasets))
    if arguments.texts:
        with open(arguments.texts, "w", encoding="utf-8") as out:
            for text in dict.fromkeys(t for row in rows for t in [row["text"], *row["references"]]):
                out.write(json.dumps({"id": text, "text": text}) + "\n")
        return
    names, x = features(rows, arguments.tool, arguments.embeddings)
    y = np.array([row["label"] for row in rows])
    groups = np.array([row["group"] for row in rows])
    corpus = np.array([row["corpus"] for row in rows])
    student = corpus != "reference"
    weight = np.where(student, 1.0, 0.5)

    logits = np.zeros((len(y), len(CLASSES)))
    for train, test in GroupKFold(10).split(x, y, groups):
        logits[test] = Model(arguments.strength).fit(x[train], y[train], weight[train]).logits(x[test])
    temperature = best_temperature(logits[student], y[student])
    p = softmax(logits / temperature)

    print("| held-out questions, 10 folds | answers | macro-F1 3-way | accuracy | macro-F1 2-way | accuracy | ECE |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for title, mask in [("all", student), ("beetle", corpus == "beetle"), ("sciEntsBank", corpus == "sciEntsBank")]:
        report(title, y[mask], p[mask])
    print(f"\nreferences handed in as answers: {(p[~student].argmax(1) == 0).mean():.3f} judged correct")
    print(f"temperature {temperature:.2f}\n\n| review below | graded without review | accuracy of those, 3-way | 2-way |")
    print("| --- | --- | --- | --- |")
    threshold, confidence, right = None, p[student].max(1), p[student].argmax(1) == y[student]
    two_way = (p[student].argmax(1) == 0) == (y[student] == 0)
    for candidate in np.arange(0.40, 0.96, 0.05):
        kept = confidence >= candidate
        print(f"| {candidate:.2f} | {kept.mean():.3f} | {right[kept].mean():.3f} | {two_way[kept].mean():.3f} |")
        if threshold is None and two_way[kept].mean() >= arguments.precision:
            threshold = candidate
    if arguments.table:
        model = Model(arguments.strength).fit(x, y, weight)
        model.temperature = temperature
        write_table(arguments.table, names, model, threshold or 0.95)


if __name__ == "__main__":
    main()
