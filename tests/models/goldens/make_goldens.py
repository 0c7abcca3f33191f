#!/usr/bin/env python3
"""Expected outputs for tests/models, computed by Hugging Face transformers in float32.

    python make_goldens.py --minilm DIR     (needs torch, transformers, safetensors; HF_HUB_OFFLINE=1 is fine)

Writes beside itself:
  <model>/             tiny, randomly initialised models as Hugging Face directories
  <model>/expected.json  token ids (and types) in, embeddings or logits out
  minilm.json          ids and expected embeddings for all-MiniLM-L6-v2, whose weights are not committed

Numbers are rounded to 7 significant digits, which is finer than the tolerance of 1e-4 by far.
"""
import argparse
import json
import pathlib
import random
import shutil

import torch
from transformers import AutoTokenizer, BertConfig, BertForMaskedLM, BertForSequenceClassification, BertModel

HERE = pathlib.Path(__file__).parent
torch.set_grad_enabled(False)

TEXTS = [
    "Photosynthesis turns light, water and carbon dioxide into sugar and oxygen.",
    "mitochondria are the powerhouse of the cell",
    "The French Revolution began in 1789.",
    "7 x 8 = 56",
    "Water boils at 100 degrees Celsius at sea level because its vapour pressure equals the air's.",
    "I do not know.",
    "x",
    "Newton's second law: force is mass times acceleration, F = ma.",
    "Das Wasser gefriert bei null Grad.",
    "La fotosíntesis ocurre en los cloroplastos.",
    "The poem uses alliteration: wild winds whirled.",
    "Because the denominator would be zero, the function is not defined there.",
    "An ecosystem is made of living things and their surroundings; energy flows through it, matter cycles in it.",
    "Supply goes up, price goes down.",
    "☃ snow? ¿qué? 水",
    "The author contrasts the two brothers. " * 6,
    "To find the area, I split the shape into a rectangle and a triangle and added both. " * 9,
    "Gravity pulls the moon towards the earth while its speed carries it past. " * 30,
    "",
    "a a a a a a a a a a a a a a a a a a a a a a a a a a a a a a",
]


def rounded(rows):
    return [[float(f"{x:.7g}") for x in row] for row in rows.double().tolist()]


def tensors(case):
    ids = torch.tensor([case["ids"]])
    return ids, torch.tensor([case["types"]]) if "types" in case else None


def cases(vocabulary, positions, types, seed):
    chance = random.Random(seed)
    made = []
    for length in (1, 2, 7, 14, 15, 16, 31, 33, positions):
        case = {"ids": [chance.randrange(vocabulary) for _ in range(length)]}
        if types > 1 and length > 2:
            cut = length // 2
            case["types"] = [0] * cut + [1] * (length - cut)
        made.append(case)
    return made


def mean_and_normalise(hidden):
    return torch.nn.functional.normalize(hidden.mean(1), dim=-1)


def spread(model, seed):
    """The initialiser's 0.02 makes nearly linear models; larger weights exercise softmax and activations."""
    torch.manual_seed(seed)
    for name, parameter in model.named_parameters():
        if parameter.dim() == 2 and "embeddings" not in name:
            parameter.normal_(0, 1.2 / parameter.shape[1] ** 0.5)
        elif "LayerNorm.weight" in name:
            parameter.uniform_(0.6, 1.4)
        else:
            parameter.normal_(0, 0.3)
    return model.float().eval()


def save(name, model, expected):
    folder = HERE / name
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder, safe_serialization=True)
    for extra in folder.iterdir():
        if extra.name not in ("config.json", "model.safetensors"):
            extra.unlink()
    (folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


def encoder(name, seed, **settings):
    config = BertConfig(attn_implementation="eager", **settings)
    model = spread(BertModel(config, add_pooling_layer=seed % 2 == 0), seed)
    expected = cases(config.vocab_size, config.max_position_embeddings, config.type_vocab_size, seed)
    for case in expected:
        ids, types = tensors(case)
        hidden = model(input_ids=ids, token_type_ids=types).last_hidden_state
        case["embedding"] = rounded(mean_and_normalise(hidden))[0]
    save(name, model, expected)
    return model, expected


def classifier(name, seed, **settings):
    config = BertConfig(attn_implementation="eager", **settings)
    model = spread(BertForSequenceClassification(config), seed)
    expected = cases(config.vocab_size, config.max_position_embeddings, config.type_vocab_size, seed)
    for case in expected:
        ids, types = tensors(case)
        case["logits"] = rounded(model(input_ids=ids, token_type_ids=types).logits)[0]
    save(name, model, expected)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--minilm", required=True, type=pathlib.Path)
    minilm = options.parse_args().minilm

    small = dict(vocab_size=97, max_position_embeddings=40, hidden_dropout_prob=0.0)
    encoder("gelu", 1, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64,
            hidden_act="gelu", **small)
    encoder("gelu_new", 2, hidden_size=48, num_hidden_layers=1, num_attention_heads=2, intermediate_size=80,
            hidden_act="gelu_new", **small)
    encoder("relu_one_type", 3, hidden_size=36, num_hidden_layers=2, num_attention_heads=3, intermediate_size=50,
            hidden_act="relu", type_vocab_size=1, layer_norm_eps=1e-5, **small)
    encoder("silu_wide_head", 4, hidden_size=80, num_hidden_layers=1, num_attention_heads=1, intermediate_size=33,
            hidden_act="silu", **small)
    encoder("tanh_odd", 5, hidden_size=35, num_hidden_layers=3, num_attention_heads=5, intermediate_size=17,
            hidden_act="tanh", **small)
    classifier("classifier", 6, hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=48,
               hidden_act="gelu_pytorch_tanh", problem_type="single_label_classification",
               id2label={0: "wrong", 1: "half right", 2: "right"},
               label2id={"wrong": 0, "half right": 1, "right": 2}, **small)
    classifier("regression", 7, hidden_size=24, num_hidden_layers=1, num_attention_heads=2, intermediate_size=40,
               hidden_act="gelu", problem_type="regression", num_labels=1, **small)

    # The encoder of a masked language model, with its "bert." prefix and its unused head, in two shards.
    config = BertConfig(attn_implementation="eager", hidden_size=32, num_hidden_layers=2, num_attention_heads=4,
                        intermediate_size=64, **small)
    model = spread(BertForMaskedLM(config), 8)
    expected = cases(97, 40, 2, 8)
    for case in expected:
        ids, types = tensors(case)
        case["embedding"] = rounded(mean_and_normalise(model.bert(input_ids=ids, token_type_ids=types)[0]))[0]
    folder = HERE / "masked_lm_sharded"
    shutil.rmtree(folder, ignore_errors=True)
    model.save_pretrained(folder, safe_serialization=True, max_shard_size="40KB")
    for extra in folder.iterdir():
        if extra.name != "config.json" and "safetensors" not in extra.name:
            extra.unlink()
    (folder / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")

    # Real weights.
    tokenizer = AutoTokenizer.from_pretrained(minilm)
    model = BertModel.from_pretrained(minilm, attn_implementation="eager").float().eval()
    expected = []
    for text in TEXTS:
        ids = tokenizer(text, truncation=True, max_length=512)["input_ids"]
        hidden = model(input_ids=torch.tensor([ids])).last_hidden_state
        row = [float(f"{x:.6f}") for x in mean_and_normalise(hidden)[0].double().tolist()]
        expected.append({"ids": ids, "embedding": row})
    (HERE / "minilm.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
