#!/usr/bin/env python3
"""Embeds the texts of a JSON-lines file ({"id","text"}) with a Hugging Face sentence encoder: mean pooling, unit length.

Prints what `chalkstream infer --task embed` prints ({"id","embedding"}); either may feed fit.py.
"""
import argparse
import json

import torch
from transformers import AutoModel, AutoTokenizer


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--model", required=True, help="directory as Hugging Face publishes it")
    parser.add_argument("--texts", required=True)
    parser.add_argument("--out", required=True)
    parser.add_argument("--max-tokens", type=int, default=256)
    arguments = parser.parse_args()

    tokenizer = AutoTokenizer.from_pretrained(arguments.model)
    model = AutoModel.from_pretrained(arguments.model).eval()
    rows = [json.loads(line) for line in open(arguments.texts, encoding="utf-8")]
    rows.sort(key=lambda row: len(row["text"]))
    with open(arguments.out, "w", encoding="utf-8") as out, torch.inference_mode():
        for start in range(0, len(rows), 64):
            batch = rows[start : start + 64]
            inputs = tokenizer([row["text"] for row in batch], padding=True, truncation=True,
                               max_length=arguments.max_tokens, return_tensors="pt")
            hidden = model(**inputs).last_hidden_state
            mask = inputs["attention_mask"].unsqueeze(-1).float()
            pooled = torch.nn.functional.normalize((hidden * mask).sum(1) / mask.sum(1), dim=1)
            for row, vector in zip(batch, pooled.tolist()):
                out.write(json.dumps({"id": row["id"], "embedding": [round(x, 7) for x in vector]}) + "\n")


if __name__ == "__main__":
    main()
