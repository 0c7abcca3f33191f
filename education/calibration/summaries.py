#!/usr/bin/env python3
"""ROUGE of one-sentence summaries of SciTLDR's abstracts, beside that of their first sentence and of the best one.

    summaries.py --program build/chalkstream --model models/minilm [--part dev]

F-measures times 100, without stemming, the best over an abstract's references. The summary is what
`chalkstream infer --task summarize --sentences 1` makes of the joined abstract, so finding the sentences is part of it;
the first and the best sentence are the corpus' own. Needs rouge-score; finds the data under ../shared/datasets or
$CHALK_DATASETS.
"""
import argparse
import json
import os
import subprocess

from rouge_score import rouge_scorer

KINDS = ["rouge1", "rouge2", "rougeL"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--program", default="build/chalkstream")
    parser.add_argument("--model", required=True)
    parser.add_argument("--part", default="dev", choices=["train", "dev"])
    arguments = parser.parse_args()

    data = os.environ.get("CHALK_DATASETS", "../shared/datasets")
    with open(f"{data}/scitldr/{arguments.part}.jsonl", encoding="utf-8") as lines:
        papers = [json.loads(line) for line in lines]
    texts = "".join(json.dumps({"id": i, "text": " ".join(p["source"])}) + "\n" for i, p in enumerate(papers))
    command = [arguments.program, "infer", "--task", "summarize", "--sentences", "1", "--model", arguments.model]
    answers = subprocess.run(command, input=texts, capture_output=True, text=True, check=True).stdout.splitlines()
    summaries = [json.loads(line)["text"] for line in answers]
    assert len(summaries) == len(papers)

    scorer = rouge_scorer.RougeScorer(KINDS)

    def score(paper, text):
        scores = [scorer.score(target, text) for target in paper["target"]]
        return [100 * max(s[kind].fmeasure for s in scores) for kind in KINDS]

    def report(name, rows):
        print(f"{name:15s}", *(f"{kind} {sum(r[i] for r in rows) / len(rows):5.1f}" for i, kind in enumerate(KINDS)))

    report("first sentence", [score(p, p["source"][0]) for p in papers])
    report("summary", [score(p, s) for p, s in zip(papers, summaries)])
    report("best sentence", [max(score(p, s) for s in p["source"]) for p in papers])


if __name__ == "__main__":
    main()
