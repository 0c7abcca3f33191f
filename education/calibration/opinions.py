#!/usr/bin/env python3
"""How much a model that `train pair` made should count beside the fitted tables, and how well both grade together.

  opinions.py --rows DIR                      writes what to train it with: train.jsonl, dev.jsonl, answers.jsonl
  opinions.py --model MODEL --embeddings FILE judges answers the model has not seen, and prints the weights for fit.py

Held out are three modules of sciEntsBank, a fifth of the other questions, and 15 % of the answers to the rest; the
seed decides which. Tables are fitted anew without all of these; weights are fitted on half of the questions held out
and judge the other half.
"""
import argparse
import collections
import json
import os
import random
import subprocess

import numpy as np
from scipy.optimize import minimize
from sklearn.metrics import f1_score

import fit

MOST_READ, LEAST = 3, 1e-4
PARTS = [("answers", "sciEntsBank"), ("questions", "sciEntsBank"), ("modules", "sciEntsBank"), ("answers", "beetle"),
         ("questions", "beetle")]


def parts_of(rows, seed):
    draw, part = random.Random(seed), {}
    group = {row["group"]: row for row in rows}
    modules = set(draw.sample(sorted({row["module"] for row in rows if row["corpus"] == "sciEntsBank"}), 3))
    for corpus in ("beetle", "sciEntsBank"):
        questions = sorted(g for g, row in group.items() if row["corpus"] == corpus and row["module"] not in modules)
        chosen = set(draw.sample(questions, round(0.2 * len(questions))))
        part.update({g: "questions" if g in chosen else "train" for g in questions})
    part.update({g: "modules" for g, row in group.items() if row["module"] in modules})
    return np.array([part[row["group"]] if part[row["group"]] != "train" or draw.random() >= 0.15 else "answers"
                     for row in rows])


def write_rows(folder, rows, part):
    os.makedirs(folder, exist_ok=True)
    for name, wanted in [("train", "train"), ("dev", "questions"), ("answers", "answers")]:
        with open(os.path.join(folder, name + ".jsonl"), "w", encoding="utf-8") as out:
            for row in (r for r, p in zip(rows, part) if p == wanted):
                out.write(json.dumps({"text": row["text"], "pair": row["references"], "label": fit.CLASSES[row["label"]],
                                      "question": row["group"]}) + "\n")


def words(text):
    return set("".join(c if c.isalnum() else " " for c in text.lower()).split())


def to_read(rows, judged, known, vectors):
    """As the grading pipeline has an answer read: beside the closest references, and right answers most like it."""
    right = collections.defaultdict(list)
    for i in known:
        if rows[i]["label"] == 0:
            right[rows[i]["group"]].append(rows[i]["text"])
    for i in judged:
        said = words(rows[i]["text"])
        alike = lambda r: 2 * len(said & words(r)) / (1 + len(said) + len(words(r)))
        for reference in sorted(rows[i]["references"], key=alike, reverse=True)[:MOST_READ]:
            yield i, reference
        near = sorted(right[rows[i]["group"]], key=lambda t: -(vectors[t] @ vectors[rows[i]["text"]]))
        for text in near[:MOST_READ]:
            yield i, text


def read(model, program, rows, pairs):
    """The mean of the logarithms of the probabilities that the model gives each row."""
    text = "".join(json.dumps({"id": str(n), "text": rows[i]["text"], "pair": other}) + "\n"
                   for n, (i, other) in enumerate(pairs))
    printed = subprocess.run([program, "infer", "--model", model, "--task", "classify"], input=text, check=True,
                             capture_output=True, text=True).stdout
    with open(os.path.join(model, "config.json"), encoding="utf-8") as file:
        names = json.load(file)["id2label"]
    order = [next(int(k) for k, v in names.items() if v == c) for c in fit.CLASSES]
    p = fit.softmax(np.array([json.loads(line)["logits"] for line in printed.splitlines()])[:, order])
    sums, counts = np.zeros((len(rows), 3)), np.zeros(len(rows))
    for (i, _), row in zip(pairs, p):
        sums[i] += np.log(np.maximum(row, 1e-6))
        counts[i] += 1
    mean = sums / np.maximum(counts, 1)[:, None]
    return np.log(np.maximum(fit.softmax(mean), LEAST))


def pooled(weights, fitted, found):
    return weights[0] * fitted + weights[1] * found


