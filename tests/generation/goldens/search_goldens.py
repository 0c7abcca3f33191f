#!/usr/bin/env python3
"""What Hugging Face's generate() writes with a model that is a hash: expected results for models/generation's search.

    python search_goldens.py      (needs torch and transformers)

Writes search.json beside itself: for each case the settings under generation_config.json's names, the prompt, and the
tokens and score that greedy or beam search ends with. The model's logits are a function of the last two tokens and the
length, small enough to be repeated in C++ to the last bit (tests/generation/hash_model.hpp).
"""
import json
import math
import pathlib
import random

import numpy as np
import torch
from transformers import GenerationConfig, GenerationMixin, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import CausalLMOutput

VOCABULARY = 24


def hashed(length, before, last, token):
    with np.errstate(over="ignore"):
        h = np.uint32(length) * np.uint32(2654435761) ^ np.uint32(before) * np.uint32(2246822519)
        h = h ^ np.uint32(last) * np.uint32(3266489917) ^ token.astype(np.uint32) * np.uint32(668265263)
        for shift, factor in ((15, 2246822519), (13, 3266489917)):
            h = (h ^ (h >> np.uint32(shift))) * np.uint32(factor)
        return h ^ (h >> np.uint32(16))


def logits_behind(ids):
    before = ids[-2] if len(ids) > 1 else 0
    h = hashed(len(ids), before, ids[-1], np.arange(VOCABULARY))
    return (h >> np.uint32(8)).astype(np.float64) / 2**21 - 4  # -4 to 4, exact in single precision


class HashConfig(PretrainedConfig):
    model_type = "hash"


class HashModel(PreTrainedModel, GenerationMixin):
    config_class = HashConfig

    def __init__(self, config):
        super().__init__(config)
        self.nothing = torch.nn.Parameter(torch.zeros(1))
        self.post_init()

    def forward(self, input_ids, attention_mask=None, **kwargs):
        rows = np.stack([logits_behind(ids) for ids in input_ids.tolist()])
        return CausalLMOutput(logits=torch.tensor(rows, dtype=torch.float32)[:, None, :])


def settings(rng, kind):
    s = {"eos_token_id": rng.choice([2, 2, [2, 5], [2, 5, 7]]), "pad_token_id": 0}
    if rng.random() < 0.75:
        s["max_new_tokens"] = rng.randint(1, 24)
    else:
        s["max_length"] = rng.randint(12, 30)
    if kind == "beams":
        s["num_beams"] = rng.choice([2, 3, 4, 5, 8])
        s["length_penalty"] = rng.choice([1.0, 1.0, 0.0, 2.0, 0.6, -1.0])
        s["early_stopping"] = rng.choice([True, False, "never"])
    options = {
        "repetition_penalty": lambda: rng.choice([1.2, 0.8, 2.0]),
        "no_repeat_ngram_size": lambda: rng.choice([1, 2, 3]),
        "min_length": lambda: rng.randint(1, 14),
        "min_new_tokens": lambda: rng.randint(1, 10),
        "bad_words_ids": lambda: [[3], [4, 9], [2], [6, 7, 8]],
        "suppress_tokens": lambda: [1, 11],
        "begin_suppress_tokens": lambda: [2, 10, 12, 13],
        "forced_bos_token_id": lambda: rng.randint(3, 20),
        "forced_eos_token_id": lambda: rng.choice([2, [2, 5]]),
        "renormalize_logits": lambda: True,
    }
    if kind == "beams":  # of two forced tokens with one score either may come first
        options["forced_eos_token_id"] = lambda: 2
    for name in rng.sample(sorted(options), rng.choice([0, 0, 1, 1, 2, 3, 4])):
        s[name] = options[name]()
    return s


def main():
    torch.manual_seed(0)
    rng = random.Random(0)
    model = HashModel(HashConfig())
    cases = []
    while len(cases) < 600:
        s = settings(rng, "beams" if len(cases) % 3 else "greedy")
        prompt = [rng.randrange(VOCABULARY) for _ in range(rng.choice([1, 1, 2, 3, 7, 11]))]
        try:
            config = GenerationConfig(**s, use_cache=False, output_scores=True, return_dict_in_generate=True)
            out = model.generate(torch.tensor([prompt]), attention_mask=torch.ones(1, len(prompt), dtype=torch.long),
                                 generation_config=config)
        except (ValueError, RuntimeError, IndexError) as why:
            print("left out:", s, why)
            continue
        case = {"settings": s, "prompt": prompt, "ids": out.sequences[0, len(prompt):].tolist()}
        if s.get("num_beams", 1) > 1:
            case["score"] = out.sequences_scores[0].item()
            if not math.isfinite(case["score"]):  # every way to go on was forbidden
                continue
        cases.append(case)
    lines = ",\n".join(json.dumps(case, separators=(",", ":")) for case in cases)
    pathlib.Path(__file__).with_name("search.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
