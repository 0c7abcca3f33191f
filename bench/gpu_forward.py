#!/usr/bin/env python3
"""transformers' bare forward pass on a GPU, beside model_bench --device cuda: gpu_forward.py MODEL DOCS.jsonl

DOCS has {"ids"} lines, as model_bench takes them. Texts of like length share a batch, which saves padding; embeddings
are mean pooled on the GPU and copied back. Prints documents a second for each kind of attention, size of batch and
type, the best of the rounds.
"""
import argparse
import json
import time

import torch
import transformers

parser = argparse.ArgumentParser()
parser.add_argument("model")
parser.add_argument("docs")
parser.add_argument("--count", type=int, default=8192)
parser.add_argument("--rounds", type=int, default=5)
parser.add_argument("--batches", default="64,256")
parser.add_argument("--device", default="cuda")
args = parser.parse_args()

documents = [json.loads(line)["ids"] for _, line in zip(range(args.count), open(args.docs, encoding="utf-8"))]
documents.sort(key=len)


def run(model, batch):
    with torch.inference_mode():
        for first in range(0, len(documents), batch):
            part = documents[first:first + batch]
            longest = max(map(len, part))
            ids = torch.tensor([d + [0] * (longest - len(d)) for d in part])
            mask = torch.tensor([[1] * len(d) + [0] * (longest - len(d)) for d in part])
            ids, mask = ids.to(args.device), mask.to(args.device)
            states = model(input_ids=ids, attention_mask=mask).last_hidden_state.float()
            share = mask.unsqueeze(-1).float()
            ((states * share).sum(1) / share.sum(1)).cpu()


for dtype in (torch.float32, torch.bfloat16):
    for attention in ("eager", "sdpa"):
        model = transformers.AutoModel.from_pretrained(args.model, dtype=dtype, attn_implementation=attention)
        model = model.to(args.device).eval()
        for batch in map(int, args.batches.split(",")):
            took = []
            for _ in range(args.rounds):
                began = time.perf_counter()
                run(model, batch)
                took.append(time.perf_counter() - began)
            print(f"transformers {attention} {str(dtype)[6:]} batch {batch}: {len(documents) / min(took):.0f} docs/s", flush=True)