def fit_weights(fitted, found, y):
    """Two weights of the least log loss, with a light pull towards (0.5, 0.5)."""
    start = np.array([0.5, 0.5])

    def loss(w):
        p = fit.softmax(pooled(w, fitted, found))
        return -np.log(p[np.arange(len(y)), y] + 1e-12).sum() + 2 * ((w - start) ** 2).sum()
    return minimize(loss, start).x


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--datasets", default=os.environ.get("CHALK_DATASETS", "../shared/datasets"))
    parser.add_argument("--rows", help="write the rows to train with here and stop")
    parser.add_argument("--model", help="a directory that `train pair` wrote")
    parser.add_argument("--answers-model", help="another one for answers to questions it has seen")
    parser.add_argument("--program", default="build/chalkstream")
    parser.add_argument("--tool", default="build/education/short_answer_features")
    parser.add_argument("--embeddings", help="as for fit.py")
    parser.add_argument("--out", help="write the weights here")
    parser.add_argument("--strength", type=float, default=0.1)
    parser.add_argument("--balance", type=float, default=0.75)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()

    rows = fit.load(arguments.datasets)
    part = parts_of(rows, arguments.seed)
    if arguments.rows:
        write_rows(arguments.rows, rows, part)
        return
    y = fit.labels(rows)
    corpus = np.array([row["corpus"] for row in rows])
    groups = np.array([row["group"] for row in rows])
    known = np.where(part == "train")[0]
    vectors = {line["id"]: np.array(line["embedding"], dtype=np.float32) for line in fit.lines(arguments.embeddings)}
    where = {row["id"]: i for i, row in enumerate(rows)}

    fitted = np.zeros((len(rows), 3))
    _, x = fit.features(rows, arguments.tool, arguments.embeddings)
    one = fit.has_one(rows)
    alone = fit.Alone(arguments.strength).fit(x[known], y[known], np.ones(len(known)), one[known])
    unseen = np.where((part == "questions") | (part == "modules"))[0]
    fitted[unseen] = alone.logits(x[unseen], one[unseen])
    learnt_from = [rows[i] for i in known]
    learnt = fit.beside_graded(learnt_from, learnt_from) + fit.beside_graded(learnt_from, learnt_from, seed=1)
    graded = fit.Model(arguments.strength).fit(fit.features(learnt, arguments.tool, arguments.embeddings)[1],
                                               fit.labels(learnt), None)
    asked = fit.beside_graded([rows[i] for i in np.where(part == "answers")[0]], learnt_from)
    seen = np.array([where[row["id"]] for row in asked])
    share = alone.share(one)
    share[seen] = graded.share
    fitted[seen] = graded.logits(fit.features(asked, arguments.tool, arguments.embeddings)[1])
    fitted = np.log(np.maximum(fit.softmax(fitted), LEAST))

    found = np.zeros((len(rows), 3))
    for model, judged in [(arguments.model, unseen), (arguments.answers_model or arguments.model, seen)]:
        pairs = list(to_read(rows, judged, known, vectors))
        found[judged] = read(model, arguments.program, rows, pairs)[judged]

    opinions, together = {}, np.zeros((len(rows), 3))
    half = np.unique(groups, return_inverse=True)[1] % 2
    for title, judged in [("read_alone", unseen), ("read_beside_graded", seen)]:
        for side in (0, 1):
            mine, others = judged[half[judged] == side], judged[half[judged] != side]
            together[mine] = pooled(fit_weights(fitted[others], found[others], y[others]), fitted[mine], found[mine])
        w = fit_weights(fitted[judged], found[judged], y[judged])
        opinions[title] = {"fitted": w[0], "read": w[1]}

    print("| held out | answers | tables | model | both | range of both | ECE of both |\n| --- | --- | --- | --- | --- | --- | --- |")
    draw = np.random.RandomState(0)
    for name, of in PARTS:
        chosen = np.intersect1d(np.where((part == name) & (corpus == of))[0], np.concatenate([unseen, seen]))
        p = fit.softmax(together[chosen])
        guess = fit.balanced(p, share[chosen], arguments.balance)
        f1 = lambda g, i=slice(None): f1_score(y[chosen][i], g[i], average="macro")
        resampled = [f1(guess, draw.randint(0, len(chosen), len(chosen))) for _ in range(500)]
        alone_f1 = [f1(fit.balanced(np.exp(v[chosen]), share[chosen], arguments.balance)) for v in (fitted, found)]
        ece = fit.calibration_error(p[np.arange(len(p)), guess], guess == y[chosen])
        print(f"| {name}: {of} | {len(chosen)} | {alone_f1[0]:.3f} | {alone_f1[1]:.3f} | {f1(guess):.3f} | "
              f"{np.percentile(resampled, 2.5):.3f} to {np.percentile(resampled, 97.5):.3f} | {ece:.3f} |")
    print(json.dumps(opinions))
    if arguments.out:
        with open(arguments.out, "w", encoding="utf-8") as out:
            json.dump(opinions, out)


if __name__ == "__main__":
    main()
