#!/usr/bin/env python3
"""One peer of generation_rounds.py, which talks to it: generation_peers.py hf|ct2 MODEL SOURCES.jsonl DEVICE

`hf` is transformers' generate (eager, its default attention), `ct2` CTranslate2 with float32. Reads requests from
standard input, a line each, {"batch", "threads", "count", "tokens", "workers"?}, and answers each with {"seconds",
"cpu_s", "ids"}: the time to write `tokens` tokens to each of the first `count` sources, greedy. Batches are formed of
sources of like length, which saves both of them padding.
"""
import json
import os
import sys
import time

which, directory, sources, device = sys.argv[1:]
sources = [json.loads(line)["ids"] for line in open(sources, encoding="utf-8")]


def hugging_face():
    import torch
    import transformers
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(directory, dtype=torch.float32).to(device).eval()

    def write(chosen, batch, threads, tokens, workers):
        torch.set_num_threads(threads)
        order = sorted(range(len(chosen)), key=lambda i: len(chosen[i]))
        written = [None] * len(chosen)
        for first in range(0, len(order), batch):
            part = order[first:first + batch]
            longest = max(len(chosen[i]) for i in part)
            ids = torch.full((len(part), longest), model.config.pad_token_id)
            mask = torch.zeros((len(part), longest), dtype=torch.long)
            for row, i in enumerate(part):
                ids[row, :len(chosen[i])] = torch.tensor(chosen[i])
                mask[row, :len(chosen[i])] = 1
            with torch.inference_mode():
                out = model.generate(input_ids=ids.to(device), attention_mask=mask.to(device), do_sample=False, num_beams=1,
                                     min_new_tokens=tokens, max_new_tokens=tokens)
            for row, i in enumerate(part):
                written[i] = out[row, 1:].tolist()
        return written
    return write


def ctranslate2():
    import ctranslate2
    made = {}

    def write(chosen, batch, threads, tokens, workers):
        if (threads, workers) not in made:
            made[threads, workers] = ctranslate2.Translator(
                directory, device=device, compute_type="float32", inter_threads=workers, intra_threads=threads // workers)
        vocabulary = json.load(open(os.path.join(directory, "shared_vocabulary.json"), encoding="utf-8"))
        number = {token: i for i, token in enumerate(vocabulary)}
        found = made[threads, workers].translate_batch(
            [[vocabulary[i] for i in ids] for ids in chosen], beam_size=1, max_batch_size=batch, batch_type="examples",
            min_decoding_length=tokens, max_decoding_length=tokens)
        return [[number[token] for token in one.hypotheses[0]] for one in found]
    return write


write = {"hf": hugging_face, "ct2": ctranslate2}[which]()
for line in sys.stdin:
    wanted = json.loads(line)
    chosen = sources[:wanted["count"]]
    cpu, began = time.process_time(), time.perf_counter()
    ids = write(chosen, wanted["batch"], wanted["threads"], wanted["tokens"], wanted.get("workers", 1))
    print(json.dumps({"seconds": time.perf_counter() - began, "cpu_s": time.process_time() - cpu, "ids": ids}), flush=True)
