#!/usr/bin/env python3
"""Tokenizers of directories with vocab.json and merges.txt, as Hugging Face transformers reads them.

    python make_merges_goldens.py        (needs tokenizers and transformers; HF_HUB_OFFLINE=1 is fine)

Writes merges/<name>/ beside itself: vocab.json, merges.txt, tokenizer_config.json, and cases.json, a list of
  {"text", "pair" (or null), "ids", "offsets", "decoded" (without special tokens)}.
"""
import json
import pathlib
import shutil

import tokenizers
import transformers

HERE = pathlib.Path(__file__).parent / "merges"
TEXTS = ["The cell makes energy.", "Plants use light  to make sugar; water boils at 100 °C!", "", " leading", "naïve café",
         "it's we'll\n\n\tdone ", "漢字 😀", "<s> in the text</s> <mask> gone", "under_score 12345"]
ROBERTA = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]


def make(name, config, special, load):
    where = HERE / name
    shutil.rmtree(where, ignore_errors=True)
    where.mkdir(parents=True)
    trained = tokenizers.ByteLevelBPETokenizer()
    trained.train_from_iterator(TEXTS * 3, vocab_size=340, min_frequency=2, special_tokens=special)
    trained.save_model(str(where))
    (where / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n")
    tokenizer = load.from_pretrained(where)
    cases = []
    for text, pair in [(text, None) for text in TEXTS] + [(TEXTS[0], TEXTS[3])]:
        made = tokenizer(text, pair, return_offsets_mapping=True)
        cases.append({"text": text, "pair": pair, "ids": made["input_ids"], "offsets": made["offset_mapping"],
                      "decoded": tokenizer.decode(made["input_ids"], skip_special_tokens=True,
                                                  clean_up_tokenization_spaces=False)})
    lines = ",\n".join(json.dumps(case) for case in cases)
    (where / "cases.json").write_text(f"[\n{lines}\n]\n")


def main():
    make("roberta", {"tokenizer_class": "RobertaTokenizer", "add_prefix_space": False, "errors": "replace",
                     "model_max_length": 64}, ROBERTA, transformers.RobertaTokenizer)
    make("roberta_prefixed", {"tokenizer_class": "RobertaTokenizerFast", "add_prefix_space": True}, ROBERTA,
         transformers.RobertaTokenizer)
    make("gpt2", {"tokenizer_class": "GPT2Tokenizer", "model_max_length": 64}, ["<|endoftext|>"],
         transformers.GPT2Tokenizer)


if __name__ == "__main__":
    main()
