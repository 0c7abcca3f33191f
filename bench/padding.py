#!/usr/bin/env python3
"""The share of tokens that are padding when documents are batched as they come and padded to the longest of each batch:
padding.py DOCUMENTS.jsonl MODEL      (needs `tokenizers`; JSON lines for report.py)"""
import json
import os
import sys

from tokenizers import Tokenizer

tokenizer = Tokenizer.from_file(os.path.join(sys.argv[2], "tokenizer.json"))
tokenizer.no_padding()
tokenizer.enable_truncation(512)
texts = [json.loads(line)["text"] for line in open(sys.argv[1], encoding="utf-8")]
lengths = [len(encoding.ids) for encoding in tokenizer.encode_batch_fast(texts)]
for batch in (1, 4, 8, 16, 32, 64):
    computed = sum(len(part) * max(part) for part in (lengths[i:i + batch] for i in range(0, len(lengths), batch)))
    print(json.dumps({"bench": "padding", "round": 1, "name": str(batch), "documents": len(lengths),
                      "tokens": sum(lengths), "computed": computed, "share": round(1 - sum(lengths) / computed, 4)}))
