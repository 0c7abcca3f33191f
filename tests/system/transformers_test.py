#!/usr/bin/env python3
"""Hugging Face's transformers opens what `train` writes, unchanged: transformers_test.py PROGRAM GOLDENS

Needs a Python with torch and transformers, CHALK_TRANSFORMERS or the one that runs this; without, the test is skipped
(exit status 77). For every family: all weights are used, none is new, and the logits are those of `infer`; of a model that
begins anew and one that goes on from it, the texts that it writes.
"""
import json, os, pathlib, random, shutil, subprocess, sys, tempfile

python = os.environ.get("CHALK_TRANSFORMERS")
if python:
    del os.environ["CHALK_TRANSFORMERS"]
    os.execv(python, [python, *sys.argv])
os.environ["HF_HUB_OFFLINE"] = "1"
try:
    import torch
    from transformers import (AutoModelForQuestionAnswering, AutoModelForSeq2SeqLM, AutoModelForSequenceClassification,
                              PreTrainedTokenizerFast)
except ImportError as missing:
    print(f"skipped: {missing}; name a Python with torch and transformers by CHALK_TRANSFORMERS")
    sys.exit(77)

program, goldens = sys.argv[1], pathlib.Path(sys.argv[2])
SENTENCES = ["the river is water", "light makes energy", "water cuts the valley", "plants makes sugar from light"]
rows = [{"id": i, "question": f"q{i % 8}", "text": SENTENCES[i % 4] + " a" * (i % 5), "pair": "what is the moon",
         "label": ["wet", "bright"][i % 2], "score": {"content": i % 2, "wording": i % 3}, "answer": "moon"}
        for i in range(64)]
failed = 0


def check(what, good):
    global failed
    print(("ok: " if good else "FAILED: ") + what)
    failed |= not good


def run(*words, **more):
    return subprocess.run([program, *map(str, words)], check=True, capture_output=True, text=True, **more)


def learn(folder, golden, recipe, *words):
    model = folder / golden
    if not model.exists():
        shutil.copytree(goldens / golden, model)
        shutil.copy(goldens / "words" / "tokenizer.json", model)
    out = folder / f"{golden}-{recipe}"
    run("train", recipe, "--model", model, "--data", folder / "rows.jsonl", "--group", "question", "--out", out,
        "--epochs", 2, "--batch", 8, "--learning-rate", "1e-3", *words)
    return out


def opened(kind, out, what):
    model, told = kind.from_pretrained(out, output_loading_info=True)
    check(f"{what}: transformers finds every weight and no other",
          not told["missing_keys"] and not told["unexpected_keys"] and not told["mismatched_keys"])
    return model.eval()


def encoded(tokenizer, model, *texts):
    found = tokenizer(*texts, return_tensors="pt", return_token_type_ids=True)
    if getattr(model.config, "type_vocab_size", 0) < 2 or model.config.model_type in ("distilbert", "mpnet"):
        found.pop("token_type_ids", None)
    return found


def learn_to_write(folder, name, *words):
    """Trees, and the same the other way round."""
    random.seed(1)
    trees = ["ash", "birch", "cedar", "elm", "fir", "oak"]
    lines = [[random.choice(trees) for _ in range(random.randint(2, 4))] for _ in range(300)]
    (folder / "texts").write_text("".join(" ".join(line) + "\n" for line in lines))
    (folder / "targets").write_text("".join(" ".join(reversed(line)) + "\n" for line in lines))
    out = folder / name
    run("train", "seq2seq", "--data", folder / "texts", "--target-file", folder / "targets", "--validation",
        folder / "texts", "--validation-target", folder / "targets", "--written-rows", 20, "--threads", 1, "--out", out, *words)
    return out


def compare_written(out, what):
    model = opened(AutoModelForSeq2SeqLM, out, what)
    tokenizer = PreTrainedTokenizerFast.from_pretrained(out)
    texts = ["elm oak fir", "ash birch", "oak oak cedar elm", "fir unheard ash"]
    lines = "".join(json.dumps({"id": i, "text": text}) + "\n" for i, text in enumerate(texts))
    answers = [json.loads(line)["text"] for line in
               run("infer", "--model", out, "--task", "generate", input=lines).stdout.splitlines()]
    expected = [tokenizer.decode(model.generate(**tokenizer(text, return_tensors="pt"), num_beams=1)[0],
                                 skip_special_tokens=True) for text in texts]
    check(f"{what}: writes what infer writes ({answers[0]!r})", answers == expected)


with tempfile.TemporaryDirectory() as name, torch.no_grad():
    folder = pathlib.Path(name)
    (folder / "rows.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows))
    for golden in ("gelu", "roberta", "xlm_roberta", "distilbert", "electra", "electra_wide", "mpnet", "deberta_v2",
                   "deberta_v3"):
        # The tokenizer's second text has a type of its own, which RoBERTa's kind does not know.
        paired = "roberta" not in golden
        out = learn(folder, golden, "pair" if paired else "classify")
        model = opened(AutoModelForSequenceClassification, out, golden)
        check(f"{golden}: id2label and problem_type", model.config.id2label == {0: "bright", 1: "wet"}
              and model.config.problem_type == "single_label_classification")
        tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(out / "tokenizer.json"))
        texts = [(row["text"], row["pair"]) if paired else (row["text"],) for row in rows[:12]]
        lines = "".join(json.dumps(dict(zip(("text", "pair"), text), id=i)) + "\n" for i, text in enumerate(texts))
        answers = [json.loads(line) for line in
                   run("infer", "--model", out, "--task", "classify", input=lines).stdout.splitlines()]
        worst = max((model(**encoded(tokenizer, model, *text)).logits[0] - torch.tensor(answer["logits"])).abs().max()
                    .item() for text, answer in zip(texts, answers))
        check(f"{golden}: logits are those of infer (within {worst:.1e})", worst < 1e-4)
    out = learn(folder, "gelu", "regress", "--label", "score")
    model = opened(AutoModelForSequenceClassification, out, "regress")
    check("regress: traits and problem_type", model.config.id2label == {0: "content", 1: "wording"}
          and model.config.problem_type == "regression")
    opened(AutoModelForQuestionAnswering, learn(folder, "electra", "span"), "span")
    begun = learn_to_write(folder, "begun", "--width", 32, "--inner", 64, "--layers", 2, "--decoder-layers", 1, "--epochs", 8,
                           "--batch-tokens", 300, "--learning-rate", "5e-3")
    compare_written(begun, "seq2seq from scratch")
    compare_written(learn_to_write(folder, "went-on", "--model", begun, "--epochs", 1), "seq2seq that goes on")
sys.exit(failed)
