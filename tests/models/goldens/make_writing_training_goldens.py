#!/usr/bin/env python3
"""What PyTorch and transformers make of a few steps of learning to write: writing_training.json, for
tests/models/writing_training_test.cpp.

    python make_writing_training_goldens.py      (needs torch and transformers; HF_HUB_OFFLINE=1 is fine)

For models of generating/ with an encoder, without dropout: every case of expected.json is a source and the line it should
become, all of them one batch, one text at a time so that nothing is padded; cross-entropy over all tokens with a tenth of
it smoothed; AdamW with weight decay on all but tensors of one dimension, gradients clipped to a common norm of 0.5.
`losses` are before each step, `norms` of the gradients before they are clipped, `plain` is the loss after the last step,
not smoothed.
"""
import json
import pathlib

import torch
from transformers import AutoConfig, AutoModelForSeq2SeqLM

HERE = pathlib.Path(__file__).parent
RATE, DECAY, CLIP, STEPS, SMOOTHING = 1e-3, 0.1, 0.5, 6, 0.1


def loss_of(model, cases, smoothing):
    total = 0
    for case in cases:
        line = [model.config.decoder_start_token_id] + case["ids"][:-1]
        logits = model(input_ids=torch.tensor([case["source"]]), decoder_input_ids=torch.tensor([line])).logits[0]
        total = total + torch.nn.functional.cross_entropy(logits, torch.tensor(case["ids"]), reduction="sum",
                                                          label_smoothing=smoothing)
    return total / sum(len(case["ids"]) for case in cases)


def steps(name):
    folder = HERE / "generating" / name
    config = AutoConfig.from_pretrained(folder)
    for key in vars(config):
        if "dropout" in key and isinstance(getattr(config, key), float):
            setattr(config, key, 0.0)
    model = AutoModelForSeq2SeqLM.from_pretrained(folder, config=config, dtype=torch.float32).train()
    for key, parameter in model.named_parameters():
        if "embed_positions" in key and config.model_type in ("marian", "pegasus"):
            parameter.requires_grad_(False)  # sinusoids; from_config says so too, from_pretrained forgets it
    cases = json.loads((folder / "expected.json").read_text())
    parameters = [p for p in model.parameters() if p.requires_grad]
    optimiser = torch.optim.AdamW([{"params": [p for p in parameters if p.dim() > 1], "weight_decay": DECAY},
                                   {"params": [p for p in parameters if p.dim() <= 1], "weight_decay": 0.0}], lr=RATE)
    losses, norms = [], []
    for _ in range(STEPS):
        loss = loss_of(model, cases, SMOOTHING)
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(parameters, CLIP).item())
        optimiser.step()
        optimiser.zero_grad()
        losses.append(loss.item())
    with torch.no_grad():
        plain = loss_of(model, cases, 0.0).item()
    return {"model": name, "losses": losses, "norms": norms, "plain": plain}


if __name__ == "__main__":
    made = [steps(name) for name in ("marian", "marian_own_tables", "bart", "bart_scaled", "mbart", "pegasus", "t5",
                                     "t5_gated", "t5_own_output", "mt5")]
    (HERE / "writing_training.json").write_text("[\n" + ",\n".join(json.dumps(one) for one in made) + "\n]\n")
