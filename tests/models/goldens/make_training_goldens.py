#!/usr/bin/env python3
"""What PyTorch and transformers make of a few steps of fine-tuning: training.json, for tests/models/training_test.cpp.

    python make_training_goldens.py      (needs torch and transformers; HF_HUB_OFFLINE=1 is fine)

For every model with a head beside this file, without dropout: AdamW with weight decay on all but tensors of one
dimension, gradients clipped to a common norm of 0.5, all cases of expected.json as one batch, one text at a time so that
nothing is padded. `losses` are before each step, `norms` of the gradients before they are clipped.
"""
import json
import pathlib

import torch
from transformers import AutoConfig, AutoModelForQuestionAnswering, AutoModelForSequenceClassification

HERE = pathlib.Path(__file__).parent
RATE, DECAY, CLIP, STEPS = 1e-3, 0.1, 0.5, 6


def loss_of(model, case, number, labels, kind):
    out = model(**{key: torch.tensor([case[name]]) for key, name in (("input_ids", "ids"), ("token_type_ids", "types"))
                   if name in case})
    if kind == "span":
        last = len(case["ids"]) - 1
        return (torch.nn.functional.cross_entropy(out.start_logits, torch.tensor([number % (last + 1)]))
                + torch.nn.functional.cross_entropy(out.end_logits, torch.tensor([last]))) / 2
    if kind == "regression":
        return (out.logits - number * 0.5).pow(2).mean()
    return torch.nn.functional.cross_entropy(out.logits, torch.tensor([number % labels]))


def steps(name, kind):
    config = AutoConfig.from_pretrained(HERE / name)
    for key in vars(config):
        if "dropout" in key and isinstance(getattr(config, key), float):
            setattr(config, key, 0.0)
    auto = AutoModelForQuestionAnswering if kind == "span" else AutoModelForSequenceClassification
    model = auto.from_pretrained(HERE / name, config=config, dtype=torch.float32).train()
    for module in model.modules():
        if isinstance(module, torch.nn.Embedding):
            module.padding_idx = None  # the cases have ids at random; no text has that one
    cases = json.loads((HERE / name / "expected.json").read_text())
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW([{"params": [p for p in parameters if p.dim() > 1], "weight_decay": DECAY},
                                   {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0.0}], lr=RATE)
    losses, norms = [], []
    for _ in range(STEPS):
        loss = sum(loss_of(model, case, i, model.config.num_labels, kind) for i, case in enumerate(cases)) / len(cases)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, CLIP).item())
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.item())
    return {"model": name, "kind": kind, "losses": losses, "norms": norms}


if __name__ == "__main__":
    models = [("classifier", "label"), ("bert_span", "span"), ("regression", "regression")]
    for family in ("roberta", "distilbert", "electra", "mpnet", "deberta_v3"):
        models += [(family + "_classifier", "label"), (family + "_span", "span"), (family + "_regression", "regression")]
    models += [("xlm_roberta_classifier", "label"), ("deberta_v2_classifier", "label")]
    made = [steps(*model) for model in models]
    (HERE / "training.json").write_text("[\n" + ",\n".join(json.dumps(one) for one in made) + "\n]\n")
