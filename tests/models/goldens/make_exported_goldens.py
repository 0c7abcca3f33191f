#!/usr/bin/env python3
"""Exported programs with what they answer, for tests/models and tests/system.

    python make_exported_goldens.py [--compile FOLDER]
                         (needs torch and transformers; HF_HUB_OFFLINE=1 is fine)

Writes beside itself, for each model below, exported/<model>/ with model.pt (TorchScript), model.yaml and expected.json:
token ids (and types) in, what transformers computes for the sequence alone out; token rows end to end. TorchScript
runs wherever LibTorch does, so it is committed.

--compile compiles the models by AOTInductor instead, into FOLDER/<model>/model.pt2, with the same model.yaml and
expected.json. Such a package runs on this machine and with this PyTorch alone, so it is not committed. Needs a C++
compiler.
"""
import argparse
import json
import pathlib
import random
import warnings
import zipfile

import torch
from transformers import BertConfig, BertForQuestionAnswering, BertForSequenceClassification, BertForTokenClassification
from transformers import BertModel

HERE = pathlib.Path(__file__).parent / "exported"
VOCABULARY, POSITIONS = 97, 40
torch.set_grad_enabled(False)
torch.set_num_threads(1)
warnings.filterwarnings("ignore")


class program(torch.nn.Module):
    """What a person would write around a model to export it: tensors in, tensors out."""

    def __init__(self, model, out):
        super().__init__()
        self.model, self.out = model, out

    def forward(self, input_ids, attention_mask, token_type_ids):
        given = self.model(input_ids=input_ids, attention_mask=attention_mask, token_type_ids=token_type_ids)
        return self.out(given, attention_mask)


class lone(program):
    """Without a mask: no rectangle may be padded."""

    def forward(self, input_ids):
        return self.out(self.model(input_ids=input_ids), torch.ones_like(input_ids))


def pooled(given, mask):
    weight = mask.unsqueeze(-1).to(given.last_hidden_state.dtype)
    return (given.last_hidden_state * weight).sum(1) / weight.sum(1)


# name: model, program, what of it, model.yaml's lines about the output, what expected.json calls a row
MODELS = {
    "embeddings": (BertModel, program, pooled, ["holds: embeddings", "normalize: true"], "embedding"),
    "token_states": (BertModel, program, lambda g, m: {"states": g.last_hidden_state},
                     ["holds: token_states", "key: states"], "embedding"),
    "classes": (BertForSequenceClassification, program, lambda g, m: (g.logits,),
                ["holds: class_logits", "labels: [wrong, half right, right]"], "logits"),
    "scores": (BertForSequenceClassification, lone, lambda g, m: g.logits[:, 0], ["holds: scores"], "logits"),
    "tokens": (BertForTokenClassification, program, lambda g, m: g.logits, ["holds: token_class_logits"], "logits"),
    "span": (BertForQuestionAnswering, program, lambda g, m: (g.start_logits, g.end_logits),
             ["holds: span_logits", "index: [0, 1]"], "logits"),
}


def build(name):
    kind, wrapped, out, _, _ = MODELS[name]
    torch.manual_seed(len(name))
    config = BertConfig(vocab_size=VOCABULARY, hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                        intermediate_size=64, max_position_embeddings=POSITIONS, initializer_range=0.3,
                        num_labels={"classes": 3, "scores": 1}.get(name, 2), attn_implementation="eager")
    return wrapped(kind(config).eval(), out).eval()


def cases(module, name):
    chance = random.Random(name)
    made = []
    for length in (1, 2, 7, 14, 15, 15, 31, 33, POSITIONS):
        case = {"ids": [chance.randrange(VOCABULARY) for _ in range(length)]}
        if not isinstance(module, lone):
            case["types"] = [0] * (length // 2) + [1] * (length - length // 2)
        given = module(*example(module, [case], length))
        if name in ("embeddings", "token_states"):
            row = given["states"].mean(1) if name == "token_states" else given
            row = torch.nn.functional.normalize(row[0], dim=0)
        else:
            row = torch.stack(given, -1) if name == "span" else given[0] if isinstance(given, tuple) else given
        case[MODELS[name][4]] = [float(f"{x:.7g}") for x in row.double().flatten().tolist()]
        made.append(case)
    return made


def example(module, rows, length):
    ids = torch.zeros(len(rows), length, dtype=torch.int64)
    mask, types = torch.zeros_like(ids), torch.zeros_like(ids)
    for i, row in enumerate(rows):
        ids[i, :len(row["ids"])] = torch.tensor(row["ids"])
        mask[i, :len(row["ids"])] = 1
        types[i, :len(row.get("types", []))] = torch.tensor(row.get("types", []), dtype=torch.int64)
    return (ids,) if isinstance(module, lone) else (ids, mask, types)


def described(name, file):
    inputs = ["input_ids: {dtype: int64}"] + ([] if name == "scores" else ["attention_mask:", "token_type_ids:"])
    lines = [f"file: {file}", "inputs:", *("  " + line for line in inputs), "output:",
             *("  " + line for line in MODELS[name][3]), f"vocabulary: {VOCABULARY}", f"max_tokens: {POSITIONS}"]
    return "\n".join(lines) + "\n"


def traced(module, inputs, file):
    """Without the lines of Python it was traced from, which name files of this machine and say nothing to run by."""
    whole = file.with_suffix(".whole")
    torch.jit.trace(module, inputs, strict=False).save(str(whole))
    with zipfile.ZipFile(whole) as given, zipfile.ZipFile(file, "w") as kept:
        for entry in given.infolist():
            if not entry.filename.endswith(".debug_pkl"):
                kept.writestr(zipfile.ZipInfo(entry.filename.replace("model.whole", "model")), given.read(entry))
    whole.unlink()


def compiled(module, inputs, file):
    sizes = {0: torch.export.Dim("rows", max=1024), 1: torch.export.Dim("tokens", max=POSITIONS)}
    exported = torch.export.export(module, inputs, dynamic_shapes=tuple(sizes for _ in inputs))
    quick = {"aot_inductor.compile_wrapper_opt_level": "O0", "compile_threads": 1}
    torch._inductor.aoti_compile_and_package(exported, package_path=str(file), inductor_configs=quick)


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("--compile", type=pathlib.Path)
parser.add_argument("--only", nargs="*", default=list(MODELS))
wanted = parser.parse_args()
for name in wanted.only:
    folder = (wanted.compile or HERE) / name
    folder.mkdir(parents=True, exist_ok=True)
    module = build(name)
    inputs = example(module, [{"ids": [3, 1, 4, 1]}, {"ids": [5, 9]}], 4)
    if wanted.compile:
        compiled(module, inputs, folder / "model.pt2")
    else:
        traced(module, inputs, folder / "model.pt")
    (folder / "model.yaml").write_text(described(name, "model.pt2" if wanted.compile else "model.pt"))
    (folder / "expected.json").write_text(json.dumps(cases(module, name)) + "\n")
